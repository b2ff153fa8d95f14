package item2vec

import (
	"math"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/rng"
)

// corpus is the text that the vectors are learned from: each user's events in time order.
type corpus struct {
	sequences *recsys.Sequences
	gap       int64
	counts    []int32   // events per item
	keep      []float32 // probability of keeping an event of the item; 0 below MinCount
	tokens    int
}

// newCorpus takes the sequences of d, or, where it has none, every user's interactions as one
// basket without order.
func newCorpus(d *recsys.Dataset, cfg Config) *corpus {
	c := &corpus{sequences: d.Sequences, gap: cfg.SessionGap,
		counts: make([]int32, d.Interactions.Cols), keep: make([]float32, d.Interactions.Cols)}
	if c.sequences == nil {
		x := d.Interactions
		c.sequences = &recsys.Sequences{Indptr: x.Indptr, Items: x.Indices, Times: make([]int64, len(x.Indices))}
	}
	for _, item := range c.sequences.Items {
		c.counts[item]++
	}
	for item, n := range c.counts {
		if n < int32(cfg.MinCount) {
			continue
		}
		c.tokens += int(n)
		c.keep[item] = 1
		if cfg.Sample > 0 {
			r := cfg.Sample * float64(len(c.sequences.Items)) / float64(n)
			c.keep[item] = float32(math.Min(1, math.Sqrt(r)+r))
		}
	}
	return c
}

// sentences calls emit with each sentence of user u: his kept events, events of equal time in
// random order, cut at gaps. The slice is reused.
func (c *corpus) sentences(u int, r *rng.Rand, buf []int32, emit func([]int32)) []int32 {
	items, times := c.sequences.Of(u)
	buf = buf[:0]
	tie := 0
	for p, item := range items {
		if p > 0 && times[p] != times[p-1] {
			shuffle(buf[tie:], r)
			tie = len(buf)
			if c.gap > 0 && times[p]-times[p-1] > c.gap {
				emit(buf)
				buf, tie = buf[:0], 0
			}
		}
		if k := c.keep[item]; k == 1 || k > 0 && r.Float32() < k {
			buf = append(buf, item)
		}
	}
	shuffle(buf[tie:], r)
	emit(buf)
	return buf
}

func shuffle(x []int32, r *rng.Rand) {
	r.Shuffle(len(x), func(i, j int) { x[i], x[j] = x[j], x[i] })
}
