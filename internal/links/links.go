// Package links holds square sparse matrices of weights between items, as models of
// neighbours keep them.
package links

import "slices"

// Rows is a matrix by rows: row j has the weights Weight[j] at the columns To[j], which
// ascend. A matrix that has been handed over is read-only.
type Rows struct {
	To     [][]int32
	Weight [][]float32
}

// New cuts compressed rows, whose slices it keeps, into rows.
func New(start []int64, to []int32, weight []float32) *Rows {
	n := len(start) - 1
	r := &Rows{To: make([][]int32, n), Weight: make([][]float32, n)}
	for j := range n {
		lo, hi := start[j], start[j+1]
		r.To[j], r.Weight[j] = to[lo:hi:hi], weight[lo:hi:hi]
	}
	return r
}

// Add adds Σ_k amounts[k]·row(rows[k]) to dst; amounts nil means ones.
func (r *Rows) Add(rows []int32, amounts, dst []float32) {
	for k, j := range rows {
		a := float32(1)
		if amounts != nil {
			a = amounts[k]
		}
		weight := r.Weight[j]
		for p, i := range r.To[j] {
			dst[i] += a * weight[p]
		}
	}
}

// At returns the weight at row j and column i.
func (r *Rows) At(j, i int32) float32 {
	if p, ok := slices.BinarySearch(r.To[j], i); ok {
		return r.Weight[j][p]
	}
	return 0
}

// Grow returns a matrix with extra empty rows and columns, to which Put may add. It shares
// the rows of r.
func (r *Rows) Grow(extra int) *Rows {
	g := &Rows{
		To:     append(slices.Clone(r.To), make([][]int32, extra)...),
		Weight: append(slices.Clone(r.Weight), make([][]float32, extra)...),
	}
	for j := range g.To {
		// Appending to a shared row must copy it.
		g.To[j], g.Weight[j] = slices.Clip(g.To[j]), slices.Clip(g.Weight[j])
	}
	return g
}

// Put appends a weight to a row of what Grow returned. i lies beyond the row's last column.
func (r *Rows) Put(j, i int32, weight float32) {
	r.To[j] = append(r.To[j], i)
	r.Weight[j] = append(r.Weight[j], weight)
}

// Flat returns the matrix as compressed rows.
func (r *Rows) Flat() (start []int64, to []int32, weight []float32) {
	start = make([]int64, 1, len(r.To)+1)
	for _, row := range r.To {
		start = append(start, start[len(start)-1]+int64(len(row)))
	}
	n := start[len(start)-1]
	to, weight = make([]int32, 0, n), make([]float32, 0, n)
	for j := range r.To {
		to, weight = append(to, r.To[j]...), append(weight, r.Weight[j]...)
	}
	return start, to, weight
}

// Columns is a matrix by columns, each with up to K entries, for which there is room from the
// start: different columns may be set side by side.
type Columns struct {
	K      int
	length []int32
	from   []int32
	weight []float32
}

// NewColumns returns the n×n zero matrix.
func NewColumns(n, k int) *Columns {
	return &Columns{K: k, length: make([]int32, n), from: make([]int32, n*k), weight: make([]float32, n*k)}
}

// Len is the number of columns.
func (c *Columns) Len() int { return len(c.length) }

// Set copies a column's rows and weights, K at most.
func (c *Columns) Set(i int32, from []int32, weight []float32) {
	lo := int(i) * c.K
	copy(c.from[lo:lo+c.K], from)
	copy(c.weight[lo:lo+c.K], weight)
	c.length[i] = int32(len(from))
}

// Column returns the rows and weights of column i in the order in which they were set.
func (c *Columns) Column(i int32) (from []int32, weight []float32) {
	lo := int(i) * c.K
	hi := lo + int(c.length[i])
	return c.from[lo:hi:hi], c.weight[lo:hi:hi]
}

// Rows returns the same matrix by rows.
func (c *Columns) Rows() *Rows {
	n := len(c.length)
	start := make([]int64, n+1)
	for i := range int32(n) {
		from, _ := c.Column(i)
		for _, j := range from {
			start[j+1]++
		}
	}
	for j := range n {
		start[j+1] += start[j]
	}
	to, weight := make([]int32, start[n]), make([]float32, start[n])
	next := slices.Clone(start[:n])
	for i := range int32(n) {
		from, values := c.Column(i)
		for p, j := range from {
			to[next[j]], weight[next[j]] = i, values[p]
			next[j]++
		}
	}
	return New(start, to, weight)
}
