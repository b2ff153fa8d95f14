package recsys

import (
	"slices"
	"time"
)

func unix(seconds int64) time.Time { return time.Unix(seconds, 0) }

// columns returns the matrix of the first n columns of x.
func columns(x *CSR, n int) *CSR {
	if n == x.Cols {
		return x
	}
	out := &CSR{Rows: x.Rows, Cols: n, Indptr: make([]int64, 1, x.Rows+1), Indices: []int32{}, Values: []float32{}}
	for r := range x.Rows {
		cols, values := x.Row(r)
		end, _ := slices.BinarySearch(cols, int32(n))
		out.Indices, out.Values = append(out.Indices, cols[:end]...), append(out.Values, values[:end]...)
		out.Indptr = append(out.Indptr, int64(len(out.Indices)))
	}
	return out
}

// replaced is, for every row of the result, the row of the replacement, or −1.
func replaced(at []int32, rows int) []int32 {
	from := make([]int32, rows)
	for r := range from {
		from[r] = -1
	}
	for r, u := range at {
		from[u] = int32(r)
	}
	return from
}

// replaceRows returns x in the shape rows × cols with the rows at the given places replaced,
// those behind the last of x among them. with has Values.
func replaceRows(x *CSR, at []int32, with *CSR, rows, cols int) *CSR {
	from := replaced(at, rows)
	size := len(x.Indices) + len(with.Indices)
	out := &CSR{Rows: rows, Cols: cols, Indptr: make([]int64, 1, rows+1), Indices: make([]int32, 0, size), Values: make([]float32, 0, size)}
	for r := range rows {
		switch {
		case from[r] >= 0:
			c, v := with.Row(int(from[r]))
			out.Indices, out.Values = append(out.Indices, c...), append(out.Values, v...)
		case r < x.Rows:
			c, v := x.Row(r)
			out.Indices = append(out.Indices, c...)
			if v == nil {
				v = slices.Repeat([]float32{1}, len(c))
			}
			out.Values = append(out.Values, v...)
		}
		out.Indptr = append(out.Indptr, int64(len(out.Indices)))
	}
	return out
}

// replaceSequences is replaceRows for sequences.
func replaceSequences(s *Sequences, at []int32, with *Sequences, users int) *Sequences {
	from := replaced(at, users)
	size := len(s.Items) + len(with.Items)
	out := &Sequences{Indptr: make([]int64, 1, users+1), Items: make([]int32, 0, size), Times: make([]int64, 0, size)}
	for u := range users {
		var items []int32
		var times []int64
		switch {
		case from[u] >= 0:
			items, times = with.Of(int(from[u]))
		case u < s.Users():
			items, times = s.Of(u)
		}
		out.Items, out.Times = append(out.Items, items...), append(out.Times, times...)
		out.Indptr = append(out.Indptr, int64(len(out.Items)))
	}
	return out
}

// withRows appends rows to features; nil ones stay nil.
func withRows(f *Features, more *CSR) *Features {
	if f == nil || more == nil || more.Rows == 0 {
		return f
	}
	m := f.Matrix
	out := &CSR{Rows: m.Rows + more.Rows, Cols: m.Cols, Indptr: slices.Clone(m.Indptr), Indices: slices.Concat(m.Indices, more.Indices)}
	for _, end := range more.Indptr[1:] {
		out.Indptr = append(out.Indptr, int64(len(m.Indices))+end)
	}
	if m.Values != nil || more.Values != nil {
		out.Values = slices.Concat(valuesOf(m), valuesOf(more))
	}
	return &Features{Names: f.Names, Matrix: out}
}

// valuesOf are the values of a matrix, written out where all are 1.
func valuesOf(m *CSR) []float32 {
	if m.Values != nil {
		return m.Values
	}
	return slices.Repeat([]float32{1}, len(m.Indices))
}

// withUsers appends the rows of the users that f lacks, with the features that d has of them.
// Those of the users in f stay until the next fit.
func withUsers(f *Features, d *Dataset, users *IDMap) *Features {
	more := &CSR{Rows: users.Len() - f.Matrix.Rows, Indptr: []int64{0}, Indices: []int32{}, Values: []float32{}}
	if more.Rows == 0 {
		return f
	}
	names := slices.Clone(f.Names)
	column := make(map[string]int32, len(names))
	for c, name := range names {
		column[name] = int32(c)
	}
	var values []float32
	if d.UserFeatures != nil {
		values = valuesOf(d.UserFeatures.Matrix)
	}
	for _, id := range users.IDs()[f.Matrix.Rows:] {
		if u, ok := d.Users.Index(id); ok && d.UserFeatures != nil {
			var row []Scored
			cols, _ := d.UserFeatures.Matrix.Row(int(u))
			for p, c := range cols {
				name := d.UserFeatures.Names[c]
				if _, known := column[name]; !known {
					column[name] = int32(len(names))
					names = append(names, name)
				}
				row = append(row, Scored{column[name], values[d.UserFeatures.Matrix.Indptr[u]+int64(p)]})
			}
			slices.SortFunc(row, func(a, b Scored) int { return int(a.Item - b.Item) })
			for _, s := range row {
				more.Indices, more.Values = append(more.Indices, s.Item), append(more.Values, s.Score)
			}
		}
		more.Indptr = append(more.Indptr, int64(len(more.Indices)))
	}
	out := withRows(f, more)
	out.Names, out.Matrix.Cols = names, len(names)
	return out
}
