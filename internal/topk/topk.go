// Package topk selects the k best of a stream of scores: score descending, equal scores by
// the lower index. −Inf and NaN are never selected.
package topk

import (
	"math"
	"math/bits"
	"sort"
)

// Heap keeps the best k pairs pushed so far, the worst of them at the root.
type Heap struct {
	k      int
	items  []int32
	scores []float32
}

// New returns a heap for the best k pairs; k ≤ 0 keeps none.
func New(k int) *Heap {
	k = max(k, 0)
	return &Heap{k: k, items: make([]int32, 0, k), scores: make([]float32, 0, k)}
}

// Reset empties the heap and keeps its memory.
func (h *Heap) Reset() { h.items, h.scores = h.items[:0], h.scores[:0] }

// Len is the number of pairs held.
func (h *Heap) Len() int { return len(h.items) }

// Threshold is the score that a further pair must reach to have a chance.
func (h *Heap) Threshold() float32 {
	if len(h.items) < h.k {
		return float32(math.Inf(-1))
	}
	if h.k == 0 {
		return float32(math.Inf(1))
	}
	return h.scores[0]
}

// Push offers a pair.
func (h *Heap) Push(item int32, score float32) {
	if !(score > float32(math.Inf(-1))) {
		return
	}
	if len(h.items) < h.k {
		h.items = append(h.items, item)
		h.scores = append(h.scores, score)
		h.up(len(h.items) - 1)
		return
	}
	if h.k > 0 && better(item, score, h.items[0], h.scores[0]) {
		h.items[0], h.scores[0] = item, score
		h.down(0)
	}
}

// Scan offers scores[i] as item base+i, for the indices whose bit is set in allowed (bit
// i%64 of word i/64, counted from item 0; nil allows all).
func (h *Heap) Scan(scores []float32, base int32, allowed []uint64) {
	if h.k == 0 {
		return
	}
	if allowed == nil {
		t := h.Threshold()
		for i, s := range scores {
			if s >= t {
				h.Push(base+int32(i), s)
				t = h.Threshold()
			}
		}
		return
	}
	end := int(base) + len(scores)
	for w := int(base) >> 6; w<<6 < end; w++ {
		word := allowed[w]
		for word != 0 {
			i := w<<6 + bits.TrailingZeros64(word)
			word &= word - 1
			if i < int(base) {
				continue
			}
			if i >= end {
				return
			}
			h.Push(int32(i), scores[i-int(base)])
		}
	}
}

// Merge offers every pair of o.
func (h *Heap) Merge(o *Heap) {
	for i, item := range o.items {
		h.Push(item, o.scores[i])
	}
}

// Sorted returns the pairs held, best first. The slices belong to the heap, which is no
// longer usable before Reset.
func (h *Heap) Sorted() (items []int32, scores []float32) {
	sort.Sort((*byRank)(h))
	return h.items, h.scores
}

func better(i int32, s float32, j int32, t float32) bool {
	return s > t || s == t && i < j
}

type byRank Heap

func (r *byRank) Len() int { return len(r.items) }
func (r *byRank) Less(a, b int) bool {
	return better(r.items[a], r.scores[a], r.items[b], r.scores[b])
}
func (r *byRank) Swap(a, b int) { (*Heap)(r).swap(a, b) }

func (h *Heap) swap(a, b int) {
	h.items[a], h.items[b] = h.items[b], h.items[a]
	h.scores[a], h.scores[b] = h.scores[b], h.scores[a]
}

func (h *Heap) worse(a, b int) bool {
	return better(h.items[b], h.scores[b], h.items[a], h.scores[a])
}

func (h *Heap) up(i int) {
	for i > 0 {
		p := (i - 1) / 2
		if !h.worse(i, p) {
			return
		}
		h.swap(i, p)
		i = p
	}
}

func (h *Heap) down(i int) {
	for {
		c := 2*i + 1
		if c >= len(h.items) {
			return
		}
		if c+1 < len(h.items) && h.worse(c+1, c) {
			c++
		}
		if !h.worse(c, i) {
			return
		}
		h.swap(i, c)
		i = c
	}
}
