package lightfm

import (
	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/f32"
)

// side is the users or the items: identities, shared features, and who has which.
type side struct {
	own, shared table
	tags        *recsys.CSR // rows × shared features; nil where there are none
	// untrained marks rows that no interaction speaks for: they are the sum of their tags.
	untrained []bool
}

// newSide draws the parameters of a side whose rows are had by the given numbers of
// interactions.
func newSide(r *rule, rows, d int, features *recsys.Features, counts []int32, seed, stream uint64) side {
	s := side{own: r.newTable(rows, d), untrained: make([]bool, rows)}
	s.own.init(seed, stream)
	if features != nil {
		s.tags = features.Matrix
		s.shared = r.newTable(features.Matrix.Cols, d)
		s.shared.init(seed, stream+1)
	} else {
		s.shared = r.newTable(0, d)
	}
	for i, n := range counts {
		if n == 0 && s.tags != nil && s.tags.RowLen(i) > 0 {
			s.untrained[i] = true
			clear(s.own.row(i))
		}
	}
	return s
}

// view is a side as one block sees it: the shared features it touches are copies.
type view struct {
	*side
	copies *copies // nil: the shared features themselves are trained
}

// vector returns the sum of the features of a row: the row's own parameters where it has no
// others, else the sum, in buf.
func (v view) vector(row int, buf []float32) []float32 {
	if v.tags == nil {
		return v.own.row(row)
	}
	copy(buf, v.own.row(row))
	cols, values := v.tags.Row(row)
	for k, f := range cols {
		f32.Axpy(valueAt(values, k), v.sharedRow(int(f)), buf)
	}
	return buf
}

func (v view) sharedRow(f int) []float32 {
	if v.copies != nil {
		if at := v.copies.at[f]; at > 0 {
			return v.copies.row(int(at) - 1)
		}
	}
	return v.shared.row(f)
}

// take moves all features of a row against gradient g of its vector. buf is scratch.
func (v view) take(r *rule, row int, g, buf []float32) {
	if !v.untrained[row] {
		r.take(&v.own, row, g)
	}
	if v.tags == nil {
		return
	}
	cols, values := v.tags.Row(row)
	for k, f := range cols {
		scaled := g
		if x := valueAt(values, k); x != 1 {
			copy(buf, g)
			f32.Scale(x, buf)
			scaled = buf
		}
		if v.copies != nil {
			r.take(&v.copies.table, v.copies.of(&v.shared, int(f)), scaled)
		} else {
			r.take(&v.shared, int(f), scaled)
		}
	}
}

func valueAt(values []float32, k int) float32 {
	if values == nil {
		return 1
	}
	return values[k]
}
