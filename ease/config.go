package ease

import (
	"errors"
	"fmt"
	"math"

	"github.com/recsys-lite/recsys"
)

// Config holds the hyper-parameters, under the names they have in JSON.
type Config struct {
	// Regularization is λ, the L2 penalty on the weights. Small shops want 10 to 200, large
	// ones 200 to 5,000. Default 500.
	Regularization float64 `json:"regularization"`
	// Method is the way to the weights. Default Auto.
	Method Method `json:"method"`
	// Neighbours is, for the method Sparse, the number of items that may have a weight in an
	// item's score. Default 200.
	Neighbours int `json:"neighbours"`
	// Reuse is, for the method Sparse, the share of an item's neighbours that take their
	// weights from the same neighbourhood as the item itself: 0 factors one per item, more
	// is faster and less accurate. Default 0.
	Reuse float64 `json:"reuse"`
	// MaxMemory is the number of bytes that a fit may allocate; one that needs more fails
	// before it starts. Default 0: nine tenths of what GOMEMLIMIT, the control group and the
	// machine leave free.
	MaxMemory int64 `json:"max_memory"`

	recsys.Run `json:"-"`
}

// Method names a way to compute the weights; the package comment explains them.
type Method string

const (
	// Auto inverts items × items or users × users, whichever needs fewer operations for n items
	// and m users that have events and z interactions: n³/2, or m³/2 + 4·z·(m + n). It keeps B,
	// in 4n² bytes, or as Dual does when that takes a quarter or less. It never approximates,
	// and looks at the data's shape only, never at the machine.
	Auto Method = "auto"
	// Primal inverts items × items in 4n² bytes.
	Primal Method = "primal"
	// Dual inverts users × users in 4m² bytes and keeps X and Z, in 4mn bytes. A score takes
	// up to m·n operations, where B takes n per item of the history.
	Dual Method = "dual"
	// Sparse approximates in 16 bytes × items × Neighbours. On MovieLens 1M (3,706 items, λ = 500)
	// 100 neighbours reach a Recall/NDCG@10 of .2066/.2937 and 200 reach .2109/.2985, where
	// the exact weights have .2166/.3024.
	Sparse Method = "sparse"
)

// DefaultConfig returns the defaults given at the fields of Config.
func DefaultConfig() Config {
	return Config{Regularization: 500, Method: Auto, Neighbours: 200}
}

// maxNeighbours keeps the square matrix of a neighbourhood within 1 GiB.
const maxNeighbours = 16_000

// Validate reports every setting that is out of range, wrapped in recsys.ErrInvalidConfig.
func (c Config) Validate() error {
	var faults []error
	fault := func(format string, args ...any) {
		faults = append(faults, fmt.Errorf("%w: ease: "+format, append([]any{recsys.ErrInvalidConfig}, args...)...))
	}
	if !(c.Regularization > 0) || c.Regularization > math.MaxFloat32 {
		fault("regularization is %v, it must be a number above 0", c.Regularization)
	}
	switch c.Method {
	case Auto, Primal, Dual, Sparse:
	default:
		fault("method is %q, known are %q, %q, %q and %q", c.Method, Auto, Primal, Dual, Sparse)
	}
	if c.Neighbours < 1 || c.Neighbours > maxNeighbours {
		fault("neighbours is %d, it must lie in 1…%d", c.Neighbours, maxNeighbours)
	}
	if !(c.Reuse >= 0 && c.Reuse <= 1) {
		fault("reuse is %v, it must lie between 0 and 1", c.Reuse)
	}
	if c.MaxMemory < 0 {
		fault("max_memory is %d, it must be a number of bytes, or 0 for what is free", c.MaxMemory)
	}
	return errors.Join(faults...)
}
