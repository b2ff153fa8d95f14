package sessionknn

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/datasets"
)

// nextItem is the mean hit rate and reciprocal rank at 20 over every position, from the
// second event on, of the given number of test sessions, all items ranked.
func nextItem(t *testing.T, rank func(recsys.Query) []recsys.Scored, test *recsys.Sequences, sessions int) (hr, mrr float64, n int) {
	for u := range sessions {
		items, times := test.Of(u)
		for at := 1; at < len(items); at++ {
			q := recsys.Query{User: recsys.NoUser, K: 20, History: recsys.History{Sequence: items[:at], Times: times[:at]}}
			for r, s := range rank(q) {
				if s.Item == items[at] {
					hr++
					mrr += 1 / float64(r+1)
				}
			}
			n++
		}
	}
	return hr / float64(n), mrr / float64(n), n
}

// The published VS-kNN lists reach .6098 and .3342 on these 387 predictions.
func TestYoochoose(t *testing.T) {
	data := datasets.Yoochoose(t)
	m := fitted(t, data.Train, nil)
	hr, mrr, n := nextItem(t, func(q recsys.Query) []recsys.Scored {
		top, err := m.Recommend(ctx, q)
		require.NoError(t, err)
		return top
	}, data.Test, 99)
	t.Logf("HR@20 %.4f MRR@20 %.4f over %d predictions", hr, mrr, n)
	require.Equal(t, 387, n)
	require.GreaterOrEqual(t, hr, .6098)
	require.GreaterOrEqual(t, mrr, .3342)

	popular := make([]float32, data.Train.Interactions.Cols)
	for _, i := range data.Train.Interactions.Indices {
		popular[i]++
	}
	top := recsys.TopK(popular, 20, nil)
	floor, _, _ := nextItem(t, func(recsys.Query) []recsys.Scored { return top }, data.Test, 99)
	require.Greater(t, hr, 5*floor)
}
