package bpr

import (
	"context"
	"math/bits"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/par"
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
	// idle marks an entry that is known but not visited in this pass.
	idle = 1 << 31
)

// blocksFor returns the number P of blocks. It is odd: block b holds the users u ≡ b (mod P),
// and rows an odd number of rows apart spread over all sets of a cache.
func blocksFor(users, items int) int {
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

// strata deals the interactions into P × P blocks anew for each pass. Item i stands at place
// pos[i] of a random order; item block c is the places [c·width, (c+1)·width).
type strata struct {
	x      *recsys.CSR
	p      int
	width  int  // items of a block
	shift  uint // bits of a place within an item block
	order  []int32
	pos    []int32
	mean   float32 // mean weight; 0 when every interaction is visited once
	starts []int   // block (b, c) is entries[starts[b·P+c]:starts[b·P+c+1]]
	// entries holds, for each visit, the user's place in the user block above the item's in
	// the item block; interactions without a visit are there once, marked idle.
	entries []uint32
}

func newStrata(x *recsys.CSR, p int, weighted bool) *strata {
	s := &strata{x: x, p: p}
	s.width = ceilDiv(x.Cols, s.p)
	s.shift = uint(bits.Len(uint(s.width)))
	s.order = make([]int32, x.Cols)
	s.pos = make([]int32, x.Cols)
	s.starts = make([]int, s.p*s.p+1)
	if weighted {
		s.mean = meanIfVaried(x.Values)
	}
	return s
}

// meanIfVaried returns the mean of weights, or 0 when all are equal.
func meanIfVaried(weights []float32) float32 {
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

// visits draws how often an interaction is visited in a pass: weight/mean on average.
func visits(weight, mean float32, r *rng.Rand) int {
	return int(weight/mean + r.Float32())
}

// deal makes the blocks of a pass.
func (s *strata) deal(ctx context.Context, seed uint64, epoch, workers int) error {
	r := rng.New(seed, streamDeal, uint64(epoch))
	for i := range s.order {
		s.order[i] = int32(i)
	}
	r.Shuffle(len(s.order), func(i, j int) { s.order[i], s.order[j] = s.order[j], s.order[i] })
	for at, i := range s.order {
		s.pos[i] = int32(at)
	}
	// First count, then place. Each user block draws its visits from a stream of its own, the
	// same in both passes.
	clear(s.starts)
	err := par.Chunks(ctx, s.p, 1, workers, func(_, b, _ int) error {
		counts := s.starts[1+b*s.p : 1+(b+1)*s.p]
		s.each(b, seed, epoch, func(c int, _ uint32, n int) { counts[c] += max(n, 1) })
		return nil
	})
	if err != nil {
		return err
	}
	for i := range s.p * s.p {
		s.starts[i+1] += s.starts[i]
	}
	total := s.starts[s.p*s.p]
	if cap(s.entries) < total {
		s.entries = make([]uint32, total)
	}
	s.entries = s.entries[:total]
	return par.Chunks(ctx, s.p, 1, workers, func(_, b, _ int) error {
		next := append([]int(nil), s.starts[b*s.p:(b+1)*s.p]...)
		s.each(b, seed, epoch, func(c int, entry uint32, n int) {
			if n == 0 {
				entry, n = entry|idle, 1
			}
			for ; n > 0; n-- {
				s.entries[next[c]] = entry
				next[c]++
			}
		})
		return nil
	})
}

// each calls f for the interactions of user block b with the item block, the packed places
// and the number of visits.
func (s *strata) each(b int, seed uint64, epoch int, f func(c int, entry uint32, n int)) {
	r := rng.New(seed, streamVisits, uint64(epoch), uint64(b))
	for u, at := b, uint32(0); u < s.x.Rows; u, at = u+s.p, at+1 {
		cols, weights := s.x.Row(u)
		for k, i := range cols {
			pos := int(s.pos[i])
			c := pos / s.width
			n := 1
			if s.mean > 0 {
				n = visits(weights[k], s.mean, r)
			}
			f(c, at<<s.shift|uint32(pos-c*s.width), n)
		}
	}
}

// block returns the entries of user block b and item block c, and the items of c.
func (s *strata) block(b, c int) (entries []uint32, items []int32) {
	lo, hi := c*s.width, min((c+1)*s.width, len(s.order))
	return s.entries[s.starts[b*s.p+c]:s.starts[b*s.p+c+1]], s.order[min(lo, hi):hi]
}

// cells is the greatest number of user-item pairs of a block.
func (s *strata) cells() int { return ceilDiv(s.x.Rows, s.p) * s.width }
