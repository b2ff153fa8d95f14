package bpr

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/f32"
	"github.com/recsys-lite/recsys/internal/rng"
)

func csr(t testing.TB, rows, cols int, entries ...recsys.Entry) *recsys.CSR {
	x, err := recsys.NewCSR(rows, cols, entries)
	require.NoError(t, err)
	return x
}

func ptr(v float64) *float64 { return &v }

// One user, one item had, one lacked: the triple is certain, and the step is done by hand.
func TestFirstStepByHand(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Factors, cfg.LearningRate, cfg.Regularization = 2, 0.5, 0.1
	cfg.RegPositive, cfg.RegNegative, cfg.RegBias = ptr(0.2), ptr(0.4), 0.6
	cfg.Workers = 1
	tr := newTrainer(&cfg, csr(t, 1, 2, recsys.Entry{Row: 0, Col: 0, Value: 3}), 1)
	copy(tr.Users, []float32{1, 2})
	copy(tr.Items, []float32{3, -1, 1, 1})
	copy(tr.Bias, []float32{0.5, -0.5})
	// x = (3 − 2 + ½) − (1 + 2 − ½) = −1; z = σ(1) = 0.7310585786; η·z = 0.3655292893.
	loss, err := tr.pass(context.Background(), 0)
	require.NoError(t, err)
	const g = 0.3655292893
	require.InDelta(t, 0.7310585786, loss, 1e-6)
	require.InDeltaSlice(t, []float64{0.95*1 + g*2, 0.95*2 - g*2}, widen(tr.Users), 1e-6)
	require.InDeltaSlice(t, []float64{0.9*3 + g, 0.9*-1 + g*2, 0.8*1 - g, 0.8*1 - g*2}, widen(tr.Items), 1e-6)
	require.InDeltaSlice(t, []float64{0.7*0.5 + g, 0.7*-0.5 - g}, widen(tr.Bias), 1e-6)
}

func widen(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

// The step follows the numeric gradient of ln σ(x) − Σ λ/2·‖·‖².
func TestStepIsTheGradient(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Factors, cfg.LearningRate, cfg.Regularization = 5, 1e-3, 0.3
	cfg.RegPositive, cfg.RegNegative, cfg.RegBias = ptr(0.2), ptr(0.1), 0.4
	x := csr(t, 1, 2, recsys.Entry{Row: 0, Col: 0, Value: 1})
	for seed := range uint64(5) {
		tr := newTrainer(&cfg, x, 1)
		cfg.rates(&tr.Ranker, 0, 1)
		r := rng.New(seed)
		for _, m := range [][]float32{tr.Users, tr.Items, tr.Bias} {
			r.Fill(m, 1)
		}
		// All parameters in a row: p, q_i, q_j, b_i, b_j.
		at := slices.Concat(widen(tr.Users), widen(tr.Items), widen(tr.Bias))
		tr.Steps([]f32.Preference{{User: 0, Better: 0, Worse: 1}})
		after := slices.Concat(widen(tr.Users), widen(tr.Items), widen(tr.Bias))
		objective := func(w []float64) float64 {
			p, qi, qj, bi, bj := w[:5], w[5:10], w[10:15], w[15], w[16]
			diff := bi - bj
			penalty := 0.4 * (bi*bi + bj*bj)
			for f := range p {
				diff += p[f] * (qi[f] - qj[f])
				penalty += 0.3*p[f]*p[f] + 0.2*qi[f]*qi[f] + 0.1*qj[f]*qj[f]
			}
			return -math.Log1p(math.Exp(-diff)) - penalty/2
		}
		for k := range at {
			const h = 1e-5
			up, down := slices.Clone(at), slices.Clone(at)
			up[k] += h
			down[k] -= h
			gradient := (objective(up) - objective(down)) / (2 * h)
			require.InDelta(t, gradient, (after[k]-at[k])/cfg.LearningRate, 2e-3, "parameter %d", k)
		}
	}
}

func TestRates(t *testing.T) {
	cfg := DefaultConfig()
	cfg.LearningRate, cfg.Regularization = 0.5, 0.2
	var r f32.Ranker
	cfg.rates(&r, 3, 4)
	require.InDelta(t, 0.125, r.Rate, 1e-7)
	require.InDelta(t, 1-0.125*0.2, r.KeepUser, 1e-7)
	require.Equal(t, r.KeepUser, r.KeepBetter)
	require.Equal(t, float32(1), r.KeepBias)
	cfg.Anneal = false
	cfg.rates(&r, 3, 4)
	require.InDelta(t, 0.5, r.Rate, 1e-7)
}
