package index_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/index"
	"github.com/recsys-lite/recsys/internal/sketch"
	"github.com/recsys-lite/recsys/internal/topk"
)

// BenchmarkKinds is a query to the approximate kinds, tuned by half of the queries, beside the exact
// ranking of an engine, over 10,000 and 50,000 vectors of 128; with RECSYS_LARGE=1 also 200,000.
// recall is of the ten best for the other half.
func BenchmarkKinds(b *testing.B) {
	sizes := []int{10_000, 50_000}
	if os.Getenv("RECSYS_LARGE") != "" {
		sizes = append(sizes, 200_000)
	}
	for _, data := range []struct {
		name string
		draw func(n, dim int) (vectors, queries recsys.Matrix)
	}{{"factors", factors}, {"clustered", clustered}} {
		for _, n := range sizes {
			const dim = 128
			vectors, queries := data.draw(n, dim)
			half := queries.Rows / 2
			tuning := recsys.Matrix{Rows: half, Cols: dim, Data: queries.Data[:half*dim]}
			queries = recsys.Matrix{Rows: half, Cols: dim, Data: queries.Data[half*dim : 2*half*dim]}
			all := recsys.FullBitset(n)
			b.Run(fmt.Sprintf("engine/%s/%d", data.name, n), func(b *testing.B) {
				s := sketch.New(vectors.Data, dim)
				var x sketch.Search
				var h topk.Heap
				for i := 0; b.Loop(); i++ {
					h.ResetTo(10)
					require.True(b, x.Set(s, queries.Row(i%half)))
					require.NoError(b, x.Run(&h, all.Words(), b.Context().Err))
					h.Sorted()
				}
			})
			exact, err := index.Build(b.Context(), index.KindExact, vectors, index.Options{})
			require.NoError(b, err)
			for _, kind := range []string{index.KindIVF, index.KindHNSW} {
				b.Run(fmt.Sprintf("%s/%s/%d", kind, data.name, n), func(b *testing.B) {
					x, err := index.Build(b.Context(), kind, vectors, index.Options{Queries: tuning})
					require.NoError(b, err)
					found := recall(b, x, exact, queries)
					b.ResetTimer()
					for i := range b.N {
						_, err := x.Search(b.Context(), queries.Row(i%half), 20, all)
						require.NoError(b, err)
					}
					b.ReportMetric(found, "recall")
				})
			}
		}
	}
}
