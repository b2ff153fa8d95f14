package als

import (
	"fmt"
	"math"
	"slices"
	"sync"
	"testing"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/par"
	"github.com/recsys-lite/recsys/internal/rng"
)

// powerLaw draws about nnz distinct interactions: log-normal activity of users (at least
// least items each) and Zipf-Mandelbrot popularity of items.
func powerLaw(users, items, nnz, least int) *recsys.CSR {
	r := rng.New(42)
	cdf := make([]float64, items)
	sum := 0.0
	for i := range cdf {
		sum += math.Pow(float64(i)+30, -.9)
		cdf[i] = sum
	}
	name := make([]int32, items) // popularity does not follow the index
	for i := range name {
		name[i] = int32(i)
	}
	r.Shuffle(items, func(i, j int) { name[i], name[j] = name[j], name[i] })
	activity := make([]float64, users)
	total := 0.0
	for u := range activity {
		activity[u] = math.Exp(1.05 * r.Normal())
		total += activity[u]
	}
	x := &recsys.CSR{Rows: users, Cols: items, Indptr: make([]int64, users+1)}
	seen := recsys.NewBitset(items)
	for u := range users {
		n := min(least+int(activity[u]/total*float64(nnz-least*users)), items/2)
		row := make([]int32, 0, n)
		for len(row) < n {
			at, _ := slices.BinarySearch(cdf, r.Float64()*sum)
			if i := name[min(at, items-1)]; !seen.Has(i) {
				seen.Set(i)
				row = append(row, i)
			}
		}
		for _, i := range row {
			seen.Clear(i)
		}
		slices.Sort(row)
		x.Indices = append(x.Indices, row...)
		x.Indptr[u+1] = int64(len(x.Indices))
	}
	return x
}

var s1 = sync.OnceValue(func() *recsys.CSR { return powerLaw(6040, 3706, 1_000_000, 20) })

// BenchmarkIteration times one pass over users and items of 6,040 × 3,706 × 1.0 M.
func BenchmarkIteration(b *testing.B) {
	for _, factors := range []int{32, 64, 128, 256} {
		b.Run(fmt.Sprintf("d=%d", factors), func(b *testing.B) {
			cfg := DefaultConfig()
			cfg.Factors = factors
			x := s1()
			f := newFitting(cfg, x)
			iterate := func() {
				if _, err := f.solveUsers(ctx); err != nil {
					b.Fatal(err)
				}
				if _, err := f.solveItems(ctx); err != nil {
					b.Fatal(err)
				}
			}
			iterate()
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				iterate()
			}
			seconds := b.Elapsed().Seconds() / float64(b.N)
			b.ReportMetric(float64(x.Rows+x.Cols)/seconds, "rows/s")
			b.ReportMetric(2*float64(x.NNZ())/seconds/1e6, "Mentries/s")
			b.ReportMetric(float64(par.Workers(0)), "workers")
		})
	}
}

// BenchmarkFoldIn solves a user of 50 events.
func BenchmarkFoldIn(b *testing.B) {
	for _, factors := range []int{64, 128} {
		b.Run(fmt.Sprintf("d=%d", factors), func(b *testing.B) {
			m, q, v := served(b, factors)
			b.ReportAllocs()
			for b.Loop() {
				if err := m.QueryVector(ctx, q, v); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkRewriteUser updates one of 6,040 users with 50 events in the model.
func BenchmarkRewriteUser(b *testing.B) {
	m, q, _ := served(b, 64)
	rows := &recsys.CSR{Rows: 1, Cols: 3706, Indptr: []int64{0, 50}, Indices: q.History.Items}
	b.ReportAllocs()
	for b.Loop() {
		if err := m.PartialFitUsers(ctx, []int32{17}, rows); err != nil {
			b.Fatal(err)
		}
	}
}

func served(t testing.TB, factors int) (*Model, recsys.Query, []float32) {
	cfg := DefaultConfig()
	cfg.Factors, cfg.Iterations = factors, 1
	m := fit(t, cfg, &recsys.Dataset{Interactions: s1()})
	q := recsys.Query{User: recsys.NoUser}
	for i := range int32(50) {
		q.History.Items = append(q.History.Items, i*70)
	}
	return m, q, make([]float32, factors)
}

// BenchmarkEigen decomposes a Gramian.
func BenchmarkEigen(b *testing.B) {
	for _, d := range []int{64, 128, 256} {
		b.Run(fmt.Sprintf("d=%d", d), func(b *testing.B) {
			v := make([]float32, 1000*d)
			rng.New(1).Fill(v, .1)
			gram, err := gramian(ctx, newRows(v, 1000, d), 1, 1)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, _, err := decompose(gram, d); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
