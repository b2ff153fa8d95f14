package lightfm

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/par"
	"github.com/recsys-lite/recsys/internal/rng"
	"github.com/recsys-lite/recsys/internal/strata"
)

// The random streams of a seed. A side takes two, for identities and shared features.
const (
	streamUsers = 2 * iota
	streamItems
	streamBlock
	streamFold
)

// kosBlocks bounds the blocks for WARPKOS, which draws positives from a block.
const kosBlocks = 5

// usualParts is the number of parts of a pass (see strata.New). WARP steps are long, and an item
// is compared with those of its block only: blocks have to change often. On ML-1M (validation,
// 32 components, 20 epochs) NDCG@10 is .194 with 1 part, .199 with 4, .203 with 12, and .205
// for sequential training.
const usualParts = 8

// draws bounds the search for an item that a user lacks, where the loss sets no bound.
const draws = 64

// errDiverged stops a fit whose parameters are no longer numbers.
var errDiverged = errors.New("the training diverged")

// trainer holds the parameters under training.
type trainer struct {
	cfg          *Config
	rule         rule
	x            *recsys.CSR
	s            *strata.Strata
	parts        int // of a pass
	users, items side
	// Copies of shared features, one set per user block; nil where there are none.
	userCopies, itemCopies []*copies
	rank                   []float32 // WARP's weight by the number of items drawn
	loss                   []float64 // Σ loss of each block of the pass
	taken                  []float64 // steps of each block of the part
	worker                 []scratch
}

// scratch is the memory of one worker.
type scratch struct {
	rand              rng.Rand
	known             []uint64
	p, qi, qj         []float32 // vectors
	gu, gi, gj, spare []float32 // gradients
	kos               kos
}

func (w *scratch) init(d int) {
	for _, v := range []*[]float32{&w.p, &w.qi, &w.qj, &w.gu, &w.gi, &w.gj, &w.spare} {
		*v = make([]float32, d)
	}
}

// blocksFor is the number of blocks for a dataset under a loss.
func blocksFor(cfg *Config, x *recsys.CSR) int {
	p := strata.Blocks(x.Rows, x.Cols)
	if cfg.Loss == WARPKOS {
		p = min(p, kosBlocks)
	}
	return p
}

// newTrainer prepares the training in p × p blocks.
func newTrainer(cfg *Config, data *recsys.Dataset, p int) *trainer {
	x, d := data.Interactions, cfg.NoComponents+1
	parts := 1
	if p > 1 {
		parts = usualParts
	}
	t := &trainer{cfg: cfg, rule: cfg.rule(), x: x, parts: parts, s: strata.New(x, p, parts, cfg.Weighted),
		rank: rankWeights(x.Cols, cfg.MaxSampled), loss: make([]float64, p*p), taken: make([]float64, p*p)}
	perUser, perItem := counts(x)
	t.users = newSide(&t.rule, x.Rows, d, data.UserFeatures, perUser, cfg.Seed, streamUsers)
	t.items = newSide(&t.rule, x.Cols, d, data.ItemFeatures, perItem, cfg.Seed, streamItems)
	t.userCopies = t.copiesFor(&t.users, p)
	t.itemCopies = t.copiesFor(&t.items, p)
	t.worker = make([]scratch, min(par.Workers(cfg.Workers), p*p))
	for i := range t.worker {
		t.worker[i].known = t.s.Marks()
		t.worker[i].init(d)
	}
	return t
}

// copiesFor returns a set of copies per block, none where the shared features can be trained
// in place.
func (t *trainer) copiesFor(s *side, p int) []*copies {
	c := make([]*copies, p)
	if s.tags == nil || p == 1 || t.cfg.LockFree {
		return c
	}
	for b := range c {
		c[b] = newCopies(s.shared.rows(), s.shared.d)
	}
	return c
}

func counts(x *recsys.CSR) (perUser, perItem []int32) {
	perUser, perItem = make([]int32, x.Rows), make([]int32, x.Cols)
	for u := range x.Rows {
		perUser[u] = int32(x.RowLen(u))
	}
	for _, i := range x.Indices {
		perItem[i]++
	}
	return perUser, perItem
}

// pass goes once over the interactions and returns the mean loss of a visit, before its step.
func (t *trainer) pass(ctx context.Context, epoch int) (loss float64, err error) {
	for part := range t.parts {
		t.s.Deal(t.cfg.Seed, epoch, part)
		err = t.s.Rounds(ctx, t.cfg.Workers, t.cfg.LockFree, func(worker, b, c int) {
			t.loss[b*t.s.P+c] = t.block(&t.worker[worker], epoch*t.parts+part, b, c)
		}, t.afterRound())
		if err != nil {
			return 0, err
		}
		if err := t.decay(ctx); err != nil {
			return 0, err
		}
		for _, l := range t.loss {
			loss += l
		}
	}
	if math.IsNaN(loss) {
		return 0, fmt.Errorf("lightfm: %w in epoch %d: lower learning_rate (%v)", errDiverged, epoch+1, t.cfg.LearningRate)
	}
	return loss / float64(t.x.NNZ()), nil
}

// afterRound returns what ends a round: nil where blocks need not wait for all of the round before.
func (t *trainer) afterRound() func() {
	if t.userCopies[0] == nil && t.itemCopies[0] == nil {
		return nil
	}
	return t.merge
}

func (t *trainer) merge() {
	if t.userCopies[0] != nil {
		t.rule.merge(&t.users.shared, t.userCopies)
	}
	if t.itemCopies[0] != nil {
		t.rule.merge(&t.items.shared, t.itemCopies)
	}
}

// decay takes the steps of the penalties that are due.
func (t *trainer) decay(ctx context.Context) error {
	var steps float64
	for _, n := range t.taken {
		steps += n
	}
	for _, side := range []struct {
		*side
		alpha float64
	}{{&t.users, t.cfg.UserAlpha}, {&t.items, t.cfg.ItemAlpha}} {
		if side.alpha == 0 {
			continue
		}
		for _, table := range []*table{&side.own, &side.shared} {
			err := par.Chunks(ctx, table.rows(), 256, t.cfg.Workers, func(_, lo, hi int) error {
				t.rule.decay(table, lo, hi, side.alpha, steps)
				return nil
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// block trains on the positives of user block b in item block c and returns the sum of losses.
func (t *trainer) block(w *scratch, epoch, b, c int) float64 {
	k := t.s.Open(b, c, w.known)
	defer k.Close()
	w.rand.Seed(t.cfg.Seed, streamBlock, uint64(epoch), uint64(b), uint64(c))
	v := &views{t: t, w: w, k: &k, users: view{&t.users, t.userCopies[b]}, items: view{&t.items, t.itemCopies[b]}}
	if t.cfg.Loss == WARPKOS {
		w.kos.note(&k)
	}
	var sum float64
	steps := 0
	for n := range k.Entries {
		place, i := k.Places(k.Draw(n, uint32(w.rand.Uint64()>>32)))
		if t.cfg.Loss == WARPKOS {
			i = v.kthPositive(place)
		}
		loss, stepped := v.step(place, i)
		sum += float64(loss)
		if stepped {
			steps++
		}
	}
	t.taken[b*t.s.P+c] = float64(steps)
	return sum
}
