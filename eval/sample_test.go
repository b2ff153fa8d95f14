package eval

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys/internal/rng"
)

// The interval of the mean of n normal draws is ±1.96 σ/√n.
func TestBootstrapInterval(t *testing.T) {
	const n = 2000
	s := newSample(n, []string{"x"})
	r := rng.New(3)
	for i := range n {
		s.row(i)[0] = 5 + 2*r.Normal()
	}
	means, err := bootstrap(context.Background(), 1000, 1, 1, &s)
	require.NoError(t, err)
	got := percentiles(column(means[0], 0, 1))
	half := 1.96 * 2 / math.Sqrt(n)
	require.InDelta(t, 2*half, got[1]-got[0], .1*2*half)
	require.InDelta(t, s.means()[0], (got[0]+got[1])/2, .1*half)
	other, err := bootstrap(context.Background(), 1000, 1, 3, &s)
	require.NoError(t, err)
	require.Equal(t, column(means[0], 0, 1), column(other[0], 0, 1), "for any number of workers")
	other, err = bootstrap(context.Background(), 1000, 2, 1, &s)
	require.NoError(t, err)
	require.NotEqual(t, means, other, "another seed draws others")
}

// Weighted units: the mean is over predictions, Σ values / Σ weights.
func TestWeightedMean(t *testing.T) {
	s := newSample(2, []string{"hr"})
	s.values, s.weight = []float64{1, 3}, []float64{1, 4}
	require.Equal(t, []float64{.8}, s.means())
	out := []float64{0}
	s.mean([]int32{2, 0}, out)
	require.Equal(t, []float64{1}, out)
}

// Users differ far more from each other than two models do: only the paired comparison sees
// the difference.
func TestCompareIsPaired(t *testing.T) {
	const n = 300
	a, b := &Result{sample: newSample(n, []string{"x"})}, &Result{sample: newSample(n, []string{"x"})}
	r := rng.New(5)
	for i := range n {
		base := 10 * r.Normal()
		b.sample.row(i)[0] = base
		a.sample.row(i)[0] = base + .1 + .2*r.Normal()
	}
	d, err := Compare(context.Background(), a, b, 0, 1)
	require.NoError(t, err)
	require.True(t, d["x"].Significant())
	require.InDelta(t, .1, d["x"].Mean, .04)
	require.True(t, d["x"].Interval[0] > 0 && d["x"].Interval[1] < .2)
	back, err := Compare(context.Background(), b, a, 0, 1)
	require.NoError(t, err)
	require.InDelta(t, d["x"].P, back["x"].P, 1e-12)
	same, err := Compare(context.Background(), a, a, 0, 1)
	require.NoError(t, err)
	require.Equal(t, Difference{P: 1}, same["x"])

	_, err = Compare(context.Background(), a, &Result{sample: newSample(n, []string{"y"})}, 0, 1)
	require.ErrorContains(t, err, "cannot be compared")
	_, err = Compare(context.Background(), a, b, -1, 1)
	require.Error(t, err)
}
