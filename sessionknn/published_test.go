package sessionknn

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/eval"
	"github.com/recsys-lite/recsys/internal/datasets"
)

// The published VS-kNN lists reach HR@20 .6098 and MRR@20 .3342 on these 387 predictions. The
// defaults were chosen on the last training day.
func TestYoochoose(t *testing.T) {
	data := datasets.Yoochoose(t)
	split := &eval.Split{Name: "yoochoose-100k", Train: data.Train, Sessions: data.Test}
	r, err := eval.NextItem(ctx, withDefaults(t, data.Train), split, eval.NextItemOptions{Ks: []int{20}, MaxSessions: 99})
	require.NoError(t, err)
	require.Equal(t, 387, r.Predictions)
	t.Logf("HR@20 %.4f MRR@20 %.4f", r.Metrics["hr@20"], r.Metrics["mrr@20"])
	require.GreaterOrEqual(t, r.Metrics["hr@20"], .6098)
	require.GreaterOrEqual(t, r.Metrics["mrr@20"], .3342)
	require.Greater(t, r.Metrics["hr@20"], 5*r.Baseline["hr@20"], "against popularity")
}

// In a shop of baskets the latest one says most: on Online Retail, by time, the defaults beat
// the EASE of the published comparison (R@20/N@20 .106/.105 without and .205/.266 with
// repeats).
func TestOnlineRetail(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	data := datasets.OnlineRetail(t)
	events, err := eval.NewEvents(append(slices.Clone(data.TrainEvents), data.TestEvents...), nil, recsys.Weighting{})
	require.NoError(t, err)
	split, err := eval.ByTime(events, datasets.OnlineRetailCut)
	require.NoError(t, err)
	m := withDefaults(t, split.Train)
	for _, floor := range []struct {
		repeats      bool
		recall, ndcg float64
	}{{false, .106, .105}, {true, .205, .266}} {
		r, err := eval.Run(ctx, m, split, eval.Options{Ks: []int{20}, Repeats: floor.repeats, Bootstrap: -1})
		require.NoError(t, err)
		t.Logf("repeats %v: recall@20 %.4f ndcg@20 %.4f", floor.repeats, r.Metrics["recall@20"], r.Metrics["ndcg@20"])
		require.Greater(t, r.Metrics["recall@20"], floor.recall)
		require.Greater(t, r.Metrics["ndcg@20"], floor.ndcg)
	}
}

func withDefaults(t *testing.T, d *recsys.Dataset) *Model {
	t.Helper()
	m, err := New(DefaultConfig())
	require.NoError(t, err)
	require.NoError(t, m.Fit(ctx, d))
	return m
}
