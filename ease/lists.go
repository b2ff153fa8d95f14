package ease

import "github.com/recsys-lite/recsys"

// lists is a binary sparse matrix in compressed rows, each in rising order.
type lists struct {
	indptr  []int64
	indices []int32
}

func (l *lists) len() int { return len(l.indptr) - 1 }

func (l *lists) row(i int32) []int32 { return l.indices[l.indptr[i]:l.indptr[i+1]] }

// transpose returns the transposed lists.
func (l *lists) transpose(cols int) *lists {
	t := &lists{indptr: make([]int64, cols+1), indices: make([]int32, len(l.indices))}
	for _, c := range l.indices {
		t.indptr[c+1]++
	}
	for c := range cols {
		t.indptr[c+1] += t.indptr[c]
	}
	next := append([]int64(nil), t.indptr[:cols]...)
	for r := range l.len() {
		for _, c := range l.row(int32(r)) {
			t.indices[next[c]] = int32(r)
			next[c]++
		}
	}
	return t
}

// data is the fit's view of the interactions: items that have none are left out, and those that
// have some are numbered as slots, in rising order. Users keep their numbers: see EraseUsers.
type data struct {
	byUser, byItem *lists
	itemOf         []int32 // slot → item
}

// newData shares the memory of x where it can.
func newData(x *recsys.CSR) *data {
	d := &data{byUser: &lists{indptr: x.Indptr, indices: x.Indices}}
	all := d.byUser.transpose(x.Cols)
	d.byItem = &lists{indptr: make([]int64, 1, x.Cols+1), indices: all.indices}
	slotOf := make([]int32, x.Cols)
	for item := range int32(x.Cols) {
		if len(all.row(item)) > 0 {
			slotOf[item] = int32(len(d.itemOf))
			d.itemOf = append(d.itemOf, item)
			d.byItem.indptr = append(d.byItem.indptr, all.indptr[item+1])
		}
	}
	if len(d.itemOf) < x.Cols {
		d.byUser.indices = make([]int32, len(x.Indices))
		for p, c := range x.Indices {
			d.byUser.indices[p] = slotOf[c]
		}
	}
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
