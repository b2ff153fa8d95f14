package cooc

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys/internal/rng"
)

// random draws a matrix; some rows have all their weights alike.
func random(users, items, one int, weighted bool) Rows {
	r := rng.New(1)
	x := Rows{Cols: items, Indptr: []int64{0}}
	var values []float32
	for u := range users {
		for i := range int32(items) {
			if r.Intn(one) == 0 {
				x.Indices = append(x.Indices, i)
				if u%3 == 0 {
					values = append(values, float32(1+u))
				} else {
					values = append(values, r.Float32())
				}
			}
		}
		x.Indptr = append(x.Indptr, int64(len(x.Indices)))
	}
	if weighted {
		x.Weights = func(u int32, buf []float32) ([]float32, float32) {
			if u%3 == 0 {
				return nil, float32(1 + u)
			}
			copy(buf, values[x.Indptr[u]:x.Indptr[u+1]])
			return buf, 0
		}
	}
	return x
}

func value(x Rows, u, i int32) float32 {
	row := x.Indices[x.Indptr[u]:x.Indptr[u+1]]
	p, ok := slices.BinarySearch(row, i)
	if !ok {
		return 0
	}
	weights, each := x.weights(u, make([]float32, len(row)))
	if weights == nil {
		return each
	}
	return weights[p]
}

// scale turns dots into similarities of some kind.
func scale(i int32, items []int32, dots []float32) {
	for p := range dots {
		j := int32(p)
		if items != nil {
			j = items[p]
		}
		dots[p] /= float32(3 + i%4 + j%4)
	}
}

func TestNeighboursAgainstEveryPair(t *testing.T) {
	const users, k = 30, 5
	for _, c := range []struct {
		items, one int
		weighted   bool
	}{{40, 4, false}, {40, 4, true}, {300, 40, false}, {300, 40, true}} {
		x := random(users, c.items, c.one, c.weighted)
		for workers := 1; workers <= 3; workers++ {
			got := make([][]int32, c.items)
			err := Neighbours(context.Background(), x, k, workers, scale,
				func(i int32, found []int32, similarities []float32) {
					got[i] = slices.Clone(found)
					for p, s := range similarities {
						require.Positive(t, s)
						require.True(t, p == 0 || similarities[p-1] >= s)
					}
				})
			require.NoError(t, err)
			for i := range int32(c.items) {
				type pair struct {
					j int32
					s float32
				}
				var all []pair
				for j := range int32(c.items) {
					var dot float32
					for u := range int32(users) {
						dot += value(x, u, i) * value(x, u, j)
					}
					if s := dot / float32(3+i%4+j%4); j != i && s > 0 {
						all = append(all, pair{j, s})
					}
				}
				slices.SortFunc(all, func(a, b pair) int {
					if a.s != b.s {
						if a.s > b.s {
							return -1
						}
						return 1
					}
					return int(a.j - b.j)
				})
				want := []int32{}
				for _, p := range all[:min(k, len(all))] {
					want = append(want, p.j)
				}
				require.Equal(t, want, got[i], "item %d", i)
			}
		}
	}
}

func TestNeighboursLeavesOutTheUnrelated(t *testing.T) {
	// One user with items 0 and 1, another with item 2; nobody had item 3.
	x := Rows{Cols: 4, Indptr: []int64{0, 2, 3}, Indices: []int32{0, 1, 2}}
	got := map[int32][]int32{}
	err := Neighbours(context.Background(), x, 9, 1,
		func(_ int32, _ []int32, _ []float32) {},
		func(i int32, items []int32, _ []float32) { got[i] = slices.Clone(items) })
	require.NoError(t, err)
	require.Equal(t, map[int32][]int32{0: {1}, 1: {0}, 2: {}, 3: {}}, got)
	for _, cols := range []int{3, 9} { // of all items, of few
		x.Cols = cols
		err = Neighbours(context.Background(), x, 9, 1,
			func(_ int32, _ []int32, dots []float32) {
				for p := range dots {
					dots[p] = float32(math.NaN())
				}
			},
			func(i int32, items []int32, _ []float32) { require.Empty(t, items) })
		require.NoError(t, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	require.ErrorIs(t, Neighbours(ctx, x, 9, 1, nil, nil), context.Canceled)
}

func TestSlabsAreTheTranspose(t *testing.T) {
	const users, items = 3000, 150
	x := random(users, items, 4, false)
	n, many, next := 0, 0, int32(0)
	for s := newSlab(&x); s.next(); many++ {
		require.Equal(t, next, s.from)
		next += int32(len(s.order))
		require.True(t, slices.IsSortedFunc(s.order, func(a, b int32) int { return len(s.row(b)) - len(s.row(a)) }))
		for _, i := range s.order {
			n += len(s.row(i))
			require.True(t, slices.IsSortedFunc(s.row(i), func(a, b cell) int { return int(a.user - b.user) }))
			for _, c := range s.row(i) {
				require.Equal(t, i, x.Indices[x.Indptr[c.user]+int64(c.place)])
			}
		}
	}
	require.EqualValues(t, items, next)
	require.Equal(t, len(x.Indices), n)
	require.Greater(t, many, 2)
}

func TestCommon(t *testing.T) {
	require.Equal(t, 2, Common([]int32{1, 3, 5, 9}, []int32{0, 3, 4, 9, 11}))
	require.Zero(t, Common([]int32{1, 3}, []int32{2}))
	require.Zero(t, Common(nil, []int32{2}))
}
