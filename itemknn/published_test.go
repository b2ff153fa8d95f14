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
	t.Log(r.Metrics)
	return r.Metrics
}

// The study that made this split (RGCF, TOIS 2025) found .1811/.2578 with a tuned ItemKNN;
// popularity has .0773/.1213. The parameters were chosen on the validation part.
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
// had, and .146/.195 for all; popularity has .037/.040 and .060/.088.
func TestOnlineRetail(t *testing.T) {
	d := datasets.OnlineRetail(t)
	unseen := measure(t, d.Train, d.Test, eval.Options{Ks: []int{20}}, func(c *itemknn.Config) { c.Weighted, c.Neighbours = false, 50 })
	require.GreaterOrEqual(t, unseen["recall@20"], .092)
	require.GreaterOrEqual(t, unseen["ndcg@20"], .091)
	repeats := measure(t, d.Train, d.Test, eval.Options{Ks: []int{20}, Repeats: true}, func(*itemknn.Config) {})
	require.GreaterOrEqual(t, repeats["recall@20"], .146)
	require.GreaterOrEqual(t, repeats["ndcg@20"], .195)
}
