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

// scanBlock is the number of vectors scored between two looks at the clock: their scores
// stay in the first-level cache.
const scanBlock = 1024

// A sketch pays from sketchLeast vectors on, of a length between minSketched and maxSketched: a
// longer one is a row of a matrix of items × items. It needs a kernel for products of bytes.
const sketchLeast, minSketched, maxSketched = 256, 8, 1024

// sketchOf returns the sketch of vectors, or nil where it would not pay or cannot be had.
func sketchOf(vectors Matrix) *sketch.Sketch {
	if vectors.Rows < sketchLeast || vectors.Cols < minSketched || vectors.Cols > maxSketched || !f32.FastCodes() {
		return nil
	}
	return sketch.New(vectors.Data, vectors.Cols)
}

// A sketch serves rankings of at most 1/sketchShare of the vectors, in blocks of which at least
// 1/sketchAllowed are allowed: where bounds cost less than the products.
const sketchShare, sketchAllowed = 64, 4

// sketchPatience is how many vectors a ranking of k among n scores one by one, because their
// bounds are high, before it scores all that are left. In a random order k·(1 + ln(n/k)) and
// a few are expected; where the best come last, this is a tenth of the time of a full scan.
func sketchPatience(k, n int) int { return 8*k + n/32 }

// scanner ranks the allowed vectors by their products with a query.
type scanner struct {
	vectors  Matrix
	query    []float32
	h        *topk.Heap
	bounds   *sketch.Sketch
	near     sketch.Query
	patience int // 0 for a scan without bounds
	scores   [scanBlock]float32
	rows     [scanBlock]int32
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
	s.vectors, s.bounds = m.ItemVectors(), bounds
	n, dim := s.vectors.Rows, s.vectors.Cols
	if cap(s.query) < dim {
		s.query = make([]float32, dim)
	}
	s.query = s.query[:dim]
	if err := m.QueryVector(ctx, *q, s.query); err != nil {
		return nil, err
	}
	s.h, s.patience = topk.New(min(q.K, n)), 0
	if bounds.Of(s.vectors.Data) && q.K <= n/sketchShare && s.near.Set(bounds, s.query) {
		s.patience = sketchPatience(q.K, n)
	}
	allowed := q.Allowed.Words()
	for lo := 0; lo < n; lo += scanBlock {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if !until.IsZero() && time.Now().After(until) {
			return sorted(s.h), errLate
		}
		hi := min(lo+scanBlock, n)
		s.block(lo, hi, allowed[lo>>6:(hi+63)>>6])
	}
	return sorted(s.h), nil
}

// put gives s back without what would keep an old model in memory.
func (s *scanner) put() {
	s.vectors, s.bounds, s.h = Matrix{}, nil, nil
	scanners.Put(s)
}

// block offers the vectors [lo, hi) whose bits are set in words.
func (s *scanner) block(lo, hi int, words []uint64) {
	n := 0
	for _, w := range words {
		n += bits.OnesCount64(w)
	}
	switch {
	case n == 0:
	case s.patience > 0 && sketchAllowed*n >= hi-lo:
		from := s.bounded(lo, hi, words)
		s.all(from, hi, lo, words)
	case 4*n < 3*(hi-lo):
		rows := s.rows[:0]
		for w, word := range words {
			for ; word != 0; word &= word - 1 {
				rows = append(rows, int32(lo+w<<6+bits.TrailingZeros64(word)))
			}
		}
		scores := s.scores[:len(rows)]
		f32.GemvRows(scores, s.vectors.Data, rows, s.query)
		each(s.h, scores, func(i int) {
			s.h.Push(rows[i], scores[i])
		})
	default:
		s.all(lo, hi, lo, words)
	}
}

// all offers the vectors [from, hi) of a block that begins at lo.
func (s *scanner) all(from, hi, lo int, words []uint64) {
	scores, dim := s.scores[:hi-from], s.vectors.Cols
	f32.Gemv(scores, s.vectors.Data[from*dim:hi*dim], s.query)
	each(s.h, scores, func(i int) {
		if at := from - lo + i; words[at>>6]>>(uint(at)&63)&1 != 0 {
			s.h.Push(int32(from+i), scores[i])
		}
	})
}

// bounded offers the vectors of a block whose bounds have a chance. It returns where it lost
// patience, or hi.
func (s *scanner) bounded(lo, hi int, words []uint64) int {
	s.bounds.Bounds(&s.near, s.scores[:(hi-lo+f32.CodeLanes-1)/f32.CodeLanes*f32.CodeLanes], lo)
	bounds := s.scores[:hi-lo]
	for w, word := range words {
		for word = ^word; word != 0; word &= word - 1 {
			if at := w<<6 + bits.TrailingZeros64(word); at < len(bounds) {
				bounds[at] = float32(math.Inf(-1))
			}
		}
	}
	for at := 0; ; at++ {
		// A score that equals the threshold would lose to it by its higher index.
		i := f32.FindGreater(bounds[at:], s.h.Threshold())
		if i < 0 {
			return hi
		}
		at += i
		if s.patience--; s.patience == 0 {
			return lo + at
		}
		s.h.Push(int32(lo+at), f32.Dot(s.query, s.vectors.Row(lo+at)))
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
