package hybrid

import (
	"context"
	"slices"
)

const (
	// maxPasses bounds the passes over the members.
	maxPasses = 12
	// minGain is the NDCG that a step must win: less is noise.
	minGain = 1e-5
)

// starts are each member alone, and all alike.
func starts(members int) [][]float64 {
	var out [][]float64
	equal := make([]float64, members)
	for i := range members {
		alone := make([]float64, members)
		alone[i], equal[i] = 1, 1/float64(members)
		out = append(out, alone)
	}
	return append(out, equal)
}

// ascend climbs from the best of the starts, and from the last one, and returns the better
// summit; weights sum to 1.
func (m *Model) ascend(ctx context.Context, cases []lists, from [][]float64) ([]float64, error) {
	quality := func(w []float64) float64 { return mean(qualities(cases, w, m.cfg.Workers)) }
	first, at := from[0], quality(from[0])
	for _, w := range from[1:] {
		if q := quality(w); q > at {
			first, at = w, q
		}
	}
	best, top, err := climb(ctx, first, quality)
	if err != nil {
		return nil, err
	}
	other, q, err := climb(ctx, from[len(from)-1], quality)
	if err != nil {
		return nil, err
	}
	if q > top {
		best = other
	}
	return best, nil
}

// climb changes one weight at a time, by smaller factors once the larger ones win nothing.
func climb(ctx context.Context, w []float64, quality func([]float64) float64) ([]float64, float64, error) {
	top := quality(w)
	for _, factor := range []float64{3, 1.5, 1.15} {
		for range maxPasses {
			won := false
			for i := range w {
				for _, v := range []float64{0, w[i] / factor, w[i] * factor, 0.05 * factor} {
					if err := ctx.Err(); err != nil {
						return nil, 0, err
					}
					next, ok := with(w, i, v)
					if !ok {
						continue
					}
					if q := quality(next); q > top+minGain {
						w, top, won = next, q, true
					}
				}
			}
			if !won {
				break
			}
		}
	}
	return w, top, nil
}

// with is w with weight i set to v, brought back to a sum of 1; false when nothing would be
// left, or nothing change.
func with(w []float64, i int, v float64) ([]float64, bool) {
	if v == w[i] {
		return nil, false
	}
	next := slices.Clone(w)
	next[i] = v
	var sum float64
	for _, x := range next {
		sum += x
	}
	if !(sum > 0) {
		return nil, false
	}
	for k := range next {
		next[k] /= sum
	}
	return next, true
}
