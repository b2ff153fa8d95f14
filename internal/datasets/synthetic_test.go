package datasets

import (
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSynthetic(t *testing.T) {
	s := Shape{Users: 600, Items: 400, Events: 20_000, Least: 10}
	d := Synthetic(s)
	require.NoError(t, d.Validate())
	require.Equal(t, s.Events, d.Interactions.NNZ())
	require.Equal(t, 4*s.Items, d.ItemFeatures.Matrix.NNZ())

	counts, least := make([]int, s.Items), s.Items
	for _, i := range d.Interactions.Indices {
		counts[i]++
	}
	for u := range s.Users {
		least = min(least, d.Interactions.RowLen(u))
		items, _ := d.Sequences.Of(u)
		own, _ := d.Interactions.Row(u)
		require.ElementsMatch(t, own, items)
	}
	require.GreaterOrEqual(t, least, s.Least)
	slices.Sort(counts)
	tenth := 0
	for _, n := range counts[s.Items-s.Items/10:] {
		tenth += n
	}
	require.Greater(t, tenth, s.Events/5, "a tenth of the items has most of a power law")

	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	require.Equal(t, d, Synthetic(s), "any number of workers draws the same")

	h := Head(d, 10)
	require.NoError(t, h.Validate())
	require.Equal(t, 10, h.Interactions.Rows)
}
