package bpr

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/rng"
)

// A positive of which the user has everything else in the block is passed over, and known
// items are never drawn: the item that a user lacks is the only one that falls.
func TestKnownItemsAreNotDrawn(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Factors, cfg.Workers = 4, 1
	for _, sampler := range []Sampler{Uniform, Adaptive} {
		cfg.Sampler = sampler
		tr := newTrainer(&cfg, csr(t, 2, 4,
			recsys.Entry{Row: 0, Col: 0, Value: 1}, recsys.Entry{Row: 0, Col: 1, Value: 1}, recsys.Entry{Row: 0, Col: 2, Value: 1},
			recsys.Entry{Row: 1, Col: 0, Value: 1}, recsys.Entry{Row: 1, Col: 1, Value: 1}, recsys.Entry{Row: 1, Col: 2, Value: 1}), 1)
		for epoch := range 20 {
			_, err := tr.pass(context.Background(), epoch)
			require.NoError(t, err)
		}
		for i := range 3 {
			require.Positive(t, tr.Bias[i], sampler)
		}
		require.Negative(t, tr.Bias[3], sampler)
		for _, word := range tr.worker[0].known {
			require.Zero(t, word, "the marks are taken away after the block")
		}
	}
}

// The adaptive sampler draws from the top of the order by the user's factor.
func TestAdaptiveDrawsFromTheTop(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Factors, cfg.Sampler, cfg.AdaptiveRank = 1, Adaptive, 10
	tr := newTrainer(&cfg, csr(t, 1, 100, recsys.Entry{Row: 0, Col: 0, Value: 1}), 1)
	items := make([]int32, 100)
	for i := range items {
		items[i] = int32(i)
		tr.Items[i] = float32(i) - 50
	}
	var a ranks
	a.order(tr, items)
	r := rng.New(1)
	for _, sign := range []float32{1, -1} {
		a.weigh([]float32{sign})
		var ranks float64
		for range 10_000 {
			place := int(a.draw(r))
			if sign > 0 {
				place = 99 - place
			}
			ranks += float64(place)
		}
		// The mean of the geometric distribution from 0 is (1−p)/p = 9 for p = 1/10.
		require.InDelta(t, 9, ranks/10_000, 0.5)
	}
}

func TestFallingReversesTheOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v, w := rapid.Float32().Draw(t, "v"), rapid.Float32().Draw(t, "w")
		if v > w {
			require.Less(t, falling(v), falling(w))
		}
	})
}
