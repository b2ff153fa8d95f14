package bpr_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/bpr"
	"github.com/recsys-lite/recsys/eval"
	"github.com/recsys-lite/recsys/internal/datasets"
)

// measure fits on d and evaluates on the held-out items.
func measure(t *testing.T, d *recsys.Dataset, test [][]int32, foldIn bool, change func(*bpr.Config)) map[string]float64 {
	var held []recsys.Entry
	for u, items := range test {
		for _, i := range items {
			held = append(held, recsys.Entry{Row: int32(u), Col: i, Value: 1})
		}
	}
	x, err := recsys.NewCSR(d.Interactions.Rows, d.Interactions.Cols, held)
	require.NoError(t, err)
	cfg := bpr.DefaultConfig()
	change(&cfg)
	m, err := bpr.New(cfg)
	require.NoError(t, err)
	require.NoError(t, m.Fit(context.Background(), d))
	split := &eval.Split{Name: "published", Train: d, Test: x}
	r, err := eval.Run(context.Background(), m, split, eval.Options{Ks: []int{10}, Bootstrap: -1})
	require.NoError(t, err)
	require.Greater(t, r.Metrics["ndcg@10"], 1.5*r.Baseline["ndcg@10"], "popularity")
	if foldIn {
		f, err := eval.Run(context.Background(), m, split, eval.Options{Ks: []int{10}, Bootstrap: -1, FoldIn: true})
		require.NoError(t, err)
		t.Logf("as known users NDCG@10 %.4f, folded in %.4f", r.Metrics["ndcg@10"], f.Metrics["ndcg@10"])
		require.Greater(t, f.Metrics["ndcg@10"], 0.95*r.Metrics["ndcg@10"], "users the model was not fitted on do as well")
	}
	return r.Metrics
}

// MF-BPR scores .1500/.2105/.6971/.3894 (recall, NDCG, HR, MRR at 10) in the study that the split is from (TOIS 2025).
// The parameters were chosen on the validation part.
func TestPublishedML1M(t *testing.T) {
	if testing.Short() {
		t.Skip("a fit on ML-1M")
	}
	d := datasets.ML1M(t)
	got := measure(t, d.Full, d.Test, true, func(c *bpr.Config) {
		negative, positive := 0.003, 0.004
		c.Factors, c.LearningRate, c.Regularization = 128, 0.15, 0.015
		c.RegPositive, c.RegNegative = &positive, &negative
	})
	t.Logf("ML-1M: recall %.4f, NDCG %.4f, HR %.4f, MRR %.4f", got["recall@10"], got["ndcg@10"], got["hr@10"], got["mrr@10"])
	require.Greater(t, got["ndcg@10"], 0.270)
	require.Greater(t, got["recall@10"], 0.150)
	require.Greater(t, got["hr@10"], 0.6971)
	require.Greater(t, got["mrr@10"], 0.3894)
}

// MF-BPR scores .2816/.1860/.2195 (precision, recall, NDCG over the full ideal list) on this split of ML-100K.
// These are the defaults.
func TestPublishedML100K(t *testing.T) {
	d := datasets.ML100K(t)
	got := measure(t, d.Full, d.Test, true, func(*bpr.Config) {})
	t.Logf("ML-100K: precision %.4f, recall %.4f, NDCG %.4f", got["precision@10"], got["recall@10"], got["ndcg_full@10"])
	require.Greater(t, got["precision@10"], 0.33)
	require.Greater(t, got["recall@10"], 0.1860)
	require.Greater(t, got["ndcg_full@10"], 0.2195)
}
