package ease

import (
	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/cooc"
)

// lists is a binary sparse matrix in compressed rows. back, where present, holds for entry
// (r, c) the place of r within row c of the transpose.
type lists struct {
	indptr  []int64
	indices []int32
	back    []int32
}

func (l *lists) len() int { return len(l.indptr) - 1 }

func (l *lists) row(i int32) []int32 { return l.indices[l.indptr[i]:l.indptr[i+1]] }

func (l *lists) rows() cooc.Rows { return cooc.Rows{Indptr: l.indptr, Indices: l.indices} }

// transpose returns the transposed lists with their back places.
func (l *lists) transpose(cols int) *lists {
	t := &lists{
		indptr:  make([]int64, cols+1),
		indices: make([]int32, len(l.indices)),
		back:    make([]int32, len(l.indices)),
	}
	for _, c := range l.indices {
		t.indptr[c+1]++
	}
	for c := range cols {
		t.indptr[c+1] += t.indptr[c]
	}
	next := append([]int64(nil), t.indptr[:cols]...)
	for r := range l.len() {
		for p, c := range l.row(int32(r)) {
			t.indices[next[c]], t.back[next[c]] = int32(r), int32(p)
			next[c]++
		}
	}
	return t
}

// data is the fit's view of the interactions: users and items that have none are left out,
// and the items that have some are numbered as slots, in rising order.
type data struct {
	byUser, byItem *lists
	itemOf         []int32 // slot → item
}

func newData(x *recsys.CSR) *data {
	slotOf := make([]int32, x.Cols)
	for _, c := range x.Indices {
		slotOf[c] = 1
	}
	d := &data{byUser: &lists{indptr: make([]int64, 1, x.Rows+1), indices: make([]int32, len(x.Indices))}}
	for item, had := range slotOf {
		if had == 1 {
			slotOf[item] = int32(len(d.itemOf))
			d.itemOf = append(d.itemOf, int32(item))
		}
	}
	for p, c := range x.Indices {
		d.byUser.indices[p] = slotOf[c]
	}
	d.byUser.indptr = append(d.byUser.indptr, x.Indptr[1:]...) // users keep their numbers: EraseUsers
	d.byItem = d.byUser.transpose(len(d.itemOf))
	return d
}

// counts is the number of users of each slot.
func (d *data) counts() []int {
	out := make([]int, d.byItem.len())
	for i := range out {
		out[i] = len(d.byItem.row(int32(i)))
	}
	return out
}
