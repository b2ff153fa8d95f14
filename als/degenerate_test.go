package als

import (
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/recsys-lite/recsys"
)

// Singular systems, absurd weights and tiny data give finite vectors that still rank what the
// user has above what it has not.
func TestDegenerate(t *testing.T) {
	identical := csr(t, 30, 5)
	for u := range int32(30) {
		identical.Indices = append(identical.Indices, 0, 2)
		identical.Values = append(identical.Values, 1, 1)
		identical.Indptr[u+1] = int64(2 * (u + 1))
	}
	weighted := func(w float32) *recsys.CSR {
		x := *identical
		x.Values = make([]float32, len(x.Indices))
		for i := range x.Values {
			x.Values[i] = w
		}
		return &x
	}
	unweighted := *identical
	unweighted.Values = nil
	for name, x := range map[string]*recsys.CSR{
		"one event":       csr(t, 1, 1, [3]float64{0, 0, 1}),
		"identical rows":  identical,
		"no values":       &unweighted,
		"weights 1e15":    weighted(1e15),
		"weights 1e30":    weighted(1e30),
		"largest weights": weighted(math.MaxFloat32),
		"weights 1e-30":   weighted(1e-30),
		"mixed weights":   csr(t, 3, 3, [3]float64{0, 0, 1e30}, [3]float64{0, 1, 1e-30}, [3]float64{1, 1, 1}, [3]float64{2, 2, 1e20}),
	} {
		for _, lambda := range []float64{0, 1e-30, .003, 1e6} {
			for _, alpha := range []float64{1e-6, 1, 1e6} {
				m := fit(t, config(func(c *Config) {
					c.Factors, c.Regularization, c.Alpha = 16, lambda, alpha
				}), &recsys.Dataset{Interactions: x})
				p := parametersOf(t, m)
				requireFinite(t, p.users.matrix())
				requireFinite(t, p.items.fixed)
				top, err := m.Recommend(ctx, recsys.Query{User: 0, K: x.Cols})
				require.NoError(t, err)
				require.Len(t, top, x.Cols, "%s λ=%v α=%v", name, lambda, alpha)
				for _, s := range top {
					requireFinite(t, []float32{s.Score})
				}
				if name == "identical rows" && lambda < 1 && alpha == 1 {
					require.ElementsMatch(t, []int32{0, 2}, []int32{top[0].Item, top[1].Item})
					require.InDelta(t, .5, top[0].Score, .05, "half way: an observed one weighs as much as an unobserved one")
				}
			}
		}
	}
}

// Where float32 does not do, float64 finds the solution: here v = (1, 1+2⁻¹¹) and (1, 1), so that
// the Gramian's determinant is below float32's resolution.
func TestNearlySingularGoesWide(t *testing.T) {
	cfg := config(func(c *Config) { c.Factors, c.Regularization, c.Alpha = 2, 0, 1e3 })
	fixed := []float32{1, 1 + 1.0/2048, 1, 1}
	sys, err := newSystem(ctx, cfg, fixed)
	require.NoError(t, err)
	s, x := newSolver(2), make([]float32, 2)
	s.solve(x, sys, []int32{0}, nil)
	require.True(t, s.inWide)
	require.InDelta(t, 1, sys.row(0)[0]*x[0]+sys.row(0)[1]*x[1], .01, "the observed item scores near 1")
	s.solve(x, sys, []int32{0}, []float32{1})
	require.True(t, s.inWide)

	cfg.Regularization = .1
	sys, err = newSystem(ctx, cfg, fixed)
	require.NoError(t, err)
	s.solve(x, sys, []int32{0}, nil)
	require.False(t, s.inWide, "the solver returns to float32")
}

func TestSolutionsAreFinite(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := rapid.IntRange(1, 12).Draw(t, "d")
		fixed := rapid.SliceOfN(rapid.Float32Range(-maxValue, maxValue), d*3, d*3).Draw(t, "fixed")
		c := rapid.SliceOfN(rapid.Float32Range(math.SmallestNonzeroFloat32, math.MaxFloat32), 2, 2).Draw(t, "c")
		cfg := config(func(c *Config) {
			c.Factors = d
			c.Regularization = rapid.SampledFrom([]float64{0, 1e-300, 1e-9, 1, 1e6}).Draw(t, "λ")
		})
		sys, err := newSystem(ctx, cfg, fixed)
		require.NoError(t, err)
		x := make([]float32, d)
		s := newSolver(d)
		gain := s.solve(x, sys, []int32{0, 2}, c)
		requireFinite(t, x)
		require.False(t, math.IsNaN(gain))
		s.invert(x, sys, []int32{1}, c[:1])
		requireFinite(t, x)
	})
}

func TestInvalidData(t *testing.T) {
	m, err := New(config(nil))
	require.NoError(t, err)
	require.ErrorIs(t, m.Fit(ctx, &recsys.Dataset{}), recsys.ErrEmptyDataset)
	require.ErrorIs(t, m.Fit(ctx, &recsys.Dataset{Interactions: csr(t, 3, 3)}), recsys.ErrEmptyDataset)
	for _, w := range []float64{math.NaN(), math.Inf(1), -1, 0} {
		require.ErrorIs(t, m.Fit(ctx, &recsys.Dataset{Interactions: csr(t, 1, 1, [3]float64{0, 0, w})}), recsys.ErrInvalidData)
	}
	_, err = m.Recommend(ctx, recsys.Query{User: 0})
	require.ErrorIs(t, err, recsys.ErrNotFitted)
	require.ErrorIs(t, m.PartialFitUsers(ctx, nil, csr(t, 0, 0)), recsys.ErrNotFitted)

	m = fit(t, config(nil), random(t, 9, 7, .4, 5))
	for name, q := range map[string]recsys.Query{
		"user":     {User: 9},
		"k":        {User: 0, K: -1},
		"allowed":  {User: 0, Allowed: recsys.NewBitset(8)},
		"item":     {User: recsys.NoUser, History: recsys.History{Items: []int32{7}}},
		"NaN":      {User: recsys.NoUser, History: recsys.History{Items: []int32{1}, Weights: []float32{float32(math.NaN())}}},
		"infinite": {User: recsys.NoUser, History: recsys.History{Items: []int32{1}, Weights: []float32{float32(math.Inf(1))}}},
		"negative": {User: recsys.NoUser, History: recsys.History{Items: []int32{1}, Weights: []float32{-1}}},
	} {
		_, err := m.Recommend(ctx, q)
		require.ErrorIs(t, err, recsys.ErrInvalidQuery, name)
	}
	require.ErrorIs(t, m.Scores(ctx, recsys.Query{}, make([]float32, 6)), recsys.ErrInvalidQuery)
	require.ErrorIs(t, m.QueryVector(ctx, recsys.Query{}, make([]float32, 7)), recsys.ErrInvalidQuery)
	_, err = m.SimilarItems(ctx, 7, 1, nil)
	require.ErrorIs(t, err, recsys.ErrInvalidQuery)
	_, _, err = m.Explain(ctx, recsys.Query{}, -1)
	require.ErrorIs(t, err, recsys.ErrInvalidQuery)
}

func TestConfigReportsAllFaults(t *testing.T) {
	_, err := New(Config{Factors: 0, Regularization: -1, Alpha: math.NaN(), Nu: 3})
	require.ErrorIs(t, err, recsys.ErrInvalidConfig)
	for _, name := range []string{"factors", "regularization", "alpha", "nu", "iterations"} {
		require.ErrorContains(t, err, name)
	}
	_, err = Kind.New([]byte(`{"factor": 3}`), recsys.Run{})
	require.ErrorIs(t, err, recsys.ErrInvalidConfig)
	require.ErrorContains(t, err, "factors")
	require.NoError(t, errors.Join(DefaultConfig().Validate()))
}
