package strata

import (
	"context"
	"math/bits"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
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

// eachBlock calls f for all blocks of what was dealt, one after the other.
func eachBlock(t testing.TB, s *Strata, f func(b, c int)) {
	require.NoError(t, s.Rounds(context.Background(), 1, false, func(_, b, c int) { f(b, c) }, nil))
}

// Every interaction is dealt once, to the block of its user and its item; the items of the
// blocks are a partition.
func TestDealIsAPartition(t *testing.T) {
	x := random(t, 150, 333, 2000)
	for _, p := range []int{1, 3, 5, 19} {
		s := New(x, p, 1, false)
		marks, r := s.Marks(), rng.New(1)
		for epoch := range 3 {
			s.Deal(7, epoch, 0)
			met := map[recsys.Entry]int{}
			items := map[int32]int{}
			eachBlock(t, s, func(b, c int) {
				k := s.Open(b, c, marks)
				if b == 0 {
					for _, i := range k.Items {
						items[i]++
					}
				}
				for n := range k.Entries {
					user, item := k.Places(k.Draw(n, uint32(r.Uint64())))
					require.True(t, k.Known(user, item))
					met[recsys.Entry{Row: int32(k.User(user)), Col: k.Items[item]}]++
				}
				k.Close()
				for _, word := range marks {
					require.Zero(t, word, "the marks are taken away")
				}
			})
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

// What is absent is neither visited nor known; the rest is dealt as from a matrix without it.
func TestAbsent(t *testing.T) {
	x := random(t, 150, 333, 2000)
	absent, r := make([]uint64, (x.NNZ()+63)/64), rng.New(2)
	var left []recsys.Entry
	for u := range x.Rows {
		cols, _ := x.Row(u)
		for k, i := range cols {
			if at := int(x.Indptr[u]) + k; r.Float64() < .3 {
				absent[at/64] |= 1 << (at % 64)
			} else {
				left = append(left, recsys.Entry{Row: int32(u), Col: i, Value: 1})
			}
		}
	}
	without, err := recsys.NewCSR(x.Rows, x.Cols, left)
	require.NoError(t, err)
	for _, p := range []int{1, 5} {
		marked, plain, weighted := New(x, p, 1, false), New(without, p, 1, false), New(x, p, 1, true)
		marked.Absent, weighted.Absent = absent, absent
		type block struct {
			visits []Entry
			known  []uint64
		}
		blocks := func(s *Strata) (all []block) {
			marks := s.Marks()
			s.Deal(7, 1, 0)
			eachBlock(t, s, func(b, c int) {
				k := s.Open(b, c, marks)
				all = append(all, block{slices.Clone(k.Entries), slices.Clone(marks)})
				k.Close()
			})
			return all
		}
		want := blocks(plain)
		require.Equal(t, want, blocks(marked))
		for n, got := range blocks(weighted) {
			require.Equal(t, want[n].known, got.known)
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
		s.Deal(1, epoch, 0)
		eachBlock(t, s, func(b, c int) {
			k := s.Open(b, c, marks)
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
		})
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

// Rounds meets every block once; no two blocks under way share users, nor items unless lock-free; and
// with something to do after each round, the rounds do not mix.
func TestRounds(t *testing.T) {
	const p = 9
	for _, lockFree := range []bool{false, true} {
		for _, inRounds := range []bool{false, true} {
			for _, workers := range []int{1, 2, 5, 20} {
				s := New(random(t, 150, 333, 2000), p, 1, false)
				s.Deal(1, 0, 0)
				var mu sync.Mutex
				met := map[[2]int]bool{}
				users, items := map[int]int{}, map[int]int{}
				ended := 0
				var after func()
				if inRounds {
					after = func() {
						ended++
						require.Len(t, met, ended*p)
					}
				}
				require.NoError(t, s.Rounds(context.Background(), workers, lockFree, func(_, b, c int) {
					mu.Lock()
					met[[2]int{b, c}] = true
					users[b]++
					items[c]++
					alone := users[b] == 1 && (lockFree || items[c] == 1)
					mu.Unlock()
					if !alone {
						t.Errorf("block %d, %d is not alone", b, c)
					}
					runtime.Gosched()
					mu.Lock()
					users[b]--
					items[c]--
					mu.Unlock()
				}, after))
				require.Len(t, met, p*p)
			}
		}
	}
}

// A cancelled context ends the rounds, also for blocks that wait for others.
func TestRoundsStop(t *testing.T) {
	s := New(random(t, 150, 333, 2000), 9, 1, false)
	for _, workers := range []int{1, 4} {
		ctx, cancel := context.WithCancel(context.Background())
		s.Deal(1, 0, 0)
		var begun atomic.Int32
		err := s.Rounds(ctx, workers, false, func(_, b, c int) {
			if begun.Add(1) == 12 {
				cancel()
			}
		}, nil)
		require.ErrorIs(t, err, context.Canceled)
		require.Less(t, begun.Load(), int32(81), "the last rounds wait for the block that cancelled")
	}
}

// What a user block holds at a time is a share of its entries.
func TestHandsAreSmall(t *testing.T) {
	x := random(t, 1000, 2000, 100_000)
	s := New(x, Blocks(x.Rows, x.Cols), 1, true)
	held := 0
	for epoch := range 5 {
		s.Deal(1, epoch, 0)
		eachBlock(t, s, func(int, int) {})
	}
	for _, h := range s.hands {
		held += cap(h.entries)
	}
	// Some weights are below the mean: those that are not visited are idle entries, more than one each.
	require.Less(t, float64(held)/float64(x.NNZ()), 0.3)
}

// Each interaction is visited in one of the parts of a pass, and known in all.
func TestPartsShareThePass(t *testing.T) {
	x := random(t, 40, 50, 300)
	s := New(x, 1, 4, false)
	marks := s.Marks()
	met := map[[2]int32]int{}
	for part := range 4 {
		s.Deal(1, 0, part)
		eachBlock(t, s, func(b, c int) {
			k := s.Open(b, c, marks)
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
		})
	}
	require.Len(t, met, x.NNZ())
	for _, n := range met {
		require.Equal(t, 1, n)
	}
}
