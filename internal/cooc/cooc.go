// Package cooc finds, for every item, the items that share the most users with it, without
// ever holding the items × items matrix of co-occurrences.
package cooc

import (
	"context"

	"github.com/recsys-lite/recsys/internal/f32"
	"github.com/recsys-lite/recsys/internal/par"
	"github.com/recsys-lite/recsys/internal/topk"
)

// Rows is the users × items matrix x: row u holds Indices[Indptr[u]:Indptr[u+1]], ascending.
type Rows struct {
	Cols    int
	Indptr  []int64
	Indices []int32
	// Weights returns the weights of row u, in buf, which has their number, or elsewhere; or
	// nil and what each of them is. It is called from several goroutines. Nil means that every
	// entry is 1.
	Weights func(u int32, buf []float32) (weights []float32, each float32)
}

// weights are those of row u.
func (r *Rows) weights(u int32, buf []float32) (weights []float32, each float32) {
	if r.Weights == nil {
		return nil, 1
	}
	return r.Weights(u, buf)
}

// Neighbours calls emit once for each item i with the k items j ≠ i of the highest similarity,
// ties to the lower index, best first. similarities(i, items, dots) turns the inner products
// of item i with the items, nil for all, into similarities: dot is Σ_u x_ui·x_uj, summed by
// rising user, and only pairs count whose dot and similarity are positive.
//
// similarities and emit are called from several goroutines; the slices given to them are theirs
// for the call only. The answer does not depend on workers. It takes Σ_u |row u|² steps,
// and in memory 4 bytes per user, 13 per item and worker, and a slab (see there).
func Neighbours(
	ctx context.Context, x Rows, k, workers int,
	similarities func(i int32, items []int32, dots []float32),
	emit func(i int32, items []int32, similarities []float32),
) error {
	scratch := make([]*scratch, par.Workers(workers))
	for slab := newSlab(&x); slab.next(); {
		err := par.Chunks(ctx, len(slab.order), 1, workers, func(worker, at, _ int) error {
			if scratch[worker] == nil {
				scratch[worker] = newScratch(&x, min(k, x.Cols))
			}
			s := scratch[worker]
			i := slab.order[at]
			s.nearest(i, slab.row(i), similarities)
			items, values := s.best.Sorted()
			emit(i, items, values)
			s.best.Reset()
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// scratch is the memory of one worker.
type scratch struct {
	x       *Rows
	dot     []float32 // by item: zeros between the calls of nearest
	seen    []bool    // likewise false
	touched []int32
	weights []float32 // of a row, or dots of what is touched
	best    *topk.Heap
}

func newScratch(x *Rows, k int) *scratch {
	return &scratch{x: x, dot: make([]float32, x.Cols), seen: make([]bool, x.Cols), weights: make([]float32, x.Cols), best: topk.New(k)}
}

// nearest fills best with the neighbours of item i, which the given users had.
func (s *scratch) nearest(i int32, users []cell, similarities func(i int32, items []int32, dots []float32)) {
	steps := int64(0)
	for _, c := range users {
		steps += s.x.Indptr[c.user+1] - s.x.Indptr[c.user]
	}
	if steps >= int64(s.x.Cols) {
		s.sums(users)
		s.dot[i] = 0
		similarities(i, nil, s.dot)
		// Of equal ones the earlier is in already.
		for j := 0; j < len(s.dot); j++ {
			n := f32.FindGreater(s.dot[j:], max(s.best.Threshold(), 0))
			if n < 0 {
				break
			}
			j += n
			s.best.Push(int32(j), s.dot[j])
		}
		clear(s.dot)
		return
	}
	s.sumsOfFew(users)
	s.dot[i] = 0
	dots := s.weights[:0]
	for _, j := range s.touched {
		dots = append(dots, s.dot[j])
		s.dot[j], s.seen[j] = 0, false
	}
	if len(dots) == 0 {
		return
	}
	similarities(i, s.touched, dots)
	for p, v := range dots {
		if v > 0 {
			s.best.Push(s.touched[p], v)
		}
	}
	s.touched = s.touched[:0]
}

// sums adds up the inner products of an item with every other.
func (s *scratch) sums(users []cell) {
	dot := s.dot
	for _, c := range users {
		row, weights, each := s.row(c.user)
		if weights == nil {
			square := each * each
			for _, j := range row {
				dot[j] += square
			}
			continue
		}
		own := weights[c.place]
		for p, v := range weights[:len(row)] {
			dot[row[p]] += own * v
		}
	}
}

// sumsOfFew does what sums does, and lists the items that share a user.
func (s *scratch) sumsOfFew(users []cell) {
	for _, c := range users {
		row, weights, each := s.row(c.user)
		own := each
		if weights != nil {
			own = weights[c.place]
		}
		for p, j := range row {
			if !s.seen[j] {
				s.seen[j] = true
				s.touched = append(s.touched, j)
			}
			if weights != nil {
				each = weights[p]
			}
			s.dot[j] += own * each
		}
	}
}

// row returns the items of a user and their weights, nil if all are each.
func (s *scratch) row(u int32) (items []int32, weights []float32, each float32) {
	items = s.x.Indices[s.x.Indptr[u]:s.x.Indptr[u+1]]
	weights, each = s.x.weights(u, s.weights[:len(items)])
	return items, weights, each
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
