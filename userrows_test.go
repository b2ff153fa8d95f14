package recsys_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
)

func TestCheckUserRows(t *testing.T) {
	rows, err := recsys.NewCSR(2, 3, []recsys.Entry{{Row: 0, Col: 1, Value: 1}})
	require.NoError(t, err)

	total, err := recsys.CheckUserRows([]int32{6, 5}, rows, 5, 3)
	require.NoError(t, err)
	require.Equal(t, 7, total, "new users come in any order")
	total, err = recsys.CheckUserRows([]int32{0, 4}, rows, 5, 3)
	require.NoError(t, err)
	require.Equal(t, 5, total)

	negative := *rows
	negative.Values = []float32{-1}
	for name, check := range map[string]func() (int, error){
		"no rows":      func() (int, error) { return recsys.CheckUserRows([]int32{0, 1}, nil, 5, 3) },
		"other length": func() (int, error) { return recsys.CheckUserRows([]int32{0}, rows, 5, 3) },
		"other items":  func() (int, error) { return recsys.CheckUserRows([]int32{0, 1}, rows, 5, 4) },
		"gap":          func() (int, error) { return recsys.CheckUserRows([]int32{0, 6}, rows, 5, 3) },
		"far user":     func() (int, error) { return recsys.CheckUserRows([]int32{0, 1<<31 - 1}, rows, 5, 3) },
		"twice":        func() (int, error) { return recsys.CheckUserRows([]int32{1, 1}, rows, 5, 3) },
		"no user":      func() (int, error) { return recsys.CheckUserRows([]int32{0, -1}, rows, 5, 3) },
		"weight":       func() (int, error) { return recsys.CheckUserRows([]int32{0, 1}, &negative, 5, 3) },
	} {
		_, err := check()
		require.ErrorIs(t, err, recsys.ErrInvalidData, name)
	}
}
