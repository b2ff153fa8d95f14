package sessions

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
)

var events = recsys.Sequences{
	Indptr: []int64{0, 4, 4, 6},
	Items:  []int32{5, 6, 6, 7, 8, 9},
	Times:  []int64{100, 110, 121, 121, 90, 90},
}

func TestCut(t *testing.T) {
	require.Equal(t, []Session{
		{User: 0, Items: []int32{5, 6}, End: 110},
		{User: 0, Items: []int32{6, 7}, End: 121},
		{User: 2, Items: []int32{8, 9}, End: 90},
	}, Cut(&events, 10), "a pause of exactly the gap does not cut")
	require.Len(t, Cut(&events, 0), 2, "gap 0 keeps a user's events together")
	require.Empty(t, Cut(&recsys.Sequences{Indptr: []int64{0, 0}}, 10))
}

func TestLast(t *testing.T) {
	h := recsys.History{Sequence: []int32{1, 2, 3}, Times: []int64{0, 100, 105}}
	for gap, want := range map[int64][]int32{10: {2, 3}, 100: {1, 2, 3}, 1: {3}, 0: {1, 2, 3}} {
		items, times := Last(&h, gap)
		require.Equal(t, want, items, "gap %d", gap)
		require.Equal(t, h.Times[3-len(want):], times, "gap %d", gap)
	}
	h.Times = nil
	items, times := Last(&h, 1)
	require.Equal(t, []int32{1, 2, 3}, items)
	require.Nil(t, times)
	items, _ = Last(&recsys.History{Times: []int64{}}, 1)
	require.Empty(t, items)
}
