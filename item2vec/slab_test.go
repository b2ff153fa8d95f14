package item2vec

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys/internal/datasets"
	"github.com/recsys-lite/recsys/internal/rng"
)

// small is a dataset of eight blocks of items.
var small = datasets.Shape{Users: 300, Items: 600, Events: 9000, Least: 3}

func newSmallTrainer(workers int) *trainer {
	cfg := DefaultConfig()
	cfg.VectorSize, cfg.Negative, cfg.Epochs, cfg.Run.Workers = 20, 4, 3, workers
	t := newTrainer(cfg, newCorpus(datasets.Synthetic(small), cfg))
	t.runs = t.corpus.slabs(cfg.Window, 10_000)
	return t
}

func TestSlabsCoverTheUsersInTurn(t *testing.T) {
	runs := newSmallTrainer(1).runs
	require.Greater(t, len(runs), 4)
	end := 0
	for _, r := range runs {
		require.Equal(t, end, r.lo)
		require.Greater(t, r.hi, r.lo)
		end = r.hi
	}
	require.Equal(t, small.Users, end)
}

// The strata of a slab hold the pairs that its users' sentences have, in that order.
func TestDrawDealsPairsToStrata(t *testing.T) {
	tr := newSmallTrainer(2)
	p := newPartition(tr.ordered, tr.corpus.counts, .75, rng.New(1))
	require.Equal(t, maxBlocks, p.blocks)
	for _, users := range tr.runs {
		require.NoError(t, tr.draw(context.Background(), &tr.slab, p, users, 2))
		want, total := map[[2]int][]pair{}, 0
		for u := users.lo; u < users.hi; u++ {
			r := rng.New(tr.cfg.Seed, streamPairs, 2, uint64(u))
			tr.corpus.sentences(u, r, nil, func(sentence []int32) {
				for at, center := range sentence {
					window := 1 + r.Intn(tr.cfg.Window)
					for q, context := range sentence {
						if q != at && max(q-at, at-q) <= window && context != center {
							s := [2]int{int(p.blockOf[center]), int(p.blockOf[context])}
							want[s] = append(want[s], pair{center, context})
							total++
						}
					}
				}
			})
		}
		require.Len(t, tr.slab.pairs, total)
		require.Less(t, total, 11_000)
		for in := range p.blocks {
			for out := range p.blocks {
				require.Equal(t, want[[2]int{in, out}], append([]pair(nil), tr.slab.stratum(p, in, out)...))
			}
		}
	}
}

func TestTrainingIsTheSameForAnyNumberOfWorkers(t *testing.T) {
	train := func(workers int) (losses []float64, tr *trainer) {
		tr = newSmallTrainer(workers)
		for epoch := range tr.cfg.Epochs {
			loss, err := tr.epoch(context.Background(), epoch)
			require.NoError(t, err)
			losses = append(losses, loss)
		}
		return losses, tr
	}
	losses, one := train(1)
	require.Greater(t, losses[0], losses[2])
	for _, workers := range []int{2, 5} {
		again, many := train(workers)
		require.Equal(t, losses, again)
		require.Equal(t, one.input.Data, many.input.Data)
		require.Equal(t, one.output.Data, many.output.Data)
	}
}
