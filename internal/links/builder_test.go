package links

import (
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys/internal/rng"
)

func TestBuilderBuildsWhatColumnsDo(t *testing.T) {
	for _, n := range []int{1, 15, 17, 256, 257, 1000} {
		columns, builder := NewColumns(n, 40), NewBuilder(n)
		// Full columns, short ones, and from item 900 on none.
		column := func(i int) (from []int32, weight []float32) {
			r := rng.New(uint64(i))
			for j := range int32(n) {
				if r.Intn(1+n/20) == 0 && len(from) < 40 && i < 900 {
					from, weight = append(from, j), append(weight, r.Float32())
				}
			}
			r.Shuffle(len(from), func(a, b int) { from[a], from[b] = from[b], from[a] })
			return from, weight
		}
		order := make([]int, n)
		for i := range order {
			order[i] = i
		}
		rng.New(5).Shuffle(n, func(a, b int) { order[a], order[b] = order[b], order[a] })
		for i := range n {
			from, weight := column(i)
			columns.Set(int32(i), from, weight)
		}
		var wg sync.WaitGroup
		for _, part := range [][]int{order[:n/2], order[n/2:]} {
			wg.Go(func() {
				for _, i := range part {
					from, weight := column(i)
					builder.Set(int32(i), from, weight)
				}
			})
		}
		wg.Wait()
		got, err := builder.Rows(context.Background())
		require.NoError(t, err)
		start, to, weight := columns.Rows().Flat()
		gotStart, gotTo, gotWeight := got.Flat()
		require.Equal(t, start, gotStart, "%d", n)
		require.Equal(t, to, gotTo)
		require.Equal(t, weight, gotWeight)
		for j := range got.To {
			require.True(t, slices.IsSorted(got.To[j]))
			require.Len(t, got.To[j], cap(got.To[j]), "rows must not share room")
		}
	}
}

func TestBuilderStops(t *testing.T) {
	b := NewBuilder(1)
	b.Set(0, nil, nil)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := b.Rows(ctx)
	require.ErrorIs(t, err, context.Canceled)
}
