package itemknn_test

import (
	"context"
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/itemknn"
	"github.com/recsys-lite/recsys/model"
)

// Four users over three items:
//
//	      0  1  2
//	a     4  1  .
//	b     1  .  1
//	c     .  1  1
//	d     .  1  .
func toy(t testing.TB) *recsys.Dataset {
	x, err := recsys.NewCSR(4, 3, []recsys.Entry{
		{Row: 0, Col: 0, Value: 4}, {Row: 0, Col: 1, Value: 1},
		{Row: 1, Col: 0, Value: 1}, {Row: 1, Col: 2, Value: 1},
		{Row: 2, Col: 1, Value: 1}, {Row: 2, Col: 2, Value: 1},
		{Row: 3, Col: 1, Value: 1},
	})
	require.NoError(t, err)
	return &recsys.Dataset{Interactions: x}
}

func fitted(t testing.TB, d *recsys.Dataset, change func(*itemknn.Config)) *itemknn.Model {
	t.Helper()
	cfg := itemknn.DefaultConfig()
	change(&cfg)
	m, err := itemknn.New(cfg)
	require.NoError(t, err)
	require.NoError(t, m.Fit(context.Background(), d))
	return m
}

func scoresOf(t testing.TB, m recsys.Model, h recsys.History) []float32 {
	t.Helper()
	_, n := m.Shape()
	dst := make([]float32, n)
	require.NoError(t, m.Scores(context.Background(), recsys.Query{User: recsys.NoUser, History: h}, dst))
	return dst
}

func TestByHand(t *testing.T) {
	plain := func(c *itemknn.Config) {
		c.Similarity, c.Shrink, c.Weighted, c.Alpha = itemknn.Cosine, 0, false, .5
	}
	idf := math.Log1p(3.0 / 2) // users a, b and c have two of three items
	one := math.Log1p(3.0 / 1) // user d
	// Squared lengths of 0, 1 and 2 under TF-IDF without weights.
	n0, n1, n2 := 2*idf*idf, 2*idf*idf+one*one, 2*idf*idf
	for name, c := range map[string]struct {
		change        func(*itemknn.Config)
		s01, s02, s12 float64 // to the score of the second item, by the first
		s10, s20, s21 float64
	}{
		"cosine": {
			change: plain,
			s01:    1 / math.Sqrt(6), s02: 1.0 / 2, s12: 1 / math.Sqrt(6),
			s10: 1 / math.Sqrt(6), s20: 1.0 / 2, s21: 1 / math.Sqrt(6),
		},
		"shrink": {
			change: func(c *itemknn.Config) { plain(c); c.Shrink = 3 },
			s01:    1 / (math.Sqrt(6) + 3), s02: 1.0 / 5, s12: 1 / (math.Sqrt(6) + 3),
			s10: 1 / (math.Sqrt(6) + 3), s20: 1.0 / 5, s21: 1 / (math.Sqrt(6) + 3),
		},
		// The scored item's length to the power 2α = ½, the neighbour's to 2(1−α) = 3/2.
		"alpha": {
			change: func(c *itemknn.Config) { plain(c); c.Alpha = .25 },
			s01:    1 / (math.Pow(3, .25) * math.Pow(2, .75)), s02: 1.0 / 2, s12: 1 / (math.Pow(2, .25) * math.Pow(3, .75)),
			s10: 1 / (math.Pow(2, .25) * math.Pow(3, .75)), s20: 1.0 / 2, s21: 1 / (math.Pow(3, .25) * math.Pow(2, .75)),
		},
		"weighted": {
			change: func(c *itemknn.Config) { plain(c); c.Weighted = true },
			s01:    4 / math.Sqrt(17*3), s02: 1 / math.Sqrt(17*2), s12: 1 / math.Sqrt(6),
			s10: 4 / math.Sqrt(17*3), s20: 1 / math.Sqrt(17*2), s21: 1 / math.Sqrt(6),
		},
		"tfidf": {
			change: func(c *itemknn.Config) { plain(c); c.Similarity = itemknn.TFIDF },
			s01:    idf * idf / math.Sqrt(n0*n1), s02: idf * idf / math.Sqrt(n0*n2), s12: idf * idf / math.Sqrt(n1*n2),
			s10: idf * idf / math.Sqrt(n0*n1), s20: idf * idf / math.Sqrt(n0*n2), s21: idf * idf / math.Sqrt(n1*n2),
		},
		// The weight 4 counts √4.
		"tfidf, weighted": {
			change: func(c *itemknn.Config) { plain(c); c.Similarity, c.Weighted = itemknn.TFIDF, true },
			s01:    2 * idf * idf / math.Sqrt(2.5*n0*n1), s02: idf * idf / math.Sqrt(2.5*n0*n2), s12: idf * idf / math.Sqrt(n1*n2),
			s10: 2 * idf * idf / math.Sqrt(2.5*n0*n1), s20: idf * idf / math.Sqrt(2.5*n0*n2), s21: idf * idf / math.Sqrt(n1*n2),
		},
		// k1 = 1, b = 1: a_ui = 2/(l_i + 1)·idf with lengths 6/7, 9/7 and 6/7.
		"bm25": {
			change: func(c *itemknn.Config) {
				plain(c)
				c.Similarity, c.Normalize, c.K1, c.B = itemknn.BM25, false, 1, 1
			},
			s01: 4 * idf * idf / (13.0 / 7 * 16 / 7), s02: 4 * idf * idf / (13.0 / 7 * 13 / 7), s12: 4 * idf * idf / (13.0 / 7 * 16 / 7),
			s10: 4 * idf * idf / (13.0 / 7 * 16 / 7), s20: 4 * idf * idf / (13.0 / 7 * 13 / 7), s21: 4 * idf * idf / (13.0 / 7 * 16 / 7),
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := fitted(t, toy(t), c.change)
			want := [][]float64{{0, c.s01, c.s02}, {c.s10, 0, c.s12}, {c.s20, c.s21, 0}}
			for j, row := range want {
				got := scoresOf(t, m, recsys.History{Items: []int32{int32(j)}})
				for i, s := range row {
					require.InDelta(t, s, got[i], 1e-6, "%d to %d", j, i)
				}
			}
		})
	}
}

func TestNeighboursAreTheScoredItems(t *testing.T) {
	m := fitted(t, toy(t), func(c *itemknn.Config) {
		c.Similarity, c.Shrink, c.Weighted, c.Neighbours, c.Alpha = itemknn.Cosine, 0, false, 1, .5
	})
	// Item 0 keeps item 2 (½ against .41), item 1 keeps item 0 (tie), item 2 keeps item 0.
	require.Equal(t, []float32{0, float32(1 / math.Sqrt(6)), .5}, scoresOf(t, m, recsys.History{Items: []int32{0}}))
	require.Equal(t, []float32{0, 0, 0}, scoresOf(t, m, recsys.History{Items: []int32{1}}))
	require.Equal(t, []float32{.5, 0, 0}, scoresOf(t, m, recsys.History{Items: []int32{2}}))
	similar, err := m.SimilarItems(context.Background(), 1, 2, nil)
	require.NoError(t, err)
	require.EqualValues(t, 0, similar[0].Item)
	require.InDelta(t, 1/math.Sqrt(6), similar[0].Score, 1e-6)
	require.Len(t, similar, 1, "item 2 neither keeps item 1 nor is kept by it")
	similar, err = m.SimilarItems(context.Background(), 0, 2, nil)
	require.NoError(t, err)
	require.EqualValues(t, 1, similar[1].Item, "item 1 keeps item 0")
}

func TestHistoryWeights(t *testing.T) {
	h := recsys.History{Items: []int32{0, 2}, Weights: []float32{3, .5}}
	bare := recsys.History{Items: h.Items}
	cosine := func(c *itemknn.Config) { c.Similarity, c.Shrink, c.Alpha = itemknn.Cosine, 0, .5 }
	m := fitted(t, toy(t), cosine)
	require.InDelta(t, 3*4/math.Sqrt(17*3)+.5/math.Sqrt(6), scoresOf(t, m, h)[1], 1e-6)
	m = fitted(t, toy(t), func(c *itemknn.Config) { cosine(c); c.Weighted = false })
	require.Equal(t, scoresOf(t, m, bare), scoresOf(t, m, h))
}

// What AddItems gives a new item is what a fit with it gives, for unweighted cosine.
func TestAddItemsIsExactForCosine(t *testing.T) {
	change := func(c *itemknn.Config) { c.Similarity, c.Shrink, c.Weighted, c.Alpha = itemknn.Cosine, 2, false, .3 }
	all := fitted(t, toy(t), change)
	two, err := recsys.NewCSR(4, 2, []recsys.Entry{
		{Row: 0, Col: 0, Value: 1}, {Row: 0, Col: 1, Value: 1}, {Row: 1, Col: 0, Value: 1}, {Row: 2, Col: 1, Value: 1}, {Row: 3, Col: 1, Value: 1},
	})
	require.NoError(t, err)
	m := fitted(t, &recsys.Dataset{Interactions: two}, change)
	require.NoError(t, m.AddItems(context.Background(), recsys.NewItems{
		Count:        1,
		Interactions: &recsys.CSR{Rows: 1, Cols: 4, Indptr: []int64{0, 2}, Indices: []int32{1, 2}},
		Neighbours:   &recsys.CSR{Rows: 1, Cols: 2, Indptr: []int64{0, 2}, Indices: []int32{0, 1}},
	}))
	for j := range int32(3) {
		h := recsys.History{Items: []int32{j}}
		require.InDeltaSlice(t, scoresOf(t, all, h), scoresOf(t, m, h), 1e-6, "item %d", j)
	}
	// Two at once: the second is known to the first by their common users.
	one, err := recsys.NewCSR(4, 1, []recsys.Entry{{Row: 0, Col: 0, Value: 1}, {Row: 1, Col: 0, Value: 1}})
	require.NoError(t, err)
	m = fitted(t, &recsys.Dataset{Interactions: one}, change)
	require.NoError(t, m.AddItems(context.Background(), recsys.NewItems{
		Count:        2,
		Interactions: &recsys.CSR{Rows: 2, Cols: 4, Indptr: []int64{0, 3, 5}, Indices: []int32{0, 2, 3, 1, 2}},
		Neighbours:   &recsys.CSR{Rows: 2, Cols: 1, Indptr: []int64{0, 1, 2}, Indices: []int32{0, 0}},
	}))
	for j := range int32(3) {
		h := recsys.History{Items: []int32{j}}
		require.InDeltaSlice(t, scoresOf(t, all, h), scoresOf(t, m, h), 1e-6, "item %d", j)
	}
}

func TestAddItemsRefusesNegativeNumbers(t *testing.T) {
	m := fitted(t, toy(t), func(*itemknn.Config) {})
	err := m.AddItems(context.Background(), recsys.NewItems{Count: 1, Neighbours: &recsys.CSR{
		Rows: 1, Cols: 3, Indptr: []int64{0, 1}, Indices: []int32{1}, Values: []float32{-2},
	}})
	require.ErrorIs(t, err, recsys.ErrInvalidData)
	require.ErrorContains(t, err, "-2")
}

func TestWeightsThatOverflow(t *testing.T) {
	d := toy(t)
	d.Interactions.Values[0] = 1e30
	cfg := itemknn.DefaultConfig()
	cfg.Similarity = itemknn.Cosine
	m, err := itemknn.New(cfg)
	require.NoError(t, err)
	require.ErrorIs(t, m.Fit(context.Background(), d), recsys.ErrInvalidData)
	fitted(t, d, func(c *itemknn.Config) { c.Similarity, c.Weighted = itemknn.Cosine, false })
}

func TestLoadRefusesNumbersThatAreNone(t *testing.T) {
	s, err := fitted(t, toy(t), func(*itemknn.Config) {}).State()
	require.NoError(t, err)
	for k := range s.Tensors {
		if s.Tensors[k].Float32 == nil {
			continue
		}
		for _, v := range []float64{math.NaN(), math.Inf(1), -1} {
			old := s.Tensors[k].Float32
			s.Tensors[k].Float32 = append([]float32{float32(v)}, old[1:]...)
			_, err = itemknn.Kind.Load(s, recsys.Run{})
			require.ErrorIs(t, err, model.ErrCorrupt, "%s: %v", s.Tensors[k].Name, v)
			s.Tensors[k].Float32 = old
		}
	}
}

func TestValidateNamesEveryFault(t *testing.T) {
	_, err := itemknn.New(itemknn.Config{Similarity: "x", Neighbours: 0, Shrink: -1, Alpha: 2, K1: math.NaN(), B: -3})
	require.ErrorIs(t, err, recsys.ErrInvalidConfig)
	for _, want := range []string{`similarity is "x"`, "neighbours is 0", "shrink is -1", "alpha is 2", "k1 is NaN", "b is -3"} {
		require.ErrorContains(t, err, want)
	}
	_, err = itemknn.Kind.New(json.RawMessage(`{"k": 3}`), recsys.Run{})
	require.ErrorContains(t, err, "neighbours")
}
