package als

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/rng"
)

var ctx = context.Background()

// csr builds a matrix of rows × cols from (row, column, weight) triples.
func csr(t require.TestingT, rows, cols int, triples ...[3]float64) *recsys.CSR {
	entries := make([]recsys.Entry, len(triples))
	for i, e := range triples {
		entries[i] = recsys.Entry{Row: int32(e[0]), Col: int32(e[1]), Value: float32(e[2])}
	}
	x, err := recsys.NewCSR(rows, cols, entries)
	require.NoError(t, err)
	return x
}

// random gives about a share of all cells a weight between .5 and 3.
func random(t require.TestingT, users, items int, share float64, seed uint64) *recsys.Dataset {
	r := rng.New(seed)
	var entries []recsys.Entry
	for u := range users {
		for i := range items {
			if r.Float64() < share {
				entries = append(entries, recsys.Entry{Row: int32(u), Col: int32(i), Value: .5 + 2.5*r.Float32()})
			}
		}
	}
	x, err := recsys.NewCSR(users, items, entries)
	require.NoError(t, err)
	return &recsys.Dataset{Interactions: x}
}

func config(change func(*Config)) Config {
	cfg := DefaultConfig()
	cfg.Factors, cfg.Iterations = 8, 5
	if change != nil {
		change(&cfg)
	}
	return cfg
}

func fit(t require.TestingT, cfg Config, d *recsys.Dataset) *Model {
	m, err := New(cfg)
	require.NoError(t, err)
	require.NoError(t, m.Fit(ctx, d))
	return m
}

func history(d *recsys.Dataset, u int) recsys.History {
	items, weights := d.Interactions.Row(u)
	return recsys.History{Items: items, Weights: weights}
}

func requireFinite(t require.TestingT, x []float32) {
	for i, v := range x {
		require.False(t, math.IsNaN(float64(v)) || math.IsInf(float64(v), 0), "element %d is %v", i, v)
	}
}

// Every even user likes every even item and every odd user every odd one, the diagonal
// withheld: the withheld item must rank first.
func TestCheckerboard(t *testing.T) {
	const n = 20
	var entries []recsys.Entry
	for u := range int32(n) {
		for i := u % 2; i < n; i += 2 {
			if i != u {
				entries = append(entries, recsys.Entry{Row: u, Col: i, Value: 1})
			}
		}
	}
	x, err := recsys.NewCSR(n, n, entries)
	require.NoError(t, err)
	d := &recsys.Dataset{Interactions: x}
	m := fit(t, config(func(c *Config) { c.Factors = 2 }), d)
	for u := range int32(n) {
		allowed := recsys.FullBitset(n)
		seen, _ := x.Row(int(u))
		for _, i := range seen {
			allowed.Clear(i)
		}
		for _, q := range []recsys.Query{
			{User: u, K: 1, Allowed: allowed},
			{User: recsys.NoUser, History: history(d, int(u)), K: 1, Allowed: allowed},
			{User: recsys.NoUser, History: recsys.History{Sequence: seen}, K: 1, Allowed: allowed},
		} {
			top, err := m.Recommend(ctx, q)
			require.NoError(t, err)
			require.Equal(t, u, top[0].Item)
		}
		similar, err := m.SimilarItems(ctx, u, n/2-1, nil)
		require.NoError(t, err)
		require.Len(t, similar, n/2-1)
		for _, s := range similar {
			require.Equal(t, u%2, s.Item%2, "items are like those that the same users have")
			require.NotEqual(t, u, s.Item)
		}
	}
}

// With one factor and v = (2, 1), α₀ = 1/2, λ = 1/10, ν = 1, a user who has item 0 with weight
// 3: G = 4+1, λ_u = (1 + 2/2)/10, so w = 3·2 / (5/2 + 3·4 + 1/5) = 6/14.7.
func TestOneFactorByHand(t *testing.T) {
	cfg := config(func(c *Config) {
		c.Factors, c.Alpha, c.Regularization = 1, 2, .1
	})
	sys, err := newSystem(ctx, cfg, []float32{2, 1})
	require.NoError(t, err)
	x := make([]float32, 1)
	gain := newSolver(1).solve(x, sys, []int32{0}, []float32{3})
	require.InDelta(t, 6/14.7, x[0], 1e-6)
	require.InDelta(t, 36/14.7, gain, 1e-5)
}

// The solution of a row is that of gonum, in float64, for the system of the package comment.
func TestSolveAgainstGonum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := rapid.IntRange(1, 40).Draw(t, "d")
		n := rapid.IntRange(1, 60).Draw(t, "items")
		cfg := config(func(c *Config) {
			c.Factors = d
			c.Alpha = rapid.Float64Range(.1, 100).Draw(t, "alpha")
			c.Regularization = rapid.Float64Range(.001, 1).Draw(t, "λ")
			c.Nu = rapid.Float64Range(0, 1.5).Draw(t, "ν")
		})
		fixed := make([]float32, n*d)
		r := rng.New(rapid.Uint64().Draw(t, "seed"))
		r.Fill(fixed, .5)
		var idx []int32
		var c []float32
		for i := range int32(n) {
			if r.Float64() < .4 {
				idx, c = append(idx, i), append(c, .1+5*r.Float32())
			}
		}
		sys, err := newSystem(ctx, cfg, fixed)
		require.NoError(t, err)
		got, want := make([]float32, d), reference(cfg, fixed, idx, c)
		s := newSolver(d)
		s.solve(got, sys, idx, c)
		require.InDeltaSlice(t, want, got, 2e-3)
		if len(idx) == 0 {
			return
		}
		s.widen(sys, idx, c)
		s.wide.solveRow(got, sys, idx, c)
		require.InDeltaSlice(t, want, got, 1e-3, "float64")
	})
}

func reference(cfg Config, fixed []float32, idx []int32, c []float32) []float32 {
	d := cfg.Factors
	n := len(fixed) / d
	f := mat.NewDense(n, d, nil)
	for i, v := range fixed {
		f.Set(i/d, i%d, float64(v))
	}
	var a mat.Dense
	a.Mul(f.T(), f)
	a.Scale(1/cfg.Alpha, &a)
	b := mat.NewVecDense(d, nil)
	for j, i := range idx {
		row := f.RowView(int(i))
		var o mat.Dense
		o.Outer(float64(c[j]), row, row)
		a.Add(&a, &o)
		b.AddScaledVec(b, float64(c[j]), row)
	}
	lambda := cfg.Regularization * math.Pow(float64(len(idx))+float64(n)/cfg.Alpha, cfg.Nu)
	for i := range d {
		a.Set(i, i, a.At(i, i)+lambda)
	}
	var x mat.VecDense
	if err := x.SolveVec(&a, b); err != nil {
		panic(err)
	}
	out := make([]float32, d)
	for i := range out {
		out[i] = float32(x.AtVec(i))
	}
	return out
}

// The loss that Fit reports is that of the package comment, and no half step raises it.
func TestLoss(t *testing.T) {
	d := random(t, 40, 25, .2, 1)
	var losses []float64
	cfg := config(func(c *Config) {
		c.Alpha, c.Regularization, c.Iterations = 3, .02, 6
		c.Progress = func(p recsys.Progress) {
			losses = append(losses, p.Loss)
			require.Equal(t, recsys.Progress{Stage: "fit", Done: len(losses), Total: 13, Loss: p.Loss}, p)
		}
	})
	m := fit(t, cfg, d)
	require.Len(t, losses, 13)
	for i := range losses[1:] {
		require.LessOrEqual(t, losses[i+1], losses[i]*(1+1e-6))
	}
	p := parametersOf(t, m)
	x, byItem := d.Interactions, d.Interactions.Transpose()
	want := 0.0
	scores := make([]float32, x.Cols)
	for u := range x.Rows {
		require.NoError(t, m.Scores(ctx, recsys.Query{User: int32(u)}, scores))
		for _, y := range scores {
			want += float64(y*y) / cfg.Alpha
		}
		idx, c := x.Row(u)
		for j, i := range idx {
			e := float64(1 - scores[i])
			want += float64(c[j]) * e * e
		}
		for _, v := range p.users.row(int32(u)) {
			want += cfg.lambda(len(idx), x.Cols) * float64(v*v)
		}
	}
	for i := range x.Cols {
		for _, v := range p.items.row(int32(i)) {
			want += cfg.lambda(byItem.RowLen(i), x.Rows) * float64(v*v)
		}
	}
	require.InEpsilon(t, want, losses[12], 1e-5)
}

func TestSameBytesForAnyWorkers(t *testing.T) {
	d := random(t, 900, 700, .03, 2)
	fitted := func(workers int, seed uint64) []float32 {
		m := fit(t, config(func(c *Config) { c.Workers, c.Seed, c.Factors = workers, seed, 24 }), d)
		p := parametersOf(t, m)
		return append(p.users.matrix(), p.items.fixed...)
	}
	one := fitted(1, 7)
	require.Equal(t, one, fitted(2, 7))
	require.Equal(t, one, fitted(5, 7))
	require.NotEqual(t, one, fitted(1, 8))
}

func TestCancelKeepsTheModel(t *testing.T) {
	d := random(t, 60, 40, .2, 3)
	cancelled, cancel := context.WithCancel(ctx)
	steps := 0
	cfg := config(func(c *Config) {
		c.Iterations = 50
		c.Progress = func(recsys.Progress) {
			if steps++; steps == 101+3 { // the second fit's third half step
				cancel()
			}
		}
	})
	m := fit(t, cfg, d)
	before := parametersOf(t, m)
	require.ErrorIs(t, m.Fit(cancelled, random(t, 10, 10, .5, 4)), context.Canceled)
	require.Equal(t, 104, steps)
	require.Same(t, before, parametersOf(t, m))
	require.ErrorIs(t, m.PartialFitUsers(cancelled, []int32{0}, csr(t, 1, 40, [3]float64{0, 1, 1})), context.Canceled)
	require.ErrorIs(t, m.AddItems(cancelled, recsys.NewItems{Count: 1}), context.Canceled)
	require.Same(t, before, parametersOf(t, m))
}

func parametersOf(t testing.TB, m *Model) *parameters {
	t.Helper()
	p, err := m.fitted.Get()
	require.NoError(t, err)
	return p
}
