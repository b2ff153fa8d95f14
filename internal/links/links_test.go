package links

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The matrix
//
//	0 1 2
//	3 0 0
//	0 4 0
func small() *Columns {
	c := NewColumns(3, 2)
	c.Set(0, []int32{1}, []float32{3})
	c.Set(1, []int32{2, 0}, []float32{4, 1})
	c.Set(2, []int32{0}, []float32{2})
	return c
}

func TestColumnsToRows(t *testing.T) {
	r := small().Rows()
	start, to, weight := r.Flat()
	require.Equal(t, []int64{0, 2, 3, 4}, start)
	require.Equal(t, []int32{1, 2, 0, 1}, to)
	require.Equal(t, []float32{1, 2, 3, 4}, weight)
	require.Equal(t, r, New(start, to, weight))
	require.EqualValues(t, 4, r.At(2, 1))
	require.Zero(t, r.At(2, 2))
	dst := []float32{10, 0, 0}
	r.Add([]int32{0, 2}, []float32{2, 1}, dst)
	require.Equal(t, []float32{10, 6, 4}, dst)
	r.Add([]int32{1}, nil, dst)
	require.Equal(t, []float32{13, 6, 4}, dst)
}

func TestGrowLeavesTheOriginal(t *testing.T) {
	r := small().Rows()
	before, _, _ := r.Flat()
	a, b := r.Grow(1), r.Grow(1)
	a.Put(0, 3, 7)
	b.Put(0, 3, 8)
	b.Put(3, 1, 9)
	after, to, _ := r.Flat()
	require.Equal(t, before, after)
	require.Equal(t, []int32{1, 2, 0, 1}, to)
	require.EqualValues(t, 7, a.At(0, 3))
	require.EqualValues(t, 8, b.At(0, 3))
	require.EqualValues(t, 9, b.At(3, 1))
	require.Zero(t, a.At(3, 1))
}
