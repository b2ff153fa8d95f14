package gru4rec

import (
	"slices"

	"github.com/recsys-lite/recsys/internal/rng"
)

// sampler draws items by weight in constant time (Walker's alias method, after Vose, 1991).
type sampler struct {
	keep  []float64 // probability of keeping the item of the column
	other []int32
}

// newSampler needs at least one positive weight.
func newSampler(weight []float64) *sampler {
	n := len(weight)
	s := &sampler{keep: make([]float64, n), other: make([]int32, n)}
	total := 0.0
	for _, w := range weight {
		total += w
	}
	var small, large []int32
	for i, w := range weight {
		s.keep[i] = w * float64(n) / total
		s.other[i] = int32(i)
		if s.keep[i] < 1 {
			small = append(small, int32(i))
		} else {
			large = append(large, int32(i))
		}
	}
	for len(small) > 0 && len(large) > 0 {
		i, j := small[len(small)-1], large[len(large)-1]
		small = small[:len(small)-1]
		s.other[i] = j
		if s.keep[j] -= 1 - s.keep[i]; s.keep[j] < 1 {
			large = large[:len(large)-1]
			small = append(small, j)
		}
	}
	// What rounding left over is full; an item of no weight gives way to one that has some.
	heaviest := int32(slices.Index(weight, slices.Max(weight)))
	for _, i := range append(small, large...) {
		if weight[i] > 0 {
			s.keep[i] = 1
		} else {
			s.other[i] = heaviest
		}
	}
	return s
}

func (s *sampler) draw(r *rng.Rand) int32 {
	i := r.Intn(len(s.keep))
	if r.Float64() < s.keep[i] {
		return int32(i)
	}
	return s.other[i]
}
