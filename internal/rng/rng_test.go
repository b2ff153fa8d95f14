package rng_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys/internal/rng"
)

func TestStreamsAreReproducibleAndDistinct(t *testing.T) {
	require.Equal(t, rng.New(7, 1, 2).Uint64(), rng.New(7, 1, 2).Uint64())
	seen := map[uint64]bool{}
	for _, r := range []*rng.Rand{rng.New(7), rng.New(8), rng.New(7, 0), rng.New(7, 1), rng.New(7, 0, 0), rng.New(7, 1, 2), rng.New(7, 2, 1)} {
		x := r.Uint64()
		require.False(t, seen[x])
		seen[x] = true
	}
}

func TestMoments(t *testing.T) {
	const n = 200_000
	r := rng.New(1)
	var uniform, normal, square float64
	counts := make([]int, 7)
	for range n {
		uniform += r.Float64()
		x := r.Normal()
		normal += x
		square += x * x
		counts[r.Intn(7)]++
		f := r.Float32()
		require.True(t, f >= 0 && f < 1)
	}
	require.InDelta(t, .5, uniform/n, .005)
	require.InDelta(t, 0, normal/n, .01)
	require.InDelta(t, 1, square/n, .02)
	for _, c := range counts {
		require.InDelta(t, n/7.0, float64(c), 6*math.Sqrt(n/7.0))
	}
}

func TestShuffleIsAPermutation(t *testing.T) {
	x := make([]int, 100)
	for i := range x {
		x[i] = i
	}
	rng.New(3).Shuffle(len(x), func(i, j int) { x[i], x[j] = x[j], x[i] })
	seen := make([]bool, len(x))
	moved := 0
	for i, v := range x {
		seen[v] = true
		if i != v {
			moved++
		}
	}
	require.NotContains(t, seen, false)
	require.Greater(t, moved, 80)
}

func TestNthIsASequence(t *testing.T) {
	const n = 100_000
	var sum float64
	counts := make([]int, 8)
	for i := range uint64(n) {
		x := rng.Nth(7, i)
		require.Equal(t, x, rng.Nth(7, i))
		sum += float64(x>>11) * 0x1p-53
		counts[rng.Below(uint32(x), len(counts))]++
	}
	require.InDelta(t, .5, sum/n, .005)
	for _, c := range counts {
		require.InDelta(t, n/8.0, float64(c), 6*math.Sqrt(n/8.0))
	}
	require.NotEqual(t, rng.Nth(7, 0), rng.Nth(8, 0))
}
