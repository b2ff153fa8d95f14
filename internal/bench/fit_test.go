package bench

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/als"
	"github.com/recsys-lite/recsys/bpr"
	"github.com/recsys-lite/recsys/ease"
	"github.com/recsys-lite/recsys/gru4rec"
	"github.com/recsys-lite/recsys/item2vec"
	"github.com/recsys-lite/recsys/lightfm"
)

// passes fits a model of b.N passes to d: the time of an operation is the time of the whole
// fit divided by its passes.
func passes(b *testing.B, m recsys.Fitter, err error, d *recsys.Dataset) {
	require.NoError(b, err)
	b.ReportAllocs()
	b.ResetTimer()
	require.NoError(b, m.Fit(context.Background(), d))
}

// perSecond reports how many things of a pass are done in a second.
func perSecond(b *testing.B, n int, what string) {
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), what+"/s")
}

func BenchmarkALS(b *testing.B) {
	for _, set := range sets {
		for _, factors := range []int{64, 128} {
			b.Run(fmt.Sprintf("%s/f=%d", set.name, factors), func(b *testing.B) {
				d := set.matrix()
				cfg := als.DefaultConfig()
				cfg.Factors, cfg.Iterations = factors, b.N
				m, err := als.New(cfg)
				passes(b, m, err, d)
			})
		}
	}
}

func BenchmarkBPR(b *testing.B) {
	for _, set := range sets {
		for _, lockFree := range []bool{false, true} {
			name := "deterministic"
			if lockFree {
				name = "lockfree"
			}
			b.Run(set.name+"/"+name, func(b *testing.B) {
				d := set.matrix()
				cfg := bpr.DefaultConfig()
				cfg.Iterations, cfg.LockFree = b.N, lockFree
				m, err := bpr.New(cfg)
				passes(b, m, err, d)
			})
		}
	}
}

func BenchmarkLightFM(b *testing.B) {
	for _, name := range []string{"ids", "features"} {
		b.Run("S1/"+name, func(b *testing.B) {
			d := *sets[0].matrix()
			if name == "features" {
				d.ItemFeatures = sets[0].data().ItemFeatures
			}
			cfg := lightfm.DefaultConfig()
			cfg.Epochs = b.N
			m, err := lightfm.New(cfg)
			passes(b, m, err, &d)
		})
	}
}

func BenchmarkItem2vec(b *testing.B) {
	for _, negative := range []int{5, 10} {
		b.Run(fmt.Sprintf("S1/negative=%d", negative), func(b *testing.B) {
			d := sets[0].data()
			cfg := item2vec.DefaultConfig()
			cfg.VectorSize, cfg.Negative, cfg.Epochs = 100, negative, b.N
			m, err := item2vec.New(cfg)
			passes(b, m, err, d)
			perSecond(b, d.Interactions.NNZ(), "tokens")
		})
	}
}

func BenchmarkGRU4Rec(b *testing.B) {
	for _, samples := range []int{2048, 0} {
		b.Run(fmt.Sprintf("S1head/samples=%d", samples), func(b *testing.B) {
			d := head()
			cfg := gru4rec.DefaultConfig()
			// What the official code calls its defaults.
			cfg.Loss, cfg.BatchSize, cfg.Samples, cfg.Epochs = gru4rec.CrossEntropy, 64, samples, b.N
			cfg.EmbeddingDropout, cfg.Momentum, cfg.SampleAlpha, cfg.LogQ = 0, 0, 0.5, 0
			cfg.SessionGap = 0
			m, err := gru4rec.New(cfg)
			passes(b, m, err, d)
			perSecond(b, d.Interactions.NNZ()-d.Interactions.Rows, "events")
		})
	}
}

// The Gram matrix is part of it.
func BenchmarkEASE(b *testing.B) {
	for _, items := range []int{3706, 10_000, 20_000} {
		b.Run(fmt.Sprintf("items=%d", items), func(b *testing.B) {
			d := forEASE(items)
			cfg := ease.DefaultConfig()
			cfg.Method = ease.Primal
			m, err := ease.New(cfg)
			require.NoError(b, err)
			b.ReportAllocs()
			for b.Loop() {
				require.NoError(b, m.Fit(context.Background(), d))
			}
			n := float64(d.Interactions.Cols)
			b.ReportMetric(n*n*n*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}
