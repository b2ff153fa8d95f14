package itemknn_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/eval"
	"github.com/recsys-lite/recsys/internal/datasets"
	"github.com/recsys-lite/recsys/itemknn"
)

func measure(t testing.TB, d *recsys.Dataset, test [][]int32, o eval.Options, change func(*itemknn.Config)) map[string]float64 {
	t.Helper()
	var held []recsys.Entry
	for u, items := range test {
		for _, i := range items {
			held = append(held, recsys.Entry{Row: int32(u), Col: i, Value: 1})
		}
	}
	x, err := recsys.NewCSR(d.Interactions.Rows, d.Interactions.Cols, held)
	require.NoError(t, err)
	o.Bootstrap = -1
	r, err := eval.Run(context.Background(), fitted(t, d, change), &eval.Split{Name: "published", Train: d, Test: x}, o)
	require.NoError(t, err)
	t.Log(r.Metrics["recall@10"], r.Metrics["ndcg@10"], r.Metrics["recall@20"], r.Metrics["ndcg@20"])
	return r.Metrics
}

// The study that made this split (RGCF, TOIS 2025) found .1811/.2578 with a tuned ItemKNN;
// popularity has .0773/.1213. The defaults are those of the best NDCG@10 on the validation part,
// in a grid of cosine and TF-IDF, 50 to 300 neighbours, shrink 0 to 100 and alpha .4 and .5.
func TestPublishedML1M(t *testing.T) {
	if testing.Short() {
		t.Skip("a fit of 750,000 interactions")
	}
	d := datasets.ML1M(t)
	got := measure(t, d.Full, d.Test, eval.Options{Ks: []int{10}}, func(*itemknn.Config) {})
	require.GreaterOrEqual(t, got["recall@10"], .1811)
	require.GreaterOrEqual(t, got["ndcg@10"], .2578)
}

// An independent numpy program found .092/.091 with ItemKNN for items that the user has not
// had, and .146/.195 for all; popularity has .037/.040 and .060/.088. The parameters have the
// best NDCG@20 of the same grid, with and without weights, on the training part alone, cut at
// 2011-10-09. The figures are given to three digits, and so are the bars.
func TestOnlineRetail(t *testing.T) {
	d := datasets.OnlineRetail(t)
	unseen := measure(t, d.Train, d.Test, eval.Options{Ks: []int{20}}, func(c *itemknn.Config) { c.Weighted, c.Neighbours, c.Shrink = false, 100, 20 })
	require.GreaterOrEqual(t, unseen["recall@20"], .0915)
	require.GreaterOrEqual(t, unseen["ndcg@20"], .0905)
	repeats := measure(t, d.Train, d.Test, eval.Options{Ks: []int{20}, Repeats: true}, func(c *itemknn.Config) { c.Neighbours = 300 })
	require.GreaterOrEqual(t, repeats["recall@20"], .1455)
	require.GreaterOrEqual(t, repeats["ndcg@20"], .1945)
}
