package sessionknn

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys/eval"
	"github.com/recsys-lite/recsys/internal/datasets"
)

// The published VS-kNN lists reach HR@20 .6098 and MRR@20 .3342 on these 387 predictions. The
// defaults were chosen on the last training day.
func TestYoochoose(t *testing.T) {
	data := datasets.Yoochoose(t)
	split := &eval.Split{Name: "yoochoose-100k", Train: data.Train, Sessions: data.Test}
	r, err := eval.NextItem(ctx, fitted(t, data.Train, nil), split, eval.NextItemOptions{Ks: []int{20}, MaxSessions: 99})
	require.NoError(t, err)
	require.Equal(t, 387, r.Predictions)
	t.Logf("HR@20 %.4f MRR@20 %.4f", r.Metrics["hr@20"], r.Metrics["mrr@20"])
	require.GreaterOrEqual(t, r.Metrics["hr@20"], .6098)
	require.GreaterOrEqual(t, r.Metrics["mrr@20"], .3342)
	require.Greater(t, r.Metrics["hr@20"], 5*r.Baseline["hr@20"], "against popularity")
}
