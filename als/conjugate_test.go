package als

import (
	"context"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/recsys-lite/recsys/internal/rng"
)

// turned draws n vectors, turns them into the eigenvectors of their Gramian, and prepares the
// system.
func turned(t require.TestingT, cfg Config, n int, seed uint64) *system {
	d := cfg.Factors
	fixed := make([]float32, n*d)
	rng.New(seed).Fill(fixed, .4)
	for range 2 {
		gram, err := gramian(ctx, newRows(fixed, n, d), cfg.alpha0(), 1)
		require.NoError(t, err)
		_, q, err := decompose(gram, d)
		require.NoError(t, err)
		require.NoError(t, rotate(ctx, fixed, q, d, 1))
	}
	sys, err := newSystem(ctx, cfg, fixed)
	require.NoError(t, err)
	return sys
}

// Conjugate gradients find gonum's solution from any start, in few steps, and report the same
// gain as the Cholesky factor.
func TestConjugateAgainstGonum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := config(func(c *Config) {
			c.Factors = rapid.IntRange(1, 40).Draw(t, "d")
			c.Alpha = rapid.Float64Range(.1, 3).Draw(t, "alpha")
			c.Regularization = rapid.Float64Range(.001, .1).Draw(t, "λ")
		})
		d, n := cfg.Factors, 100
		seed := rapid.Uint64().Draw(t, "seed")
		sys := turned(t, cfg, n, seed)
		require.NotNil(t, sys.spectrum)
		r := rng.New(seed, 1)
		var idx []int32
		var c []float32
		for i := range int32(n) {
			if r.Float64() < .2 {
				idx, c = append(idx, i), append(c, .1+2*r.Float32())
			}
		}
		x := make([]float32, d)
		r.Fill(x, 1)
		// The gain adds up from that of the start, whose rounding stays in it.
		start := 0.
		for i, m := range sys.spectrum {
			start += float64(m) * float64(x[i]) * float64(x[i])
		}
		gain, ok := newConjugate(d).solve(x, sys, idx, c, 30)
		require.True(t, ok)
		require.InDeltaSlice(t, reference(cfg, sys.fixed, idx, c), x, 1e-4)

		s, y := newSolver(d), make([]float32, d)
		s.factor(sys, idx, c)
		require.False(t, s.inWide)
		cholesky := *sys
		cholesky.spectrum = nil
		require.InDelta(t, s.solve(y, &cholesky, idx, c), gain, 1e-3*(1+gain)+1e-5*start)
	})
}

// A half step to the fit's tolerance leaves the loss within 10⁻⁶ of its minimum.
func TestFitTolerance(t *testing.T) {
	cfg := config(func(c *Config) { c.Factors, c.Alpha = 24, 2 })
	sys := turned(t, cfg, 200, 3)
	idx := []int32{1, 5, 17, 60, 61, 62, 100, 150, 199}
	x := make([]float32, 24)
	best, ok := newConjugate(24).solve(x, sys, idx, nil, 100)
	require.True(t, ok)
	sys.tolerance = fitTolerance
	clear(x)
	gain, ok := newConjugate(24).solve(x, sys, idx, nil, 8)
	require.True(t, ok, "8 steps are plenty")
	require.InDelta(t, best, gain, 1e-6*float64(len(idx))+1e-6)
}

// What conjugate gradients do not solve in their steps, the Cholesky factor does.
func TestConjugateFallsBack(t *testing.T) {
	cfg := config(func(c *Config) { c.Factors, c.Alpha, c.Regularization = 16, 1e6, 1e-4 })
	sys := turned(t, cfg, 400, 4)
	require.NotNil(t, sys.spectrum)
	var idx []int32
	for i := range int32(200) {
		idx = append(idx, i)
	}
	x := make([]float32, 16)
	_, ok := newConjugate(16).solve(x, sys, idx, nil, maxSteps(16))
	require.False(t, ok)
	newSolver(16).solve(x, sys, idx, nil)
	require.InDeltaSlice(t, reference(cfg, sys.fixed, idx, ones(200)), x, 1e-3)
}

func ones(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = 1
	}
	return x
}

// A fit of many rows ends in the eigenvectors of its items, and stays there when stored.
func TestFitEndsDiagonal(t *testing.T) {
	m := fit(t, config(nil), random(t, 300, 200, .1, 12))
	require.NotNil(t, parametersOf(t, m).items.spectrum)
	m = fit(t, config(nil), random(t, 20, 15, .3, 12))
	require.Nil(t, parametersOf(t, m).items.spectrum, "no eigenvectors for a handful of rows")
}

// The eigenvectors do not depend on the number of CPUs either: gonum may use several.
func TestEigenSameBytes(t *testing.T) {
	const d = 300
	g := make([]float32, d*d)
	rng.New(1).Fill(g, 1)
	_, want, err := decompose(g, d)
	require.NoError(t, err)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	_, got, err := decompose(g, d)
	require.NoError(t, err)
	require.Equal(t, want, got)
	runtime.GOMAXPROCS(4)
	_, got, err = decompose(g, d)
	require.NoError(t, err)
	require.Equal(t, want, got)

	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	_, _, err = eigen(cancelled, g, d)
	require.ErrorIs(t, err, context.Canceled)
}
