package gru4rec

import (
	"errors"
	"fmt"
	"math"

	"github.com/recsys-lite/recsys"
)

// Loss names a training objective; see the package comment.
type Loss string

// The losses.
const (
	CrossEntropy Loss = "cross-entropy"
	BPRMax       Loss = "bpr-max"
	TOP1Max      Loss = "top1-max"
	BPR          Loss = "bpr"
	TOP1         Loss = "top1"
)

// Config holds the hyper-parameters of a Model; its JSON names are those of --params. The
// defaults suit small shops; they were chosen on the last training day of the Yoochoose
// sample.
type Config struct {
	// HiddenSize is the number of units of each layer and the length of the item vectors.
	// Default 100; 1 to 4096.
	HiddenSize int `json:"hidden_size"`
	// Layers is the number of recurrent layers. Default 1; 1 to 16.
	Layers int `json:"n_layers"`
	// Dropout is the probability by which a unit of H is dropped while training. Default 0.
	Dropout float64 `json:"dropout"`
	// EmbeddingDropout is the same for the elements of the input vectors. Default 0.5.
	EmbeddingDropout float64 `json:"embedding_dropout"`
	// LearningRate is the step of Adagrad. Default 0.05.
	LearningRate float64 `json:"learning_rate"`
	// Momentum is the share of the last step that is taken again. Default 0.4; 0 to below 1.
	Momentum float64 `json:"momentum"`
	// BatchSize is the number of sessions side by side. Default 32.
	BatchSize int `json:"batch_size"`
	// Samples is the number of further negatives, drawn for each step and shared by the
	// batch; 0 leaves the other targets of the batch alone. Default 2048.
	Samples int `json:"n_sample"`
	// SampleAlpha draws negatives by popularity^SampleAlpha: 0 uniformly, 1 by popularity.
	// Default 0.4.
	SampleAlpha float64 `json:"sample_alpha"`
	// Loss is the training objective. Default "bpr-max".
	Loss Loss `json:"loss"`
	// BPReg is the weight of bpr-max's score regularisation. Default 1.95.
	BPReg float64 `json:"bpreg"`
	// EluParam is α of the elu that bpr-max puts the scores through; 0 leaves them as they
	// are. Default 0.5.
	EluParam float64 `json:"elu_param"`
	// LogQ is the strength of cross-entropy's correction for how negatives were drawn.
	// Default 1.
	LogQ float64 `json:"logq"`
	// Epochs is the number of passes over the sessions. Default 5.
	Epochs int `json:"n_epochs"`
	// ConstrainedEmbedding uses the output vectors of items as their input vectors, too.
	// Default true.
	ConstrainedEmbedding bool `json:"constrained_embedding"`
	// Embedding, where ConstrainedEmbedding is false, is the length of separate input
	// vectors; 0, the default, is one-hot input.
	Embedding int `json:"embedding"`
	// SessionGap is the number of minutes without an event that ends a session; 0 makes all
	// events of a user one session. Default 30.
	SessionGap int `json:"session_gap"`
	// Seed names the random start, the negatives and the dropped units. Default 42.
	Seed uint64 `json:"seed"`

	recsys.Run `json:"-"`
}

// DefaultConfig returns the defaults given at Config's fields.
func DefaultConfig() Config {
	return Config{
		HiddenSize: 100, Layers: 1, EmbeddingDropout: 0.5, LearningRate: 0.05, Momentum: 0.4,
		BatchSize: 32, Samples: 2048, SampleAlpha: 0.4, Loss: BPRMax, BPReg: 1.95, EluParam: 0.5,
		LogQ: 1, Epochs: 5, ConstrainedEmbedding: true, SessionGap: 30, Seed: 42,
	}
}

const (
	maxWidth = 4096
	maxBatch = 1 << 14
	maxGap   = 1000 * 366 * 24 * 60 // a thousand years, so that seconds stay far inside int64
)

// Validate reports every parameter that is out of range; the error wraps
// recsys.ErrInvalidConfig.
func (c Config) Validate() error {
	var errs []error
	check := func(ok bool, name string, value any, want string) {
		if !ok {
			errs = append(errs, fmt.Errorf("%w: gru4rec: %s is %v, want %s", recsys.ErrInvalidConfig, name, value, want))
		}
	}
	within := func(x, lo, hi float64) bool { return x >= lo && x <= hi }
	below1 := func(x float64) bool { return x >= 0 && x <= 0.99 }
	check(c.HiddenSize >= 1 && c.HiddenSize <= maxWidth, "hidden_size", c.HiddenSize, "1 to 4096")
	check(c.Layers >= 1 && c.Layers <= 16, "n_layers", c.Layers, "1 to 16")
	check(below1(c.Dropout), "dropout", c.Dropout, "0 to 0.99")
	check(below1(c.EmbeddingDropout), "embedding_dropout", c.EmbeddingDropout, "0 to 0.99")
	check(c.LearningRate > 0 && c.LearningRate <= 10, "learning_rate", c.LearningRate, "above 0, at most 10")
	check(below1(c.Momentum), "momentum", c.Momentum, "0 to 0.99")
	check(c.BatchSize >= 1 && c.BatchSize <= maxBatch, "batch_size", c.BatchSize, "1 to 16384")
	check(c.Samples >= 0 && c.Samples <= 1<<20, "n_sample", c.Samples, "0 to 1048576")
	check(c.Samples > 0 || c.BatchSize > 1, "n_sample", c.Samples, "at least 1 with a batch_size of 1, which has no other negatives")
	check(within(c.SampleAlpha, 0, 2), "sample_alpha", c.SampleAlpha, "0 to 2")
	switch c.Loss {
	case CrossEntropy, BPRMax, TOP1Max, BPR, TOP1:
	default:
		check(false, "loss", fmt.Sprintf("%q", c.Loss), `"cross-entropy", "bpr-max", "top1-max", "bpr" or "top1"`)
	}
	check(within(c.BPReg, 0, 100), "bpreg", c.BPReg, "0 to 100")
	check(within(c.EluParam, 0, 10), "elu_param", c.EluParam, "0 to 10")
	check(within(c.LogQ, 0, 2), "logq", c.LogQ, "0 to 2")
	check(c.Epochs >= 1, "n_epochs", c.Epochs, "at least 1")
	check(c.Embedding >= 0 && c.Embedding <= maxWidth, "embedding", c.Embedding, "0 to 4096")
	check(c.Embedding == 0 || !c.ConstrainedEmbedding, "embedding", c.Embedding, "0, since constrained_embedding is true and shares the output vectors")
	check(c.EmbeddingDropout == 0 || c.ConstrainedEmbedding || c.Embedding > 0, "embedding_dropout", c.EmbeddingDropout, "0, since one-hot input has no embedding")
	check(c.SessionGap >= 0 && c.SessionGap <= maxGap, "session_gap", c.SessionGap, "minutes, 0 (off) to a thousand years")
	return errors.Join(errs...)
}

// gap is SessionGap in seconds.
func (c *Config) gap() int64 { return int64(c.SessionGap) * 60 }

// inputWidth is the length of the rows that items feed to the first layer.
func (c *Config) inputWidth() int {
	switch {
	case c.ConstrainedEmbedding:
		return c.HiddenSize
	case c.Embedding > 0:
		return c.Embedding
	default:
		return 3 * c.HiddenSize
	}
}

// oneHot says that an item's input row goes straight into the gates.
func (c *Config) oneHot() bool { return !c.ConstrainedEmbedding && c.Embedding == 0 }

// priors returns count^exponent for each item, 0 for an item of none.
func priors(counts []int64, exponent float64) []float64 {
	p := make([]float64, len(counts))
	for i, c := range counts {
		if c > 0 {
			p[i] = math.Pow(float64(c), exponent)
		}
	}
	return p
}
