package index_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/index"
	"github.com/recsys-lite/recsys/index/indextest"
)

// A search allocates its answer and the heap it comes from, whatever the index holds.
func TestAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector empties pools at random")
	}
	m := indextest.Clustered(5000, 16, 1)
	for _, kind := range kinds {
		x, err := index.Build(t.Context(), kind, m, index.Options{})
		require.NoError(t, err)
		for _, allowed := range []*recsys.Bitset{nil, recsys.FullBitset(2500)} {
			n := testing.AllocsPerRun(100, func() {
				if _, err := x.Search(t.Context(), m.Row(1), 10, allowed); err != nil {
					t.Fatal(err)
				}
			})
			require.LessOrEqual(t, n, 12., kind)
			t.Logf("%s: %v allocations", kind, n)
		}
	}
}

func BenchmarkSearch(b *testing.B) {
	vectors, queries := factors(50000, 128)
	for _, kind := range []string{index.KindExact, index.KindIVF, index.KindHNSW} {
		o := index.Options{Queries: queries}
		if kind == index.KindExact {
			o = index.Options{}
		}
		x, err := index.Build(b.Context(), kind, vectors, o)
		require.NoError(b, err)
		tenth := recsys.NewBitset(vectors.Rows)
		for i := range int32(vectors.Rows / 10) {
			tenth.Set(10 * i)
		}
		for _, c := range []struct {
			name    string
			allowed *recsys.Bitset
		}{{"all", nil}, {"tenth", tenth}} {
			b.Run(kind+"/"+c.name, func(b *testing.B) {
				b.ReportAllocs()
				for i := range b.N {
					if _, err := x.Search(b.Context(), queries.Row(i%queries.Rows), 10, c.allowed); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
