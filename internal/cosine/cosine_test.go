package cosine_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/cosine"
)

func TestToAllByHand(t *testing.T) {
	m := recsys.Matrix{Rows: 4, Cols: 3, Data: []float32{
		3, 4, 9, // the last column is a bias
		4, 3, -9,
		0, 0, 1,
		-6, -8, 0,
	}}
	got := cosine.ToAll(m, 2, 0)
	require.Equal(t, float32(math.Inf(-1)), got[0])
	require.InDelta(t, .96, got[1], 1e-6)
	require.Equal(t, float32(math.Inf(-1)), got[2], "no direction")
	require.InDelta(t, -1, got[3], 1e-6)
	for _, s := range cosine.ToAll(m, 2, 2) {
		require.Equal(t, float32(math.Inf(-1)), s)
	}
}
