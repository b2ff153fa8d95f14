package bpr

import (
	"errors"
	"fmt"
	"math"

	"github.com/recsys-lite/recsys"
)

// Config holds the hyper-parameters, under the names they have in JSON.
type Config struct {
	// Factors is the number of dimensions of a user's and an item's vector. Default 64.
	Factors int `json:"factors"`
	// LearningRate is the step of the stochastic gradient descent, at the start. Default 0.1.
	LearningRate float64 `json:"learning_rate"`
	// Anneal lets the step fall linearly from pass to pass, towards nothing after the last of
	// Iterations; otherwise it stays, and with it the noise that the last steps leave in the
	// parameters. Default true.
	Anneal bool `json:"anneal"`
	// Regularization is the L2 penalty λ on what a step touches: the user's vector, and, where
	// these have no setting of their own, the items' vectors. Default 0.006.
	Regularization float64 `json:"regularization"`
	// RegPositive and RegNegative are the penalties on the vector of the item that the user has
	// and of the one that the user lacks. Default: both as Regularization.
	RegPositive *float64 `json:"reg_positive,omitempty"`
	RegNegative *float64 `json:"reg_negative,omitempty"`
	// RegBias is the penalty on the items' biases. Default 0: they only say how popular an
	// item is.
	RegBias float64 `json:"reg_bias"`
	// Iterations is the number of passes over the interactions, with early stopping the
	// greatest one. Default 60.
	Iterations int `json:"iterations"`
	// Sampler chooses the items that a user lacks. Default Uniform.
	Sampler Sampler `json:"sampler"`
	// AdaptiveRank is the mean rank, from the top of a factor's order of the whole catalogue,
	// at which the adaptive sampler draws. Default 500.
	AdaptiveRank int `json:"adaptive_rank"`
	// Weighted lets an interaction take part in a pass in proportion to its weight, once on
	// average over all of them; otherwise each takes part once. Default true.
	Weighted bool `json:"weighted"`
	// Patience turns on early stopping: a part of the interactions is held out first, NDCG@10
	// on it is measured after each pass, and when Patience passes in a row have not bettered
	// it, the model is fitted on all the data for the number of passes that was best.
	// Default 0: Iterations passes.
	Patience int `json:"patience"`
	// ValidationShare is the share of each user's interactions held out for early stopping.
	// Default 0.1.
	ValidationShare float64 `json:"validation_share"`
	// LockFree drops the waiting for the items of a block, as Hogwild does (Niu et al., 2011). A fit
	// is then NOT reproducible with more than one worker, and hardly faster. Default false.
	LockFree bool `json:"lock_free"`
	// Seed names the random streams. Default 0.
	Seed uint64 `json:"seed"`

	recsys.Run `json:"-"`
}

// Sampler names a way to draw the items that a user lacks.
type Sampler string

const (
	// Uniform draws every item the user lacks alike.
	Uniform Sampler = "uniform"
	// Adaptive draws items that the present model ranks high for the user (Rendle and
	// Freudenthaler, "Improving pairwise learning for item recommendation from implicit
	// feedback", WSDM 2014). It converges in fewer passes, each of which costs more.
	Adaptive Sampler = "adaptive"
)

// DefaultConfig returns the defaults given at the fields of Config.
func DefaultConfig() Config {
	return Config{
		Factors:         64,
		LearningRate:    0.1,
		Anneal:          true,
		Regularization:  0.006,
		Iterations:      60,
		Sampler:         Uniform,
		AdaptiveRank:    500,
		Weighted:        true,
		ValidationShare: 0.1,
	}
}

// maxFactors keeps a vector, and products of sizes with it, far inside an int.
const maxFactors = 1 << 16

// Validate reports every setting that is out of range, wrapped in recsys.ErrInvalidConfig.
func (c Config) Validate() error {
	var faults []error
	fault := func(format string, args ...any) {
		faults = append(faults, fmt.Errorf("%w: bpr: "+format, append([]any{recsys.ErrInvalidConfig}, args...)...))
	}
	if c.Factors < 1 || c.Factors > maxFactors {
		fault("factors is %d, it must lie in 1…%d", c.Factors, maxFactors)
	}
	if !(c.LearningRate > 0) || math.IsInf(c.LearningRate, 0) {
		fault("learning_rate is %v, it must be a number above 0", c.LearningRate)
	}
	reg := func(name string, v *float64) {
		if v != nil && (!(*v >= 0) || math.IsInf(*v, 0) || c.LearningRate**v >= 1) {
			fault("%s is %v, it must be at least 0 and below 1/learning_rate", name, *v)
		}
	}
	reg("regularization", &c.Regularization)
	reg("reg_positive", c.RegPositive)
	reg("reg_negative", c.RegNegative)
	reg("reg_bias", &c.RegBias)
	if c.Iterations < 1 {
		fault("iterations is %d, it must be at least 1", c.Iterations)
	}
	if c.Sampler != Uniform && c.Sampler != Adaptive {
		fault("sampler is %q, known are %q and %q", c.Sampler, Uniform, Adaptive)
	}
	if c.AdaptiveRank < 1 {
		fault("adaptive_rank is %d, it must be at least 1", c.AdaptiveRank)
	}
	if c.Patience < 0 {
		fault("patience is %d, it must be 0 (no early stopping) or more", c.Patience)
	}
	if !(c.ValidationShare > 0 && c.ValidationShare < 1) {
		fault("validation_share is %v, it must lie between 0 and 1", c.ValidationShare)
	}
	return errors.Join(faults...)
}

func (c *Config) regOr(v *float64) float32 {
	if v == nil {
		return float32(c.Regularization)
	}
	return float32(*v)
}
