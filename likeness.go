package recsys

import (
	"context"
	"math"

	"github.com/recsys-lite/recsys/internal/f32"
)

// likeness tells how like the items of a window are to those picked already, from 0 to 1.
type likeness struct {
	v      *view
	window []Scored
	// most is each item's likeness to the nearest pick.
	most []float32
	// vectors holds the window's unit vectors, or nothing for a model without.
	vectors Matrix
	// marked are the users of the last pick, for a model without vectors.
	marked *Bitset
	scores []float32
}

func (v *view) likeness(window []Scored) *likeness {
	l := &likeness{v: v, window: window, most: make([]float32, len(window)), scores: make([]float32, len(window))}
	if m, dim := v.itemVectors(); dim > 0 {
		l.vectors = NewMatrix(len(window), dim)
		for i, s := range window {
			row := l.vectors.Row(i)
			copy(row, m.Row(int(s.Item)))
			if norm := math.Sqrt(float64(f32.Dot(row, row))); norm > 0 {
				f32.Scale(float32(1/norm), row)
			}
		}
		return l
	}
	l.marked = NewBitset(v.Interactions.Rows)
	return l
}

// picked takes note of a pick.
func (l *likeness) picked(at int, gone []bool) {
	if l.marked == nil {
		f32.Gemv(l.scores, l.vectors.Data, l.vectors.Row(at))
		for i, s := range l.scores {
			l.most[i] = max(l.most[i], min(s, 1))
		}
		return
	}
	columns := l.v.columns()
	mine := l.window[at].Item
	of, _ := columns.Row(int(mine))
	for _, u := range of {
		l.marked.Set(u)
	}
	for i, s := range l.window {
		if !gone[i] {
			l.most[i] = max(l.most[i], l.v.alike(columns, l.marked, mine, s.Item))
		}
	}
	for _, u := range of {
		l.marked.Clear(u)
	}
}

// maxCompared bounds how many users of an item are compared; of more, every n-th is.
const maxCompared = 512

// alike is the cosine of who has the two items, or ½ for the same category and ¼ for the same
// brand, whichever is more. marked are the users of item a.
func (v *view) alike(columns *CSR, marked *Bitset, a, b int32) float32 {
	users, _ := columns.Row(int(b))
	step := (len(users) + maxCompared - 1) / maxCompared
	shared := 0
	for p := 0; p < len(users); p += max(step, 1) {
		if marked.Has(users[p]) {
			shared++
		}
	}
	like := 0.
	if shared > 0 {
		like = min(1, float64(shared*step)/math.Sqrt(float64(len(users))*float64(columns.RowLen(int(a)))))
	}
	same := 0.
	if c := v.fields.category.codeOf(a); c >= 0 && c == v.fields.category.codeOf(b) {
		same = .5
	}
	if c := v.fields.brand.codeOf(a); c >= 0 && c == v.fields.brand.codeOf(b) {
		same += .25
	}
	return float32(max(like, same))
}

// columns is who has each item: items × users.
func (v *view) columns() *CSR {
	v.lazy.columnsOnce.Do(func() {
		x := *v.Interactions
		x.Values = nil
		v.lazy.columns = x.Transpose()
	})
	return v.lazy.columns
}

// itemVectors returns the model's item vectors and how many of their dimensions tell items
// apart: a last one in which even somebody without a history has 1 carries a bias, which says
// how popular an item is and not what it is like. dim is 0 for a model without.
func (v *view) itemVectors() (m Matrix, dim int) {
	vm, ok := v.Model.(VectorModel)
	if !ok {
		return Matrix{}, 0
	}
	m = vm.ItemVectors()
	v.lazy.biasOnce.Do(func() {
		nobody := make([]float32, m.Cols)
		err := vm.QueryVector(context.Background(), Query{User: NoUser}, nobody)
		v.lazy.biased = err == nil && m.Cols > 0 && nobody[m.Cols-1] == 1
	})
	if v.lazy.biased {
		return m, m.Cols - 1
	}
	return m, m.Cols
}
