package hybrid

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/rng"
)

func TestNewest(t *testing.T) {
	r := rng.New(1)
	times := make([]int64, 1001)
	for k := range times {
		times[k] = int64(r.Intn(300)) - 100
	}
	times[7], times[8] = math.MinInt64, math.MaxInt64
	sorted := slices.Sorted(slices.Values(times))
	for _, share := range []float64{1e-9, .1, .2, .5, .999} {
		cut, ok := newest(times, share)
		require.True(t, ok)
		require.Equal(t, sorted[int(float64(len(times))*(1-share))], cut, "%v", share)
	}
	_, ok := newest(times, 1-1e-9)
	require.False(t, ok, "nothing is older than the oldest")
	_, ok = newest([]int64{5, 5}, .5)
	require.False(t, ok)
	_, ok = newest(nil, .5)
	require.False(t, ok)
}

// By hand: events before 10 are old, item 2 came early and again late, item 4 has no event.
func TestPartsByTime(t *testing.T) {
	x, err := recsys.NewCSR(2, 5, []recsys.Entry{
		{Row: 0, Col: 0, Value: 1}, {Row: 0, Col: 1, Value: 2}, {Row: 0, Col: 2, Value: 3}, {Row: 0, Col: 4, Value: 4}, {Row: 1, Col: 3, Value: 5},
	})
	require.NoError(t, err)
	d := &recsys.Dataset{Interactions: x, Sequences: &recsys.Sequences{
		Indptr: []int64{0, 5, 6}, Items: []int32{2, 0, 2, 1, 1, 3}, Times: []int64{1, 2, 11, 12, 13, 10},
	}}
	train, held := byTime(d, 10)
	require.Equal(t, &recsys.CSR{Rows: 2, Cols: 5, Indptr: []int64{0, 3, 3}, Indices: []int32{0, 2, 4}, Values: []float32{1, 3, 4}}, train.Interactions)
	require.Equal(t, &recsys.CSR{Rows: 2, Cols: 5, Indptr: []int64{0, 1, 2}, Indices: []int32{1, 3}}, held)
	require.Equal(t, &recsys.Sequences{Indptr: []int64{0, 2, 2}, Items: []int32{2, 0}, Times: []int64{1, 2}}, train.Sequences)
	for _, s := range []int{cap(train.Interactions.Indices) - 3, cap(train.Sequences.Times) - 2, cap(held.Indices) - 2} {
		require.Zero(t, s, "no room to spare")
	}
}
