//go:build faiss

package faiss_test

import (
	"math"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/index"
	"github.com/recsys-lite/recsys/index/faiss"
	"github.com/recsys-lite/recsys/internal/f32"
	"github.com/recsys-lite/recsys/internal/rng"
)

// The benchmarks run package index and Faiss side by side, one thread each and query by
// query in turn, so that what else the machine does hits both. "ratio" is our time by
// Faiss's; of the approximate kinds, each at the cheapest setting that reaches the recall.
//
//	go test -tags faiss -run '^$' -bench . -benchtime 200x ./index/faiss
//
// RECSYS_BENCH_VECTORS sets the number of vectors, 50,000 by default.

const wanted = 0.99

type data struct {
	vectors, queries recsys.Matrix
	exact            recsys.Index
}

func load(b *testing.B, name string) data {
	n := 50000
	if s := os.Getenv("RECSYS_BENCH_VECTORS"); s != "" {
		var err error
		n, err = strconv.Atoi(s)
		require.NoError(b, err)
	}
	const dim, groups, queries = 128, 200, 200
	r := rng.New(1)
	scale := make([]float32, dim)
	for j := range scale {
		scale[j] = 1
		if name == "factors" {
			// Few dimensions matter much, and many a little.
			scale[j] = float32(math.Pow(float64(j+1), -0.5))
		}
	}
	centres := recsys.NewMatrix(groups, dim)
	r.Fill(centres.Data, 1)
	// Vectors around centres, some of which are more popular: of length one, or of very
	// different lengths.
	draw := func(rows, parts int) recsys.Matrix {
		m := recsys.NewMatrix(rows, dim)
		r.Fill(m.Data, 0.7)
		for i := range rows {
			row := m.Row(i)
			for range parts {
				f32.Add(row, centres.Row(int(groups*r.Float64()*r.Float64())))
			}
			f32.Mul(row, scale)
			length := 1 / math.Sqrt(float64(f32.SquaredNorm(row)))
			if name == "factors" {
				length = math.Exp(0.5 * r.Normal())
			}
			f32.Scale(float32(length), row)
		}
		return m
	}
	d := data{vectors: draw(n, 1), queries: draw(queries, 2)}
	var err error
	d.exact, err = index.Build(b.Context(), index.KindExact, d.vectors, index.Options{})
	require.NoError(b, err)
	return d
}

func (d data) recall(b *testing.B, x recsys.Index) float64 {
	hits := 0
	for q := range d.queries.Rows {
		want, err := d.exact.Search(b.Context(), d.queries.Row(q), 10, nil)
		require.NoError(b, err)
		got, err := x.Search(b.Context(), d.queries.Row(q), 10, nil)
		require.NoError(b, err)
		for _, g := range got {
			if g.Score >= want[9].Score*(1-1e-5) {
				hits++
			}
		}
	}
	return float64(hits) / float64(10*d.queries.Rows)
}

// race reports the time per query of both.
func (d data) race(b *testing.B, ours, theirs recsys.Index) {
	var spent [2]time.Duration
	run := func(i int, x recsys.Index, q int) {
		start := time.Now()
		_, err := x.Search(b.Context(), d.queries.Row(q), 10, nil)
		spent[i] += time.Since(start)
		require.NoError(b, err)
	}
	b.ResetTimer()
	for i := range b.N {
		// In blocks, so that neither finds the other's data in the caches each time.
		for q := range 10 {
			run(0, ours, (10*i+q)%d.queries.Rows)
		}
		for q := range 10 {
			run(1, theirs, (10*i+q)%d.queries.Rows)
		}
	}
	per := func(i int) float64 { return float64(spent[i].Microseconds()) / float64(10*b.N) }
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(per(0), "us/ours")
	b.ReportMetric(per(1), "us/faiss")
	b.ReportMetric(per(0)/per(1), "ratio")
}

func BenchmarkFlat(b *testing.B) {
	d := load(b, "factors")
	theirs, err := faiss.Build(b.Context(), d.vectors, faiss.Options{Kind: faiss.Flat})
	require.NoError(b, err)
	defer theirs.Close()
	d.race(b, d.exact, theirs)
}

func BenchmarkIVF(b *testing.B)  { approximate(b, index.KindIVF) }
func BenchmarkHNSW(b *testing.B) { approximate(b, index.KindHNSW) }

func approximate(b *testing.B, kind string) {
	for _, name := range []string{"unit", "factors"} {
		d := load(b, name)
		start := time.Now()
		built, err := index.Build(b.Context(), kind, d.vectors, index.Options{Recall: wanted, Queries: d.queries})
		require.NoError(b, err)
		took := time.Since(start)
		start = time.Now()
		theirs := cheapest(b, d, kind)
		defer theirs.Close()
		b.Logf("%s: built in %v, Faiss and its search for a setting took %v", name, took, time.Since(start))
		ours, reached := d.recall(b, built), d.recall(b, theirs)
		b.Run(name, func(b *testing.B) {
			d.race(b, built, theirs)
			b.ReportMetric(ours, "recall/ours")
			b.ReportMetric(reached, "recall/faiss")
		})
	}
}

// cheapest returns Faiss's index with the smallest setting of a ladder that reaches the
// recall, or with the largest.
func cheapest(b *testing.B, d data, kind string) *faiss.Index {
	o := faiss.Options{Kind: faiss.IVF, Lists: int(2 * math.Sqrt(float64(d.vectors.Rows)))}
	if kind == index.KindHNSW {
		o = faiss.Options{Kind: faiss.HNSW, Links: 16}
	}
	x, err := faiss.Build(b.Context(), d.vectors, o)
	require.NoError(b, err)
	for setting := 2; ; setting += max(1, setting/4) {
		require.NoError(b, x.SetSearch(setting))
		if d.recall(b, x) >= wanted || setting > 1024 {
			b.Logf("Faiss: %+v, %d to search", o, setting)
			return x
		}
	}
}
