package recsys_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
)

func TestHistoryForms(t *testing.T) {
	session := recsys.History{Sequence: []int32{5, 2, 5, 3}}
	items, weights := session.Row()
	require.Equal(t, []int32{2, 3, 5}, items, "distinct and ascending")
	require.Nil(t, weights)
	require.Equal(t, []int32{5, 2, 5, 3}, session.Sequence, "the session itself stays as it was")
	require.Equal(t, session.Sequence, session.Events())

	basket := recsys.History{Items: []int32{1, 4}, Weights: []float32{2, 3}}
	items, weights = basket.Row()
	require.Equal(t, basket.Items, items)
	require.Equal(t, basket.Weights, weights)
	require.Equal(t, []int32{1, 4}, basket.Events())

	var nothing recsys.History
	items, weights = nothing.Row()
	require.Empty(t, items)
	require.Empty(t, weights)
	require.Empty(t, nothing.Events())
}
