package eval

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/recsys-lite/recsys"
)

// fixed gives every user a list of scores.
type fixed [][]float32

func (f fixed) Shape() (users, items int) { return len(f), len(f[0]) }

func (f fixed) Scores(_ context.Context, q recsys.Query, dst []float32) error {
	copy(dst, f[q.User])
	return nil
}

func csr(t require.TestingT, cols int, rows ...[]int32) *recsys.CSR {
	var entries []recsys.Entry
	for r, items := range rows {
		for _, i := range items {
			entries = append(entries, recsys.Entry{Row: int32(r), Col: i, Value: 1})
		}
	}
	m, err := recsys.NewCSR(len(rows), cols, entries)
	require.NoError(t, err)
	return m
}

// One user ranks items 0 1 2 3 4; 1, 3 and one item that is in no catalogue are held out.
// Another ranks 4 3 2 1 0; 4 is held out. Item 5 was had in training by both, 0 by one.
func byHand(t require.TestingT) (fixed, *Split) {
	return fixed{{5, 4, 3, 2, 1, 9}, {1, 2, 3, 4, 5, 9}, {1, 1, 1, 1, 1, 1}},
		&Split{
			Name:    "by hand",
			Train:   &recsys.Dataset{Interactions: csr(t, 6, []int32{5}, []int32{0, 5}, []int32{1})},
			Test:    csr(t, 6, []int32{1, 3}, []int32{4}, nil),
			Unknown: []int32{1, 0, 0},
		}
}

func TestMetricsByHand(t *testing.T) {
	m, s := byHand(t)
	r, err := Run(context.Background(), m, s, Options{Ks: []int{2, 4}, Recall: ByReachable})
	require.NoError(t, err)
	require.Equal(t, 2, r.Users, "users without held-out items are not measured")
	require.Equal(t, 1, r.UnknownItems)

	log2 := math.Log2
	ideal2, ideal3 := 1+1/log2(3), 1+1/log2(3)+1/log2(4)
	half := func(first, second float64) float64 { return (first + second) / 2 }
	for name, want := range map[string]float64{
		// User 0 hits at ranks 2 and 4, of three; user 1 at rank 1, of one.
		"precision@2": half(1./2, 1./2),
		"precision@4": half(2./4, 1./4),
		"recall@2":    half(1./2, 1),
		"recall@4":    half(2./3, 1),
		"hr@2":        1,
		"mrr@2":       half(1./2, 1),
		"map@2":       half((1./2)/2, 1),
		"map@4":       half((1./2+2./4)/3, 1),
		"ndcg@2":      half((1/log2(3))/ideal2, 1),
		"ndcg_full@2": half((1/log2(3))/ideal3, 1),
		"ndcg@4":      half((1/log2(3)+1/log2(5))/ideal3, 1),
		"ndcg_full@4": half((1/log2(3)+1/log2(5))/ideal3, 1),
		// The lists are 0 1 | 2 3 and 4 3 | 2 1 (0 was seen).
		"coverage@2": 4. / 6,
		"coverage@4": 5. / 6,
		// Counts at 2, ascending: 0 0 1 1 1 1; at 4: 0 1 1 2 2 2.
		"gini@2": (1.*(-1) + 1 + 3 + 5) / (4 * 6),
		"gini@4": (1.*(-3) - 1 + 2*(1+3+5)) / (8. * 6),
		// Owners: item 0 one (of three users), item 1 one, the rest none, which counts as one.
		"novelty@4": log2(3),
		// Disjoint owners everywhere.
		"diversity@2": 1,
	} {
		require.InDelta(t, want, r.Metrics[name], 1e-12, name)
	}

	r, err = Run(context.Background(), m, s, Options{Ks: []int{2, 4}})
	require.NoError(t, err)
	require.InDelta(t, half(1./3, 1), r.Metrics["recall@2"], 1e-12, "divided by |T|")
}

// Items 0 and 1 share one of two owners each: cosine ½. Item 2 shares nobody with them.
func TestDiversityByHand(t *testing.T) {
	c := newCatalogue(csr(t, 3, []int32{0}, []int32{0, 1}, []int32{1}, []int32{2}))
	dst := make([]float64, 2*perUser)
	sum := make([]float32, 4)
	c.beyond(dst, []int32{0, 1, 2}, []int{2, 3}, sum)
	require.InDelta(t, .5, dst[diversity], 1e-6)
	require.InDelta(t, 1-.5/3, dst[perUser+diversity], 1e-6)
	require.InDelta(t, 1, dst[novelty], 1e-12, "half of the users")
	require.InDelta(t, (1+1+2)/3., dst[perUser+novelty], 1e-12)
	require.Equal(t, make([]float32, 4), sum, "scratch is left as it was found")
	c.beyond(dst, nil, []int{2, 3}, sum)
	require.Zero(t, dst[diversity], "an empty list has no pairs")
}

func TestGini(t *testing.T) {
	require.Zero(t, gini([]int64{3, 3, 3}))
	require.Zero(t, gini([]int64{0, 0}))
	require.InDelta(t, .75, gini([]int64{0, 9, 0, 0}), 1e-12)
}

func TestRepeatsAndSeenItems(t *testing.T) {
	s := &Split{Train: &recsys.Dataset{Interactions: csr(t, 3, []int32{0, 1}, []int32{2})}, Test: csr(t, 3, []int32{0, 2}, []int32{2})}
	m := fixed{{3, 2, 1}, {3, 2, 1}}
	r, err := Run(context.Background(), m, s, Options{Ks: []int{1}})
	require.NoError(t, err)
	require.Equal(t, []int{1, 2}, []int{r.Users, r.SeenItems})
	require.Equal(t, 1., r.Metrics["recall@1"], "only item 2 may be recommended, and only it counts")
	r, err = Run(context.Background(), m, s, Options{Ks: []int{1}, Repeats: true})
	require.NoError(t, err)
	require.Equal(t, []int{2, 0}, []int{r.Users, r.SeenItems})
	require.Equal(t, .25, r.Metrics["recall@1"])
}

func TestWithout(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		set := rapid.Custom(func(t *rapid.T) []int32 {
			var out []int32
			for i := range int32(12) {
				if rapid.Bool().Draw(t, "in") {
					out = append(out, i)
				}
			}
			return out
		})
		a, b := set.Draw(t, "a"), set.Draw(t, "b")
		var want []int32
		for _, x := range a {
			if !contains(b, x) {
				want = append(want, x)
			}
		}
		require.ElementsMatch(t, want, without(a, b))
	})
}

// drawn is a random measurement.
func drawn(t *rapid.T) (fixed, *Split) {
	users, items := rapid.IntRange(1, 6).Draw(t, "users"), rapid.IntRange(2, 9).Draw(t, "items")
	m := make(fixed, users)
	train, test := make([][]int32, users), make([][]int32, users)
	for u := range users {
		m[u] = rapid.SliceOfN(rapid.SampledFrom([]float32{-2, 0, 1, 3, 4, negInf}), items, items).Draw(t, "scores")
		for i := range int32(items) {
			switch rapid.IntRange(0, 3).Draw(t, "where") {
			case 0:
				train[u] = append(train[u], i)
			case 1:
				test[u] = append(test[u], i)
			}
		}
	}
	train[0], test[0] = []int32{0}, []int32{1}
	return m, &Split{Train: &recsys.Dataset{Interactions: csr(t, items, train...)}, Test: csr(t, items, test...)}
}

func TestLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, s := drawn(t)
		ks := []int{1, 2, 3, 20}
		repeats := rapid.Bool().Draw(t, "repeats")
		o := Options{Ks: ks, Repeats: repeats, Bootstrap: 20}
		r, err := Run(context.Background(), m, s, o)
		require.NoError(t, err)
		for name, v := range r.Metrics {
			require.True(t, v >= 0 && (v <= 1+1e-9 || len(name) > 7 && name[:7] == "novelty"), "%s = %v", name, v)
		}
		for c := 1; c < len(ks); c++ {
			for _, name := range []string{"recall", "hr", "mrr", "coverage", "ndcg_full"} {
				require.GreaterOrEqual(t, r.Metrics[at(name, ks[c])], r.Metrics[at(name, ks[c-1])]-1e-12, name)
			}
			require.LessOrEqual(t, r.Metrics[at("ndcg_full", ks[c])], r.Metrics[at("ndcg", ks[c])]+1e-12)
		}

		// The order of the users does not matter.
		order := rapid.Permutation(seq(len(m))).Draw(t, "order")
		m2 := make(fixed, len(m))
		train, test := make([][]int32, len(m)), make([][]int32, len(m))
		for to, from := range order {
			m2[to] = m[from]
			train[to], _ = s.Train.Interactions.Row(from)
			test[to], _ = s.Test.Row(from)
		}
		items := s.Test.Cols
		r2, err := Run(context.Background(), m2, &Split{Train: &recsys.Dataset{Interactions: csr(t, items, train...)}, Test: csr(t, items, test...)}, o)
		require.NoError(t, err)
		for name, v := range r.Metrics {
			require.InDelta(t, v, r2.Metrics[name], 1e-6, name)
		}

		// A model that knows the held-out items is perfect.
		for u := range m {
			held, _ := s.Test.Row(u)
			for i := range m[u] {
				m[u][i] = 0
				if contains(held, int32(i)) {
					m[u][i] = 1
				}
			}
		}
		r, err = Run(context.Background(), m, s, Options{Ks: ks, Repeats: repeats, Bootstrap: -1, Recall: ByReachable})
		require.NoError(t, err)
		for _, k := range ks {
			for _, name := range []string{"ndcg", "recall", "hr", "mrr", "map"} {
				require.InDelta(t, 1, r.Metrics[at(name, k)], 1e-12, name)
			}
		}
		require.InDelta(t, 1, r.Metrics["ndcg_full@20"], 1e-12)
	})
}

func seq(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

func TestRanks(t *testing.T) {
	scores := []float32{1, 3, 3, 0, 3, negInf, float32(math.NaN())}
	rank, conservative, ok := ranks(scores, 2)
	require.True(t, ok)
	require.Equal(t, []int{2, 3}, []int{rank, conservative})
	rank, conservative, _ = ranks(scores, 0)
	require.Equal(t, []int{4, 4}, []int{rank, conservative})
	for _, never := range []int32{5, 6} {
		_, _, ok = ranks(scores, never)
		require.False(t, ok)
	}
}
