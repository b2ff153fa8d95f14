package cooc

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys/internal/rng"
)

// random draws a matrix by rows and its transpose.
func random(users, items int, weighted bool) (byItem, byUser Rows) {
	r := rng.New(1)
	byUser, byItem = Rows{Indptr: []int64{0}}, Rows{Indptr: []int64{0}}
	type cell struct {
		user int32
		v    float32
	}
	columns := make([][]cell, items)
	for u := range int32(users) {
		for i := range int32(items) {
			if r.Intn(4) == 0 {
				v := r.Float32()
				byUser.Indices = append(byUser.Indices, i)
				byUser.Values = append(byUser.Values, v)
				columns[i] = append(columns[i], cell{u, v})
			}
		}
		byUser.Indptr = append(byUser.Indptr, int64(len(byUser.Indices)))
	}
	for _, column := range columns {
		for _, c := range column {
			byItem.Indices = append(byItem.Indices, c.user)
			byItem.Values = append(byItem.Values, c.v)
		}
		byItem.Indptr = append(byItem.Indptr, int64(len(byItem.Indices)))
	}
	if !weighted {
		byUser.Values, byItem.Values = nil, nil
	}
	return byItem, byUser
}

func value(r Rows, row, col int32) float32 {
	lo, hi := r.Indptr[row], r.Indptr[row+1]
	p, ok := slices.BinarySearch(r.Indices[lo:hi], col)
	switch {
	case !ok:
		return 0
	case r.Values == nil:
		return 1
	}
	return r.Values[lo+int64(p)]
}

func TestNeighboursAgainstEveryPair(t *testing.T) {
	const users, items, k = 30, 40, 5
	for _, weighted := range []bool{false, true} {
		byItem, byUser := random(users, items, weighted)
		for workers := 1; workers <= 3; workers++ {
			got := make([][]int32, items)
			err := Neighbours(context.Background(), byItem, byUser, k, workers,
				func(i, j int32, dot float32) float32 { return dot / float32(3+i%4+j%4) },
				func(i int32, found []int32, similarities []float32) {
					got[i] = slices.Clone(found)
					for p, s := range similarities {
						require.Positive(t, s)
						require.True(t, p == 0 || similarities[p-1] >= s)
					}
				})
			require.NoError(t, err)
			for i := range int32(items) {
				type pair struct {
					j int32
					s float32
				}
				var all []pair
				for j := range int32(items) {
					var dot float32
					for u := range int32(users) {
						dot += value(byItem, i, u) * value(byItem, j, u)
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
				var want []int32
				for _, p := range all[:min(k, len(all))] {
					want = append(want, p.j)
				}
				require.Equal(t, want, got[i], "item %d", i)
			}
		}
	}
}

func TestNeighboursLeavesOutTheUnrelated(t *testing.T) {
	// One user with items 0 and 1, another with item 2.
	byUser := Rows{Indptr: []int64{0, 2, 3}, Indices: []int32{0, 1, 2}}
	byItem := Rows{Indptr: []int64{0, 1, 2, 3}, Indices: []int32{0, 0, 1}}
	got := map[int32][]int32{}
	err := Neighbours(context.Background(), byItem, byUser, 9, 1,
		func(_, _ int32, dot float32) float32 { return dot },
		func(i int32, items []int32, _ []float32) { got[i] = slices.Clone(items) })
	require.NoError(t, err)
	require.Equal(t, map[int32][]int32{0: {1}, 1: {0}, 2: {}}, got)
	err = Neighbours(context.Background(), byItem, byUser, 9, 1,
		func(_, _ int32, _ float32) float32 { return float32(math.NaN()) },
		func(i int32, items []int32, _ []float32) { require.Empty(t, items) })
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	require.ErrorIs(t, Neighbours(ctx, byItem, byUser, 9, 1, nil, nil), context.Canceled)
}

func TestCommon(t *testing.T) {
	require.Equal(t, 2, Common([]int32{1, 3, 5, 9}, []int32{0, 3, 4, 9, 11}))
	require.Zero(t, Common([]int32{1, 3}, []int32{2}))
	require.Zero(t, Common(nil, []int32{2}))
}
