package lightfm_test

import (
	"context"
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/rng"
	"github.com/recsys-lite/recsys/lightfm"
	"github.com/recsys-lite/recsys/model/modeltest"
)

func TestConformance(t *testing.T) {
	for name, params := range map[string]string{
		"warp":     `{"no_components": 8}`,
		"bpr":      `{"loss": "bpr"}`,
		"logistic": `{"loss": "logistic"}`,
		"warp-kos": `{"loss": "warp-kos", "no_components": 8}`,
		"adadelta": `{"learning_schedule": "adadelta", "no_components": 8, "epochs": 60}`,
		"alpha":    `{"item_alpha": 1e-6, "user_alpha": 1e-6, "no_components": 8}`,
	} {
		t.Run(name, func(t *testing.T) {
			modeltest.Run(t, lightfm.Kind, modeltest.Options{Params: json.RawMessage(params)})
		})
	}
}

// groups makes users × items with taste groups, enough of both for several blocks, with weights
// that differ, and features that tell the group (and one that tells nothing).
func groups(t testing.TB, users, items, each int) *recsys.Dataset {
	r := rng.New(5)
	var had []recsys.Entry
	for u := range users {
		seen := map[int]bool{}
		for len(seen) < each {
			i := r.Intn(items)
			if r.Float64() < 0.8 {
				i = i/4*4 + u%4
			}
			if i < items && !seen[i] {
				seen[i] = true
				had = append(had, recsys.Entry{Row: int32(u), Col: int32(i), Value: float32(1 + r.Intn(4))})
			}
		}
	}
	tags := func(rows int) *recsys.Features {
		var entries []recsys.Entry
		for i := range rows {
			entries = append(entries, recsys.Entry{Row: int32(i), Col: int32(i % 4), Value: 1}, recsys.Entry{Row: int32(i), Col: 4, Value: 0.5})
		}
		m, err := recsys.NewCSR(rows, 5, entries)
		require.NoError(t, err)
		return &recsys.Features{Names: []string{"a", "b", "c", "d", "all"}, Matrix: m}
	}
	x, err := recsys.NewCSR(users, items, had)
	require.NoError(t, err)
	return &recsys.Dataset{Interactions: x, UserFeatures: tags(users), ItemFeatures: tags(items)}
}

// The suite's data fits into one block; here there are several, and features shared by all.
func TestSameBytesForAnyNumberOfWorkers(t *testing.T) {
	d := groups(t, 300, 600, 20)
	for _, loss := range []lightfm.Loss{lightfm.WARP, lightfm.BPR, lightfm.Logistic, lightfm.WARPKOS} {
		for _, schedule := range []lightfm.Schedule{lightfm.Adagrad, lightfm.Adadelta} {
			var want []byte
			for _, workers := range []int{1, 2, 7} {
				m := fit(t, d, func(c *lightfm.Config) {
					c.Loss, c.Schedule, c.Workers, c.NoComponents, c.Epochs = loss, schedule, workers, 8, 2
					c.ItemAlpha, c.UserAlpha = 1e-5, 1e-5
				})
				s, err := m.State()
				require.NoError(t, err)
				got, err := json.Marshal(s.Tensors)
				require.NoError(t, err)
				if want == nil {
					want = got
				}
				require.True(t, string(want) == string(got), "%s, %s with %d workers", loss, schedule, workers)
			}
		}
	}
}

func TestLossesLearn(t *testing.T) {
	d := groups(t, 300, 600, 20)
	for _, loss := range []lightfm.Loss{lightfm.WARP, lightfm.BPR, lightfm.Logistic, lightfm.WARPKOS} {
		for _, lockFree := range []bool{false, true} {
			if lockFree && raceDetector {
				continue // races by design
			}
			m := fit(t, d, func(c *lightfm.Config) {
				c.Loss, c.LockFree, c.Workers, c.NoComponents = loss, lockFree, 4, 16
			})
			hits := 0
			for u := range 300 {
				top, err := m.Recommend(context.Background(), recsys.Query{User: int32(u), K: 10})
				require.NoError(t, err)
				for _, s := range top {
					if int(s.Item)%4 == u%4 {
						hits++
					}
				}
			}
			require.Greater(t, float64(hits)/3000, 0.8, "%s, lock-free %v", loss, lockFree)
		}
	}
}

func TestConfigReportsEveryFault(t *testing.T) {
	_, err := lightfm.New(lightfm.Config{LearningRate: math.Inf(1), Loss: "hinge", ItemAlpha: -1, UserAlpha: math.NaN(), Schedule: "adam", Rho: 1, K: 2, N: 1})
	require.ErrorIs(t, err, recsys.ErrInvalidConfig)
	for _, name := range []string{"no_components", "learning_rate", "loss", "item_alpha", "user_alpha", "epochs", "max_sampled",
		"learning_schedule", "rho", "epsilon", "k is 2"} {
		require.ErrorContains(t, err, name)
	}
}

func TestDivergenceIsAnError(t *testing.T) {
	cfg := lightfm.DefaultConfig()
	cfg.LearningRate, cfg.Epochs = 1e30, 20
	m, err := lightfm.New(cfg)
	require.NoError(t, err)
	err = m.Fit(context.Background(), groups(t, 40, 40, 10))
	require.ErrorContains(t, err, "lower learning_rate")
	users, _ := m.Shape()
	require.Zero(t, users, "a failed fit leaves the model as it was")
}
