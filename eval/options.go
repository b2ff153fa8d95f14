package eval

import (
	"errors"
	"fmt"
	"slices"

	"github.com/recsys-lite/recsys"
)

// Divisor says what recall divides the number of hits by.
type Divisor string

const (
	// ByHeldOut divides by |T|, the number of the user's held-out items (TOIS studies).
	ByHeldOut Divisor = "held-out"
	// ByReachable divides by min(k, |T|), so that a perfect list always scores 1 (Liang et
	// al., 2018; Steck, 2019; Rendle et al., 2022).
	ByReachable Divisor = "reachable"
)

// Options says how to measure. The zero value takes every default.
type Options struct {
	// Ks are the cut-offs; nil means 10 and 20.
	Ks []int
	// Repeats lets a list name items that the user has had, as a shop of consumables wants.
	// By default these are neither recommended nor, when they are held out, counted.
	Repeats bool
	// SkipCold leaves held-out items out that nobody has in training, instead of counting them
	// as missed. It is the convention of many studies, and flatters a model: a shop's new
	// items are sales that it does not predict.
	SkipCold bool
	// Recall is ByHeldOut when empty.
	Recall Divisor
	// FoldIn asks the model by history alone, as if it had never seen the test users. Without
	// it users are asked for by their index.
	FoldIn bool
	// Detail asks for Result.Detail: segments of users and items, and popularity bias.
	Detail bool
	// Bootstrap is the number of resamples behind the intervals; 0 means 1,000, a negative
	// number none.
	Bootstrap int
	// Seed names the resamples.
	Seed uint64

	// Run: Progress counts users ("evaluate").
	Run recsys.Run
}

// Validate reports every option that is out of range.
func (o Options) Validate() error {
	var errs []error
	if err := checkKs(o.Ks); err != nil {
		errs = append(errs, err)
	}
	switch o.Recall {
	case "", ByHeldOut, ByReachable:
	default:
		errs = append(errs, fmt.Errorf("%w: recall divided by %q: known are %s and %s", recsys.ErrInvalidConfig, o.Recall, ByHeldOut, ByReachable))
	}
	return errors.Join(errs...)
}

func checkKs(ks []int) error {
	for _, k := range ks {
		if k < 1 {
			return fmt.Errorf("%w: cut-off %d, it must be at least 1", recsys.ErrInvalidConfig, k)
		}
	}
	return nil
}

// cutoffs returns the distinct cut-offs, ascending.
func cutoffs(ks []int) []int {
	if len(ks) == 0 {
		return []int{10, 20}
	}
	ks = slices.Clone(ks)
	slices.Sort(ks)
	return slices.Compact(ks)
}

const defaultResamples = 1000

func resamples(n int) int {
	if n == 0 {
		return defaultResamples
	}
	return max(n, 0)
}
