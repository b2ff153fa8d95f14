package als

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/rng"
)

// Rows solved together have the solutions and the gain of rows solved alone: full batches and a part
// of one, with empty rows and some that float32 cannot solve among them.
func TestEnqueueIsSolve(t *testing.T) {
	for _, d := range []int{1, 8, 30, 64} {
		const n, rows = 40, 37
		cfg := config(func(c *Config) { c.Factors = d })
		fixed := make([]float32, n*d)
		r := rng.New(uint64(d))
		r.Fill(fixed, .5)
		sys, err := newSystem(ctx, cfg, fixed)
		require.NoError(t, err)
		sys.spectrum = nil
		s, one := newSolver(d), newSolver(d)
		x, want := make([]float32, rows*d), make([]float32, rows*d)
		gain, wantGain, wide := 0., 0., 0
		for row := range rows {
			var idx []int32
			var c []float32
			for i := range int32(n) {
				if row%9 != 4 && r.Float64() < .3 {
					idx, c = append(idx, i), append(c, .1+2*r.Float32())
				}
			}
			if row%7 == 3 && len(idx) > 0 {
				c[0] = 1e7
			}
			gain += s.enqueue(x[row*d:(row+1)*d], sys, idx, c)
			wantGain += one.solve(want[row*d:(row+1)*d], sys, idx, c)
			if one.inWide {
				wide++
			}
		}
		gain += s.flush(sys)
		require.Zero(t, s.flush(sys))
		require.InDeltaSlice(t, want, x, 1e-4)
		require.InEpsilon(t, wantGain, gain, 1e-5)
		require.Equal(t, d > 1, wide > 0)
	}
}

// Of rows too few for eigenvectors too, a fit makes the same bytes for any number of workers and slabs,
// and a stored user is its history folded in.
func TestSameBytesOfFewRows(t *testing.T) {
	d := random(t, 200, 150, .2, 3)
	fitted := func(workers int) []float32 {
		m := fit(t, config(func(c *Config) { c.Workers, c.Factors = workers, 64 }), d)
		p := parametersOf(t, m)
		require.Nil(t, p.items.spectrum)
		folded := make([]float32, 64)
		for u := range int32(200) {
			require.NoError(t, m.QueryVector(ctx, recsys.Query{User: recsys.NoUser, History: history(d, int(u))}, folded))
			require.Equal(t, p.users.row(u), folded)
		}
		return append(p.users.matrix(), p.items.fixed...)
	}
	one := fitted(1)
	require.Equal(t, one, fitted(2))
	defer func(n int) { minSlab = n }(minSlab)
	minSlab = 1
	require.Equal(t, one, fitted(3))
}
