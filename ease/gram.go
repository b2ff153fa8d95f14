package ease

import (
	"context"
	"slices"

	"github.com/recsys-lite/recsys/internal/dense"
	"github.com/recsys-lite/recsys/internal/f32"
	"github.com/recsys-lite/recsys/internal/par"
)

// gramRows is how many rows of a Gram matrix are computed at a time.
const gramRows = dense.RowsAtOnce

// gram computes the numbers of common entries of the rows of l, whose transpose is t. It hands
// them to set for m rows from row i on, ld apart, from the diagonal of the matrix to the right;
// left of it they are anything. Counts are exact up to 2²⁴.
//
// A short row of t is counted pair by pair; a long one is a column of bit sets, which are
// intersected.
func gram(ctx context.Context, l, t *lists, workers int, set func(i, m int, rows []float32, ld int)) error {
	n := l.len()
	columns := 0
	column := make([]int32, t.len()) // of the sets, −1 for a short row
	for r := range column {
		column[r] = -1
		if long(int(t.indptr[r+1]-t.indptr[r]), n) {
			column[r] = int32(columns)
			columns++
		}
	}
	var s sets
	s.clear(n, columns)
	err := par.Chunks(ctx, n, gramRows, workers, func(_, lo, hi int) error {
		for i := lo; i < hi; i++ {
			for _, r := range l.row(int32(i)) {
				if column[r] >= 0 {
					s.add(i, int(column[r]))
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	buffers := make([][]float32, par.Workers(workers))
	return par.Chunks(ctx, n, gramRows, workers, func(worker, lo, hi int) error {
		if buffers[worker] == nil {
			buffers[worker] = make([]float32, gramRows*n)
		}
		rows := buffers[worker]
		for i := lo; i < hi; i++ {
			row := rows[(i-lo)*n : (i-lo+1)*n]
			clear(row[lo:])
			for _, r := range l.row(int32(i)) {
				if column[r] >= 0 {
					continue
				}
				others := t.row(r)
				for k := len(others) - 1; k >= 0 && int(others[k]) >= i; k-- {
					row[others[k]]++
				}
			}
		}
		s.count(rows[lo:], n, lo, hi-lo, lo, n-lo)
		set(lo, hi-lo, rows, n)
		return nil
	})
}

// long tells whether the pairs among d of n rows, d(d+1)/2 in number, take longer to count than
// a column more in the intersections of all n rows, n(n+1)/2 in number.
func long(d, n int) bool {
	return float64(d)*float64(d+1)*64*float64(f32.OverlapsPerCount()) > float64(n)*float64(n+1)
}

// sets holds a set of columns for each of some rows.
type sets struct {
	bits  []uint64
	words int // of one set
}

// clear makes n empty sets of columns.
func (s *sets) clear(n, columns int) {
	const word = 64 * f32.OverlapWords
	s.words = (columns + word - 1) / word * f32.OverlapWords
	s.bits = slices.Grow(s.bits[:0], n*s.words)[:n*s.words]
	clear(s.bits)
}

func (s *sets) add(row, column int) { s.bits[row*s.words+column/64] |= 1 << (column % 64) }

// count adds to c (m×n, rows ldc apart) how many columns each of m sets from set i on has in common
// with each of n sets from set j on.
func (s *sets) count(c []float32, ldc, i, m, j, n int) {
	f32.AddOverlaps(c, ldc, s.bits[i*s.words:], s.bits[j*s.words:], s.words, m, n)
}
