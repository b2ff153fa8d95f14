package index

import (
	"math"
	"sync"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/f32"
	"github.com/recsys-lite/recsys/internal/topk"
)

// piece is the number of rows scored at a time: their scores stay in the first-level cache.
const piece = 1024

// scanner is the memory of a scan.
type scanner struct {
	scores [piece]float32
	rows   [piece]int32
}

var scanners = sync.Pool{New: func() any { return new(scanner) }}

// scan offers the allowed vectors of b (nil: all) to h and returns how many those are.
func (s *scanner) scan(h *topk.Heap, b *block, query []float32, allowed *recsys.Bitset) int {
	dim, scored := len(query), 0
	for lo := 0; lo < len(b.ids); lo += piece {
		hi := min(lo+piece, len(b.ids))
		if allowed != nil {
			rows := b.allowedRows(s.rows[:0], lo, hi, allowed)
			scored += len(rows)
			if len(rows) < hi-lo {
				f32.GemvRows(s.scores[:len(rows)], b.data, rows, query)
				offerRows(h, s.scores[:len(rows)], rows, b.ids)
				continue
			}
		} else {
			scored += hi - lo
		}
		f32.Gemv(s.scores[:hi-lo], b.data[lo*dim:hi*dim], query)
		offer(h, s.scores[:hi-lo], b.ids[lo:hi])
	}
	return scored
}

// offer offers scores[i] as ids[i], and looks only at those that have a chance.
func offer(h *topk.Heap, scores []float32, ids []int32) {
	for at := 0; ; at++ {
		i := f32.FindGreater(scores[at:], bar(h))
		if i < 0 {
			return
		}
		at += i
		h.Push(ids[at], scores[at])
	}
}

// offerRows offers scores[i] as ids[rows[i]].
func offerRows(h *topk.Heap, scores []float32, rows, ids []int32) {
	for at := 0; ; at++ {
		i := f32.FindGreater(scores[at:], bar(h))
		if i < 0 {
			return
		}
		at += i
		h.Push(ids[rows[at]], scores[at])
	}
}

// bar is what a score must exceed: one that equals the threshold may win by its lower id.
func bar(h *topk.Heap) float32 {
	return math.Nextafter32(h.Threshold(), float32(math.Inf(-1)))
}

// ranked returns the content of h, best first.
func ranked(h *topk.Heap) []recsys.Scored {
	ids, scores := h.Sorted()
	out := make([]recsys.Scored, len(ids))
	for i := range out {
		out[i] = recsys.Scored{Item: ids[i], Score: scores[i]}
	}
	return out
}
