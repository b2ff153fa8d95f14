package modeltest

import (
	"context"
	"math"
	"slices"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/recsys-lite/recsys"
)

// What the optional interfaces promise.
func abilityLaws() []law {
	return []law{
		{"vectors/inner-product", vectorsScore},
		{"similar/contract", similarContract},
		{"similar/colour", similarColour},
		{"explain/sums", explanationsSum},
		{"explain/invalid", explainInvalid},
	}
}

// vectorsScore: ItemVectors · QueryVector is Scores, to 1e-4.
func vectorsScore(t rapid.TB, f *fixture) {
	m, ok := f.shared(t).(recsys.VectorModel)
	if !ok {
		t.Skip("no VectorModel")
	}
	v := m.ItemVectors()
	users, items := m.Shape()
	require.Equal(t, items, v.Rows, "one vector per item")
	require.Len(t, v.Data, v.Rows*v.Cols)
	rapid.Check(t, func(r *rapid.T) {
		q := drawQuery(r, users, items)
		vec := make([]float32, v.Cols)
		require.NoError(r, m.QueryVector(context.Background(), q, vec))
		for i, want := range scores(r, m, q) {
			if math.IsInf(float64(want), -1) {
				continue
			}
			var dot float64
			for k, x := range v.Row(i) {
				dot += float64(x) * float64(vec[k])
			}
			require.InDelta(r, want, dot, 1e-4*max(1, math.Abs(float64(want))), "item %d", i)
		}
	})
	for _, n := range []int{v.Cols - 1, v.Cols + 1} {
		err := m.QueryVector(context.Background(), recsys.Query{User: 0}, make([]float32, n))
		require.ErrorIs(t, err, recsys.ErrInvalidQuery, "QueryVector into %d places for %d", n, v.Cols)
	}
}

func similarContract(t rapid.TB, f *fixture) {
	m, ok := f.shared(t).(recsys.SimilarItems)
	if !ok {
		t.Skip("no SimilarItems")
	}
	ctx := context.Background()
	items := f.o.Size
	rapid.Check(t, func(r *rapid.T) {
		q := drawQuery(r, 1, items)
		item := rapid.Int32Range(0, int32(items-1)).Draw(r, "item")
		got, err := m.SimilarItems(ctx, item, q.K, q.Allowed)
		require.NoError(r, err)
		require.LessOrEqual(r, len(got), q.K)
		seen := map[int32]bool{}
		for n, s := range got {
			require.NotEqual(r, item, s.Item, "an item is not similar to itself")
			require.True(r, q.Allowed == nil || q.Allowed.Has(s.Item), "item %d is not allowed", s.Item)
			require.False(r, seen[s.Item], "item %d twice", s.Item)
			require.False(r, math.IsNaN(float64(s.Score)) || math.IsInf(float64(s.Score), 0), "item %d scores %v", s.Item, s.Score)
			if n > 0 {
				p := got[n-1]
				require.True(r, p.Score > s.Score || p.Score == s.Score && p.Item < s.Item, "out of order at %d: %v, %v", n, p, s)
			}
			seen[s.Item] = true
		}
		all, err := m.SimilarItems(ctx, item, items, q.Allowed)
		require.NoError(r, err)
		require.Equal(r, append([]recsys.Scored{}, all[:min(q.K, len(all))]...), append([]recsys.Scored{}, got...),
			"fewer than k although more are allowed")
	})
	for name, err := range map[string]error{
		"item beyond the last": similarErr(m, int32(items), 1, nil),
		"negative item":        similarErr(m, -1, 1, nil),
		"negative k":           similarErr(m, 0, -1, nil),
		"filter too short":     similarErr(m, 0, 1, recsys.NewBitset(items-1)),
	} {
		require.ErrorIs(t, err, recsys.ErrInvalidQuery, name)
	}
}

func similarErr(m recsys.SimilarItems, item int32, k int, allowed *recsys.Bitset) error {
	_, err := m.SimilarItems(context.Background(), item, k, allowed)
	return err
}

// similarColour: items that the same people had are similar.
func similarColour(t rapid.TB, f *fixture) {
	m, ok := f.shared(t).(recsys.SimilarItems)
	if !ok {
		t.Skip("no SimilarItems")
	}
	good := 0
	for i := range int32(f.o.Size) {
		got, err := m.SimilarItems(context.Background(), i, 5, nil)
		require.NoError(t, err)
		require.Len(t, got, 5, "item %d", i)
		if !slices.ContainsFunc(got, func(s recsys.Scored) bool { return s.Item%2 != i%2 }) {
			good++
		}
	}
	requireShare(t, good, f.o.Size, f.o.SimilarFloor, "items whose five most similar are of their colour")
}

// explanationsSum: contributions and base sum to the score, to 1e-5 of what is summed.
func explanationsSum(t rapid.TB, f *fixture) {
	m, ok := f.shared(t).(interface {
		recsys.Model
		recsys.Explainer
	})
	if !ok {
		t.Skip("no Explainer")
	}
	items := int32(f.o.Size)
	for u := range int32(f.o.Size) {
		for _, user := range []int32{u, recsys.NoUser} {
			q := recsys.Query{User: user, History: f.toy.histories[u]}
			s := scores(t, m, q)
			for _, item := range []int32{u, (u + 1) % items, (u + 2) % items} {
				parts, base, err := m.Explain(context.Background(), q, item)
				require.NoError(t, err)
				sum, size := float64(base), math.Abs(float64(base))
				had := map[int32]bool{}
				for _, p := range parts {
					require.False(t, had[p.Item], "item %d contributes twice", p.Item)
					require.True(t, slices.Contains(q.History.Items, p.Item), "item %d is not in the history", p.Item)
					had[p.Item] = true
					sum += float64(p.Score)
					size += math.Abs(float64(p.Score))
				}
				require.InDelta(t, s[item], sum, 1e-5*max(size, math.Abs(float64(s[item])))+1e-7,
					"user %d, item %d: contributions against score", user, item)
			}
		}
	}
}

func explainInvalid(t rapid.TB, f *fixture) {
	m, ok := f.shared(t).(recsys.Explainer)
	if !ok {
		t.Skip("no Explainer")
	}
	for _, item := range []int32{-1, int32(f.o.Size)} {
		_, _, err := m.Explain(context.Background(), recsys.Query{User: 0, History: f.toy.histories[0]}, item)
		require.ErrorIs(t, err, recsys.ErrInvalidQuery, "item %d of %d", item, f.o.Size)
	}
	_, _, err := m.Explain(context.Background(), recsys.Query{User: int32(f.o.Size)}, 0)
	require.ErrorIs(t, err, recsys.ErrInvalidQuery, "user %d of %d", f.o.Size, f.o.Size)
}
