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

	x     *recsys.CSR
	width int  // items of a block
	shift uint // bits of a place within an item block
	// Item block c is the places [c·width, (c+1)·width) of the random order; home tells where
	// an item stands.
	order   []int32
	home    []home
	mean    float32 // mean weight; 0 when every interaction is visited once
	parts   int
	starts  []int // block (b, c) is entries[starts[b·P+c]:starts[b·P+c+1]]
	entries []Entry
}

// home is an item's block and its place in that.
type home struct {
	block int32
	place Entry
}

// New prepares p × p blocks. If weighted, an interaction is visited in a pass in proportion to
// its weight, once on average over all; otherwise each is visited once.
func New(x *recsys.CSR, p, parts int, weighted bool) *Strata {
	s := &Strata{P: p, x: x, width: ceilDiv(x.Cols, p), parts: parts}
	s.shift = uint(bits.Len(uint(s.width)))
	s.order = make([]int32, x.Cols)
	s.home = make([]home, x.Cols)
	s.starts = make([]int, p*p+1)
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

// Deal makes the blocks of a part of a pass.
func (s *Strata) Deal(ctx context.Context, seed uint64, pass, part, workers int) error {
	r := rng.New(seed, streamDeal, uint64(pass), uint64(part))
	for i := range s.order {
		s.order[i] = int32(i)
	}
	r.Shuffle(len(s.order), func(i, j int) { s.order[i], s.order[j] = s.order[j], s.order[i] })
	for at, i := range s.order {
		s.home[i] = home{int32(at / s.width), Entry(at % s.width)}
	}
	// First count, then place. Each user block draws its visits from a stream of its own, the
	// same in both.
	clear(s.starts)
	err := par.Chunks(ctx, s.P, 1, workers, func(_, b, _ int) error {
		counts := s.starts[1+b*s.P : 1+(b+1)*s.P]
		s.each(b, seed, pass, part, func(c int, _ Entry, n int) { counts[c] += max(n, 1) })
		return nil
	})
	if err != nil {
		return err
	}
	for i := range s.P * s.P {
		s.starts[i+1] += s.starts[i]
	}
	total := s.starts[s.P*s.P]
	if cap(s.entries) < total {
		s.entries = make([]Entry, total)
	}
	s.entries = s.entries[:total]
	return par.Chunks(ctx, s.P, 1, workers, func(_, b, _ int) error {
		next := append([]int(nil), s.starts[b*s.P:(b+1)*s.P]...)
		s.each(b, seed, pass, part, func(c int, e Entry, n int) {
			if n == 0 {
				e, n = e|idle, 1
			}
			for ; n > 0; n-- {
				s.entries[next[c]] = e
				next[c]++
			}
		})
		return nil
	})
}

// each calls f for the interactions of user block b with the item block, the packed places
// and the number of visits.
func (s *Strata) each(b int, seed uint64, pass, part int, f func(c int, e Entry, n int)) {
	r := rng.New(seed, streamVisits, uint64(pass), uint64(b))
	for u, place := b, Entry(0); u < s.x.Rows; u, place = u+s.P, place+1 {
		cols, weights := s.x.Row(u)
		for k, i := range cols {
			h := s.home[i]
			n := 1
			if s.mean > 0 {
				n = Visits(weights[k], s.mean, r)
			}
			if s.parts > 1 {
				n = s.inPart(n, part, r)
			}
			f(int(h.block), place<<s.shift|h.place, n)
		}
	}
}

// inPart tells how many of n visits fall into a part. Every part draws the same numbers.
func (s *Strata) inPart(n, part int, r *rng.Rand) (visits int) {
	for range n {
		if r.Intn(s.parts) == part {
			visits++
		}
	}
	return visits
}

// Rounds calls body for every block of what was dealt. The blocks of a round run on several workers,
// and the next round waits for them; lockFree leaves the waiting out, so that blocks under
// way may share users or items. after, if set, is called after each round; lockFree, once.
// A worker index is as in par.Chunks.
func (s *Strata) Rounds(ctx context.Context, workers int, lockFree bool, body func(worker, b, c int), after func()) error {
	rounds, length := s.P, s.P
	if lockFree {
		rounds, length = 1, s.P*s.P
	}
	for r := range rounds {
		err := par.Chunks(ctx, length, 1, workers, func(worker, at, _ int) error {
			round, b := (r*length+at)/s.P, at%s.P
			body(worker, b, (b+round)%s.P)
			return nil
		})
		if err != nil {
			return err
		}
		if after != nil {
			after()
		}
	}
	return nil
}
