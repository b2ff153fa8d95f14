package recsys

import (
	"fmt"
	"math"
)

// CSR is a sparse matrix in compressed rows: row i holds Indices[Indptr[i]:Indptr[i+1]],
// ascending and distinct, with the Values beside them. Values may be nil: every entry is 1.
// A CSR that has been handed over is read-only.
type CSR struct {
	Rows, Cols int
	Indptr     []int64 // length Rows+1
	Indices    []int32
	Values     []float32
}

// NNZ is the number of stored entries.
func (m *CSR) NNZ() int { return len(m.Indices) }

// Row returns the columns and values of row i as slices into m. vals is nil when m.Values is.
func (m *CSR) Row(i int) (cols []int32, vals []float32) {
	lo, hi := m.Indptr[i], m.Indptr[i+1]
	if m.Values == nil {
		return m.Indices[lo:hi:hi], nil
	}
	return m.Indices[lo:hi:hi], m.Values[lo:hi:hi]
}

// RowLen is the number of entries of row i.
func (m *CSR) RowLen(i int) int { return int(m.Indptr[i+1] - m.Indptr[i]) }

// Transpose returns the Cols × Rows matrix, in O(NNZ).
func (m *CSR) Transpose() *CSR {
	t := &CSR{Rows: m.Cols, Cols: m.Rows,
		Indptr:  make([]int64, m.Cols+1),
		Indices: make([]int32, len(m.Indices))}
	if m.Values != nil {
		t.Values = make([]float32, len(m.Values))
	}
	for _, c := range m.Indices {
		t.Indptr[c+1]++
	}
	for c := range m.Cols {
		t.Indptr[c+1] += t.Indptr[c]
	}
	next := append([]int64(nil), t.Indptr[:m.Cols]...)
	for r := range m.Rows {
		for p := m.Indptr[r]; p < m.Indptr[r+1]; p++ {
			c := m.Indices[p]
			t.Indices[next[c]] = int32(r)
			if m.Values != nil {
				t.Values[next[c]] = m.Values[p]
			}
			next[c]++
		}
	}
	return t
}

// Validate reports the first violation of the layout described at CSR, or a value that is
// not a finite number.
func (m *CSR) Validate() error {
	switch {
	case m.Rows < 0 || m.Cols < 0 || m.Cols > math.MaxInt32 || m.Rows > math.MaxInt32:
		return fmt.Errorf("%w: matrix shape %d×%d", ErrInvalidData, m.Rows, m.Cols)
	case len(m.Indptr) != m.Rows+1 || m.Indptr[0] != 0 || m.Indptr[m.Rows] != int64(len(m.Indices)):
		return fmt.Errorf("%w: row pointers do not cover %d rows and %d entries", ErrInvalidData, m.Rows, len(m.Indices))
	case m.Values != nil && len(m.Values) != len(m.Indices):
		return fmt.Errorf("%w: %d values beside %d column indices", ErrInvalidData, len(m.Values), len(m.Indices))
	}
	for r := range m.Rows {
		lo, hi := m.Indptr[r], m.Indptr[r+1]
		if lo > hi || hi > int64(len(m.Indices)) {
			return fmt.Errorf("%w: row %d ends before it starts", ErrInvalidData, r)
		}
		last := int32(-1)
		for p := lo; p < hi; p++ {
			c := m.Indices[p]
			if c <= last || int(c) >= m.Cols {
				return fmt.Errorf("%w: row %d, column %d after %d: columns ascend, are distinct and below %d", ErrInvalidData, r, c, last, m.Cols)
			}
			last = c
			if m.Values != nil {
				if v := float64(m.Values[p]); math.IsNaN(v) || math.IsInf(v, 0) {
					return fmt.Errorf("%w: row %d, column %d has the value %v", ErrInvalidData, r, c, v)
				}
			}
		}
	}
	return nil
}

// Entry is one cell of a sparse matrix.
type Entry struct {
	Row, Col int32
	Value    float32
}

// NewCSR builds a rows × cols matrix from entries in any order; values of equal cells add up.
// Entries outside the shape, and a shape that int32 does not count, give an error that wraps
// ErrInvalidData.
func NewCSR(rows, cols int, entries []Entry) (*CSR, error) {
	if rows < 0 || cols < 0 || rows > math.MaxInt32 || cols > math.MaxInt32 {
		return nil, fmt.Errorf("%w: matrix shape %d×%d", ErrInvalidData, rows, cols)
	}
	m := &CSR{Rows: rows, Cols: cols, Indptr: make([]int64, rows+1), Indices: []int32{}, Values: []float32{}}
	for _, e := range entries {
		if e.Row < 0 || int(e.Row) >= rows || e.Col < 0 || int(e.Col) >= cols {
			return nil, fmt.Errorf("%w: entry (%d, %d) outside %d×%d", ErrInvalidData, e.Row, e.Col, rows, cols)
		}
	}
	// Two transpositions of a bucketed list sort by row and column without comparisons.
	byCol := bucket(entries, cols, func(e Entry) int32 { return e.Col })
	sorted := bucket(byCol, rows, func(e Entry) int32 { return e.Row })
	for i, e := range sorted {
		if i > 0 && sorted[i-1].Row == e.Row && sorted[i-1].Col == e.Col {
			m.Values[len(m.Values)-1] += e.Value
			continue
		}
		m.Indices = append(m.Indices, e.Col)
		m.Values = append(m.Values, e.Value)
		m.Indptr[e.Row+1]++
	}
	for r := range rows {
		m.Indptr[r+1] += m.Indptr[r]
	}
	return m, nil
}

// bucket is a stable counting sort of entries by key, which lies in [0, n).
func bucket(entries []Entry, n int, key func(Entry) int32) []Entry {
	next := make([]int, n+1)
	for _, e := range entries {
		next[key(e)+1]++
	}
	for i := range n {
		next[i+1] += next[i]
	}
	out := make([]Entry, len(entries))
	for _, e := range entries {
		k := key(e)
		out[next[k]] = e
		next[k]++
	}
	return out
}
