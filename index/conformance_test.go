package index_test

import (
	"context"
	"testing"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/index"
	"github.com/recsys-lite/recsys/index/indextest"
)

func kind(name string, o index.Options, recall float64) indextest.Kind {
	return indextest.Kind{
		Build: func(ctx context.Context, vectors recsys.Matrix, workers int) (recsys.Index, error) {
			o.Workers = workers
			return index.Build(ctx, name, vectors, o)
		},
		Open:      func(data []byte) (recsys.Index, error) { return index.Open(data, o.Search) },
		Exact:     name == index.KindExact,
		Recall:    recall,
		Tolerance: 1e-5,
	}
}

func TestExact(t *testing.T) { indextest.Run(t, kind(index.KindExact, index.Options{}, 0)) }

func TestExactThreads(t *testing.T) {
	indextest.Run(t, kind(index.KindExact, index.Options{Search: index.Search{Threads: 3}}, 0))
}

func TestIVF(t *testing.T) { indextest.Run(t, kind(index.KindIVF, index.Options{Seed: 1}, 0.95)) }

func TestIVFThreads(t *testing.T) {
	indextest.Run(t, kind(index.KindIVF, index.Options{Search: index.Search{Threads: 3}}, 0.95))
}

// With one list of many the search must widen to be complete.
func TestIVFNarrow(t *testing.T) {
	indextest.Run(t, kind(index.KindIVF, index.Options{Lists: 300, Search: index.Search{Probe: 1}}, 0.01))
}

func TestHNSW(t *testing.T) { indextest.Run(t, kind(index.KindHNSW, index.Options{Seed: 1}, 0.95)) }

// A graph with few links and candidates walks where another would scan.
func TestHNSWNarrow(t *testing.T) {
	indextest.Run(t, kind(index.KindHNSW, index.Options{Links: 2, EfConstruction: 3, Search: index.Search{Ef: 1}}, 0.01))
}
