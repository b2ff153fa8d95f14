package ease

import (
	"sync"

	"github.com/recsys-lite/recsys/internal/f32"
	"github.com/recsys-lite/recsys/model"
)

// factors is B in the dual's form: for j ≠ i,
//
//	B[j, i] = Σ_{u has j} z[u, i] + Σ_e left[e, j]·right[e, i]
//
// The second sum is empty after a fit and gains a term with every item added since.
type factors struct {
	items       *lists    // the users of each slot; those of added items are not kept
	m, n        int       // users, slots
	z           []float32 // m×n
	extra       int
	left, right []float32 // extra×n
	self        []float32 // the right-hand side for j = i, by slot
	scratch     sync.Pool // of *[]float32, m long, all zero
}

// place takes in the columns lo to hi of Z, by user.
func (w *factors) place(z []float32, lo, hi int) {
	width := hi - lo
	for u := range w.m {
		copy(w.z[u*w.n+lo:u*w.n+hi], z[u*width:(u+1)*width])
	}
}

// complete computes self.
func (w *factors) complete() {
	w.self = make([]float32, w.n)
	for i := range int32(w.n) {
		w.self[i] = w.product(i, i)
	}
}

func (w *factors) product(j, i int32) float32 {
	var sum float32
	for _, u := range w.items.row(j) {
		sum += w.z[int(u)*w.n+int(i)]
	}
	for e := range w.extra {
		sum += w.left[e*w.n+int(j)] * w.right[e*w.n+int(i)]
	}
	return sum
}

func (w *factors) at(j, i int32) float32 {
	if j == i {
		return 0
	}
	return w.product(j, i)
}

func (w *factors) add(slots []int32, amounts, dst []float32) {
	buffer, ok := w.scratch.Get().(*[]float32)
	if !ok {
		b := make([]float32, w.m)
		buffer = &b
	}
	defer w.scratch.Put(buffer)
	overlap := *buffer // what each user of the fit has in common with the slots
	amount := func(k int) float32 {
		if amounts == nil {
			return 1
		}
		return amounts[k]
	}
	for k, j := range slots {
		a := amount(k)
		for _, u := range w.items.row(j) {
			overlap[u] += a
		}
	}
	for u, a := range overlap {
		if a != 0 {
			f32.Axpy(a, w.z[u*w.n:(u+1)*w.n], dst)
			overlap[u] = 0
		}
	}
	for e := range w.extra {
		var a float32
		for k, j := range slots {
			a += amount(k) * w.left[e*w.n+int(j)]
		}
		f32.Axpy(a, w.right[e*w.n:(e+1)*w.n], dst)
	}
	for k, j := range slots {
		dst[j] -= amount(k) * w.self[j]
	}
}

func (w *factors) grow(extra int) weights {
	g := &factors{m: w.m, n: w.n + extra, extra: w.extra + extra, items: &lists{
		indptr:  append([]int64(nil), w.items.indptr...),
		indices: w.items.indices,
	}}
	for range extra {
		g.items.indptr = append(g.items.indptr, int64(len(w.items.indices)))
	}
	g.z = widen(w.z, w.m, w.n, g.n, 0)
	g.left = widen(w.left, w.extra, w.n, g.n, extra)
	g.right = widen(w.right, w.extra, w.n, g.n, extra)
	g.self = append(append([]float32(nil), w.self...), make([]float32, extra)...)
	return g
}

func (w *factors) size(extra int) float64 {
	n := float64(w.n) + float64(extra)
	return 4*n*(float64(w.m)+2*float64(w.extra)+2*float64(extra)) + 8*n
}

// widen copies rows of from numbers to rows of to numbers and adds rows of zeros.
func widen(a []float32, rows, from, to, add int) []float32 {
	out := make([]float32, (rows+add)*to)
	for r := range rows {
		copy(out[r*to:], a[r*from:(r+1)*from])
	}
	return out
}

// border fills slot's term of the second sum.
func (w *factors) border(slot int32, b, q, ratio []float32, _ int) {
	known := int(slot)
	scale := func(rows int, a []float32) {
		for r := range rows {
			row := a[r*w.n : r*w.n+known]
			for i := range row {
				row[i] *= ratio[i]
			}
		}
	}
	scale(w.m, w.z)
	scale(w.extra, w.right)
	e := w.extra - (w.n - known)
	left, right := w.left[e*w.n:(e+1)*w.n], w.right[e*w.n:(e+1)*w.n]
	for i := range known {
		left[i], right[i] = b[i], -q[i]
	}
	left[slot], right[slot] = -1, 1
	w.complete()
}

// without returns the factors without the terms of the given users; those who came after the
// fit have none.
func (w *factors) without(users []int32) weights {
	gone := make(map[int32]bool, len(users))
	for _, u := range users {
		gone[u] = true
	}
	out := &factors{m: w.m, n: w.n, extra: w.extra, left: w.left, right: w.right,
		z: append([]float32(nil), w.z...), items: &lists{indptr: make([]int64, 1, w.n+1), indices: []int32{}}}
	for j := range int32(w.n) {
		for _, u := range w.items.row(j) {
			if !gone[u] {
				out.items.indices = append(out.items.indices, u)
			}
		}
		out.items.indptr = append(out.items.indptr, int64(len(out.items.indices)))
	}
	for u := range gone {
		if int(u) < w.m {
			clear(out.z[int(u)*w.n : (int(u)+1)*w.n])
		}
	}
	out.complete()
	return out
}

func (w *factors) tensors() []model.Tensor {
	return []model.Tensor{
		{Name: "item_users_start", Shape: []int{w.n + 1}, Int64: w.items.indptr},
		{Name: "item_users", Shape: []int{len(w.items.indices)}, Int32: w.items.indices},
		{Name: "user_factors", Shape: []int{w.m, w.n}, Float32: w.z},
		{Name: "added_left", Shape: []int{w.extra, w.n}, Float32: w.left},
		{Name: "added_right", Shape: []int{w.extra, w.n}, Float32: w.right},
	}
}
