package item2vec

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/model"
)

// Config holds the hyper-parameters. The defaults of natural-language tools are wrong for
// recommendation (Caselles-Dupré, Lesaint, Royo-Letelier, "Word2vec applied to recommendation:
// hyperparameters matter", RecSys 2018); those here were chosen on validation data of shops.
type Config struct {
	// VectorSize is the length of a vector; default 64.
	VectorSize int `json:"vector_size"`
	// Window is how many events before and after an event count as its context; each event
	// draws its own window from 1 to this. Default 5.
	Window int `json:"window"`
	// MinCount leaves out items with fewer events; default 1.
	MinCount int `json:"min_count"`
	// Epochs is the number of passes over all sentences; default 50.
	Epochs int `json:"epochs"`
	// Negative is the number of random items that each pair is held against; default 10.
	Negative int `json:"negative"`
	// NSExponent shapes their distribution, count^NSExponent: 1 draws by popularity, 0 evenly,
	// below 0 prefers rare items. Above 0.9 or so popular items are pushed away so hard that
	// the ranking breaks down. Default 0.75, the best of the search space on validation data.
	NSExponent float64 `json:"ns_exponent"`
	// Sample thins out frequent items: an event of an item with share f of all events is kept
	// with probability √(Sample/f) + Sample/f. 0, the default, keeps all.
	Sample float64 `json:"sample"`
	// LearningRate falls linearly from this to a thousandth of it; default 0.05.
	LearningRate float64 `json:"learning_rate"`
	// SessionGap cuts a user's history into sentences where two events lie more than this many
	// seconds apart; 0, the default, takes the whole history as one sentence.
	SessionGap int64 `json:"session_gap"`
	// Recency weighs the events of a query: the last one 1, the one before it Recency, then
	// Recency² …; 1, the default, weighs all alike.
	Recency float64 `json:"recency"`
	// SimilarFloor is the number of events below which an item is listed as similar only
	// behind all others; default 5.
	SimilarFloor int `json:"similar_floor"`
	// Seed names the random streams; default 1.
	Seed uint64 `json:"seed"`

	Run recsys.Run `json:"-"`
}

// DefaultConfig returns the defaults stated at the fields.
func DefaultConfig() Config {
	return Config{VectorSize: 64, Window: 5, MinCount: 1, Epochs: 50, Negative: 10, NSExponent: .75, LearningRate: .05, Recency: 1, SimilarFloor: 5, Seed: 1}
}

// Validate reports every value that is out of range.
func (c Config) Validate() error {
	var faults []error
	check := func(ok bool, name string, value any, want string) {
		if !ok {
			faults = append(faults, fmt.Errorf("%w: item2vec: %s = %v, it must be %s", recsys.ErrInvalidConfig, name, value, want))
		}
	}
	check(c.VectorSize >= 1 && c.VectorSize <= 4096, "vector_size", c.VectorSize, "between 1 and 4096")
	check(c.Window >= 1, "window", c.Window, "at least 1")
	check(c.MinCount >= 1, "min_count", c.MinCount, "at least 1")
	check(c.Epochs >= 1, "epochs", c.Epochs, "at least 1")
	check(c.Negative >= 1 && c.Negative <= 1000, "negative", c.Negative, "between 1 and 1000")
	check(math.Abs(c.NSExponent) <= 10, "ns_exponent", c.NSExponent, "between -10 and 10")
	check(c.Sample >= 0 && c.Sample <= 1, "sample", c.Sample, "between 0 and 1")
	check(c.LearningRate > 0 && c.LearningRate <= 10, "learning_rate", c.LearningRate, "above 0 and at most 10")
	check(c.SessionGap >= 0, "session_gap", c.SessionGap, "a number of seconds ≥ 0")
	check(c.Recency > 0 && c.Recency <= 1, "recency", c.Recency, "above 0 and at most 1")
	check(c.SimilarFloor >= 0, "similar_floor", c.SimilarFloor, "at least 0")
	return errors.Join(faults...)
}

func choices(values ...string) (out []json.RawMessage) {
	for _, v := range values {
		out = append(out, json.RawMessage(v))
	}
	return out
}

// Kind describes the model to whatever trains, stores or serves it.
var Kind = model.Kind{
	Name:    "item2vec",
	Summary: "skip-gram item vectors: similar items, and users as the mean of what they had",
	New: func(params json.RawMessage, run recsys.Run) (model.Model, error) {
		cfg := DefaultConfig()
		if err := model.DecodeParams("item2vec", params, &cfg); err != nil {
			return nil, err
		}
		cfg.Run = run
		return New(cfg)
	},
	Load:  load,
	Needs: model.Needs{Sequences: true},
	Space: []model.Param{
		{Name: "vector_size", Low: 32, High: 256, Log: true, Int: true},
		{Name: "window", Low: 2, High: 15, Int: true},
		{Name: "min_count", Low: 1, High: 5, Int: true},
		{Name: "ns_exponent", Choices: choices("-1", "-0.5", "0", "0.5", "0.75", "1")},
		{Name: "learning_rate", Low: .01, High: .2, Log: true},
	},
}
