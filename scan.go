package recsys

import (
	"context"
	"errors"
	"math"
	"math/bits"
	"sync"
	"time"

	"github.com/recsys-lite/recsys/internal/f32"
	"github.com/recsys-lite/recsys/internal/topk"
)

// scanBlock is the number of vectors scored between two looks at the clock: their scores
// stay in the first-level cache.
const scanBlock = 1024

// scratch is the memory of a scan.
type scratch struct {
	query  []float32
	scores [scanBlock]float32
	rows   [scanBlock]int32
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// errLate ends a search that the deadline does not leave time for; what was found until then
// comes with it.
var errLate = errors.New("the deadline is near")

// late reports whether err says that time is up, as against a request that was withdrawn.
func late(err error) bool {
	return errors.Is(err, errLate) || errors.Is(err, context.DeadlineExceeded)
}

// scan ranks the allowed items by the inner products of their vectors with the query's. It
// scores nothing that is not allowed, and stops at the time until (the zero time: never)
// with the best so far and errLate.
func scan(ctx context.Context, m VectorModel, q *Query, until time.Time) ([]Scored, error) {
	vectors := m.ItemVectors()
	dim := vectors.Cols
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	if cap(s.query) < dim {
		s.query = make([]float32, dim)
	}
	query := s.query[:dim]
	if err := m.QueryVector(ctx, *q, query); err != nil {
		return nil, err
	}
	allowed := q.Allowed.Words()
	h := topk.New(min(q.K, vectors.Rows))
	for lo := 0; lo < vectors.Rows; lo += scanBlock {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if !until.IsZero() && time.Now().After(until) {
			return sorted(h), errLate
		}
		hi := min(lo+scanBlock, vectors.Rows)
		words := allowed[lo>>6 : (hi+63)>>6]
		n := 0
		for _, w := range words {
			n += bits.OnesCount64(w)
		}
		switch {
		case n == 0:
		case 4*n < 3*(hi-lo):
			rows := s.rows[:0]
			for w, word := range words {
				for ; word != 0; word &= word - 1 {
					rows = append(rows, int32(lo+w<<6+bits.TrailingZeros64(word)))
				}
			}
			scores := s.scores[:len(rows)]
			f32.GemvRows(scores, vectors.Data, rows, query)
			each(h, scores, func(i int) {
				h.Push(rows[i], scores[i])
			})
		default:
			scores := s.scores[:hi-lo]
			f32.Gemv(scores, vectors.Data[lo*dim:hi*dim], query)
			each(h, scores, func(i int) {
				if words[i>>6]>>(uint(i)&63)&1 != 0 {
					h.Push(int32(lo+i), scores[i])
				}
			})
		}
	}
	return sorted(h), nil
}

// each calls push for the positions of scores that have a chance to enter h.
func each(h *topk.Heap, scores []float32, push func(i int)) {
	for at := 0; at < len(scores); at++ {
		// A score that equals the threshold may win by its lower index.
		i := f32.FindGreater(scores[at:], math.Nextafter32(h.Threshold(), float32(math.Inf(-1))))
		if i < 0 {
			return
		}
		at += i
		push(at)
	}
}
