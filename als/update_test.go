package als

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/model"
)

// A stored user's vector is the fold-in of its history, by query and by partial fit.
func TestFoldInIsTheFitsSolver(t *testing.T) {
	d := random(t, 300, 50, .1, 6)
	m := fit(t, config(nil), d)
	before := parametersOf(t, m)
	stored, folded := make([]float32, 8), make([]float32, 8)
	for u := range 300 {
		require.NoError(t, m.QueryVector(ctx, recsys.Query{User: int32(u)}, stored))
		require.NoError(t, m.QueryVector(ctx, recsys.Query{User: recsys.NoUser, History: history(d, u)}, folded))
		require.Equal(t, stored, folded)
	}
	users := make([]int32, 300)
	for u := range users {
		users[u] = int32(u)
	}
	require.NoError(t, m.PartialFitUsers(ctx, users, d.Interactions))
	require.Equal(t, before.users.matrix(), parametersOf(t, m).users.matrix())
}

func TestPartialFitUsers(t *testing.T) {
	d := random(t, 300, 50, .1, 6)
	m := fit(t, config(nil), d)
	before := parametersOf(t, m)
	kept := append([]float32(nil), before.users.matrix()...)
	// User 7 is emptied, 301 and 300 are new.
	rows := csr(t, 3, 50, [3]float64{1, 3, 2}, [3]float64{2, 4, 1}, [3]float64{2, 9, 1})
	require.NoError(t, m.PartialFitUsers(ctx, []int32{7, 301, 300}, rows))
	users, items := m.Shape()
	require.Equal(t, []int{302, 50}, []int{users, items})
	require.Equal(t, kept, before.users.matrix(), "readers of the old parameters are undisturbed")
	now := parametersOf(t, m).users
	require.Equal(t, make([]float32, 8), now.row(7))
	for u := range int32(300) {
		if u != 7 {
			require.Equal(t, before.users.row(u), now.row(u))
		}
	}
	want := make([]float32, 8)
	require.NoError(t, m.QueryVector(ctx, recsys.Query{User: recsys.NoUser, History: recsys.History{Items: []int32{4, 9}}}, want))
	require.Equal(t, want, now.row(300))

	for _, bad := range []struct {
		users []int32
		rows  *recsys.CSR
	}{
		{[]int32{303}, csr(t, 1, 50)},
		{[]int32{1, 1}, csr(t, 2, 50)},
		{[]int32{1}, csr(t, 1, 51)},
		{[]int32{1}, csr(t, 1, 50, [3]float64{0, 1, -2})},
		{[]int32{1}, nil},
	} {
		require.ErrorIs(t, m.PartialFitUsers(ctx, bad.users, bad.rows), recsys.ErrInvalidData)
	}
}

// Pages behave like a matrix.
func TestRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 3*pageRows).Draw(t, "n")
		data := make([]float32, 2*n)
		for i := range data {
			data[i] = float32(i + 1)
		}
		want := append([]float32(nil), data...)
		r := newRows(data, n, 2)
		for range 3 {
			grown := n + rapid.SampledFrom([]int{0, 1, pageRows, 2*pageRows + 1}).Draw(t, "more")
			want = append(want, make([]float32, 2*(grown-n))...)
			n = grown
			if n == 0 {
				continue
			}
			ids := rapid.SliceOfNDistinct(rapid.Int32Range(0, int32(n-1)), 0, min(n, 5), rapid.ID).Draw(t, "ids")
			change := make([]float32, 2*len(ids))
			for j, id := range ids {
				change[2*j] = -float32(id)
				copy(want[2*id:2*id+2], change[2*j:2*j+2])
			}
			r = r.with(n, ids, change)
			require.Equal(t, want, r.matrix())
			require.Equal(t, want[2*(n-1):], r.row(int32(n-1)))
		}
	})
}

func TestAddItems(t *testing.T) {
	d := random(t, 60, 50, .2, 7)
	m := fit(t, config(func(c *Config) { c.Iterations = 20 }), d)
	old := m.ItemVectors()
	byItem := d.Interactions.Transpose()
	users, weights := byItem.Row(3)
	x := &recsys.CSR{Rows: 3, Cols: 60, Indptr: []int64{0, int64(len(users)), int64(len(users)), int64(len(users))}, Indices: users, Values: weights}
	near := csr(t, 3, 50, [3]float64{0, 1, 1}, [3]float64{1, 4, 1}, [3]float64{1, 6, 3})
	require.NoError(t, m.AddItems(ctx, recsys.NewItems{Count: 3, Interactions: x, Neighbours: near}))
	now := m.ItemVectors()
	require.Equal(t, 53, now.Rows)
	require.Equal(t, old.Data, now.Data[:len(old.Data)])
	require.InDeltaSlice(t, old.Row(3), now.Row(50), .02, "the same users make the same item")
	for f, v := range now.Row(51) {
		require.InDelta(t, .25*old.Row(4)[f]+.75*old.Row(6)[f], v, 1e-6)
	}
	require.Equal(t, make([]float32, 8), now.Row(52))

	similar, err := m.SimilarItems(ctx, 3, 1, nil)
	require.NoError(t, err)
	require.Equal(t, int32(50), similar[0].Item)
	similar, err = m.SimilarItems(ctx, 52, 5, nil)
	require.NoError(t, err)
	require.Empty(t, similar, "nothing is known of the item")

	require.ErrorIs(t, m.AddItems(ctx, recsys.NewItems{Count: -1}), recsys.ErrInvalidData)
	require.ErrorIs(t, m.AddItems(ctx, recsys.NewItems{Count: 2, Interactions: x}), recsys.ErrInvalidData)
	require.ErrorIs(t, m.AddItems(ctx, recsys.NewItems{Count: 1, Neighbours: csr(t, 1, 50)}), recsys.ErrInvalidData, "there are 53 items now")
}

// Contributions sum to the score, and a known user's to its stored one.
func TestExplain(t *testing.T) {
	d := random(t, 80, 60, .2, 8)
	m := fit(t, config(func(c *Config) { c.Factors = 20 }), d)
	scores := make([]float32, 60)
	for u := range 80 {
		for _, q := range []recsys.Query{
			{User: recsys.NoUser, History: history(d, u)},
			{User: recsys.NoUser, History: recsys.History{Sequence: []int32{5, 3, 5}}},
			{User: int32(u), History: history(d, u)},
			{User: int32(u), History: recsys.History{Items: []int32{1}}},
		} {
			require.NoError(t, m.Scores(ctx, q, scores))
			for item := range int32(60) {
				parts, base, err := m.Explain(ctx, q, item)
				require.NoError(t, err)
				sum := base
				for j, p := range parts {
					sum += p.Score
					require.True(t, j == 0 || p.Score <= parts[j-1].Score)
				}
				require.InDelta(t, scores[item], sum, 1e-5)
				if len(q.History.Items) != 1 {
					require.InDelta(t, 0, base, 1e-5)
				}
			}
		}
	}
}

func TestStateRoundTrip(t *testing.T) {
	d := random(t, 300, 50, .1, 9)
	m := fit(t, config(nil), d)
	require.NoError(t, m.PartialFitUsers(ctx, []int32{300}, csr(t, 1, 50, [3]float64{0, 1, 1})))
	state, err := m.State()
	require.NoError(t, err)
	loaded, err := Kind.Load(state, recsys.Run{})
	require.NoError(t, err)
	for _, q := range []recsys.Query{{User: 300, K: 50}, {User: recsys.NoUser, History: history(d, 4), K: 50}} {
		want, err := m.Recommend(ctx, q)
		require.NoError(t, err)
		got, err := loaded.Recommend(ctx, q)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	require.NoError(t, loaded.PartialFitUsers(ctx, []int32{301}, csr(t, 1, 50)))

	for name, spoil := range map[string]func(*model.State){
		"parameters": func(s *model.State) { s.Params = []byte(`{"factors":"x"}`) },
		"missing":    func(s *model.State) { s.Tensors = s.Tensors[:1] },
		"width":      func(s *model.State) { s.Params = []byte(`{"factors":9}`) },
		"short":      func(s *model.State) { s.Tensors[0].Float32 = s.Tensors[0].Float32[:9] },
		"NaN":        func(s *model.State) { s.Tensors[1].Float32 = append(make([]float32, 399), float32(nan())) },
	} {
		state, err := m.State()
		require.NoError(t, err)
		spoil(&state)
		_, err = Kind.Load(state, recsys.Run{})
		require.ErrorIs(t, err, model.ErrCorrupt, name)
	}
}

func nan() (x float64) { return x / x }
