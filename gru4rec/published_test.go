package gru4rec

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys/eval"
	"github.com/recsys-lite/recsys/internal/baselines"
	"github.com/recsys-lite/recsys/internal/datasets"
)

// The official code's published lists reach HR@20 .5711 and MRR@20 .3289 on these 387
// predictions. The defaults
// were chosen on the last training day.
func TestYoochoose(t *testing.T) {
	if testing.Short() {
		t.Skip("trains for many seconds")
	}
	data := datasets.Yoochoose(t)
	split := &eval.Split{Name: "yoochoose-100k", Train: data.Train, Sessions: data.Test}
	measure := func(m eval.Scorer) map[string]float64 {
		r, err := eval.NextItem(ctx, m, split, eval.NextItemOptions{Ks: []int{20}, MaxSessions: 99})
		require.NoError(t, err)
		require.Equal(t, 387, r.Predictions)
		return r.Metrics
	}
	m, err := New(DefaultConfig())
	require.NoError(t, err)
	require.NoError(t, m.Fit(ctx, data.Train))
	got := measure(m)
	t.Logf("HR@20 %.4f MRR@20 %.4f", got["hr@20"], got["mrr@20"])
	require.GreaterOrEqual(t, got["hr@20"], .5711)
	require.GreaterOrEqual(t, got["mrr@20"], .3289)
	require.Equal(t, got["hr@20"], got["hr_conservative@20"], "no hit by a tie")

	chain, err := baselines.Markov(data.Train)
	require.NoError(t, err)
	rules, err := baselines.SequentialRules(data.Train)
	require.NoError(t, err)
	for name, yardstick := range map[string]eval.Scorer{"chain": chain, "rules": rules} {
		floor := measure(yardstick)
		t.Logf("%s: HR@20 %.4f MRR@20 %.4f", name, floor["hr@20"], floor["mrr@20"])
		require.Greater(t, got["hr@20"], floor["hr@20"], name)
		require.Greater(t, got["mrr@20"], floor["mrr@20"], name)
	}
}
