package ease_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/ease"
	"github.com/recsys-lite/recsys/internal/datasets"
)

// BenchmarkFit is the whole fit on MovieLens 1M (3,706 items with events), the Gram matrix
// included.
func BenchmarkFit(b *testing.B) {
	d := datasets.ML1M(b).Full
	for _, method := range []ease.Method{ease.Primal, ease.Sparse} {
		b.Run(string(method), func(b *testing.B) {
			cfg := ease.DefaultConfig()
			cfg.Method, cfg.Neighbours = method, 100
			m, err := ease.New(cfg)
			require.NoError(b, err)
			b.ReportAllocs()
			for b.Loop() {
				require.NoError(b, m.Fit(context.Background(), d))
			}
		})
	}
}

// BenchmarkRecommend is one user's top 20 of 3,883 items, by length of history.
func BenchmarkRecommend(b *testing.B) {
	d := datasets.ML1M(b).Full
	cfg := ease.DefaultConfig()
	m, err := ease.New(cfg)
	require.NoError(b, err)
	require.NoError(b, m.Fit(context.Background(), d))
	for _, length := range []int{10, 100} {
		q := recsys.Query{User: recsys.NoUser, K: 20}
		for i := range length {
			q.History.Items = append(q.History.Items, int32(i*30))
		}
		b.Run(fmt.Sprint(length), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := m.Recommend(context.Background(), q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
