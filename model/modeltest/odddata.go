package modeltest

import (
	"context"
	"errors"
	"math"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/recsys-lite/recsys"
)

// Odd data gives a clear error or sensible scores.
func dataLaws() []law {
	return []law{
		{"data/empty", emptyData},
		{"data/invalid", invalidData},
		{"data/tiny", tinyData},
	}
}

func emptyData(t rapid.TB, f *fixture) {
	for name, d := range map[string]*recsys.Dataset{
		"nothing":        assemble(nil, 0, f.kind.Needs).Dataset,
		"only items":     assemble(nil, 5, f.kind.Needs).Dataset,
		"only users":     assemble(make([]recsys.History, 5), 0, f.kind.Needs).Dataset,
		"no interaction": assemble(make([]recsys.History, 5), 5, f.kind.Needs).Dataset,
		"no matrix":      {},
	} {
		m := f.fresh(t, recsys.Run{})
		require.ErrorIs(t, m.Fit(context.Background(), d), recsys.ErrEmptyDataset, name)
		_, err := m.Recommend(context.Background(), recsys.Query{User: recsys.NoUser})
		require.ErrorIs(t, err, recsys.ErrNotFitted, name)
	}
}

func invalidData(t rapid.TB, f *fixture) {
	m := f.fitted(t, f.toy.Dataset, recsys.Run{})
	old := f.allScores(t, m)
	for name, damage := range map[string]func(*recsys.Dataset){
		"weight NaN":        func(d *recsys.Dataset) { d.Interactions.Values[3] = float32(math.NaN()) },
		"weight +Inf":       func(d *recsys.Dataset) { d.Interactions.Values[3] = float32(math.Inf(1)) },
		"weight -Inf":       func(d *recsys.Dataset) { d.Interactions.Values[3] = float32(math.Inf(-1)) },
		"weight negative":   func(d *recsys.Dataset) { d.Interactions.Values[3] = -2 },
		"weight 0":          func(d *recsys.Dataset) { d.Interactions.Values[3] = 0 },
		"column too large":  func(d *recsys.Dataset) { d.Interactions.Indices[3] = 999 },
		"column negative":   func(d *recsys.Dataset) { d.Interactions.Indices[3] = -1 },
		"rows cut":          func(d *recsys.Dataset) { d.Interactions.Indptr = d.Interactions.Indptr[:9] },
		"rows too long":     func(d *recsys.Dataset) { d.Interactions.Indptr[4] = 1 << 40 },
		"values cut":        func(d *recsys.Dataset) { d.Interactions.Values = d.Interactions.Values[:9] },
		"id map of another": func(d *recsys.Dataset) { d.Items = ids("i", 3) },
	} {
		d := cloneDataset(f.toy.Dataset)
		damage(d)
		require.ErrorIs(t, m.Fit(context.Background(), d), recsys.ErrInvalidData, name)
	}
	requireAsBefore(t, f, m, old)
}

// tinyData: the smallest and the flattest datasets.
func tinyData(t rapid.TB, f *fixture) {
	repeat := func(n int, items ...int32) []recsys.History {
		all := make([]recsys.History, n)
		for u := range all {
			all[u] = recsys.History{Items: items, Sequence: items, Times: make([]int64, len(items))}
		}
		return all
	}
	for name, c := range map[string]struct {
		histories []recsys.History
		items     int
	}{
		"one user, one item, one event": {repeat(1, 0), 1},
		"one user, many items":          {repeat(1, 0, 1, 2, 3, 4, 5), 6},
		"many users, one item":          {repeat(9, 0), 1},
		"everybody had everything":      {repeat(8, 0, 1, 2, 3), 4},
		"everybody had the same":        {repeat(8, 1, 3), 6},
		"users without items":           {append(repeat(4, 0, 2), make([]recsys.History, 3)...), 3},
		"items without users":           {repeat(4, 2, 9), 20},
		"one event among many":          {append(make([]recsys.History, 20), repeat(1, 7)...), 20},
	} {
		for _, needs := range []bool{true, false} { // with and without what the kind asks for
			b := assemble(c.histories, c.items, f.kind.Needs)
			if !needs {
				b.Sequences, b.ItemFeatures = nil, nil
			}
			m := f.fresh(t, recsys.Run{})
			if err := m.Fit(context.Background(), b.Dataset); err != nil {
				require.True(t, errors.Is(err, recsys.ErrEmptyDataset) || errors.Is(err, recsys.ErrInvalidData) || errors.Is(err, recsys.ErrInvalidConfig),
					"%s: the error blames neither data nor configuration: %v", name, err)
				continue
			}
			for u := int32(recsys.NoUser); int(u) < len(c.histories); u++ {
				h := c.histories[max(u, 0)]
				requireNumbers(t, scores(t, m, recsys.Query{User: u, History: h}), "%s, user %d", name, u)
			}
			if s, ok := m.(recsys.SimilarItems); ok {
				_, err := s.SimilarItems(context.Background(), 0, 3, nil)
				require.NoError(t, err, "%s: SimilarItems", name)
			}
		}
	}
}
