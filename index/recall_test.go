package index_test

import (
	"fmt"
	"math"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/index"
	"github.com/recsys-lite/recsys/internal/f32"
	"github.com/recsys-lite/recsys/internal/rng"
)

// clustered returns n vectors around n/100 centres and queries of the same kind.
func clustered(n, dim int) (vectors, queries recsys.Matrix) {
	r := rng.New(1)
	centres := recsys.NewMatrix(max(10, n/100), dim)
	r.Fill(centres.Data, 1)
	draw := func(rows int) recsys.Matrix {
		m := recsys.NewMatrix(rows, dim)
		r.Fill(m.Data, 0.5)
		for i := range rows {
			f32.Add(m.Row(i), centres.Row(r.Intn(centres.Rows)))
		}
		return m
	}
	return draw(n), draw(200)
}

// factors returns vectors as a factor model has them: few dimensions matter much and many a
// little, categories of very different size, lengths that grow with popularity. The queries
// are users who bought four items in each of three categories.
func factors(n, dim int) (vectors, queries recsys.Matrix) {
	const categories = 200
	r := rng.New(1)
	scale := make([]float32, dim)
	for j := range scale {
		scale[j] = float32(math.Pow(float64(j+1), -0.5))
	}
	draw := func(row []float32, deviation float64) {
		r.Fill(row, deviation)
		f32.Mul(row, scale)
	}
	centres := recsys.NewMatrix(categories, dim)
	for c := range categories {
		draw(centres.Row(c), 1)
	}
	vectors = recsys.NewMatrix(n, dim)
	members := make([][]int, categories)
	for i := range n {
		c := int(categories * r.Float64() * r.Float64())
		members[c] = append(members[c], i)
		row := vectors.Row(i)
		draw(row, 0.8)
		f32.Add(row, centres.Row(c))
		f32.Scale(float32(math.Exp(0.5*r.Normal())), row)
	}
	queries = recsys.NewMatrix(200, dim)
	for q := range queries.Rows {
		row := queries.Row(q)
		draw(row, 0.3)
		for range 3 {
			if in := members[r.Intn(categories)]; len(in) > 0 {
				for range 4 {
					f32.Axpy(0.25, vectors.Row(in[r.Intn(len(in))]), row)
				}
			}
		}
	}
	return vectors, queries
}

// recall is the share of the ten best of an exact search that x finds.
func recall(t testing.TB, x, exact recsys.Index, queries recsys.Matrix) float64 {
	hits := 0
	for q := range queries.Rows {
		want, err := exact.Search(t.Context(), queries.Row(q), 10, nil)
		require.NoError(t, err)
		got, err := x.Search(t.Context(), queries.Row(q), 10, nil)
		require.NoError(t, err)
		for _, g := range got {
			if g.Score >= want[9].Score {
				hits++
			}
		}
	}
	return float64(hits) / float64(10*queries.Rows)
}

// With default settings recall@10 is at least .99. RECSYS_LARGE=1 also tries 50,000 and
// 200,000 vectors, which takes a minute or two.
func TestRecallByDefault(t *testing.T) {
	sizes := []int{10000}
	if os.Getenv("RECSYS_LARGE") != "" {
		sizes = append(sizes, 50000, 200000)
	}
	if testing.Short() {
		sizes = []int{3000}
	}
	for name, data := range map[string]func(n, dim int) (vectors, queries recsys.Matrix){"clustered": clustered, "factors": factors} {
		for _, n := range sizes {
			vectors, queries := data(n, 128)
			exact, err := index.Build(t.Context(), index.KindExact, vectors, index.Options{})
			require.NoError(t, err)
			for _, kind := range []string{index.KindIVF, index.KindHNSW} {
				t.Run(fmt.Sprintf("%s/%s/%d", kind, name, n), func(t *testing.T) {
					x, err := index.Build(t.Context(), kind, vectors, index.Options{})
					require.NoError(t, err)
					got := recall(t, x, exact, queries)
					switch x := x.(type) {
					case *index.IVF:
						t.Logf("recall@10 %.4f with %d of %d lists", got, x.Probe(), x.Lists())
					case *index.HNSW:
						t.Logf("recall@10 %.4f with ef %d", got, x.Ef())
					}
					require.GreaterOrEqual(t, got, 0.99)
				})
			}
		}
	}
}
