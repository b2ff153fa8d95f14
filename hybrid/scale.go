package hybrid

import (
	"math"
	"slices"
)

// rankOffset is the constant of reciprocal rank fusion: it decides how much the first few ranks
// count above the others.
const rankOffset = 60

var negInf = float32(math.Inf(-1))

// scale brings a member's scores to the common scale, in place, and sets able[i] for the items
// that it can recommend. order is scratch, as long as scores.
func scale(b Blend, scores []float32, able []bool, order []int32) {
	if b == Rank {
		ranks(scores, able, order)
		return
	}
	standard(scores, able)
}

// recommendable is false for −Inf and NaN.
func recommendable(v float32) bool { return v > negInf }

// standard subtracts the mean of the items that can be recommended and divides by their
// standard deviation; scores that are all alike become 0.
func standard(scores []float32, able []bool) {
	var n, sum float64
	low := float32(math.Inf(1))
	for _, v := range scores {
		if recommendable(v) {
			n++
			sum += float64(v)
			low = min(low, v)
		}
	}
	mean := sum / max(n, 1)
	var square float64
	for _, v := range scores {
		if recommendable(v) {
			square += (float64(v) - mean) * (float64(v) - mean)
		}
	}
	inv := 1 / math.Sqrt(square/max(n, 1))
	if math.IsInf(inv, 0) || math.IsNaN(inv) || math.IsNaN(mean) || math.IsInf(mean, 0) {
		inv, mean, low = 0, 0, 0
	}
	for i, v := range scores {
		if recommendable(v) {
			able[i] = true
		} else {
			v = low
		}
		scores[i] = float32((float64(v) - mean) * inv)
	}
}

// ranks sets 1/(60+r); equal scores share the best of their ranks, so that a member without an
// opinion moves nothing.
func ranks(scores []float32, able []bool, order []int32) {
	order = order[:0]
	for i, v := range scores {
		if recommendable(v) {
			able[i] = true
			order = append(order, int32(i))
		}
	}
	slices.SortFunc(order, func(a, b int32) int {
		switch x, y := scores[a], scores[b]; {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return int(a - b)
	})
	value, last := float32(1)/(rankOffset+1), negInf
	for r, i := range order {
		if v := scores[i]; v != last {
			value, last = 1/float32(rankOffset+1+r), v
		}
		scores[i] = value
	}
	for i, v := range scores {
		if !recommendable(v) { // what remains: value is by now the lowest
			scores[i] = value
		}
	}
}
