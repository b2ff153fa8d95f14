// Package cooc finds, for every item, the items that share the most users with it, without
// ever holding the items × items matrix of co-occurrences.
package cooc

import (
	"context"

	"github.com/recsys-lite/recsys/internal/par"
	"github.com/recsys-lite/recsys/internal/topk"
)

// Rows is a sparse matrix in compressed rows. Values nil means that every entry is 1.
type Rows struct {
	Indptr  []int64
	Indices []int32
	Values  []float32
}

// Len is the number of rows.
func (r Rows) Len() int { return len(r.Indptr) - 1 }

// chunk is the number of items that a worker takes at a time.
const chunk = 16

// Neighbours calls emit once for each item i with the k items j ≠ i of the highest
// similarity(i, j, dot), ties to the lower index, best first. dot is Σ_u x_ui·x_uj, summed by
// rising user. Only pairs that share a user and whose similarity is positive count. byItem is
// the transpose of byUser.
//
// similarity and emit are called from several goroutines; the slices given to emit are its
// own for the call only. The answer does not depend on workers. It takes Σ_u |row u|² steps
// and 9 bytes per item and worker.
func Neighbours(
	ctx context.Context, byItem, byUser Rows, k, workers int,
	similarity func(i, j int32, dot float32) float32,
	emit func(i int32, items []int32, similarities []float32),
) error {
	n := byItem.Len()
	scratch := make([]*scratch, par.Workers(workers))
	return par.Chunks(ctx, n, chunk, workers, func(worker, lo, hi int) error {
		if scratch[worker] == nil {
			scratch[worker] = newScratch(n, min(k, n))
		}
		s := scratch[worker]
		for i := lo; i < hi; i++ {
			// One popular item can keep a worker for long.
			if err := ctx.Err(); err != nil {
				return err
			}
			s.products(i, byItem, byUser)
			for _, j := range s.touched {
				if int(j) != i {
					if v := similarity(int32(i), j, s.dot[j]); v > 0 {
						s.best.Push(j, v)
					}
				}
			}
			items, values := s.best.Sorted()
			emit(int32(i), items, values)
			s.reset()
		}
		return nil
	})
}

// scratch is the memory of one worker.
type scratch struct {
	dot     []float32
	seen    []bool
	touched []int32
	best    *topk.Heap
}

func newScratch(n, k int) *scratch {
	return &scratch{dot: make([]float32, n), seen: make([]bool, n), best: topk.New(k)}
}

// products fills dot with the inner products of item i with every other and lists the items
// that share a user with it.
func (s *scratch) products(i int, byItem, byUser Rows) {
	for e := byItem.Indptr[i]; e < byItem.Indptr[i+1]; e++ {
		u := byItem.Indices[e]
		lo, hi := byUser.Indptr[u], byUser.Indptr[u+1]
		row := byUser.Indices[lo:hi]
		if byUser.Values == nil {
			for _, j := range row {
				s.add(j, 1)
			}
			continue
		}
		own := byItem.Values[e]
		for p, v := range byUser.Values[lo:hi] {
			s.add(row[p], own*v)
		}
	}
}

func (s *scratch) add(j int32, v float32) {
	if !s.seen[j] {
		s.seen[j] = true
		s.touched = append(s.touched, j)
	}
	s.dot[j] += v
}

func (s *scratch) reset() {
	for _, j := range s.touched {
		s.dot[j], s.seen[j] = 0, false
	}
	s.touched = s.touched[:0]
	s.best.Reset()
}

// Common counts what two ascending lists share.
func Common(a, b []int32) int {
	n := 0
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0] < b[0]:
			a = a[1:]
		case a[0] > b[0]:
			b = b[1:]
		default:
			n, a, b = n+1, a[1:], b[1:]
		}
	}
	return n
}
