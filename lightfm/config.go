package lightfm

import (
	"errors"
	"fmt"
	"math"

	"github.com/recsys-lite/recsys"
)

// Config holds the hyper-parameters, under the names that LightFM gives them.
type Config struct {
	// NoComponents is the number of dimensions of the vectors. Default 64.
	NoComponents int `json:"no_components"`
	// LearningRate is the step η of Adagrad; Adadelta has none. Default 0.05.
	LearningRate float64 `json:"learning_rate"`
	// Loss is what the training minimises. Default WARP.
	Loss Loss `json:"loss"`
	// ItemAlpha and UserAlpha are the L2 penalties on all parameters of a side; the gradient
	// of the penalty counts once in every step, and so very small values act. Default 0.
	ItemAlpha float64 `json:"item_alpha"`
	UserAlpha float64 `json:"user_alpha"`
	// Epochs is the number of passes over the interactions. Default 30.
	Epochs int `json:"epochs"`
	// MaxSampled bounds the items drawn in search of one that violates the order (WARP losses).
	// Default 10.
	MaxSampled int `json:"max_sampled"`
	// Schedule is the rule of the step. Default Adagrad.
	Schedule Schedule `json:"learning_schedule"`
	// K and N: for WARPKOS the K-th best of N drawn items of the user is the positive.
	// Defaults 5 and 10.
	K int `json:"k"`
	N int `json:"n"`
	// Rho and Epsilon are the decay and the conditioning term of Adadelta. Defaults 0.95, 1e-6.
	Rho     float64 `json:"rho"`
	Epsilon float64 `json:"epsilon"`
	// Weighted lets an interaction take part in a pass in proportion to its weight, once on
	// average over all of them; otherwise each takes part once. Default true.
	Weighted bool `json:"weighted"`
	// LockFree drops the waiting for the items of a block, as Hogwild does and LightFM itself. A fit
	// is then NOT reproducible with more than one worker, and hardly faster. Default false.
	LockFree bool `json:"lock_free"`
	// Seed names the random streams. Default 0.
	Seed uint64 `json:"seed"`

	recsys.Run `json:"-"`
}

// Loss names a loss; see the package comment.
type Loss string

// The losses.
const (
	WARP     Loss = "warp"
	BPR      Loss = "bpr"
	Logistic Loss = "logistic"
	WARPKOS  Loss = "warp-kos"
)

// Schedule names the rule by which steps shrink.
type Schedule string

const (
	// Adagrad divides each parameter's step by the root of the sum of its squared gradients;
	// the sums start at 1 (Duchi, Hazan, Singer, 2011).
	Adagrad Schedule = "adagrad"
	// Adadelta scales steps by running means of squared gradients and steps (Zeiler, 2012).
	Adadelta Schedule = "adadelta"
)

// DefaultConfig returns the defaults given at the fields of Config.
func DefaultConfig() Config {
	return Config{
		NoComponents: 64,
		LearningRate: 0.05,
		Loss:         WARP,
		Epochs:       30,
		MaxSampled:   10,
		Schedule:     Adagrad,
		K:            5,
		N:            10,
		Rho:          0.95,
		Epsilon:      1e-6,
		Weighted:     true,
	}
}

// maxComponents keeps a vector, and products of sizes with it, far inside an int.
const maxComponents = 1 << 16

// Validate reports every setting that is out of range, wrapped in recsys.ErrInvalidConfig.
func (c Config) Validate() error {
	var faults []error
	fault := func(format string, args ...any) {
		faults = append(faults, fmt.Errorf("%w: lightfm: "+format, append([]any{recsys.ErrInvalidConfig}, args...)...))
	}
	atLeast1 := func(name string, v int) {
		if v < 1 {
			fault("%s is %d, it must be at least 1", name, v)
		}
	}
	if c.NoComponents < 1 || c.NoComponents > maxComponents {
		fault("no_components is %d, it must lie in 1…%d", c.NoComponents, maxComponents)
	}
	if !(c.LearningRate > 0) || math.IsInf(c.LearningRate, 0) {
		fault("learning_rate is %v, it must be a number above 0", c.LearningRate)
	}
	switch c.Loss {
	case WARP, BPR, Logistic, WARPKOS:
	default:
		fault("loss is %q, known are %q, %q, %q and %q", c.Loss, WARP, BPR, Logistic, WARPKOS)
	}
	for name, v := range map[string]float64{"item_alpha": c.ItemAlpha, "user_alpha": c.UserAlpha} {
		if !(v >= 0) || math.IsInf(v, 0) {
			fault("%s is %v, it must be a number of at least 0", name, v)
		}
	}
	atLeast1("epochs", c.Epochs)
	atLeast1("max_sampled", c.MaxSampled)
	if c.Schedule != Adagrad && c.Schedule != Adadelta {
		fault("learning_schedule is %q, known are %q and %q", c.Schedule, Adagrad, Adadelta)
	}
	atLeast1("k", c.K)
	atLeast1("n", c.N)
	if c.K > c.N {
		fault("k is %d, it must not exceed n (%d)", c.K, c.N)
	}
	if !(c.Rho > 0 && c.Rho < 1) {
		fault("rho is %v, it must lie between 0 and 1", c.Rho)
	}
	if !(c.Epsilon > 0) || math.IsInf(c.Epsilon, 0) {
		fault("epsilon is %v, it must be a number above 0", c.Epsilon)
	}
	return errors.Join(faults...)
}
