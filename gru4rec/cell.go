package gru4rec

import "github.com/recsys-lite/recsys/internal/f32"

// cell is one gated recurrent unit layer. Gates stand in the order r, z, n.
type cell struct {
	in, hidden int       // in is 0 where the input comes as gates (one-hot)
	wx         []float32 // in × 3·hidden
	wh         []float32 // hidden × 3·hidden
	bx         []float32 // 3·hidden
	bh         []float32 // hidden: inside the reset of n
}

// cellStep is what a step of up to lanes sessions needs of a cell, each row-major by lane.
type cellStep struct {
	x    []float32 // lanes × in, or × 3·hidden for one-hot input: what was fed
	prev []float32 // lanes × hidden: H before the step
	// gates (r, z, n) is lanes × 3·hidden, recur (what r of n resets: prev·wh_n + bh) lanes ×
	// hidden. The way back replaces them by ∂L by what the gates' non-linearities were
	// given, and ∂L/∂recur.
	gates, recur []float32
	state        []float32 // lanes × hidden: H after the step and after dropout
	mask         []float32 // lanes × hidden: 0 or 1/(1−p); nil without dropout
}

func newCellStep(c *cell, lanes int) *cellStep {
	h := c.hidden
	width := c.in
	if width == 0 {
		width = 3 * h
	}
	return &cellStep{
		x: make([]float32, lanes*width), prev: make([]float32, lanes*h), state: make([]float32, lanes*h),
		gates: make([]float32, lanes*3*h), recur: make([]float32, lanes*h),
	}
}

// forward computes gates, recur and state of lanes [lo, hi) from x and prev.
func (c *cell) forward(s *cellStep, lo, hi int) {
	n, h := hi-lo, c.hidden
	gates, recur := s.gates[lo*3*h:hi*3*h], s.recur[lo*h:hi*h]
	prev, state := s.prev[lo*h:hi*h], s.state[lo*h:hi*h]
	for m := range n {
		copy(gates[m*3*h:], c.bx)
		copy(recur[m*h:], c.bh)
	}
	if c.in == 0 {
		f32.Add(gates, s.x[lo*3*h:hi*3*h])
	} else {
		product(gates, 3*h, s.x[lo*c.in:hi*c.in], c.wx, 3*h, n, 3*h, c.in)
	}
	product(gates, 3*h, prev, c.wh, 3*h, n, 2*h, h)
	product(recur, h, prev, c.wh[2*h:], 3*h, n, h, h)
	for m := range n {
		g := gates[m*3*h : (m+1)*3*h]
		f32.Sigmoid(g[:2*h], g[:2*h])
		reset, update, next := g[:h:h], g[h:2*h:2*h], g[2*h:3*h:3*h]
		f32.MulAdd(next, reset, recur[m*h:(m+1)*h])
		f32.Tanh(next, next)
		before, after := prev[m*h:(m+1)*h:(m+1)*h], state[m*h:(m+1)*h:(m+1)*h]
		for j, v := range next {
			after[j] = v + update[j]*(before[j]-v)
		}
	}
	if s.mask != nil {
		f32.Mul(state, s.mask[lo*h:hi*h])
	}
}

// backward computes the gradients of gates and recur, in their place, and ∂L/∂x of lanes
// [lo, hi) from ∂L/∂state, which it overwrites: dX may be the same memory, and for one-hot input
// is that of gates. No gradient goes to prev: H is a constant.
func (c *cell) backward(s *cellStep, dState, dX []float32, lo, hi int) {
	n, h := hi-lo, c.hidden
	if s.mask != nil {
		f32.Mul(dState[lo*h:hi*h], s.mask[lo*h:hi*h])
	}
	for m := lo; m < hi; m++ {
		g, r := s.gates[m*3*h:(m+1)*3*h], s.recur[m*h:(m+1)*h]
		prev, d := s.prev[m*h:(m+1)*h], dState[m*h:(m+1)*h]
		for j := range d {
			reset, update, next := g[j], g[h+j], g[2*h+j]
			dNext := d[j] * (1 - update) * (1 - next*next)
			dUpdate := d[j] * (prev[j] - next) * update * (1 - update)
			dReset := dNext * r[j] * reset * (1 - reset)
			g[j], g[h+j], g[2*h+j] = dReset, dUpdate, dNext
			r[j] = dNext * reset
		}
	}
	if c.in == 0 {
		return
	}
	dX = dX[lo*c.in : hi*c.in]
	clear(dX)
	for at := 0; at < 3*h; at += h { // a gate at a time, so that less is packed
		f32.Gemm(f32.Matrix{Data: dX, Stride: c.in}, 1, f32.Matrix{Data: s.gates[lo*3*h+at:], Stride: 3 * h},
			f32.Matrix{Data: c.wx[at:], Stride: 3 * h, Transposed: true}, n, c.in, h)
	}
}

// product adds a (m×k) · b (k×n) to c, rows of c and b being ldc and ldb apart. A gemm would spend its
// time packing b for one lane.
func product(c []float32, ldc int, a, b []float32, ldb int, m, n, k int) {
	if m > 2 {
		f32.Gemm(f32.Matrix{Data: c, Stride: ldc}, 1, f32.Matrix{Data: a, Stride: k}, f32.Matrix{Data: b, Stride: ldb}, m, n, k)
		return
	}
	for i := range m {
		for l, v := range a[i*k : (i+1)*k] {
			f32.Axpy(v, b[l*ldb:l*ldb+n], c[i*ldc:i*ldc+n])
		}
	}
}
