package index_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/index"
)

var rewrite = flag.Bool("rewrite", false, "write the golden files of the current format version")

// Indexes of every format version open for ever. They hold the vectors (i, −i, 1) for i < 30
// but 7, which was removed, and 3, which was replaced.
func TestGolden(t *testing.T) {
	for _, kind := range kinds {
		file := filepath.Join("testdata", "v1", kind+".index")
		if *rewrite {
			m := recsys.NewMatrix(30, 3)
			for i := range m.Rows {
				copy(m.Row(i), []float32{float32(i), -float32(i), 1})
			}
			x, err := index.Build(t.Context(), kind, m, index.Options{Seed: 1})
			require.NoError(t, err)
			require.NoError(t, x.Add(t.Context(), []int32{3}, []float32{100, 0, 1}))
			x.Remove([]int32{7})
			data, err := x.MarshalBinary()
			require.NoError(t, err)
			require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
			require.NoError(t, os.WriteFile(file, data, 0o644))
		}
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		x, err := index.Open(data, index.Search{})
		require.NoError(t, err)
		require.Equal(t, 29, x.Len())
		top, err := x.Search(t.Context(), []float32{1, 0, 0.5}, 3, nil)
		require.NoError(t, err)
		require.Equal(t, []recsys.Scored{{Item: 3, Score: 100.5}, {Item: 29, Score: 29.5}, {Item: 28, Score: 28.5}}, top)
		few := recsys.FullBitset(9)
		top, err = x.Search(t.Context(), []float32{0, -1, 0}, 3, few)
		require.NoError(t, err)
		require.Equal(t, []recsys.Scored{{Item: 8, Score: 8}, {Item: 6, Score: 6}, {Item: 5, Score: 5}}, top)
	}
}
