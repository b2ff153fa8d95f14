package lightfm

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/rng"
)

// popular is users × items with n interactions at random, few items having most of them.
func popular(t testing.TB, users, items, n int) *recsys.CSR {
	r := rng.New(1)
	seen := make(map[[2]int32]bool, n)
	entries := make([]recsys.Entry, 0, n)
	for len(entries) < n {
		f := r.Float64()
		c := [2]int32{int32(r.Intn(users)), int32(float64(items) * f * f)}
		if !seen[c] {
			seen[c] = true
			entries = append(entries, recsys.Entry{Row: c[0], Col: c[1], Value: 1})
		}
	}
	x, err := recsys.NewCSR(users, items, entries)
	require.NoError(t, err)
	return x
}

// A pass over a million interactions at 64 components, with ids only and with four features
// an item besides.
func BenchmarkPass(b *testing.B) {
	x := popular(b, 6040, 3706, 1_000_000)
	r := rng.New(2)
	var tags []recsys.Entry
	for i := range int32(3706) {
		for f := range int32(4) {
			tags = append(tags, recsys.Entry{Row: i, Col: 20*f + int32(r.Intn(20)), Value: 1})
		}
	}
	m, err := recsys.NewCSR(3706, 80, tags)
	require.NoError(b, err)
	for name, features := range map[string]*recsys.Features{"ids": nil, "ids and 4 features": {Names: make([]string, 80), Matrix: m}} {
		b.Run(name, func(b *testing.B) {
			cfg := DefaultConfig()
			t := newTrainer(&cfg, &recsys.Dataset{Interactions: x, ItemFeatures: features}, blocksFor(&cfg, x))
			pass := 0
			for b.Loop() {
				_, err := t.pass(context.Background(), pass)
				require.NoError(b, err)
				pass++
			}
		})
	}
}
