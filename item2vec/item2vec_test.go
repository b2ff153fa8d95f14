package item2vec

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/eval"
	"github.com/recsys-lite/recsys/internal/datasets"
	"github.com/recsys-lite/recsys/model/modeltest"
)

func TestConformance(t *testing.T) {
	modeltest.Run(t, Kind, modeltest.Options{Params: json.RawMessage(`{"vector_size": 16, "epochs": 20, "window": 8}`)})
}

func fit(t *testing.T, d *recsys.Dataset, change func(*Config)) *Model {
	t.Helper()
	cfg := DefaultConfig()
	change(&cfg)
	m, err := New(cfg)
	require.NoError(t, err)
	require.NoError(t, m.Fit(context.Background(), d))
	return m
}

func TestUntrainedItemsRankLast(t *testing.T) {
	x, err := recsys.NewCSR(3, 4, []recsys.Entry{{Row: 0, Col: 0, Value: 1}, {Row: 0, Col: 1, Value: 1}, {Row: 1, Col: 0, Value: 1}, {Row: 1, Col: 1, Value: 1}, {Row: 2, Col: 0, Value: 1}, {Row: 2, Col: 1, Value: 1}, {Row: 2, Col: 3, Value: 1}})
	require.NoError(t, err)
	m := fit(t, &recsys.Dataset{Interactions: x}, func(c *Config) { c.MinCount = 2 })
	top, err := m.Recommend(context.Background(), recsys.Query{User: recsys.NoUser, History: recsys.History{Items: []int32{0}}, K: 4})
	require.NoError(t, err)
	require.Len(t, top, 4)
	require.Equal(t, []int32{2, 3}, []int32{top[2].Item, top[3].Item}, "item 2 has no event, item 3 fewer than min_count")
}

func TestSimilarFloor(t *testing.T) {
	x, err := recsys.NewCSR(3, 3, []recsys.Entry{{Row: 0, Col: 0, Value: 1}, {Row: 0, Col: 1, Value: 1}, {Row: 1, Col: 0, Value: 1}, {Row: 1, Col: 1, Value: 1}, {Row: 2, Col: 0, Value: 1}, {Row: 2, Col: 1, Value: 1}, {Row: 2, Col: 2, Value: 1}})
	require.NoError(t, err)
	m := fit(t, &recsys.Dataset{Interactions: x}, func(c *Config) { c.SimilarFloor = 2 })
	top, err := m.SimilarItems(context.Background(), 0, 2, nil)
	require.NoError(t, err)
	require.EqualValues(t, 1, top[0].Item)
	require.EqualValues(t, 2, top[1].Item, "an item of one event comes behind all others")
	require.Less(t, top[1].Score, float32(-.9))
}

func TestRecencyWeighsTheLastEventMost(t *testing.T) {
	m, err := New(Config{VectorSize: 1, Window: 1, MinCount: 1, Epochs: 1, Negative: 1, LearningRate: 1, Recency: .5})
	require.NoError(t, err)
	items, weights := m.weights(&recsys.History{Sequence: []int32{7, 3, 7}})
	require.Equal(t, []int32{3, 7}, items)
	require.InDeltaSlice(t, []float64{.5 / 1.75, 1.25 / 1.75}, widen(weights), 1e-6)
}

// ML-1M in the split of RGCF, on which popularity scores .1213 (NDCG@10). Ten epochs keep the
// test short; the exponent and the other parameters were chosen on the validation part.
func TestML1M(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a fit on ML-1M")
	}
	data := datasets.ML1M(t)
	m := fit(t, data.Full, func(c *Config) { c.Epochs = 10 })
	var held []recsys.Entry
	for u, items := range data.Test {
		for _, i := range items {
			held = append(held, recsys.Entry{Row: int32(u), Col: i, Value: 1})
		}
	}
	test, err := recsys.NewCSR(data.Full.Interactions.Rows, data.Full.Interactions.Cols, held)
	require.NoError(t, err)
	r, err := eval.Run(context.Background(), m, &eval.Split{Name: "RGCF", Train: data.Full, Test: test}, eval.Options{Ks: []int{10}, Bootstrap: -1})
	require.NoError(t, err)
	t.Logf("recall@10 %.4f ndcg@10 %.4f", r.Metrics["recall@10"], r.Metrics["ndcg@10"])
	require.Greater(t, r.Metrics["ndcg@10"], .2)
	require.Greater(t, r.Metrics["ndcg@10"], 1.5*r.Baseline["ndcg@10"], "popularity")
}
