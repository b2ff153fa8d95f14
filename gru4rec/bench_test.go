package gru4rec

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/recsys-lite/recsys/internal/rng"
)

// BenchmarkTraining is events per second at hidden_size 100 and batch_size 64, on sessions of
// power-law items: 2,048 samples or the negatives of the batch alone, one worker or all.
func BenchmarkTraining(b *testing.B) {
	const items = 20_000
	r := rng.New(1)
	drawn := make([][]int32, 20_000)
	for s := range drawn {
		drawn[s] = make([]int32, 2+r.Intn(8))
		for x := range drawn[s] {
			drawn[s][x] = int32(math.Pow(items, r.Float64())) - 1
		}
	}
	order := inOrder(drawn...)
	for _, samples := range []int{2048, 0} {
		for _, workers := range []int{1, 0} {
			b.Run(fmt.Sprintf("samples=%d/workers=%d", samples, workers), func(b *testing.B) {
				cfg := DefaultConfig()
				cfg.EmbeddingDropout, cfg.BatchSize, cfg.Samples, cfg.Workers = 0, 64, samples, workers
				t := newTrainer(&cfg, order, items)
				run := newLanes(order, cfg.BatchSize)
				events := 0
				for b.Loop() {
					width := run.width()
					run.read(t.in, t.out)
					if _, err := t.step(context.Background(), width); err != nil {
						b.Fatal(err)
					}
					events += width
					if run.advance(func(int) {}, func(int, int) {}); run.width() < cfg.BatchSize {
						run = newLanes(order, cfg.BatchSize)
					}
				}
				b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
			})
		}
	}
}
