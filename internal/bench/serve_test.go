package bench

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/als"
)

func fit(b *testing.B, d *recsys.Dataset, iterations int) *als.Model {
	cfg := als.DefaultConfig()
	cfg.Factors, cfg.Iterations = 64, iterations
	m, err := als.New(cfg)
	require.NoError(b, err)
	require.NoError(b, m.Fit(context.Background(), d))
	return m
}

var models = map[string]*als.Model{}

// fitted is a model of the set with 64 factors, fitted once.
func fitted(b *testing.B, s set) *als.Model {
	if models[s.name] == nil {
		models[s.name] = fit(b, s.matrix(), 10)
	}
	return models[s.name]
}

// median runs f b.N times and reports the median time of a run.
func median(b *testing.B, f func(i int)) {
	times := make([]time.Duration, b.N)
	b.ReportAllocs()
	b.ResetTimer()
	for i := range times {
		t := time.Now()
		f(i)
		times[i] = time.Since(t)
	}
	b.StopTimer()
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)/2]), "p50-ns")
	b.ReportMetric(float64(times[len(times)*99/100]), "p99-ns")
}

// One user of S2 is ranked over all 20,000 items, exactly, by one goroutine.
func BenchmarkRecommend(b *testing.B) {
	d := sets[1].matrix()
	m := fitted(b, sets[1])
	b.Run("S2/f=64", func(b *testing.B) {
		median(b, func(i int) {
			_, err := m.Recommend(context.Background(), recsys.Query{User: int32(i * 7919 % d.Interactions.Rows), K: 10})
			require.NoError(b, err)
		})
	})
}

// All users at once.
func BenchmarkRecommendUnseen(b *testing.B) {
	for _, set := range sets {
		b.Run(set.name+"/f=64", func(b *testing.B) {
			d := set.matrix()
			m := fitted(b, set)
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				_, err := recsys.RecommendUnseen(context.Background(), m, d, 10, recsys.Run{})
				require.NoError(b, err)
			}
			perSecond(b, d.Interactions.Rows, "users")
		})
	}
}

// A user of 50 events, whom the model does not know, and one whose row is rewritten.
func BenchmarkFoldIn(b *testing.B) {
	m := fitted(b, sets[1])
	q := recsys.Query{User: recsys.NoUser}
	for i := range int32(50) {
		q.History.Items = append(q.History.Items, i*391)
	}
	row := &recsys.CSR{Rows: 1, Cols: 20_000, Indptr: []int64{0, 50}, Indices: q.History.Items}
	v := make([]float32, 64)
	b.Run("vector/f=64/events=50", func(b *testing.B) {
		median(b, func(int) { require.NoError(b, m.QueryVector(context.Background(), q, v)) })
	})
	b.Run("rewrite/f=64/events=50", func(b *testing.B) {
		median(b, func(i int) {
			require.NoError(b, m.PartialFitUsers(context.Background(), []int32{int32(i * 7919 % 50_000)}, row))
		})
	})
}
