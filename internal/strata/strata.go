// Package strata cuts interactions into blocks that share no user and no item, so that
// several workers can train on them at once without locks and with the same result for any
// number of them (Gemulla, Nijkamp, Haas, Sismanis, "Large-Scale Matrix Factorization with
// Distributed Stochastic Gradient Descent", KDD 2011).
//
// Users and items are cut into P blocks each. In round r of a pass user block b meets item
// block (b+r) mod P; the blocks of a round are disjoint, and after P rounds every interaction
// has had its turn. Items are dealt into new blocks before every pass, so that over the passes
// any item meets any other.
package strata

import (
	"math/bits"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/rng"
)

const (
	// minUsers and minItems bound a block from below: with fewer items an item would meet too
	// few others in a pass.
	minUsers, minItems = 32, 64
	// usualBlocks is enough for that many workers, and small enough blocks stay in cache.
	usualBlocks = 17
	// maxCells bounds users × items of a block, for which a worker holds one bit each.
	maxCells = 1 << 22
)

// The random streams of a seed that dealing draws from, far from those of any model.
const (
	streamDeal = 1<<40 + iota
	streamVisits
)

// Blocks returns the number P of blocks for a matrix of a shape. It is odd: block b holds the
// users u ≡ b (mod P), and rows an odd number of rows apart spread over all sets of a cache.
func Blocks(users, items int) int {
	most := max(1, min(users/minUsers, items/minItems))
	p := min(most, usualBlocks)
	for p < most && ceilDiv(users, p)*ceilDiv(items, p) > maxCells {
		p++
	}
	if p%2 == 0 {
		p--
	}
	// An entry packs both places within a block into 31 bits.
	for bits.Len(uint(ceilDiv(users, p)))+bits.Len(uint(ceilDiv(items, p))) > 31 {
		p += 2
	}
	return p
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }

// Strata deals the interactions of a matrix into P × P blocks.
type Strata struct {
	// P is the number of blocks of users and of items.
	P int
	// Absent, if set, has a bit for every interaction of the matrix: those of the bits that are set
	// are taken for missing.
	Absent []uint64

	x     *recsys.CSR
	width int  // items of a block
	shift uint // bits of a place within an item block
	// Item block c is the places [c·width, (c+1)·width) of the random order; home tells where
	// an item stands: its block above its place in that.
	order []int32
	home  []uint32
	mean  float32 // mean weight; 0 when every interaction is visited once
	parts int
	part  int    // that is dealt
	draws uint64 // names the random numbers of the pass
	hands []hand
}

// New prepares p × p blocks. If weighted, an interaction is visited in a pass in proportion to
// its weight, once on average over all; otherwise each is visited once. A pass in several parts
// deals the items anew before each, and visits each interaction in one of them.
func New(x *recsys.CSR, p, parts int, weighted bool) *Strata {
	s := &Strata{P: p, x: x, width: ceilDiv(x.Cols, p), parts: parts}
	s.shift = uint(bits.Len(uint(s.width)))
	s.order = make([]int32, x.Cols)
	s.home = make([]uint32, x.Cols)
	s.hands = make([]hand, p)
	if weighted {
		s.mean = MeanIfVaried(x.Values)
	}
	return s
}

// MeanIfVaried returns the mean of weights, or 0 when all are equal.
func MeanIfVaried(weights []float32) float32 {
	var sum float64
	varied := false
	for _, w := range weights {
		sum += float64(w)
		varied = varied || w != weights[0]
	}
	if !varied {
		return 0
	}
	return float32(sum / float64(len(weights)))
}

// Visits draws how often an interaction is visited in a pass: weight/mean on average, and
// once where mean is 0.
func Visits(weight, mean float32, r *rng.Rand) int {
	if mean == 0 {
		return 1
	}
	return int(weight/mean + r.Float32())
}

// Deal cuts the items into the blocks of a part of a pass, for Rounds to go over.
func (s *Strata) Deal(seed uint64, pass, part int) {
	r := rng.New(seed, streamDeal, uint64(pass), uint64(part))
	for i := range s.order {
		s.order[i] = int32(i)
	}
	r.Shuffle(len(s.order), func(i, j int) { s.order[i], s.order[j] = s.order[j], s.order[i] })
	for at, i := range s.order {
		s.home[i] = uint32(at/s.width<<s.shift | at%s.width)
	}
	s.part, s.draws = part, rng.New(seed, streamVisits, uint64(pass)).Uint64()
}
