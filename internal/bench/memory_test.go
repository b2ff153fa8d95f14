package bench

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/als"
	"github.com/recsys-lite/recsys/bpr"
	"github.com/recsys-lite/recsys/ease"
	"github.com/recsys-lite/recsys/gru4rec"
	"github.com/recsys-lite/recsys/internal/datasets"
	"github.com/recsys-lite/recsys/internal/rng"
	"github.com/recsys-lite/recsys/item2vec"
	"github.com/recsys-lite/recsys/itemknn"
	"github.com/recsys-lite/recsys/lightfm"
	"github.com/recsys-lite/recsys/model"
	"github.com/recsys-lite/recsys/sessionknn"
)

// live is the memory of objects on the heap, those not yet collected included.
func live() uint64 {
	s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}

// peak returns the most memory that f holds at a time beyond what is held before. The garbage
// collector runs often, so that little of that is garbage.
func peak(f func()) uint64 {
	defer debug.SetGCPercent(debug.SetGCPercent(3))
	runtime.GC()
	before, highest := live(), uint64(0)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			highest = max(highest, live())
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
			}
		}
	}()
	f()
	close(stop)
	<-stopped
	return highest - min(before, highest)
}

// size is the memory of a dataset.
func size(d *recsys.Dataset) (bytes int) {
	csr := func(x *recsys.CSR) int { return 8*len(x.Indptr) + 4*len(x.Indices) + 4*len(x.Values) }
	bytes = csr(d.Interactions)
	if d.Sequences != nil {
		bytes += 8*len(d.Sequences.Indptr) + 4*len(d.Sequences.Items) + 8*len(d.Sequences.Times)
	}
	if d.ItemFeatures != nil {
		bytes += csr(d.ItemFeatures.Matrix)
	}
	return bytes
}

// stateSize is the memory of the parameters of a model.
func stateSize(b *testing.B, m model.Model) (bytes int) {
	s, err := m.State()
	require.NoError(b, err)
	for _, t := range s.Tensors {
		bytes += 4*len(t.Float32) + 8*len(t.Float64) + 4*len(t.Int32) + 8*len(t.Int64)
	}
	return bytes
}

// indexSize is the memory of sessionknn's index from items to their latest sessions, of which
// every user here has one. The state leaves it out.
func indexSize(d *recsys.Dataset, most int) (bytes int) {
	sessions := make([]int, d.Interactions.Cols)
	for _, i := range d.Interactions.Indices {
		sessions[i]++
	}
	for _, n := range sessions {
		bytes += 4 * min(n, most)
	}
	return bytes
}

// BenchmarkMemory fits with S2 (GRU4Rec: S1; EASE: 10,000 items) and reports the peak of the fit, relative to the data (weights
// and, where the model reads them, sequences and features included) and the parameters.
func BenchmarkMemory(b *testing.B) {
	all := sets[1].data
	matrix := func() *recsys.Dataset {
		x := *all().Interactions
		x.Values = make([]float32, x.NNZ())
		for i := range x.Values {
			x.Values[i] = 1
		}
		return &recsys.Dataset{Interactions: &x}
	}
	// Where all weights are 1, itemknn takes less.
	weighted := func() *recsys.Dataset {
		d, r := matrix(), rng.New(1)
		for i := range d.Interactions.Values {
			d.Interactions.Values[i] = 1 + r.Float32()
		}
		return d
	}
	sequences := func() *recsys.Dataset {
		return &recsys.Dataset{Interactions: all().Interactions, Sequences: all().Sequences}
	}
	users, items := datasets.S2.Users, datasets.S2.Items
	for _, c := range []struct {
		name       string
		data       func() *recsys.Dataset
		parameters int // floats; 0 for what the state of the model takes
		make       func() (recsys.Fitter, error)
	}{
		{"als/f=64", matrix, 64 * (users + items), func() (recsys.Fitter, error) {
			cfg := als.DefaultConfig()
			cfg.Factors, cfg.Iterations = 64, 2
			return als.New(cfg)
		}},
		{"bpr/f=64", matrix, 65 * (users + items), func() (recsys.Fitter, error) {
			cfg := bpr.DefaultConfig()
			cfg.Iterations = 2
			return bpr.New(cfg)
		}},
		{"bpr/f=64/early", matrix, 65 * (users + items), func() (recsys.Fitter, error) {
			cfg := bpr.DefaultConfig()
			cfg.Iterations, cfg.Patience = 2, 2
			return bpr.New(cfg)
		}},
		{"lightfm/d=64", matrix, 2 * 65 * (users + items), func() (recsys.Fitter, error) { // with Adagrad's sums
			cfg := lightfm.DefaultConfig()
			cfg.Epochs = 1
			return lightfm.New(cfg)
		}},
		{"item2vec/d=64", sequences, 2 * 64 * items, func() (recsys.Fitter, error) {
			cfg := item2vec.DefaultConfig()
			cfg.Epochs, cfg.Negative = 1, 5
			return item2vec.New(cfg)
		}},
		{"gru4rec/h=100", sets[0].data, 3 * (101*datasets.S1.Items + 6*100*100), func() (recsys.Fitter, error) { // with sums and momentum
			cfg := gru4rec.DefaultConfig()
			cfg.Samples, cfg.Epochs, cfg.BatchSize = 0, 1, 256
			return gru4rec.New(cfg)
		}},
		{"ease/items=10000", func() *recsys.Dataset { return middle() }, 10_000 * 10_000, func() (recsys.Fitter, error) {
			cfg := ease.DefaultConfig()
			cfg.Method = ease.Primal
			return ease.New(cfg)
		}},
		{"als/f=128", matrix, 128 * (users + items), func() (recsys.Fitter, error) {
			cfg := als.DefaultConfig()
			cfg.Factors, cfg.Iterations = 128, 2
			return als.New(cfg)
		}},
		{"lightfm/d=64/features", func() *recsys.Dataset {
			return &recsys.Dataset{Interactions: matrix().Interactions, ItemFeatures: all().ItemFeatures}
		}, 2 * 65 * (users + items + 80), func() (recsys.Fitter, error) {
			cfg := lightfm.DefaultConfig()
			cfg.Epochs = 1
			return lightfm.New(cfg)
		}},
		{"itemknn/neighbours=200", weighted, 0, func() (recsys.Fitter, error) { return itemknn.New(itemknn.DefaultConfig()) }},
		{"sessionknn", sequences, 0, func() (recsys.Fitter, error) { return sessionknn.New(sessionknn.DefaultConfig()) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			d := c.data()
			b.ResetTimer()
			for range b.N {
				m, err := c.make()
				require.NoError(b, err)
				extra := peak(func() { require.NoError(b, m.Fit(context.Background(), d)) })
				parameters := 4 * c.parameters
				if parameters == 0 {
					parameters = stateSize(b, m.(model.Model))
				}
				if c.name == "sessionknn" {
					parameters += indexSize(d, sessionknn.DefaultConfig().SampleSize)
				}
				whole := size(d) + parameters
				b.ReportMetric(float64(extra+uint64(size(d)))/float64(whole), "peak/(data+parameters)")
				b.ReportMetric(float64(extra)/float64(parameters), "added/parameters")
				b.ReportMetric(float64(extra+uint64(size(d)))/(1<<20), "peak-MiB")
				runtime.KeepAlive(m)
			}
		})
	}
}

// BenchmarkGrowth fits ALS with 1 to 20 million events of one density: the cost of an event in a
// pass stays, and so does its memory.
func BenchmarkGrowth(b *testing.B) {
	for _, millions := range []int{1, 5, 20} {
		b.Run(fmt.Sprintf("als/f=64/events=%dM", millions), func(b *testing.B) {
			d := &recsys.Dataset{Interactions: datasets.Synthetic(datasets.Shape{
				Users: 10_000 * millions, Items: 20_000, Events: millions * 1_000_000, Least: 10}).Interactions}
			cfg := als.DefaultConfig()
			cfg.Factors, cfg.Iterations = 64, 3
			b.ResetTimer()
			for range b.N {
				m, err := als.New(cfg)
				require.NoError(b, err)
				extra := peak(func() { require.NoError(b, m.Fit(context.Background(), d)) })
				b.ReportMetric(float64(extra+uint64(size(d)))/(1<<20), "peak-MiB")
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*cfg.Iterations*d.Interactions.NNZ()), "ns/event")
		})
	}
}
