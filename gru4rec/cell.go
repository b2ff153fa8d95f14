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
	x      []float32 // lanes × in: what was fed
	prev   []float32 // lanes × hidden: H before the step
	gates  []float32 // lanes × 3·hidden: r, z, n
	recur  []float32 // lanes × 3·hidden: prev·wh; the n part with bh
	state  []float32 // lanes × hidden: H after the step and after dropout
	mask   []float32 // lanes × hidden: 0 or 1/(1−p); nil without dropout
	dGates []float32 // lanes × 3·hidden: ∂L by what the non-linearities of gates were given
	dRecur []float32 // lanes × 3·hidden: ∂L/∂recur
	dState []float32 // lanes × hidden: ∂L/∂state
	dX     []float32 // lanes × in, or × 3·hidden for one-hot input
}

func newCellStep(c *cell, lanes int, dropout bool) *cellStep {
	h := c.hidden
	s := &cellStep{
		prev: make([]float32, lanes*h), state: make([]float32, lanes*h), dState: make([]float32, lanes*h),
		gates: make([]float32, lanes*3*h), recur: make([]float32, lanes*3*h),
		dGates: make([]float32, lanes*3*h), dRecur: make([]float32, lanes*3*h),
	}
	width := c.in
	if width == 0 {
		width = 3 * h
	}
	s.x, s.dX = make([]float32, lanes*width), make([]float32, lanes*width)
	if dropout {
		s.mask = make([]float32, lanes*h)
	}
	return s
}

// forward computes gates, recur and state of lanes [lo, hi) from x and prev.
func (c *cell) forward(s *cellStep, lo, hi int) {
	n, h := hi-lo, c.hidden
	gates, recur := s.gates[lo*3*h:hi*3*h], s.recur[lo*3*h:hi*3*h]
	prev, state := s.prev[lo*h:hi*h], s.state[lo*h:hi*h]
	for m := range n {
		copy(gates[m*3*h:], c.bx)
		row := recur[m*3*h : (m+1)*3*h]
		clear(row[:2*h])
		copy(row[2*h:], c.bh)
	}
	if c.in == 0 {
		f32.Add(gates, s.x[lo*3*h:hi*3*h])
	} else {
		product(gates, s.x[lo*c.in:hi*c.in], c.wx, n, 3*h, c.in)
	}
	product(recur, prev, c.wh, n, 3*h, h)
	for m := range n {
		g, r := gates[m*3*h:(m+1)*3*h], recur[m*3*h:(m+1)*3*h]
		f32.Add(g[:2*h], r[:2*h])
		f32.Sigmoid(g[:2*h], g[:2*h])
		reset, update, next := g[:h:h], g[h:2*h:2*h], g[2*h:3*h:3*h]
		for j, v := range r[2*h : 3*h : 3*h] {
			next[j] += reset[j] * v
		}
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

// backward computes dGates, dRecur and dX of lanes [lo, hi) from dState, which it overwrites.
// No gradient goes to prev: H is a constant.
func (c *cell) backward(s *cellStep, lo, hi int) {
	n, h := hi-lo, c.hidden
	if s.mask != nil {
		f32.Mul(s.dState[lo*h:hi*h], s.mask[lo*h:hi*h])
	}
	for m := lo; m < hi; m++ {
		g, r := s.gates[m*3*h:(m+1)*3*h], s.recur[m*3*h:(m+1)*3*h]
		dg, dr := s.dGates[m*3*h:(m+1)*3*h], s.dRecur[m*3*h:(m+1)*3*h]
		prev, d := s.prev[m*h:(m+1)*h], s.dState[m*h:(m+1)*h]
		for j := range d {
			reset, update, next := g[j], g[h+j], g[2*h+j]
			dNext := d[j] * (1 - update) * (1 - next*next)
			dUpdate := d[j] * (prev[j] - next) * update * (1 - update)
			dReset := dNext * r[2*h+j] * reset * (1 - reset)
			dg[j], dg[h+j], dg[2*h+j] = dReset, dUpdate, dNext
			dr[j], dr[h+j], dr[2*h+j] = dReset, dUpdate, dNext*reset
		}
	}
	dGates := s.dGates[lo*3*h : hi*3*h]
	if c.in == 0 {
		copy(s.dX[lo*3*h:hi*3*h], dGates)
		return
	}
	dX := s.dX[lo*c.in : hi*c.in]
	clear(dX)
	f32.GemmNT(dX, dGates, c.wx, n, c.in, 3*h)
}

// product adds a (m×k) · b (k×n) to c. A gemm would spend its time packing b for one lane.
func product(c, a, b []float32, m, n, k int) {
	if m > 2 {
		f32.GemmNN(c, a, b, m, n, k)
		return
	}
	for i := range m {
		for l, v := range a[i*k : (i+1)*k] {
			f32.Axpy(v, b[l*n:(l+1)*n], c[i*n:(i+1)*n])
		}
	}
}
