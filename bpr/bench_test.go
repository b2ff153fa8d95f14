package bpr

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/rng"
	"github.com/recsys-lite/recsys/internal/strata"
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

// A pass over a million interactions at 64 factors.
func BenchmarkPass(b *testing.B) {
	x := popular(b, 6040, 3706, 1_000_000)
	for name, change := range map[string]func(*Config){
		"uniform":   func(*Config) {},
		"lock-free": func(c *Config) { c.LockFree = true },
		"adaptive":  func(c *Config) { c.Sampler = Adaptive },
	} {
		b.Run(name, func(b *testing.B) {
			cfg := DefaultConfig()
			change(&cfg)
			t := newTrainer(&cfg, x, strata.Blocks(x.Rows, x.Cols))
			pass := 0
			for b.Loop() {
				_, err := t.pass(context.Background(), pass%cfg.Iterations)
				require.NoError(b, err)
				pass++
			}
		})
	}
}

// The vector of a guest with 50 items.
func BenchmarkFoldIn(b *testing.B) {
	x := popular(b, 500, 3706, 25_000)
	cfg := DefaultConfig()
	cfg.Iterations = 5
	m, err := New(cfg)
	require.NoError(b, err)
	require.NoError(b, m.Fit(context.Background(), &recsys.Dataset{Interactions: x}))
	m.cfg.Iterations = DefaultConfig().Iterations
	q := recsys.Query{User: recsys.NoUser}
	for i := range int32(50) {
		q.History.Items = append(q.History.Items, 7*i)
	}
	dst := make([]float32, cfg.Factors+1)
	for b.Loop() {
		require.NoError(b, m.QueryVector(context.Background(), q, dst))
	}
}
