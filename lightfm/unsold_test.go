package lightfm_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/lightfm"
)

// unsold is a shop of taste groups in which nobody has items 600 to 659, and users 300 to 309
// have nothing.
func unsold(t testing.TB) *recsys.Dataset {
	d := groups(t, 300, 600, 20)
	x := d.Interactions
	x.Rows, x.Cols = 310, 660
	for range 10 {
		x.Indptr = append(x.Indptr, x.Indptr[300])
	}
	return &recsys.Dataset{Interactions: x}
}

// TestItemsThatNobodyHad: where no feature says what such an item is, it is like no other, no
// user is closer to it than another, and its bias is what AddItems gives an item without buyers.
func TestItemsThatNobodyHad(t *testing.T) {
	d := unsold(t)
	for _, loss := range []lightfm.Loss{lightfm.WARP, lightfm.BPR, lightfm.Logistic, lightfm.WARPKOS} {
		m := fit(t, d, func(c *lightfm.Config) { c.Loss, c.NoComponents, c.Epochs = loss, 16, 5 })
		require.NoError(t, m.AddItems(t.Context(), recsys.NewItems{Count: 1}))
		vectors := m.ItemVectors()
		for i := int32(600); i < 660; i++ {
			require.Equal(t, vectors.Row(660), vectors.Row(int(i)), loss)
			require.Equal(t, make([]float32, 16), vectors.Row(int(i))[:16], loss)
			similar, err := m.SimilarItems(t.Context(), i, 10, nil)
			require.NoError(t, err)
			require.Empty(t, similar, loss)
		}
		for i := range int32(600) {
			similar, err := m.SimilarItems(t.Context(), i, 661, nil)
			require.NoError(t, err)
			require.Len(t, similar, 599, loss)
			require.False(t, slices.ContainsFunc(similar, func(s recsys.Scored) bool { return s.Item >= 600 }), loss)
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
		require.Zero(t, shown, loss)
	}
}

// TestUsersWithoutEvents: they are asked for what the items' biases say, as a guest is.
func TestUsersWithoutEvents(t *testing.T) {
	m := fit(t, unsold(t), func(c *lightfm.Config) { c.NoComponents, c.Epochs = 16, 5 })
	guest, got := make([]float32, 17), make([]float32, 17)
	require.NoError(t, m.QueryVector(t.Context(), recsys.Query{User: recsys.NoUser}, guest))
	for u := int32(300); u < 310; u++ {
		require.NoError(t, m.QueryVector(t.Context(), recsys.Query{User: u}, got))
		require.Equal(t, guest, got)
	}
}

// TestUntaggedWithoutEvents: among rows with features, one without any is no different.
func TestUntaggedWithoutEvents(t *testing.T) {
	d := unsold(t)
	x := d.Interactions
	tags := func(rows, tagged int) *recsys.Features {
		var entries []recsys.Entry
		for i := range tagged {
			entries = append(entries, recsys.Entry{Row: int32(i), Col: int32(i % 4), Value: 1})
		}
		m, err := recsys.NewCSR(rows, 4, entries)
		require.NoError(t, err)
		return &recsys.Features{Names: []string{"a", "b", "c", "d"}, Matrix: m}
	}
	d.UserFeatures, d.ItemFeatures = tags(x.Rows, 305), tags(x.Cols, 630)
	m := fit(t, d, func(c *lightfm.Config) { c.NoComponents, c.Epochs = 16, 5 })
	items := m.ItemVectors()
	require.NotEqual(t, make([]float32, 16), items.Row(629)[:16], "its features say what it is")
	for i := 630; i < 660; i++ {
		require.Equal(t, make([]float32, 16), items.Row(i)[:16])
	}
	got := make([]float32, 17)
	require.NoError(t, m.QueryVector(t.Context(), recsys.Query{User: 304}, got))
	require.NotEqual(t, make([]float32, 16), got[:16])
	for u := int32(305); u < 310; u++ {
		require.NoError(t, m.QueryVector(t.Context(), recsys.Query{User: u}, got))
		require.Equal(t, make([]float32, 16), got[:16])
	}
}
