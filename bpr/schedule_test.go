package bpr

import (
	"context"
	"math/bits"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/rng"
)

func random(t testing.TB, users, items, n int) *recsys.CSR {
	r := rng.New(3)
	seen := map[[2]int32]bool{}
	var entries []recsys.Entry
	for range n {
		c := [2]int32{int32(r.Intn(users)), int32(r.Intn(items))}
		if !seen[c] {
			seen[c] = true
			entries = append(entries, recsys.Entry{Row: c[0], Col: c[1], Value: float32(1 + r.Intn(9))})
		}
	}
	return csr(t, users, items, entries...)
}

// Every interaction is dealt once, to the block of its user and its item; the items of the
// blocks are a partition.
func TestDealIsAPartition(t *testing.T) {
	x := random(t, 150, 333, 2000)
	for _, p := range []int{1, 3, 5} {
		s := newStrata(x, p, false)
		for epoch := range 3 {
			require.NoError(t, s.deal(context.Background(), 7, epoch, 2))
			met := map[recsys.Entry]int{}
			items := map[int32]int{}
			for b := range p {
				for c := range p {
					entries, own := s.block(b, c)
					if b == 0 {
						for _, i := range own {
							items[i]++
						}
					}
					for _, e := range entries {
						require.Zero(t, e&idle)
						met[recsys.Entry{Row: int32(int(e>>s.shift)*p + b), Col: own[e&(1<<s.shift-1)]}]++
					}
				}
			}
			require.Len(t, items, x.Cols)
			require.Len(t, met, x.NNZ())
			for u := range x.Rows {
				cols, _ := x.Row(u)
				for _, i := range cols {
					require.Equal(t, 1, met[recsys.Entry{Row: int32(u), Col: i}])
				}
			}
		}
	}
}

// Over many passes an interaction is visited in proportion to its weight.
func TestVisitsFollowWeights(t *testing.T) {
	x := random(t, 20, 20, 60)
	s := newStrata(x, 1, true)
	var sum float64
	for _, w := range x.Values {
		sum += float64(w)
	}
	const passes = 4000
	got := map[[2]int32]float64{}
	for epoch := range passes {
		require.NoError(t, s.deal(context.Background(), 1, epoch, 1))
		entries, items := s.block(0, 0)
		for _, e := range entries {
			if e&idle == 0 {
				got[[2]int32{int32(e >> s.shift), items[e&(1<<s.shift-1)]}]++
			}
		}
	}
	for u := range x.Rows {
		cols, weights := x.Row(u)
		for k, i := range cols {
			want := float64(weights[k]) / (sum / float64(x.NNZ()))
			require.InDelta(t, want, got[[2]int32{int32(u), i}]/passes, 0.04)
		}
	}
}

func TestBlocksFor(t *testing.T) {
	require.Equal(t, 1, blocksFor(1, 1))
	require.Equal(t, 1, blocksFor(50, 50))
	require.Equal(t, 17, blocksFor(6040, 3706))
	require.Equal(t, 17, blocksFor(50_000, 20_000))
	rapid.Check(t, func(t *rapid.T) {
		users := rapid.IntRange(1, 50_000_000).Draw(t, "users")
		items := rapid.IntRange(1, 10_000_000).Draw(t, "items")
		p := blocksFor(users, items)
		require.Equal(t, 1, p%2)
		width := bits.Len(uint(ceilDiv(users, p))) + bits.Len(uint(ceilDiv(items, p)))
		require.LessOrEqual(t, width, 31)
		if users < 1_000_000 && items < 1_000_000 {
			require.True(t, p == 1 || users/p >= minUsers-1 && items/p >= minItems-1)
		}
	})
}

// A positive of which the user has everything else in the block is passed over, and known
// items are never drawn: the item that a user lacks is the only one that falls.
func TestKnownItemsAreNotDrawn(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Factors, cfg.Workers = 4, 1
	for _, sampler := range []Sampler{Uniform, Adaptive} {
		cfg.Sampler = sampler
		tr := newTrainer(&cfg, csr(t, 2, 4,
			recsys.Entry{Row: 0, Col: 0, Value: 1}, recsys.Entry{Row: 0, Col: 1, Value: 1}, recsys.Entry{Row: 0, Col: 2, Value: 1},
			recsys.Entry{Row: 1, Col: 0, Value: 1}, recsys.Entry{Row: 1, Col: 1, Value: 1}, recsys.Entry{Row: 1, Col: 2, Value: 1}), 1)
		for epoch := range 20 {
			_, err := tr.pass(context.Background(), epoch)
			require.NoError(t, err)
		}
		for i := range 3 {
			require.Positive(t, tr.bias[i], sampler)
		}
		require.Negative(t, tr.bias[3], sampler)
		for _, word := range tr.worker[0].known {
			require.Zero(t, word, "the marks are taken away after the block")
		}
	}
}

// The adaptive sampler draws from the top of the order by the user's factor.
func TestAdaptiveDrawsFromTheTop(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Factors, cfg.Sampler, cfg.AdaptiveRank = 1, Adaptive, 10
	tr := newTrainer(&cfg, csr(t, 1, 100, recsys.Entry{Row: 0, Col: 0, Value: 1}), 1)
	items := make([]int32, 100)
	for i := range items {
		items[i] = int32(i)
		tr.items[i] = float32(i) - 50
	}
	var a ranks
	a.order(tr, items)
	r := rng.New(1)
	for _, sign := range []float32{1, -1} {
		a.weigh([]float32{sign})
		var ranks float64
		for range 10_000 {
			place := int(a.draw(r))
			if sign > 0 {
				place = 99 - place
			}
			ranks += float64(place)
		}
		// The mean of the geometric distribution from 0 is (1−p)/p = 9 for p = 1/10.
		require.InDelta(t, 9, ranks/10_000, 0.5)
	}
}

func TestFallingReversesTheOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v, w := rapid.Float32().Draw(t, "v"), rapid.Float32().Draw(t, "w")
		if v > w {
			require.Less(t, falling(v), falling(w))
		}
	})
}
