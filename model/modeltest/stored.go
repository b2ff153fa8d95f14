package modeltest

import (
	"context"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/model"
)

// State and Load change nothing.
func storedLaws() []law {
	return []law{
		{"stored/same-scores", loadedScores},
		{"stored/same-state", loadedState},
		{"stored/same-updates", loadedUpdates},
	}
}

func (f *fixture) reload(t rapid.TB, m model.Model) model.Model {
	t.Helper()
	loaded, err := f.kind.Load(stateOf(t, m).State, recsys.Run{})
	require.NoError(t, err)
	return loaded
}

func loadedScores(t rapid.TB, f *fixture) {
	m := f.shared(t)
	loaded := f.reload(t, m)
	users, items := m.Shape()
	u, i := loaded.Shape()
	require.Equal(t, []int{users, items}, []int{u, i}, "Shape")
	for user := range int32(users) { // each row: a draw could miss the one that went wrong
		q := recsys.Query{User: user, History: f.toy.histories[user]}
		require.Equal(t, scores(t, m, q), scores(t, loaded, q), "user %d", user)
	}
	rapid.Check(t, func(r *rapid.T) {
		q := drawQuery(r, users, items)
		require.Equal(r, scores(r, m, q), scores(r, loaded, q))
		want, err := m.Recommend(context.Background(), q)
		require.NoError(r, err)
		got, err := loaded.Recommend(context.Background(), q)
		require.NoError(r, err)
		require.Equal(r, want, got)
	})
	if s, ok := m.(recsys.SimilarItems); ok {
		want, err := s.SimilarItems(context.Background(), 0, 10, nil)
		require.NoError(t, err)
		got, err := loaded.(recsys.SimilarItems).SimilarItems(context.Background(), 0, 10, nil)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

func loadedState(t rapid.TB, f *fixture) {
	m := f.fitted(t, newMixed(8, 60, 40, f.kind.Needs).Dataset, recsys.Run{})
	requireSameState(t, stateOf(t, m), stateOf(t, f.reload(t, m)), "after State and Load")
}

// loadedUpdates: an update of the loaded model gives what an update of the first one gives.
func loadedUpdates(t rapid.TB, f *fixture) {
	b := newMixed(9, 60, 40, f.kind.Needs)
	m := f.fitted(t, b.Dataset, recsys.Run{})
	loaded := f.reload(t, m)
	rows := rowsOf([]recsys.History{b.histories[5], b.histories[6]}, 40)
	for _, x := range []model.Model{m, loaded} {
		require.NoError(t, x.PartialFitUsers(context.Background(), []int32{3, 60}, rows))
	}
	requireSameState(t, stateOf(t, m), stateOf(t, loaded), "after PartialFitUsers on the loaded model")
	for _, x := range []model.Model{m, loaded} {
		if a, ok := x.(recsys.ItemAdder); ok {
			one := recsys.History{Items: []int32{1, 2, 5}}
			require.NoError(t, a.AddItems(context.Background(), recsys.NewItems{Count: 1,
				Interactions: rowsOf([]recsys.History{one}, 61), Neighbours: rowsOf([]recsys.History{one}, 40)}))
		}
	}
	requireSameState(t, stateOf(t, m), stateOf(t, loaded), "after AddItems on the loaded model")
}
