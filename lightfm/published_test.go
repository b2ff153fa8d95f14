package lightfm_test

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/eval"
	"github.com/recsys-lite/recsys/internal/datasets"
	"github.com/recsys-lite/recsys/internal/rng"
	"github.com/recsys-lite/recsys/lightfm"
)

func fit(t testing.TB, d *recsys.Dataset, change func(*lightfm.Config)) *lightfm.Model {
	cfg := lightfm.DefaultConfig()
	change(&cfg)
	m, err := lightfm.New(cfg)
	require.NoError(t, err)
	require.NoError(t, m.Fit(context.Background(), d))
	return m
}

// plain returns the dataset without user features, and with item features only if asked.
func plain(d *recsys.Dataset, genres bool) *recsys.Dataset {
	c := *d
	c.UserFeatures = nil
	if !genres {
		c.ItemFeatures = nil
	}
	return &c
}

// There is no LightFM in the study that the split of ML-1M is from; the floor is BPR of this
// module (.2743, package bpr). The parameters were chosen on the validation part.
func TestML1M(t *testing.T) {
	if testing.Short() {
		t.Skip("two fits on ML-1M")
	}
	d := datasets.ML1M(t)
	var held []recsys.Entry
	for u, items := range d.Test {
		for _, i := range items {
			held = append(held, recsys.Entry{Row: int32(u), Col: i, Value: 1})
		}
	}
	test, err := recsys.NewCSR(d.Full.Interactions.Rows, d.Full.Interactions.Cols, held)
	require.NoError(t, err)
	for name, genres := range map[string]bool{"ids": false, "ids and genres": true} {
		t.Run(name, func(t *testing.T) {
			data, epochs := plain(d.Full, genres), 20
			if genres {
				epochs = 12
			}
			m := fit(t, data, func(c *lightfm.Config) {
				c.NoComponents, c.MaxSampled, c.ItemAlpha, c.UserAlpha, c.Epochs = 128, 30, 2e-4, 2e-4, epochs
			})
			r, err := eval.Run(context.Background(), m, &eval.Split{Name: "published", Train: data, Test: test}, eval.Options{Ks: []int{10}, Bootstrap: -1})
			require.NoError(t, err)
			t.Logf("recall %.4f, NDCG %.4f, HR %.4f, MRR %.4f", r.Metrics["recall@10"], r.Metrics["ndcg@10"], r.Metrics["hr@10"], r.Metrics["mrr@10"])
			require.Greater(t, r.Metrics["ndcg@10"], 0.2743)
		})
	}
}

// A tenth of the items is taken out of the training altogether and then ranked alone for the
// users who had some of them. Popularity and a model without features know nothing of them;
// what they score is the order of the ids, by which old and famous films come first.
func TestColdItems(t *testing.T) {
	if testing.Short() {
		t.Skip("two fits on ML-1M")
	}
	d := datasets.ML1M(t)
	x := d.Full.Interactions
	r := rng.New(9)
	cold := recsys.NewBitset(x.Cols)
	for i := range x.Cols {
		if r.Float64() < 0.1 {
			cold.Set(int32(i))
		}
	}
	var train []recsys.Entry
	wanted := make([]map[int32]bool, x.Rows)
	for u := range x.Rows {
		wanted[u] = map[int32]bool{}
		cols, _ := x.Row(u)
		for _, i := range cols {
			if cold.Has(i) {
				wanted[u][i] = true
			} else {
				train = append(train, recsys.Entry{Row: int32(u), Col: i, Value: 1})
			}
		}
	}
	warm := *d.Full
	var err error
	warm.Sequences = nil
	warm.Interactions, err = recsys.NewCSR(x.Rows, x.Cols, train)
	require.NoError(t, err)

	ndcg := func(list func(u int) []recsys.Scored) float64 {
		var sum float64
		users := 0
		for u := range x.Rows {
			if len(wanted[u]) == 0 {
				continue
			}
			users++
			var gain, ideal float64
			for rank, s := range list(u) {
				discount := 1 / math.Log2(float64(rank)+2)
				if wanted[u][s.Item] {
					gain += discount
				}
				if rank < len(wanted[u]) {
					ideal += discount
				}
			}
			sum += gain / ideal
		}
		return sum / float64(users)
	}
	ranked := func(genres bool) func(u int) []recsys.Scored {
		m := fit(t, plain(&warm, genres), func(c *lightfm.Config) { c.NoComponents, c.Epochs = 32, 10 })
		return func(u int) []recsys.Scored {
			top, err := m.Recommend(context.Background(), recsys.Query{User: int32(u), K: 10, Allowed: cold})
			require.NoError(t, err)
			return top
		}
	}
	zeros := make([]float32, x.Cols) // what popularity knows of the cold items
	popular := ndcg(func(int) []recsys.Scored { return recsys.TopK(zeros, 10, cold) })
	without, with := ndcg(ranked(false)), ndcg(ranked(true))
	t.Logf("%d cold items, NDCG@10: popularity %.4f, without features %.4f, with genres %.4f", cold.Count(), popular, without, with)
	require.Greater(t, with, 1.3*popular)
	require.Equal(t, popular, without)
}
