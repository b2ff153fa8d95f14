package bpr

import (
	"math"
	"slices"

	"github.com/recsys-lite/recsys/internal/rng"
)

// ranks is the adaptive sampler over the items of a block. A draw takes a factor f with
// probability ∝ |p_f|·σ_f, σ_f being the standard deviation of the factor over the block, and
// a rank from a geometric distribution, and returns the item of that rank in the order by
// q_f, from the other end when p_f is negative. The bias is one more factor, for which every
// user has 1. Orders are as of the start of the block, a fraction 1/P of a pass ago at most.
type ranks struct {
	places []uint32  // (d+1) × n: places in the block by falling value
	n      int       // items in the block
	spread []float32 // d+1
	up     []float32 // cumulated |p_f|·σ_f of the user
	signs  []bool    // p_f < 0
	log1p  float64   // ln(1 − p) of the geometric distribution
	keys   []uint64  // of one factor: value and place, in an integer that sorts fast
}

// order sorts the block's items by each factor.
func (a *ranks) order(t *trainer, items []int32) {
	d, n := t.D+1, len(items)
	a.n = n
	a.places = slices.Grow(a.places[:0], d*n)[:d*n]
	a.keys = slices.Grow(a.keys[:0], n)[:n]
	a.spread = slices.Grow(a.spread[:0], d)[:d]
	a.up = slices.Grow(a.up[:0], d)[:d]
	a.signs = slices.Grow(a.signs[:0], d)[:d]
	// Rank r of the whole catalogue is about rank r/P of a block.
	a.log1p = math.Log1p(-min(0.99, float64(t.s.P)/float64(t.cfg.AdaptiveRank)))
	for f := range d {
		var sum, squares float64
		for k, i := range items {
			v := t.Bias[i]
			if f < t.D {
				v = t.Items[int(i)*t.D+f]
			}
			a.keys[k] = uint64(falling(v))<<32 | uint64(k)
			sum += float64(v)
			squares += float64(v) * float64(v)
		}
		mean := sum / float64(n)
		a.spread[f] = float32(math.Sqrt(max(0, squares/float64(n)-mean*mean)))
		slices.Sort(a.keys)
		for k, key := range a.keys {
			a.places[f*n+k] = uint32(key)
		}
	}
}

// falling maps numbers to bits whose order is the reverse of theirs.
func falling(v float32) uint32 {
	b := math.Float32bits(v)
	if b>>31 == 0 {
		return ^b &^ (1 << 31)
	}
	return b
}

// weigh prepares the draws for a user's vector.
func (a *ranks) weigh(p []float32) {
	var sum float32
	for f, s := range a.spread {
		v := float32(1)
		if f < len(p) {
			v = p[f]
		}
		a.signs[f] = v < 0
		sum += float32(math.Abs(float64(v))) * s
		a.up[f] = sum
	}
}

// draw returns a place in the block.
func (a *ranks) draw(r *rng.Rand) int {
	want := r.Float32() * a.up[len(a.up)-1]
	f, _ := slices.BinarySearch(a.up, want)
	f = min(f, len(a.up)-1)
	rank := int(min(math.Log1p(-r.Float64())/a.log1p, math.MaxInt32)) % a.n
	if a.signs[f] {
		rank = a.n - 1 - rank
	}
	return int(a.places[f*a.n+rank])
}
