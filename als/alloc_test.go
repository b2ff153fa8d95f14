//go:build !race

package als

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
)

// The race detector empties pools at random; without it, serving allocates nothing.
func TestServingDoesNotAllocate(t *testing.T) {
	d := random(t, 300, 200, .1, 12)
	m := fit(t, config(nil), d)
	q, v, scores := recsys.Query{User: recsys.NoUser, History: history(d, 3)}, make([]float32, 8), make([]float32, 200)
	require.LessOrEqual(t, testing.AllocsPerRun(200, func() { _ = m.QueryVector(ctx, q, v) }), 0.5)
	require.LessOrEqual(t, testing.AllocsPerRun(200, func() { _ = m.Scores(ctx, q, scores) }), 0.5)
}
