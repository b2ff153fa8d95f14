// Package topk selects the k best of a stream of scores: score descending, equal scores by
// the lower index. −Inf and NaN are never selected.
package topk

import (
	"math"
	"math/bits"
	"slices"
)

// Heap keeps the best k pairs pushed so far. The zero value keeps none before ResetTo.
type Heap struct {
	k int
	// keys are the pairs, see keyOf, the worst at the root.
	keys []uint64
	// threshold is the score of the worst of k pairs, or −Inf.
	threshold float32
	// items and scores are what Sorted returns.
	items  []int32
	scores []float32
}

// New returns a heap for the best k pairs; k ≤ 0 keeps none.
func New(k int) *Heap {
	h := new(Heap)
	h.ResetTo(k)
	return h
}

// Reset empties the heap and keeps its memory.
func (h *Heap) Reset() { h.ResetTo(h.k) }

// ResetTo empties the heap, which then keeps the best k pairs. It uses its memory again.
func (h *Heap) ResetTo(k int) {
	h.k = max(k, 0)
	if cap(h.keys) < h.k {
		h.keys = make([]uint64, 0, h.k)
	}
	h.keys = h.keys[:0]
	h.threshold = float32(math.Inf(-1))
	if h.k == 0 {
		h.threshold = float32(math.Inf(1))
	}
}

// Len is the number of pairs held.
func (h *Heap) Len() int { return len(h.keys) }

// Threshold is the score that a further pair must reach to have a chance.
func (h *Heap) Threshold() float32 { return h.threshold }

// keyOf is a pair as one number: the better pair has the smaller one. Of the two zeros it makes
// the positive one.
func keyOf(item int32, score float32) uint64 {
	b := math.Float32bits(score + 0)
	// The bits of positive values are in their order; those of negative ones in the reverse.
	b ^= uint32(int32(b)>>31) | 1<<31
	return uint64(^b)<<32 | uint64(uint32(item))
}

// pairOf is the pair of a key.
func pairOf(key uint64) (item int32, score float32) {
	b := ^uint32(key >> 32)
	b ^= ^uint32(int32(b)>>31) | 1<<31
	return int32(uint32(key)), math.Float32frombits(b)
}

// Push offers a pair. Items are not negative.
func (h *Heap) Push(item int32, score float32) {
	if !(score >= h.threshold && score > float32(math.Inf(-1))) {
		return
	}
	key := keyOf(item, score)
	if len(h.keys) < h.k {
		h.keys = append(h.keys, key)
		h.up(len(h.keys) - 1)
	} else if h.k > 0 && key < h.keys[0] {
		h.keys[0] = key
		h.down()
	}
	if len(h.keys) == h.k && h.k > 0 {
		_, h.threshold = pairOf(h.keys[0])
	}
}

// Scan offers scores[i] as item base+i, for the indices whose bit is set in allowed (bit
// i%64 of word i/64, counted from item 0; nil allows all).
func (h *Heap) Scan(scores []float32, base int32, allowed []uint64) {
	if h.k == 0 {
		return
	}
	if allowed == nil {
		for i, s := range scores {
			if s >= h.threshold {
				h.Push(base+int32(i), s)
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
	for _, key := range o.keys {
		h.Push(pairOf(key))
	}
}

// Sorted returns the pairs held, best first. The slices belong to the heap, which is no
// longer usable before Reset.
func (h *Heap) Sorted() (items []int32, scores []float32) {
	slices.Sort(h.keys)
	h.items, h.scores = slices.Grow(h.items[:0], len(h.keys)), slices.Grow(h.scores[:0], len(h.keys))
	for _, key := range h.keys {
		item, score := pairOf(key)
		h.items, h.scores = append(h.items, item), append(h.scores, score)
	}
	return h.items, h.scores
}

func (h *Heap) up(i int) {
	keys := h.keys
	key := keys[i]
	for i > 0 {
		p := (i - 1) / 2
		if keys[p] >= key {
			break
		}
		keys[i], i = keys[p], p
	}
	keys[i] = key
}

// down moves the root to where it belongs.
func (h *Heap) down() {
	keys, i := h.keys, 0
	key := keys[0]
	for c := 1; c < len(keys); c = 2*i + 1 {
		worse := keys[c]
		if r := c + 1; r < len(keys) && keys[r] > worse {
			c, worse = r, keys[r]
		}
		if key >= worse {
			break
		}
		keys[i], i = worse, c
	}
	keys[i] = key
}
