package strata

import (
	"context"
	"math/bits"
	"slices"
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
	x, err := recsys.NewCSR(users, items, entries)
	require.NoError(t, err)
	return x
}

// Every interaction is dealt once, to the block of its user and its item; the items of the
// blocks are a partition.
func TestDealIsAPartition(t *testing.T) {
	x := random(t, 150, 333, 2000)
	for _, p := range []int{1, 3, 5} {
		s := New(x, p, 1, false)
		marks, r := s.Marks(), rng.New(1)
		for epoch := range 3 {
			require.NoError(t, s.Deal(context.Background(), 7, epoch, 0, 2))
			met := map[recsys.Entry]int{}
			items := map[int32]int{}
			for b := range p {
				for c := range p {
					k := s.Open(b, c, marks)
					if b == 0 {
						for _, i := range k.Items {
							items[i]++
						}
					}
					for n := range k.Entries {
						user, item := k.Places(k.Draw(n, r))
						require.True(t, k.Known(user, item))
						met[recsys.Entry{Row: int32(k.User(user)), Col: k.Items[item]}]++
					}
					k.Close()
					for _, word := range marks {
						require.Zero(t, word, "the marks are taken away")
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
	s := New(x, 1, 1, true)
	var sum float64
	for _, w := range x.Values {
		sum += float64(w)
	}
	marks := s.Marks()
	const passes = 4000
	got := map[[2]int32]float64{}
	for epoch := range passes {
		require.NoError(t, s.Deal(context.Background(), 1, epoch, 0, 1))
		k := s.Open(0, 0, marks)
		for _, e := range k.Entries {
			user, item := k.Places(e)
			got[[2]int32{int32(user), k.Items[item]}]++
		}
		for u := range x.Rows {
			cols, _ := x.Row(u)
			for item, i := range k.Items {
				require.Equal(t, slices.Contains(cols, i), k.Known(u, item), "also what is not visited is known")
			}
		}
		k.Close()
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
	require.Equal(t, 1, Blocks(1, 1))
	require.Equal(t, 1, Blocks(50, 50))
	require.Equal(t, 17, Blocks(6040, 3706))
	require.Equal(t, 17, Blocks(50_000, 20_000))
	rapid.Check(t, func(t *rapid.T) {
		users := rapid.IntRange(1, 50_000_000).Draw(t, "users")
		items := rapid.IntRange(1, 10_000_000).Draw(t, "items")
		p := Blocks(users, items)
		require.Equal(t, 1, p%2)
		width := bits.Len(uint(ceilDiv(users, p))) + bits.Len(uint(ceilDiv(items, p)))
		require.LessOrEqual(t, width, 31)
		if users < 1_000_000 && items < 1_000_000 {
			require.True(t, p == 1 || users/p >= minUsers-1 && items/p >= minItems-1)
		}
	})
}

// Rounds meets every block once, and within a round no user block and no item block twice.
func TestRounds(t *testing.T) {
	s := New(random(t, 150, 333, 2000), 3, 1, false)
	for _, lockFree := range []bool{false, true} {
		met := map[[2]int]bool{}
		var users, items map[int]bool
		fresh := func() {
			if users != nil && !lockFree {
				require.Len(t, users, 3)
				require.Len(t, items, 3)
			}
			users, items = map[int]bool{}, map[int]bool{}
		}
		fresh()
		require.NoError(t, s.Rounds(context.Background(), 1, lockFree, func(_, b, c int) {
			met[[2]int{b, c}] = true
			users[b], items[c] = true, true
		}, fresh))
		require.Len(t, met, 9)
	}
}

// Each interaction is visited in one of the parts of a pass, and known in all.
func TestPartsShareThePass(t *testing.T) {
	x := random(t, 40, 50, 300)
	s := New(x, 1, 4, false)
	marks := s.Marks()
	met := map[[2]int32]int{}
	for part := range 4 {
		require.NoError(t, s.Deal(context.Background(), 1, 0, part, 2))
		k := s.Open(0, 0, marks)
		require.InDelta(t, float64(x.NNZ())/4, len(k.Entries), 40)
		for _, e := range k.Entries {
			user, item := k.Places(e)
			met[[2]int32{int32(user), k.Items[item]}]++
		}
		for u := range x.Rows {
			cols, _ := x.Row(u)
			for item, i := range k.Items {
				require.Equal(t, slices.Contains(cols, i), k.Known(u, item))
			}
		}
		k.Close()
	}
	require.Len(t, met, x.NNZ())
	for _, n := range met {
		require.Equal(t, 1, n)
	}
}
