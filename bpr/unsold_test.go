package bpr_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/bpr"
)

// TestNothingKnown: an item that nobody had is like no other, no user is closer to it than
// another, and its bias is what AddItems gives an item without buyers. A user who has nothing is
// asked for what a guest is.
func TestNothingKnown(t *testing.T) {
	d := groups(t, 300, 600, 20)
	x := d.Interactions
	x.Rows, x.Cols = 310, 660
	for range 10 {
		x.Indptr = append(x.Indptr, x.Indptr[300])
	}
	for _, sampler := range []bpr.Sampler{bpr.Uniform, bpr.Adaptive} {
		m := fit(t, d, func(c *bpr.Config) { c.Sampler, c.Iterations = sampler, 20 })
		require.NoError(t, m.AddItems(t.Context(), recsys.NewItems{Count: 1}))
		vectors := m.ItemVectors()
		for i := int32(600); i < 660; i++ {
			require.Equal(t, vectors.Row(660), vectors.Row(int(i)), sampler)
			require.Equal(t, make([]float32, 16), vectors.Row(int(i))[:16], sampler)
			similar, err := m.SimilarItems(t.Context(), i, 10, nil)
			require.NoError(t, err)
			require.Empty(t, similar, sampler)
		}
		for i := range int32(600) {
			similar, err := m.SimilarItems(t.Context(), i, 661, nil)
			require.NoError(t, err)
			require.Len(t, similar, 599, sampler)
			require.False(t, slices.ContainsFunc(similar, func(s recsys.Scored) bool { return s.Item >= 600 }), sampler)
		}
		shown := 0
		for u := range int32(300) {
			top, err := m.Recommend(t.Context(), recsys.Query{User: u, K: 10})
			require.NoError(t, err)
			for _, s := range top {
				if s.Item >= 600 {
					shown++
				}
			}
		}
		require.Zero(t, shown, sampler)
		guest, got := make([]float32, 17), make([]float32, 17)
		require.NoError(t, m.QueryVector(t.Context(), recsys.Query{User: recsys.NoUser}, guest))
		for u := int32(300); u < 310; u++ {
			require.NoError(t, m.QueryVector(t.Context(), recsys.Query{User: u}, got))
			require.Equal(t, guest, got, sampler)
		}
	}
}
