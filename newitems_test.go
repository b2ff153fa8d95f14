package recsys_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
)

func TestNewItemsValidate(t *testing.T) {
	csr := func(rows, cols int) *recsys.CSR {
		return &recsys.CSR{Rows: rows, Cols: cols, Indptr: make([]int64, rows+1)}
	}
	require.NoError(t, recsys.NewItems{}.Validate(3, 4, 5))
	require.NoError(t, recsys.NewItems{Count: 2, Interactions: csr(2, 3), Neighbours: csr(2, 4), Features: csr(2, 5)}.Validate(3, 4, 5))
	require.NoError(t, recsys.NewItems{Count: 2, Features: csr(9, 9)}.Validate(3, 4, 0), "no features in the model")
	for _, bad := range []recsys.NewItems{
		{Count: -1},
		{Count: 1, Interactions: csr(2, 3)},
		{Count: 2, Interactions: csr(2, 4)},
		{Count: 2, Neighbours: csr(2, 3)},
		{Count: 2, Features: csr(2, 4)},
		{Count: 1, Neighbours: &recsys.CSR{Rows: 1, Cols: 4, Indptr: []int64{0, 1}, Indices: []int32{4}}},
	} {
		require.ErrorIs(t, bad.Validate(3, 4, 5), recsys.ErrInvalidData, "%+v", bad)
	}
}
