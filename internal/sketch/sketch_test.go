package sketch

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/recsys-lite/recsys/internal/f32"
)

// value draws from a few scales: equal values, zeros, and ones far apart come often.
func value(t *rapid.T, scale float32) float32 {
	switch rapid.IntRange(0, 5).Draw(t, "kind") {
	case 0:
		return 0
	case 1:
		return scale
	case 2:
		return -scale
	case 3:
		return scale * float32(math.Pow(10, rapid.Float64Range(-12, 0).Draw(t, "power")))
	default:
		return scale * float32(rapid.Float64Range(-1, 1).Draw(t, "part"))
	}
}

func vector(t *rapid.T, dim int, least, most float64) []float32 {
	scale := float32(math.Pow(10, rapid.Float64Range(least, most).Draw(t, "scale")))
	x := make([]float32, dim)
	for i := range x {
		x[i] = value(t, scale)
	}
	return x
}

// The bound of a vector is no less than its product, whatever the values.
func TestBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dim, n := rapid.IntRange(1, 40).Draw(t, "dim"), rapid.IntRange(1, 40).Draw(t, "n")
		var vectors []float32
		for range n {
			vectors = append(vectors, vector(t, dim, -46, 13)...)
		}
		s := New(vectors, dim)
		require.NotNil(t, s)
		query := vector(t, dim, -12, 9)
		if rapid.Bool().Draw(t, "parallel") { // the largest products, and none of the error to spare
			copy(query, vectors[:dim])
		}
		var q Query
		if !q.Set(s, query) {
			return
		}
		bounds := make([]float32, (n+15)/16*16)
		s.Bounds(&q, bounds, 0)
		for i := range n {
			require.GreaterOrEqual(t, bounds[i], f32.Dot(query, vectors[i*dim:(i+1)*dim]), "vector %d", i)
		}
	})
}

// A bound is above the product by about a hundredth of the norms, so it is worth something.
func TestBoundsAreNarrow(t *testing.T) {
	const n, dim = 500, 64
	vectors := make([]float32, n*dim)
	for i := range vectors {
		vectors[i] = float32(math.Sin(float64(i*i))) * float32(1+i/dim%7)
	}
	s := New(vectors, dim)
	var q Query
	require.True(t, q.Set(s, vectors[:dim]))
	bounds := make([]float32, 512)
	s.Bounds(&q, bounds[:256], 0)
	s.Bounds(&q, bounds[256:], 256)
	for i := range n {
		x := vectors[i*dim : (i+1)*dim]
		norms := math.Sqrt(float64(f32.SquaredNorm(x)) * float64(f32.SquaredNorm(vectors[:dim])))
		require.Less(t, float64(bounds[i]-f32.Dot(vectors[:dim], x)), .03*norms)
	}
}

func TestNoBounds(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, x := range [][]float32{{nan, 1}, {1, nan}, {inf, 1}, {1, -inf}, {1e20, 1}, {}} {
		require.Nil(t, New(x, 2), "%v", x)
	}
	s := New([]float32{1, 2, 0, 0}, 2)
	require.NotNil(t, s)
	require.False(t, s.Of(nil))
	require.False(t, s.Of([]float32{1, 2, 0, 0}))
	for _, x := range [][]float32{{nan, 1}, {1, nan}, {inf, 1}, {1, -inf}, {1e20, 1}, {0, 0}, {1e-30, 0}} {
		require.False(t, new(Query).Set(s, x), "%v", x)
	}
}

func BenchmarkNew(b *testing.B) {
	const n, dim = 20_000, 64
	vectors := make([]float32, n*dim)
	for i := range vectors {
		vectors[i] = float32(math.Sin(float64(i)))
	}
	for b.Loop() {
		New(vectors, dim)
	}
}
