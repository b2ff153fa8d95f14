package modeltest

import (
	"context"
	"math"
	"slices"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/recsys-lite/recsys"
)

// What Scores and Recommend owe to any query.
func rankingLaws() []law {
	return []law{
		{"ranking/top-k", recommendIsTopK},
		{"ranking/filters", filtersHold},
		{"ranking/invalid", invalidQueries},
		{"ranking/empty-history", emptyHistory},
		{"ranking/untouched", queryUntouched},
		{"ranking/unfitted", unfittedModel},
	}
}

// drawQuery draws a valid query for a model of the given shape.
func drawQuery(r *rapid.T, users, items int) recsys.Query {
	item := rapid.Int32Range(0, int32(items-1))
	q := recsys.Query{
		User: rapid.Int32Range(recsys.NoUser, int32(users-1)).Draw(r, "user"),
		K:    rapid.IntRange(0, items+5).Draw(r, "k"),
	}
	q.History.Items = rapid.SliceOfNDistinct(item, 0, min(items, 20), rapid.ID).Draw(r, "items")
	slices.Sort(q.History.Items)
	if rapid.Bool().Draw(r, "weighted") {
		n := len(q.History.Items)
		q.History.Weights = rapid.SliceOfN(rapid.Float32Range(0.1, 20), n, n).Draw(r, "weights")
	}
	q.History.Sequence = rapid.SliceOfN(item, 0, 20).Draw(r, "sequence")
	if rapid.Bool().Draw(r, "filtered") {
		q.Allowed = recsys.NewBitset(items)
		for _, i := range rapid.SliceOf(item).Draw(r, "allowed") {
			q.Allowed.Set(i)
		}
	}
	return q
}

func recommendIsTopK(t rapid.TB, f *fixture) {
	m := f.shared(t)
	users, items := m.Shape()
	rapid.Check(t, func(r *rapid.T) {
		q := drawQuery(r, users, items)
		got, err := m.Recommend(context.Background(), q)
		require.NoError(r, err)
		s := scores(r, m, q)
		requireNumbers(r, s, "query %+v", q)
		require.Equal(r, slices.Clone(recsys.TopK(s, q.K, q.Allowed)), append([]recsys.Scored{}, got...),
			"Recommend differs from TopK of Scores")
	})
}

func filtersHold(t rapid.TB, f *fixture) {
	m := f.shared(t)
	users, items := m.Shape()
	require.Equal(t, []int{f.o.Size, f.o.Size}, []int{users, items}, "Shape")
	recommend := func(k int, allowed *recsys.Bitset) []recsys.Scored {
		got, err := m.Recommend(context.Background(), recsys.Query{User: 0, History: f.toy.histories[0], K: k, Allowed: allowed})
		require.NoError(t, err)
		return got
	}
	require.Empty(t, recommend(0, nil), "K = 0 asks for nothing")
	require.Empty(t, recommend(items, recsys.NewBitset(items)), "nothing is allowed")
	all := recommend(items, nil)
	require.Equal(t, all, recommend(items+1000, nil), "K beyond the catalogue gives the catalogue")
	require.Equal(t, all, recommend(math.MaxInt, nil), "K beyond the catalogue gives the catalogue")
	require.Equal(t, all, recommend(items, recsys.FullBitset(items)), "allowing all is no filter")
	require.NotEmpty(t, all)
	last := all[len(all)-1]
	few := recsys.NewBitset(items)
	few.Set(last.Item)
	require.Equal(t, []recsys.Scored{last}, recommend(1, few), "the worst item comes back when it alone is allowed")
}

func invalidQueries(t rapid.TB, f *fixture) {
	m := f.shared(t)
	users, items := m.Shape()
	n, u := int32(items), int32(users)
	for name, q := range map[string]recsys.Query{
		"negative k":                  {User: 0, K: -1},
		"user beyond the last":        {User: u, K: 1},
		"user below NoUser":           {User: -2, K: 1},
		"filter too short":            {User: 0, K: 1, Allowed: recsys.NewBitset(items - 1)},
		"filter too long":             {User: 0, K: 1, Allowed: recsys.NewBitset(items + 1)},
		"history beyond the items":    {User: recsys.NoUser, K: 1, History: recsys.History{Items: []int32{n}}},
		"history below the items":     {User: recsys.NoUser, K: 1, History: recsys.History{Items: []int32{-1}}},
		"history not ascending":       {User: recsys.NoUser, K: 1, History: recsys.History{Items: []int32{3, 1}}},
		"history with duplicates":     {User: recsys.NoUser, K: 1, History: recsys.History{Items: []int32{1, 1}}},
		"weights of another length":   {User: recsys.NoUser, K: 1, History: recsys.History{Items: []int32{1, 2}, Weights: []float32{1}}},
		"sequence beyond the items":   {User: recsys.NoUser, K: 1, History: recsys.History{Sequence: []int32{n}}},
		"sequence below the items":    {User: recsys.NoUser, K: 1, History: recsys.History{Sequence: []int32{-1}}},
		"times of another length":     {User: recsys.NoUser, K: 1, History: recsys.History{Sequence: []int32{1, 2}, Times: []int64{1}}},
		"bad history of a known user": {User: 0, K: 1, History: recsys.History{Items: []int32{n}}},
	} {
		_, err := m.Recommend(context.Background(), q)
		require.ErrorIs(t, err, recsys.ErrInvalidQuery, "Recommend: %s", name)
		err = m.Scores(context.Background(), q, make([]float32, items))
		require.ErrorIs(t, err, recsys.ErrInvalidQuery, "Scores: %s", name)
		if vm, ok := m.(recsys.VectorModel); ok {
			err = vm.QueryVector(context.Background(), q, make([]float32, vm.ItemVectors().Cols))
			require.ErrorIs(t, err, recsys.ErrInvalidQuery, "QueryVector: %s", name)
		}
	}
	for _, n := range []int{0, items - 1, items + 1} {
		err := m.Scores(context.Background(), recsys.Query{User: 0}, make([]float32, n))
		require.ErrorIs(t, err, recsys.ErrInvalidQuery, "Scores into %d places for %d items", n, items)
	}
}

// A visitor of whom nothing is known gets an answer, whatever it is worth.
func emptyHistory(t rapid.TB, f *fixture) {
	m := f.shared(t)
	_, items := m.Shape()
	requireNumbers(t, scores(t, m, recsys.Query{User: recsys.NoUser}), "nothing is known of the user")
	got, err := m.Recommend(context.Background(), recsys.Query{User: recsys.NoUser, K: items})
	require.NoError(t, err)
	require.LessOrEqual(t, len(got), items)
}

func queryUntouched(t rapid.TB, f *fixture) {
	m := f.shared(t)
	users, items := m.Shape()
	rapid.Check(t, func(r *rapid.T) {
		q := drawQuery(r, users, items)
		before := q
		before.History.Items = slices.Clone(q.History.Items)
		before.History.Weights = slices.Clone(q.History.Weights)
		before.History.Sequence = slices.Clone(q.History.Sequence)
		if q.Allowed != nil {
			before.Allowed = q.Allowed.Clone()
		}
		_, err := m.Recommend(context.Background(), q)
		require.NoError(r, err)
		require.Equal(r, before, q, "Recommend wrote to the query")
	})
}

func unfittedModel(t rapid.TB, f *fixture) {
	ctx := context.Background()
	m := f.fresh(t, recsys.Run{})
	users, items := m.Shape()
	require.Equal(t, []int{0, 0}, []int{users, items}, "Shape of an unfitted model")
	q := recsys.Query{User: recsys.NoUser, K: 1}

	require.ErrorIs(t, m.Fit(ctx, nil), recsys.ErrEmptyDataset, "Fit without a dataset")
	_, err := m.Recommend(ctx, q)
	require.ErrorIs(t, err, recsys.ErrNotFitted, "Recommend")
	require.ErrorIs(t, m.Scores(ctx, q, nil), recsys.ErrNotFitted, "Scores")
	_, err = m.State()
	require.ErrorIs(t, err, recsys.ErrNotFitted, "State")
	rows := rowsOf(f.toy.histories[:1], f.o.Size)
	require.ErrorIs(t, m.PartialFitUsers(ctx, []int32{0}, rows), recsys.ErrNotFitted, "PartialFitUsers")
	if vm, ok := m.(recsys.VectorModel); ok {
		require.ErrorIs(t, vm.QueryVector(ctx, q, nil), recsys.ErrNotFitted, "QueryVector")
		require.Zero(t, vm.ItemVectors().Rows, "ItemVectors")
	}
	if s, ok := m.(recsys.SimilarItems); ok {
		_, err = s.SimilarItems(ctx, 0, 1, nil)
		require.ErrorIs(t, err, recsys.ErrNotFitted, "SimilarItems")
	}
	if e, ok := m.(recsys.Explainer); ok {
		_, _, err = e.Explain(ctx, q, 0)
		require.ErrorIs(t, err, recsys.ErrNotFitted, "Explain")
	}
	if a, ok := m.(recsys.ItemAdder); ok {
		require.ErrorIs(t, a.AddItems(ctx, recsys.NewItems{Count: 1}), recsys.ErrNotFitted, "AddItems")
	}
}
