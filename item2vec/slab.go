package item2vec

import (
	"context"

	"github.com/recsys-lite/recsys/internal/par"
	"github.com/recsys-lite/recsys/internal/rng"
)

// slab holds the pairs of a run of users, which are drawn, then trained, together: enough to keep
// every block busy, few enough to fit in memory.
type slab struct {
	pairs  []pair // by stratum
	starts []int  // of each stratum: in · blocks + out
}

// pair is an event and one of its neighbours.
type pair struct{ center, context int32 }

// stratum returns the pairs of a block of input items with a block of output items.
func (s *slab) stratum(p *partition, in, out int) []pair {
	at := in*p.blocks + out
	return s.pairs[s.starts[at]:s.starts[at+1]]
}

// slabPairs is about how many pairs a slab has; drawChunk the number of users whose pairs are
// drawn in one piece.
const (
	slabPairs = 1 << 20
	drawChunk = 64
)

// run is a run of users.
type run struct{ lo, hi int }

// slabs cuts the users into runs of about so many pairs at most, or of one user.
func (c *corpus) slabs(window, most int) (runs []run) {
	lo, pairs := 0, 0
	for u := range c.sequences.Users() {
		items, _ := c.sequences.Of(u)
		// A window reaches half as far on average, to both sides.
		n := len(items) * (min(window, len(items)-1) + 1)
		if pairs += n; pairs > most && lo < u {
			runs = append(runs, run{lo, u})
			lo, pairs = u, n
		}
	}
	return append(runs, run{lo, c.sequences.Users()})
}

// draw fills a slab with the pairs of a run of users. They are drawn twice, with the same random
// numbers: to count them, and to put them where they belong.
func (t *trainer) draw(ctx context.Context, s *slab, p *partition, users run, epoch uint64) error {
	chunks := make([]strata, (users.hi-users.lo+drawChunk-1)/drawChunk)
	each := func(pairs []pair) error {
		return par.Chunks(ctx, users.hi-users.lo, drawChunk, t.cfg.Run.Workers, func(_, lo, hi int) error {
			t.drawChunk(pairs, &chunks[lo/drawChunk], p, run{users.lo + lo, users.lo + hi}, epoch)
			return nil
		})
	}
	if err := each(nil); err != nil {
		return err
	}
	end := 0
	s.starts = s.starts[:0]
	for at := range p.blocks * p.blocks {
		s.starts = append(s.starts, end)
		for c := range chunks {
			chunks[c][at], end = end, end+chunks[c][at]
		}
	}
	s.starts = append(s.starts, end)
	if cap(s.pairs) < end {
		s.pairs = nil
		// The next slabs are of other sizes.
		s.pairs = make([]pair, end+end/16)
	}
	s.pairs = s.pairs[:end]
	return each(s.pairs)
}

// strata holds a position for each stratum.
type strata [maxBlocks * maxBlocks]int

// drawChunk draws the pairs of a few users, writes them to the next positions of pairs, unless it is
// nil, and moves those on.
func (t *trainer) drawChunk(pairs []pair, next *strata, p *partition, users run, epoch uint64) {
	r := new(rng.Rand)
	var buf []int32
	for u := users.lo; u < users.hi; u++ {
		r.Seed(t.cfg.Seed, streamPairs, epoch, uint64(u))
		buf = t.corpus.sentences(u, r, buf, func(sentence []int32) {
			for at, center := range sentence {
				in := int(p.blockOf[center]) * p.blocks
				window := 1 + r.Intn(t.cfg.Window)
				for _, context := range sentence[max(at-window, 0):min(at+window+1, len(sentence))] {
					if context != center {
						n := &next[in+int(p.blockOf[context])]
						if pairs != nil {
							pairs[*n] = pair{center, context}
						}
						*n++
					}
				}
			}
		})
	}
}
