package itembias

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLevels(t *testing.T) {
	// Item i was had by 200−i users and has the bias −i.
	counts := make([]int32, 200)
	for i := range counts {
		counts[i] = int32(200 - i)
	}
	l := New(counts, func(i int) float32 { return -float32(i) })
	require.InDelta(t, -100, l.At(100), 1, "the mean of 50 around")
	require.InDelta(t, -187, l.At(0), 1, "the 25 least popular")
	require.InDelta(t, -12, l.At(1000), 1, "the 25 most popular")
	require.Zero(t, New(nil, nil).At(3))
	require.Equal(t, float32(7), New([]int32{0, 3, 0}, func(i int) float32 { return float32(7 * i) }).At(0), "nobody had the others")
}
