package index

import (
	"context"
	"math"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/f32"
	"github.com/recsys-lite/recsys/internal/par"
	"github.com/recsys-lite/recsys/internal/rng"
	"github.com/recsys-lite/recsys/internal/topk"
)

const (
	// sampleQueries is the number of queries that a build measures its recall on.
	sampleQueries = 256
	// sampleK is the depth at which it does.
	sampleK = 10
)

// sample is queries with the scores that their best vectors reach.
type sample struct {
	queries recsys.Matrix
	k       int
	// last is the score of the k-th best vector of each query: what a search returns is right
	// if it scores no less.
	last []float32
	// best are the rows of the k best vectors, k per query.
	best []int32
}

// newSample makes up queries, unless o has some, and answers them by a full scan.
func newSample(ctx context.Context, vectors recsys.Matrix, o *Options) (*sample, error) {
	s := &sample{queries: o.Queries, k: min(sampleK, vectors.Rows)}
	if s.queries.Rows == 0 {
		s.queries = histories(vectors, o.Seed)
	} else if s.queries.Rows > sampleQueries {
		picked := recsys.NewMatrix(sampleQueries, vectors.Cols)
		for i, r := range sampleRows(s.queries.Rows, sampleQueries, rng.New(o.Seed, streamQueries)) {
			copy(picked.Row(i), s.queries.Row(r))
		}
		s.queries = picked
	}
	n := s.queries.Rows
	s.last, s.best = make([]float32, n), make([]int32, n*s.k)
	const chunk = 16
	return s, par.Chunks(ctx, n, chunk, o.Workers, func(_, lo, hi int) error {
		m := hi - lo
		heaps := make([]*topk.Heap, m)
		for i := range heaps {
			heaps[i] = topk.New(s.k)
		}
		ids := make([]int32, piece)
		scores := make([]float32, m*piece)
		for from := 0; from < vectors.Rows; from += piece {
			if err := ctx.Err(); err != nil {
				return err
			}
			rows := min(piece, vectors.Rows-from)
			for i := range rows {
				ids[i] = int32(from + i)
			}
			block := scores[:m*rows]
			clear(block)
			f32.GemmNT(block, s.queries.Data[lo*vectors.Cols:hi*vectors.Cols], vectors.Data[from*vectors.Cols:(from+rows)*vectors.Cols], m, rows, vectors.Cols)
			for i, h := range heaps {
				offer(h, block[i*rows:(i+1)*rows], ids)
			}
		}
		for i, h := range heaps {
			items, scores := h.Sorted()
			copy(s.best[(lo+i)*s.k:], items)
			s.last[lo+i] = scores[len(scores)-1]
		}
		return nil
	})
}

// histories returns sums of one to three random vectors, each of equal weight as in the
// fold-in of a user's items.
func histories(vectors recsys.Matrix, seed uint64) recsys.Matrix {
	q := recsys.NewMatrix(sampleQueries, vectors.Cols)
	r := rng.New(seed, streamQueries)
	for i := range q.Rows {
		items := 1 + i%3
		for range items {
			f32.Axpy(1/float32(items), vectors.Row(r.Intn(vectors.Rows)), q.Row(i))
		}
	}
	return q
}

// hits is the number of scores that a full scan would also have among its k best. The last
// digits of a score depend on the kernel that computed it.
func (s *sample) hits(query int, found []recsys.Scored) int {
	bar := s.last[query]
	bar -= 1e-5 * float32(math.Abs(float64(bar)))
	n := 0
	for _, f := range found {
		if f.Score >= bar {
			n++
		}
	}
	return min(n, s.k)
}
