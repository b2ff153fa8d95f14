package item2vec

import (
	"context"
	"fmt"
	"math"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/par"
	"github.com/recsys-lite/recsys/internal/rng"
)

// Fit learns the vectors. Where d has no sequences, a user's interactions are one basket
// without order.
func (m *Model) Fit(ctx context.Context, d *recsys.Dataset) error {
	if err := m.fitted.CheckFit(d); err != nil {
		return err
	}
	c := newCorpus(d, m.cfg)
	if c.tokens == 0 {
		return fmt.Errorf("item2vec: %w: no item has the %d events that min_count asks for", recsys.ErrEmptyDataset, m.cfg.MinCount)
	}
	t := newTrainer(m.cfg, c)
	for epoch := range m.cfg.Epochs {
		loss, err := t.epoch(ctx, epoch)
		if err != nil {
			return err
		}
		m.cfg.Run.Report(recsys.Progress{Stage: "fit", Done: epoch + 1, Total: m.cfg.Epochs, Loss: loss})
	}
	t.slab = slab{} // its memory is free for what follows
	m.fitted.Set(t.parameters(d.Interactions.Rows))
	return nil
}

type trainer struct {
	cfg           Config
	corpus        *corpus
	ordered       []int32
	runs          []run
	slab          slab
	input, output recsys.Matrix
	workers       []*sgns
}

// stream numbers keep the uses of the seed apart.
const (
	streamInit = iota
	streamPartition
	streamPairs
	streamNegatives
)

// rowLength is the length of a row under training for vectors of length d, filled up with
// zeros, which no step changes: rows start at cache lines.
func rowLength(d int) int { return (d + 15) / 16 * 16 }

func newTrainer(cfg Config, c *corpus) *trainer {
	items := len(c.counts)
	t := &trainer{cfg: cfg, corpus: c, ordered: c.byFrequency(),
		input: recsys.NewMatrix(items, rowLength(cfg.VectorSize)), output: recsys.NewMatrix(items, rowLength(cfg.VectorSize))}
	r := rng.New(cfg.Seed, streamInit)
	for _, item := range t.ordered {
		row := t.input.Row(int(item))[:cfg.VectorSize]
		for k := range row {
			row[k] = (r.Float32() - .5) / float32(cfg.VectorSize)
		}
	}
	t.runs = c.slabs(cfg.Window, slabPairs)
	for range par.Workers(cfg.Run.Workers) {
		t.workers = append(t.workers, newSGNS(cfg, t.input, t.output))
	}
	return t
}

// epoch trains all pairs once and returns the mean loss per pair.
func (t *trainer) epoch(ctx context.Context, epoch int) (float64, error) {
	p := newPartition(t.ordered, t.corpus.counts, t.cfg.NSExponent, rng.New(t.cfg.Seed, streamPartition, uint64(epoch)))
	loss, pairs := 0., 0
	for n, users := range t.runs {
		if err := t.draw(ctx, &t.slab, p, users, uint64(epoch)); err != nil {
			return 0, err
		}
		pairs += len(t.slab.pairs)
		// In each round every block of input items meets another block of output items.
		for round := range p.blocks {
			done := float64(epoch) + (float64(n)+float64(round)/float64(p.blocks))/float64(len(t.runs))
			rate := float32(t.cfg.LearningRate * math.Max(1-done/float64(t.cfg.Epochs), 1e-3))
			losses := make([]float64, p.blocks)
			err := par.Chunks(ctx, p.blocks, 1, t.cfg.Run.Workers, func(worker, in, _ int) (err error) {
				out := (in + round) % p.blocks
				random := rng.New(t.cfg.Seed, streamNegatives, uint64(epoch), uint64(n), uint64(in), uint64(out)).Uint64()
				losses[in], err = t.workers[worker].train(ctx, t.slab.stratum(p, in, out), p.negatives[out], random, rate)
				return err
			})
			if err != nil {
				return 0, err
			}
			for _, l := range losses {
				loss += l
			}
		}
	}
	return loss / math.Max(float64(pairs), 1), nil
}

// parameters are the trained vectors, with the column that puts untrained items last.
func (t *trainer) parameters(users int) *parameters {
	d := t.cfg.VectorSize
	p := &parameters{users: users, input: recsys.NewMatrix(t.input.Rows, d), output: recsys.NewMatrix(t.input.Rows, d+1), counts: make([]int32, t.input.Rows)}
	for i := range t.input.Rows {
		row := p.output.Row(i)
		copy(p.input.Row(i), t.input.Row(i))
		copy(row[:d], t.output.Row(i))
		row[d] = untrained
		if t.corpus.keep[i] > 0 {
			row[d] = 0
			p.counts[i] = t.corpus.counts[i]
		}
	}
	return p
}
