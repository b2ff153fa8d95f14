package bpr_test

import (
	"context"
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/bpr"
	"github.com/recsys-lite/recsys/internal/rng"
	"github.com/recsys-lite/recsys/model/modeltest"
)

func TestConformance(t *testing.T) {
	for name, params := range map[string]string{
		"defaults": `{}`,
		"adaptive": `{"sampler": "adaptive", "adaptive_rank": 10}`,
		"constant": `{"anneal": false, "learning_rate": 0.05, "weighted": false, "reg_negative": 0.001}`,
		"early":    `{"patience": 3, "iterations": 40}`,
	} {
		t.Run(name, func(t *testing.T) {
			modeltest.Run(t, bpr.Kind, modeltest.Options{Params: json.RawMessage(params)})
		})
	}
}

// groups makes users × items with taste groups, enough of both for several blocks, and weights
// that differ.
func groups(t testing.TB, users, items, each int) *recsys.Dataset {
	r := rng.New(5)
	var entries []recsys.Entry
	for u := range users {
		had := map[int]bool{}
		for len(had) < each {
			i := r.Intn(items)
			if r.Float64() < 0.8 {
				i = i/4*4 + u%4
			}
			if i < items && !had[i] {
				had[i] = true
				entries = append(entries, recsys.Entry{Row: int32(u), Col: int32(i), Value: float32(1 + r.Intn(4))})
			}
		}
	}
	x, err := recsys.NewCSR(users, items, entries)
	require.NoError(t, err)
	return &recsys.Dataset{Interactions: x}
}

func fit(t testing.TB, d *recsys.Dataset, change func(*bpr.Config)) *bpr.Model {
	cfg := bpr.DefaultConfig()
	cfg.Factors, cfg.Iterations = 16, 5
	change(&cfg)
	m, err := bpr.New(cfg)
	require.NoError(t, err)
	require.NoError(t, m.Fit(context.Background(), d))
	return m
}

// The suite's data fits into one block; here there are nine times nine.
func TestSameBytesForAnyNumberOfWorkers(t *testing.T) {
	d := groups(t, 300, 600, 20)
	for _, sampler := range []bpr.Sampler{bpr.Uniform, bpr.Adaptive} {
		var want []byte
		for _, workers := range []int{1, 2, 7} {
			m := fit(t, d, func(c *bpr.Config) { c.Workers, c.Sampler = workers, sampler })
			s, err := m.State()
			require.NoError(t, err)
			got, err := json.Marshal(s.Tensors)
			require.NoError(t, err)
			if want == nil {
				want = got
			}
			require.True(t, string(want) == string(got), "%s with %d workers", sampler, workers)
		}
	}
}

// With one worker there is nothing to wait for, and so nothing that leaving it out changes.
func TestLockFreeWithOneWorker(t *testing.T) {
	d := groups(t, 300, 600, 20)
	a := fit(t, d, func(c *bpr.Config) { c.Workers = 1 })
	b := fit(t, d, func(c *bpr.Config) { c.Workers, c.LockFree = 1, true })
	require.Equal(t, a.ItemVectors(), b.ItemVectors())
}

func TestLockFreeLearns(t *testing.T) {
	if raceDetector {
		t.Skip("lock-free training races by design")
	}
	d := groups(t, 300, 600, 20)
	m := fit(t, d, func(c *bpr.Config) { c.Workers, c.LockFree, c.Iterations = 4, true, 30 })
	require.Greater(t, ownGroup(t, m, 300), 0.8)
}

// ownGroup is the share of recommended items that are of the user's group.
func ownGroup(t testing.TB, m *bpr.Model, users int) float64 {
	hits, n := 0, 0
	for u := range users {
		top, err := m.Recommend(context.Background(), recsys.Query{User: int32(u), K: 10})
		require.NoError(t, err)
		for _, s := range top {
			n++
			if int(s.Item)%4 == u%4 {
				hits++
			}
		}
	}
	return float64(hits) / float64(n)
}

func TestSamplersLearn(t *testing.T) {
	d := groups(t, 300, 600, 20)
	for _, sampler := range []bpr.Sampler{bpr.Uniform, bpr.Adaptive} {
		m := fit(t, d, func(c *bpr.Config) { c.Sampler, c.Iterations, c.AdaptiveRank = sampler, 30, 100 })
		require.Greater(t, ownGroup(t, m, 300), 0.8, sampler)
	}
}

func TestDivergenceIsAnError(t *testing.T) {
	cfg := bpr.DefaultConfig()
	cfg.LearningRate, cfg.Regularization, cfg.Iterations, cfg.Anneal = 1e19, 0, 20, false
	m, err := bpr.New(cfg)
	require.NoError(t, err)
	err = m.Fit(context.Background(), groups(t, 40, 40, 10))
	require.ErrorContains(t, err, "lower learning_rate")
	users, _ := m.Shape()
	require.Zero(t, users, "a failed fit leaves the model as it was")
}

func TestConfigReportsEveryFault(t *testing.T) {
	negative, huge := -1.0, 1e9
	_, err := bpr.New(bpr.Config{LearningRate: math.NaN(), Regularization: math.Inf(1), RegPositive: &negative, RegNegative: &huge,
		RegBias: -1, Sampler: "popular", Patience: -1, ValidationShare: 1})
	require.ErrorIs(t, err, recsys.ErrInvalidConfig)
	for _, name := range []string{"factors", "learning_rate", "regularization", "reg_positive", "reg_bias",
		"iterations", "sampler", "adaptive_rank", "patience", "validation_share"} {
		require.ErrorContains(t, err, name)
	}
	cfg := bpr.DefaultConfig()
	cfg.RegNegative = &huge
	require.ErrorContains(t, cfg.Validate(), "reg_negative")
}
