package sketch

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/recsys-lite/recsys/internal/f32"
	"github.com/recsys-lite/recsys/internal/topk"
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
		var x Search
		if !x.Set(s, query) {
			return
		}
		bounds := make([]float32, group)
		x.bound(bounds, 0)
		for rank, i := range s.order {
			product := f32.Dot(query, vectors[int(i)*dim:(int(i)+1)*dim])
			require.GreaterOrEqual(t, bounds[rank], product, "vector %d", i)
			require.GreaterOrEqual(t, s.reach[0]*x.weights[2], product, "vector %d", i)
		}
		for _, bound := range bounds[n:] {
			require.True(t, math.IsNaN(float64(bound)), "behind the last vector: %g", bound)
		}
	})
}

// A search finds what all products would, the same to the last bit, among whatever is allowed.
func TestSearchIsTopKOfAllProducts(t *testing.T) {
	var x Search // used again for each
	rapid.Check(t, func(t *rapid.T) {
		dim, n, k := rapid.IntRange(1, 20).Draw(t, "dim"), rapid.IntRange(1, 700).Draw(t, "n"), rapid.IntRange(0, 30).Draw(t, "k")
		spread := rapid.Float64Range(0, 4).Draw(t, "spread")
		pool := make([][]float32, rapid.IntRange(1, 40).Draw(t, "pool"))
		for i := range pool {
			pool[i] = vector(t, dim, -spread, 0)
		}
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		vectors, allowed := make([]float32, 0, n*dim), make([]uint64, (n+63)/64)
		for i := range n {
			vectors = append(vectors, pool[r.IntN(len(pool))]...)
			if i%3 > 0 {
				allowed[i/64] |= 1 << (i % 64)
			}
		}
		s, query := New(vectors, dim), vector(t, dim, -1, 1)
		require.NotNil(t, s)
		if !x.Set(s, query) {
			return
		}
		want, got := topk.New(k), topk.New(k)
		for i := range n {
			if i%3 > 0 {
				want.Push(int32(i), f32.Dot(query, vectors[i*dim:(i+1)*dim]))
			}
		}
		require.NoError(t, x.Run(got, allowed, func() error { return nil }))
		items, scores := want.Sorted()
		gotItems, gotScores := got.Sorted()
		require.Equal(t, items, gotItems)
		for i := range scores {
			require.Equal(t, math.Float32bits(scores[i]), math.Float32bits(gotScores[i]))
		}
	})
}

// Where norms fall off, a search ends long before the last vector.
func TestSearchEndsEarly(t *testing.T) {
	const n, dim = 5000, 32
	r := rand.New(rand.NewPCG(1, 2))
	vectors, query, allowed := make([]float32, n*dim), make([]float32, dim), make([]uint64, (n+63)/64)
	for i := range n {
		for j := range dim {
			vectors[i*dim+j] = float32(r.NormFloat64() * math.Exp(r.NormFloat64()))
		}
		f32.Scale(float32(math.Exp(2*r.NormFloat64())), vectors[i*dim:(i+1)*dim])
		allowed[i/64] |= 1 << (i % 64)
	}
	for j := range query {
		query[j] = float32(r.NormFloat64())
	}
	var x Search
	require.True(t, x.Set(New(vectors, dim), query))
	asked := 0
	more := func() error { asked++; return nil }
	require.NoError(t, x.Run(topk.New(10), allowed, more))
	require.Less(t, x.Read, n/4)
	require.Less(t, x.Multiplied, 200)
	require.InDelta(t, x.Read/stretch, asked, 1)
	require.Zero(t, testing.AllocsPerRun(10, func() { x.Set(x.of, query) }))

	stop := errors.New("stop")
	h := topk.New(10)
	require.ErrorIs(t, x.Run(h, allowed, func() error { return stop }), stop)
	require.Zero(t, h.Len())
}

// A bound is above the product by about a hundredth of the norms, so it is worth something.
func TestBoundsAreNarrow(t *testing.T) {
	const n, dim = 500, 64
	vectors := make([]float32, n*dim)
	for i := range vectors {
		vectors[i] = float32(math.Sin(float64(i*i))) * float32(1+i/dim%7)
	}
	s := New(vectors, dim)
	var x Search
	require.True(t, x.Set(s, vectors[:dim]))
	bounds := make([]float32, 512)
	x.bound(bounds[:256], 0)
	x.bound(bounds[256:], 256)
	last := math.Inf(1)
	for rank, i := range s.order {
		x := s.row(i)
		norm := math.Sqrt(float64(f32.SquaredNorm(x)))
		require.Less(t, float64(bounds[rank]-f32.Dot(vectors[:dim], x)), .03*norm*math.Sqrt(float64(f32.SquaredNorm(vectors[:dim]))))
		require.LessOrEqual(t, norm, last)
		last = norm
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
		require.False(t, new(Search).Set(s, x), "%v", x)
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
