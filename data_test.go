package recsys_test

import (
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/recsys-lite/recsys"
)

func TestIDMap(t *testing.T) {
	ids := []string{"a b", "x/y", `"quoted"`, "🎁", ""}
	m, err := recsys.NewIDMap(ids)
	require.NoError(t, err)
	for i, id := range ids {
		got, ok := m.Index(id)
		require.True(t, ok)
		require.Equal(t, int32(i), got)
		require.Equal(t, id, m.ID(got))
	}
	_, ok := m.Index("absent")
	require.False(t, ok)

	longer, err := m.Append("new")
	require.NoError(t, err)
	require.Equal(t, 6, longer.Len())
	require.Equal(t, 5, m.Len(), "the old map stays as it is")

	_, err = m.Append("x/y")
	require.ErrorContains(t, err, `"x/y"`)

	var none *recsys.IDMap
	require.Zero(t, none.Len())
	_, ok = none.Index("a")
	require.False(t, ok)
}

func TestCompareIDsKeepsRowNumbersInOrder(t *testing.T) {
	ids := []string{"10", "9", "b", "a", "100", ""}
	slices.SortFunc(ids, recsys.CompareIDs)
	require.Equal(t, []string{"", "9", "a", "b", "10", "100"}, ids)
}

func drawEntries(t *rapid.T, rows, cols int) []recsys.Entry {
	n := rapid.IntRange(0, 60).Draw(t, "n")
	entries := make([]recsys.Entry, n)
	for i := range entries {
		entries[i] = recsys.Entry{
			Row:   int32(rapid.IntRange(0, rows-1).Draw(t, "row")),
			Col:   int32(rapid.IntRange(0, cols-1).Draw(t, "col")),
			Value: float32(rapid.IntRange(1, 9).Draw(t, "value")),
		}
	}
	return entries
}

func TestCSRLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, cols := rapid.IntRange(1, 12).Draw(t, "rows"), rapid.IntRange(1, 12).Draw(t, "cols")
		entries := drawEntries(t, rows, cols)
		m, err := recsys.NewCSR(rows, cols, entries)
		require.NoError(t, err)
		require.NoError(t, m.Validate())

		sum := map[[2]int32]float32{}
		for _, e := range entries {
			sum[[2]int32{e.Row, e.Col}] += e.Value
		}
		require.Equal(t, len(sum), m.NNZ())
		for r := range rows {
			cols, vals := m.Row(r)
			for p, c := range cols {
				require.Equal(t, sum[[2]int32{int32(r), c}], vals[p])
			}
		}
		require.Equal(t, m, m.Transpose().Transpose())
		require.NoError(t, m.Transpose().Validate())
	})
}

func TestCSRValidateNamesTheFault(t *testing.T) {
	valid := func() *recsys.CSR {
		m, err := recsys.NewCSR(2, 3, []recsys.Entry{{Row: 0, Col: 1, Value: 1}, {Row: 0, Col: 2, Value: 1}, {Row: 1, Col: 0, Value: 1}})
		require.NoError(t, err)
		return m
	}
	for name, damage := range map[string]func(m *recsys.CSR){
		"row pointers":    func(m *recsys.CSR) { m.Indptr = m.Indptr[:2] },
		"pointers past":   func(m *recsys.CSR) { m.Indptr[1] = 99 },
		"descending":      func(m *recsys.CSR) { m.Indptr[1] = -1 },
		"column range":    func(m *recsys.CSR) { m.Indices[2] = 3 },
		"negative column": func(m *recsys.CSR) { m.Indices[0] = -1 },
		"equal columns":   func(m *recsys.CSR) { m.Indices[1] = 1 },
		"values":          func(m *recsys.CSR) { m.Values = m.Values[:1] },
		"NaN":             func(m *recsys.CSR) { m.Values[1] = float32(math.NaN()) },
		"Inf":             func(m *recsys.CSR) { m.Values[1] = float32(math.Inf(1)) },
	} {
		m := valid()
		damage(m)
		require.ErrorIs(t, m.Validate(), recsys.ErrInvalidData, name)
	}
	_, err := recsys.NewCSR(1, 1, []recsys.Entry{{Row: 0, Col: 1}})
	require.ErrorIs(t, err, recsys.ErrInvalidData)
}

func TestDatasetValidate(t *testing.T) {
	require.ErrorIs(t, new(recsys.Dataset).Validate(), recsys.ErrEmptyDataset)
	x, err := recsys.NewCSR(2, 2, []recsys.Entry{{Row: 0, Col: 0, Value: 1}})
	require.NoError(t, err)
	require.NoError(t, (&recsys.Dataset{Interactions: x}).Validate())

	users, err := recsys.NewIDMap([]string{"only one"})
	require.NoError(t, err)
	require.ErrorIs(t, (&recsys.Dataset{Interactions: x, Users: users}).Validate(), recsys.ErrInvalidData)
	backwards := &recsys.Sequences{Indptr: []int64{0, 2, 2}, Items: []int32{0, 1}, Times: []int64{9, 3}}
	require.ErrorContains(t, (&recsys.Dataset{Interactions: x, Sequences: backwards}).Validate(), "time order")
	features := &recsys.Features{Names: []string{"a"}, Matrix: x}
	require.ErrorContains(t, (&recsys.Dataset{Interactions: x, ItemFeatures: features}).Validate(), "item features")

	x.Values[0] = 0
	require.ErrorIs(t, (&recsys.Dataset{Interactions: x}).Validate(), recsys.ErrInvalidData)
}

func TestBitsetLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 200).Draw(t, "n")
		member := rapid.SliceOfN(rapid.Bool(), n, n)
		a, b := member.Draw(t, "a"), member.Draw(t, "b")
		set := func(in []bool) *recsys.Bitset {
			s := recsys.NewBitset(n)
			for i, ok := range in {
				if ok {
					s.Set(int32(i))
				}
			}
			return s
		}
		and, not, full := set(a), set(a), recsys.FullBitset(n)
		and.And(set(b))
		not.AndNot(set(b))
		require.Equal(t, n, full.Count())
		count := 0
		for i := range a {
			require.Equal(t, a[i] && b[i], and.Has(int32(i)))
			require.Equal(t, a[i] && !b[i], not.Has(int32(i)))
			if a[i] && b[i] {
				count++
			}
		}
		require.Equal(t, count, and.Count())
		require.False(t, full.Has(int32(n)))
		require.False(t, full.Has(-1))
	})
}

func TestWeighting(t *testing.T) {
	const day = 24 * time.Hour
	w := recsys.Weighting{EventTypes: map[string]float64{"view": .25}, HalfLife: 10 * day}
	require.NoError(t, w.Validate())
	require.InDelta(t, 3, w.Amount("", 3, 0), 1e-12)
	require.InDelta(t, .5, w.Amount("view", 4, 10*day), 1e-12)
	require.InDelta(t, 1, w.Weight(1), 1e-7, "one unit weighs one")
	require.InDelta(t, 16.3, w.Weight(80995), .1, "a bulk order does not drown the rest")
	require.Zero(t, w.Weight(-2), "returns never push below zero")
	require.Zero(t, w.Weight(math.NaN()))
	require.EqualValues(t, 7, recsys.Weighting{Scheme: recsys.Linear}.Weight(7))
	require.EqualValues(t, 1, recsys.Weighting{Scheme: recsys.Binary}.Weight(7))

	bad := recsys.Weighting{Scheme: "cubic"}
	require.ErrorIs(t, bad.Validate(), recsys.ErrInvalidConfig)
	require.ErrorContains(t, bad.Validate(), "cubic")
	require.Error(t, recsys.Weighting{EventTypes: map[string]float64{"view": math.NaN()}}.Validate())
	require.Error(t, recsys.Weighting{HalfLife: -1}.Validate())
}

func TestWeightingAddEqualsTheSum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := recsys.Weighting{Scheme: rapid.SampledFrom([]recsys.Scheme{"", recsys.Log1p, recsys.Linear}).Draw(t, "scheme")}
		a, b := rapid.Float64Range(.1, 500).Draw(t, "a"), rapid.Float64Range(.1, 500).Draw(t, "b")
		require.InEpsilon(t, w.Weight(a+b), w.Add(w.Weight(a), b), 1e-3)
		require.Zero(t, w.Add(w.Weight(a), -a-1))
	})
}

func TestTopK(t *testing.T) {
	inf, nan := float32(math.Inf(-1)), float32(math.NaN())
	scores := []float32{1, 3, nan, 3, inf, 2}
	require.Equal(t, []recsys.Scored{{1, 3}, {3, 3}, {5, 2}, {0, 1}}, recsys.TopK(scores, 10, nil))
	require.Equal(t, []recsys.Scored{{1, 3}}, recsys.TopK(scores, 1, nil), "equal scores: the lower index")
	allowed := recsys.NewBitset(6)
	allowed.Set(0)
	allowed.Set(4)
	allowed.Set(5)
	require.Equal(t, []recsys.Scored{{5, 2}, {0, 1}}, recsys.TopK(scores, 10, allowed))
	require.Empty(t, recsys.TopK(scores, 0, nil))
	require.Empty(t, recsys.TopK(nil, 3, nil))
}

func TestTopKEqualsSorting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.SliceOfN(rapid.IntRange(-3, 3), 0, 150).Draw(t, "scores")
		k := rapid.IntRange(0, 20).Draw(t, "k")
		scores := make([]float32, len(raw))
		all := make([]recsys.Scored, len(raw))
		for i, s := range raw {
			scores[i] = float32(s)
			all[i] = recsys.Scored{Item: int32(i), Score: float32(s)}
		}
		slices.SortStableFunc(all, func(a, b recsys.Scored) int { return int(b.Score - a.Score) })
		require.Equal(t, all[:min(k, len(all))], recsys.TopK(scores, k, nil))
	})
}

func TestQueryValidate(t *testing.T) {
	for name, q := range map[string]recsys.Query{
		"k":               {User: recsys.NoUser, K: -1},
		"user":            {User: 2},
		"negative user":   {User: -2},
		"filter":          {User: recsys.NoUser, Allowed: recsys.NewBitset(4)},
		"weights":         {User: recsys.NoUser, History: recsys.History{Items: []int32{1}, Weights: []float32{1, 2}}},
		"item":            {User: recsys.NoUser, History: recsys.History{Items: []int32{3}}},
		"order":           {User: recsys.NoUser, History: recsys.History{Items: []int32{1, 0}}},
		"sequence":        {User: recsys.NoUser, History: recsys.History{Sequence: []int32{-1}}},
		"times of events": {User: recsys.NoUser, History: recsys.History{Sequence: []int32{1}, Times: []int64{1, 2}}},
	} {
		require.True(t, errors.Is(q.Validate(2, 3), recsys.ErrInvalidQuery), name)
	}
	ok := recsys.Query{User: 1, K: 5, Allowed: recsys.FullBitset(3), History: recsys.History{Items: []int32{0, 2}, Sequence: []int32{2, 2, 0}}}
	require.NoError(t, ok.Validate(2, 3))
}
