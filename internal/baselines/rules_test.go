package baselines_test

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/eval"
	"github.com/recsys-lite/recsys/internal/baselines"
	"github.com/recsys-lite/recsys/internal/datasets"
)

// Two sessions: 0 1 2 1 and 1 2.
func data(t *testing.T) *recsys.Dataset {
	x, err := recsys.NewCSR(2, 3, []recsys.Entry{{Row: 0, Col: 0, Value: 1}, {Row: 0, Col: 1, Value: 1}, {Row: 0, Col: 2, Value: 1},
		{Row: 1, Col: 1, Value: 1}, {Row: 1, Col: 2, Value: 1}})
	require.NoError(t, err)
	return &recsys.Dataset{Interactions: x,
		Sequences: &recsys.Sequences{Indptr: []int64{0, 4, 6}, Items: []int32{0, 1, 2, 1, 1, 2}, Times: make([]int64, 6)}}
}

func scores(t *testing.T, r *baselines.Rules, last ...int32) []float32 {
	dst := make([]float32, 3)
	require.NoError(t, r.Scores(context.Background(), recsys.Query{User: recsys.NoUser, History: recsys.History{Sequence: last}}, dst))
	return dst
}

func TestByHand(t *testing.T) {
	never := float32(math.Inf(-1))
	chain, err := baselines.Markov(data(t))
	require.NoError(t, err)
	require.Equal(t, []float32{never, never, 2}, scores(t, chain, 0, 1))
	require.Equal(t, []float32{never, 1, never}, scores(t, chain, 0))
	require.Equal(t, []float32{never, never, never}, scores(t, chain))

	rules, err := baselines.SequentialRules(data(t))
	require.NoError(t, err)
	require.Equal(t, []float32{never, 1 + 1./3, .5}, scores(t, rules, 0))
	require.Equal(t, []float32{never, .5, 2}, scores(t, rules, 1))

	d := data(t)
	d.Sequences = nil
	_, err = baselines.Markov(d)
	require.ErrorIs(t, err, recsys.ErrInvalidData)
	require.ErrorIs(t, chain.Scores(context.Background(), recsys.Query{User: recsys.NoUser}, nil), recsys.ErrInvalidQuery)
}

// The published sequential rules reach HR@20 .5607 and MRR@20 .3275 on the first 99 sessions;
// they keep 20 rules per item and break ties otherwise. The chain's figures are ours.
func TestYoochoose(t *testing.T) {
	y := datasets.Yoochoose(t)
	s := &eval.Split{Name: "first 99 sessions", Train: y.Train, Sessions: y.Test}
	o := eval.NextItemOptions{Ks: []int{20}, MaxSessions: 99}
	for name, c := range map[string]struct {
		learn   func(*recsys.Dataset) (*baselines.Rules, error)
		hr, mrr float64
	}{
		"markov":           {baselines.Markov, .5271, .3286},
		"sequential rules": {baselines.SequentialRules, .5607, .3275},
	} {
		m, err := c.learn(y.Train)
		require.NoError(t, err)
		r, err := eval.NextItem(context.Background(), m, s, o)
		require.NoError(t, err)
		require.InDelta(t, c.hr, r.Metrics["hr@20"], .003, name)
		require.InDelta(t, c.mrr, r.Metrics["mrr@20"], .003, name)
	}
}
