package recsys

import (
	"context"
	"errors"
	"math"
	"math/bits"
	"sync"
	"time"

	"github.com/recsys-lite/recsys/internal/f32"
	"github.com/recsys-lite/recsys/internal/sketch"
	"github.com/recsys-lite/recsys/internal/topk"
)

// scanBlock is the number of vectors scored at a time: their scores stay in the first-level cache.
const scanBlock = 1024

// A sketch serves rankings of at most 1/sketchShare of the allowed vectors, if at least
// 1/sketchAllowed are allowed: where bounds cost less than the products even if all are read.
const sketchShare, sketchAllowed = 4, 4

// clockStretch is how many blocks or stretches of a scan go by between two looks at the clock: some
// 100 µs.
const clockStretch = 8

// scanner ranks the allowed vectors by their products with a query.
type scanner struct {
	vectors Matrix
	query   []float32
	h       topk.Heap
	near    sketch.Search
	scores  [scanBlock]float32
	rows    [scanBlock]int32
}

var scanners = sync.Pool{New: func() any { return new(scanner) }}

// errLate ends a search that the deadline does not leave time for; what was found until then
// comes with it.
var errLate = errors.New("the deadline is near")

// late reports whether err says that time is up, as against a request that was withdrawn.
func late(err error) bool {
	return errors.Is(err, errLate) || errors.Is(err, context.DeadlineExceeded)
}

// scan ranks the allowed items by the inner products of their vectors with the query's. It
// scores nothing that is not allowed, and stops at the time until (the zero time: never)
// with the best so far and errLate. With a sketch of the vectors, or nil, it is faster: the
// result is the same to the last bit.
func scan(ctx context.Context, m VectorModel, bounds *sketch.Sketch, q *Query, until time.Time) ([]Scored, error) {
	s := scanners.Get().(*scanner)
	defer s.put()
	s.vectors = m.ItemVectors()
	n, dim := s.vectors.Rows, s.vectors.Cols
	if cap(s.query) < dim {
		s.query = make([]float32, dim)
	}
	s.query = s.query[:dim]
	if err := m.QueryVector(ctx, *q, s.query); err != nil {
		return nil, err
	}
	s.h.ResetTo(min(q.K, n))
	asked := 0
	more := func() error {
		if asked++; asked%clockStretch != 1 {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if !until.IsZero() && time.Now().After(until) {
			return errLate
		}
		return nil
	}
	var err error
	candidates := q.Allowed.Count()
	if bounds.Of(s.vectors.Data) && q.K <= candidates/sketchShare && sketchAllowed*candidates >= n && s.near.Set(bounds, s.query) {
		err = s.near.Run(&s.h, q.Allowed.Words(), more)
	} else {
		err = s.blocks(q.Allowed.Words(), more)
	}
	if err != nil && !errors.Is(err, errLate) {
		return nil, err
	}
	return sorted(&s.h), err
}

// put gives s back without what would keep an old model in memory.
func (s *scanner) put() {
	s.vectors = Matrix{}
	s.near.Release()
	scanners.Put(s)
}

// blocks offers the vectors whose bits are set in allowed, as long as there is more.
func (s *scanner) blocks(allowed []uint64, more func() error) error {
	for lo := 0; lo < s.vectors.Rows; lo += scanBlock {
		if err := more(); err != nil {
			return err
		}
		hi := min(lo+scanBlock, s.vectors.Rows)
		s.block(lo, hi, allowed[lo>>6:(hi+63)>>6])
	}
	return nil
}

// block offers the vectors [lo, hi) whose bits are set in words.
func (s *scanner) block(lo, hi int, words []uint64) {
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
		f32.GemvRows(scores, s.vectors.Data, rows, s.query)
		each(&s.h, scores, func(i int) {
			s.h.Push(rows[i], scores[i])
		})
	default:
		scores, dim := s.scores[:hi-lo], s.vectors.Cols
		f32.Gemv(scores, s.vectors.Data[lo*dim:hi*dim], s.query)
		each(&s.h, scores, func(i int) {
			if words[i>>6]>>(uint(i)&63)&1 != 0 {
				s.h.Push(int32(lo+i), scores[i])
			}
		})
	}
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
