package index_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/index"
)

func TestOptions(t *testing.T) {
	m := recsys.NewMatrix(5, 2)
	for what, c := range map[string]struct {
		kind string
		o    index.Options
	}{
		"unknown kind":       {"lsh", index.Options{}},
		"recall":             {"ivf", index.Options{Recall: 1.5}},
		"recall NaN":         {"ivf", index.Options{Recall: math.NaN()}},
		"lists of hnsw":      {"hnsw", index.Options{Lists: 3}},
		"probe of exact":     {"exact", index.Options{Search: index.Search{Probe: 3}}},
		"ef of ivf":          {"ivf", index.Options{Search: index.Search{Ef: 3}}},
		"links of ivf":       {"ivf", index.Options{Links: 3}},
		"one link":           {"hnsw", index.Options{Links: 1}},
		"too many links":     {"hnsw", index.Options{Links: 65}},
		"negative lists":     {"ivf", index.Options{Lists: -1}},
		"negative threads":   {"exact", index.Options{Search: index.Search{Threads: -1}}},
		"threads of hnsw":    {"hnsw", index.Options{Search: index.Search{Threads: 2}}},
		"queries of exact":   {"exact", index.Options{Queries: m}},
		"queries too long":   {"ivf", index.Options{Queries: recsys.NewMatrix(1, 3)}},
		"queries not finite": {"ivf", index.Options{Queries: recsys.Matrix{Rows: 1, Cols: 2, Data: []float32{0, float32(math.NaN())}}}},
	} {
		_, err := index.Build(t.Context(), c.kind, m, c.o)
		require.ErrorIs(t, err, recsys.ErrInvalidConfig, what)
	}
	// All faults come at once.
	_, err := index.Build(t.Context(), "hnsw", m, index.Options{Lists: 3, Recall: -1})
	require.ErrorContains(t, err, "Lists = 3")
	require.ErrorContains(t, err, "Recall = -1")
	_, err = index.NewExact(0, 1)
	require.ErrorIs(t, err, recsys.ErrInvalidConfig)
}

// More lists than vectors, more lists to scan than lists: as many as there are.
func TestListsAreLimited(t *testing.T) {
	x, err := index.Build(t.Context(), "ivf", recsys.NewMatrix(5, 2), index.Options{Lists: 100, Search: index.Search{Probe: 50}})
	require.NoError(t, err)
	require.Equal(t, 5, x.(*index.IVF).Lists())
	require.Equal(t, 5, x.(*index.IVF).Probe())
}
