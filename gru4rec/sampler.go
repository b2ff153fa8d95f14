package gru4rec

import (
	"slices"

	"github.com/recsys-lite/recsys/internal/rng"
)

// sampler draws items by weight in constant time (Walker's alias method, after Vose, 1991).
type sampler []column

// column is an item and another one that fills the rest of its share.
type column struct {
	keep  uint32 // the item is kept by a probability of keep/2³²
	other int32
}

// newSampler needs at least one positive weight.
func newSampler(weight []float64) sampler {
	n := len(weight)
	share, s := make([]float64, n), make(sampler, n)
	total := 0.0
	for _, w := range weight {
		total += w
	}
	var small, large []int32
	for i, w := range weight {
		share[i] = w * float64(n) / total
		if share[i] < 1 {
			small = append(small, int32(i))
		} else {
			large = append(large, int32(i))
		}
	}
	for len(small) > 0 && len(large) > 0 {
		i, j := small[len(small)-1], large[len(large)-1]
		small = small[:len(small)-1]
		s[i] = column{keep: uint32(share[i] * (1 << 32)), other: j}
		if share[j] -= 1 - share[i]; share[j] < 1 {
			large = large[:len(large)-1]
			small = append(small, j)
		}
	}
	// What rounding left over is full; an item of no weight gives way to one that has some.
	heaviest := int32(slices.Index(weight, slices.Max(weight)))
	for _, i := range append(small, large...) {
		s[i].other = i
		if weight[i] == 0 {
			s[i].other = heaviest
		}
	}
	return s
}

// draw takes the column from one half of a number and what to keep from the other.
func (s sampler) draw(r *rng.Rand) int32 {
	x := r.Uint64()
	i := (x >> 32) * uint64(len(s)) >> 32
	if uint32(x) < s[i].keep {
		return int32(i)
	}
	return s[i].other
}
