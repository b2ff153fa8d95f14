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
	if err := d.Validate(); err != nil {
		return fmt.Errorf("item2vec: %w", err)
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
	m.fitted.Set(t.parameters(d.Interactions.Rows))
	return nil
}

// pair is an event and one of its neighbours.
type pair struct{ center, context int32 }

type trainer struct {
	cfg           Config
	corpus        *corpus
	ordered       []int32
	slabs         []slab
	input, output recsys.Matrix
	workers       []*sgns
}

// slab is a run of users whose pairs are drawn, then trained, together: enough to keep every
// block busy, few enough to fit in memory.
type slab struct{ lo, hi int }

// slabTokens is the number of events per slab; drawChunk the number of users whose pairs are
// drawn in one piece.
const (
	slabTokens = 1 << 16
	drawChunk  = 64
)

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
	users := c.sequences.Users()
	for lo := 0; lo < users; {
		hi := lo + 1
		for hi < users && c.sequences.Indptr[hi+1]-c.sequences.Indptr[lo] <= slabTokens {
			hi++
		}
		t.slabs = append(t.slabs, slab{lo, hi})
		lo = hi
	}
	for range par.Workers(cfg.Run.Workers) {
		t.workers = append(t.workers, newSGNS(cfg))
	}
	return t
}

// epoch trains all pairs once and returns the mean loss per pair.
func (t *trainer) epoch(ctx context.Context, epoch int) (float64, error) {
	p := newPartition(t.ordered, t.corpus.counts, t.cfg.NSExponent, rng.New(t.cfg.Seed, streamPartition, uint64(epoch)))
	loss, pairs := 0., 0
	for n, s := range t.slabs {
		strata, err := t.draw(ctx, p, s, uint64(epoch))
		if err != nil {
			return 0, err
		}
		done := (float64(epoch) + float64(n)/float64(len(t.slabs))) / float64(t.cfg.Epochs)
		rate := float32(t.cfg.LearningRate * math.Max(1-done, 1e-3))
		// In each round every block of input items meets another block of output items.
		for round := range p.blocks {
			losses := make([]float64, p.blocks)
			err := par.Chunks(ctx, p.blocks, 1, t.cfg.Run.Workers, func(worker, in, _ int) error {
				out := (in + round) % p.blocks
				r := rng.New(t.cfg.Seed, streamNegatives, uint64(epoch), uint64(n), uint64(in), uint64(out))
				for chunk := range strata {
					losses[in] += t.workers[worker].train(t.input, t.output, strata[chunk][in*p.blocks+out], p.negatives[out], rate, r)
				}
				return ctx.Err()
			})
			if err != nil {
				return 0, err
			}
			for _, l := range losses {
				loss += l
			}
		}
		for _, chunk := range strata {
			for _, s := range chunk {
				pairs += len(s)
			}
		}
	}
	return loss / math.Max(float64(pairs), 1), nil
}

// draw lists the pairs of a slab by chunk of users and by stratum: in · blocks + out.
func (t *trainer) draw(ctx context.Context, p *partition, s slab, epoch uint64) ([][][]pair, error) {
	strata := make([][][]pair, (s.hi-s.lo+drawChunk-1)/drawChunk)
	err := par.Chunks(ctx, s.hi-s.lo, drawChunk, t.cfg.Run.Workers, func(_, lo, hi int) error {
		out := make([][]pair, p.blocks*p.blocks)
		r := new(rng.Rand)
		var buf []int32
		for u := s.lo + lo; u < s.lo+hi; u++ {
			r.Seed(t.cfg.Seed, streamPairs, epoch, uint64(u))
			buf = t.corpus.sentences(u, r, buf, func(sentence []int32) {
				for at, center := range sentence {
					in := int(p.blockOf[center]) * p.blocks
					window := 1 + r.Intn(t.cfg.Window)
					for q := max(at-window, 0); q <= min(at+window, len(sentence)-1); q++ {
						if context := sentence[q]; context != center {
							stratum := in + int(p.blockOf[context])
							out[stratum] = append(out[stratum], pair{center, context})
						}
					}
				}
			})
		}
		strata[lo/drawChunk] = out
		return nil
	})
	return strata, err
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
