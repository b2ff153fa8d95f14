package ease

import (
	"context"
	"slices"

	"github.com/recsys-lite/recsys/internal/f32"
	"github.com/recsys-lite/recsys/internal/par"
)

// gramRows is how many rows of a Gram matrix are computed at a time.
const gramRows = 16

// gram sets the lower triangle of g (n×n, n the number of rows of l) to the numbers of common
// entries of the rows of l, whose transpose is t. Above the diagonal g becomes anything. Counts
// are exact up to 2²⁴.
//
// A short row of t is counted pair by pair; a long one is a column of bit sets, which are
// intersected.
func gram(ctx context.Context, l, t *lists, g []float32, workers int) error {
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
	return par.Chunks(ctx, n, gramRows, workers, func(_, lo, hi int) error {
		for i := lo; i < hi; i++ {
			row := g[i*n : i*n+i+1]
			clear(row)
			for _, r := range l.row(int32(i)) {
				if column[r] >= 0 {
					continue
				}
				for _, j := range t.row(r) {
					if int(j) > i {
						break
					}
					row[j]++
				}
			}
		}
		s.count(g, n, lo, hi)
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

// count adds to the rows lo to hi of the lower triangle of g (n×n) the numbers of common columns. It
// does so in blocks, which reach beyond the diagonal.
func (s *sets) count(g []float32, n, lo, hi int) {
	for i := lo; i < hi; i += gramRows {
		m := min(gramRows, hi-i)
		f32.AddOverlaps(g[i*n:], n, s.bits[i*s.words:], s.bits, s.words, m, i+m)
	}
}
