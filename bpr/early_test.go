package bpr

import (
	"math/bits"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/rng"
)

// someRows is a matrix of rows of 0 to 12 interactions.
func someRows(t testing.TB, users, items int) *recsys.CSR {
	r := rng.New(4)
	var entries []recsys.Entry
	for u := range users {
		for i := range u % 13 {
			entries = append(entries, recsys.Entry{Row: int32(u), Col: int32((i*7 + r.Intn(7)) % items), Value: float32(1 + r.Intn(3))})
		}
	}
	return csr(t, users, items, entries...)
}

func TestHoldOut(t *testing.T) {
	x := someRows(t, 1300, 91)
	held, n := holdOut(x, .3, 1)
	set := 0
	for _, word := range held {
		set += bits.OnesCount64(word)
	}
	require.Equal(t, n, set)
	require.InDelta(t, .3, float64(n)/float64(x.NNZ()), .05)
	for u := range x.Rows {
		kept := x.RowLen(u) == 0
		for k := x.Indptr[u]; k < x.Indptr[u+1]; k++ {
			kept = kept || !held.has(k)
		}
		require.True(t, kept, "user %d keeps one", u)
	}
	_, n = holdOut(csr(t, 2, 2, recsys.Entry{Row: 0, Col: 1, Value: 1}), .9, 1)
	require.Zero(t, n)
}

// The search for the number of passes leaves nothing behind for the training that follows.
func TestSearchLeavesNothing(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Factors, cfg.Iterations, cfg.Patience = 8, 6, 2
	for _, cfg.Sampler = range []Sampler{Uniform, Adaptive} {
		x := someRows(t, 1300, 400)
		searched, fresh := newTrainer(&cfg, x, 3), newTrainer(&cfg, x, 3)
		passes, err := searched.bestPasses(t.Context())
		require.NoError(t, err)
		require.Positive(t, passes)
		searched.start()
		for epoch := range 2 {
			want, err := fresh.pass(t.Context(), epoch)
			require.NoError(t, err)
			got, err := searched.pass(t.Context(), epoch)
			require.NoError(t, err)
			require.Equal(t, want, got)
		}
		require.Equal(t, fresh.Users, searched.Users)
		require.Equal(t, fresh.Items, searched.Items)
		require.Equal(t, fresh.Bias, searched.Bias)
	}
}
