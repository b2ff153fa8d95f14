package als

import (
	"errors"
	"fmt"
	"math"

	"github.com/recsys-lite/recsys"
)

// Config holds the hyper-parameters of a Model; its JSON names are those of --params.
type Config struct {
	// Factors is d, the length of a user's or item's vector. Default 128; 1 to 2048.
	Factors int `json:"factors"`
	// Regularization is λ. Default 0.006; 0 to 10⁶. At 0 a system may be singular: see
	// the package comment.
	Regularization float64 `json:"regularization"`
	// Alpha weighs an observed interaction relative to an unobserved one: α₀ = 1/Alpha.
	// Default 2; 10⁻⁶ to 10⁶.
	Alpha float64 `json:"alpha"`
	// Nu is ν, the power by which regularisation follows the number of a row's interactions:
	// 0 regularises all rows alike, 1 by frequency. Default 1; 0 to 2.
	Nu float64 `json:"nu"`
	// Iterations is the number of passes over users and items. Default 16.
	Iterations int `json:"iterations"`
	// Seed names the random start of the item vectors. Default 42.
	Seed uint64 `json:"seed"`

	recsys.Run `json:"-"`
}

// DefaultConfig returns the defaults given at Config's fields.
func DefaultConfig() Config {
	return Config{Factors: 128, Regularization: 0.006, Alpha: 2, Nu: 1, Iterations: 16, Seed: 42}
}

// maxFactors bounds the d×d system that each worker holds to 16 MB.
const maxFactors = 2048

// Validate reports every parameter that is out of range; the error wraps
// recsys.ErrInvalidConfig. The bounds keep λ_u inside float32 for any data.
func (c Config) Validate() error {
	var errs []error
	check := func(ok bool, name string, value any, want string) {
		if !ok {
			errs = append(errs, fmt.Errorf("%w: als: %s is %v, want %s", recsys.ErrInvalidConfig, name, value, want))
		}
	}
	within := func(x, lo, hi float64) bool { return x >= lo && x <= hi && !math.IsNaN(x) }
	check(c.Factors >= 1 && c.Factors <= maxFactors, "factors", c.Factors, "1 to 2048")
	check(within(c.Regularization, 0, 1e6), "regularization", c.Regularization, "0 to 1e6")
	check(within(c.Alpha, 1e-6, 1e6), "alpha", c.Alpha, "1e-6 to 1e6")
	check(within(c.Nu, 0, 2), "nu", c.Nu, "0 to 2")
	check(c.Iterations >= 1, "iterations", c.Iterations, "at least 1")
	return errors.Join(errs...)
}

// alpha0 is α₀, the weight of an unobserved interaction.
func (c Config) alpha0() float64 { return 1 / c.Alpha }

// lambda is the regularisation of a row with n interactions out of total.
func (c Config) lambda(n, total int) float64 {
	return c.Regularization * math.Pow(float64(n)+c.alpha0()*float64(total), c.Nu)
}
