package bpr

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/f32"
	"github.com/recsys-lite/recsys/internal/par"
	"github.com/recsys-lite/recsys/internal/rng"
	"github.com/recsys-lite/recsys/internal/strata"
)

// The random streams of a seed.
const (
	streamUserInit = iota
	streamItemInit
	streamBlock
	streamFold
	streamHoldOut
)

// initialSpread is the expected length of a vector at the start. It only has to be small
// beside the lengths that the training ends with, and not zero.
const initialSpread = 0.1

// draws bounds the search for an item that a user lacks. A positive for which none is found
// belongs to a user who has nearly the whole block, and is passed over.
const draws = 64

// errDiverged stops a fit whose parameters are no longer numbers.
var errDiverged = errors.New("the training diverged")

// batch is how many steps are drawn before they are taken: draws do not depend on the parameters,
// unless the sampler is adaptive.
const batch = 256

// trainer holds the parameters under training, biases beside the vectors so that these start
// at multiples of their length in memory.
type trainer struct {
	f32.Ranker
	cfg    *Config
	s      *strata.Strata
	x      *recsys.CSR
	sums   []float64 // Σz of each block of the pass
	worker []scratch
	// positives is the number of interactions trained on.
	positives int
}

// rates sets the step of a pass out of so many, and the factors by which it shrinks what it touches.
func (c *Config) rates(r *f32.Ranker, pass, passes int) {
	lr := float32(c.LearningRate)
	if c.Anneal {
		lr *= 1 - float32(pass)/float32(passes)
	}
	r.Rate = lr
	r.KeepUser = 1 - lr*float32(c.Regularization)
	r.KeepBetter = 1 - lr*c.regOr(c.RegPositive)
	r.KeepWorse = 1 - lr*c.regOr(c.RegNegative)
	r.KeepBias = 1 - lr*float32(c.RegBias)
}

// scratch is the memory of one worker.
type scratch struct {
	rand  rng.Rand
	known []uint64 // one bit per user and item of a block
	ranks ranks    // of the adaptive sampler
	steps []f32.Preference
}

// newTrainer prepares the training in p × p blocks.
func newTrainer(cfg *Config, x *recsys.CSR, p int) *trainer {
	d := cfg.Factors
	t := &trainer{cfg: cfg, s: strata.New(x, p, 1, cfg.Weighted), x: x, positives: x.NNZ()}
	t.D, t.Bias = d, make([]float32, x.Cols)
	t.Users, t.Items = make([]float32, x.Rows*d), make([]float32, x.Cols*d, x.Cols*(d+1)) // params needs that room
	t.start()
	t.sums = make([]float64, p*p)
	t.worker = make([]scratch, min(par.Workers(cfg.Workers), len(t.sums)))
	for i := range t.worker {
		t.worker[i].known = t.s.Marks()
		t.worker[i].steps = make([]f32.Preference, 0, batch)
	}
	return t
}

// start puts the parameters where every training starts.
func (t *trainer) start() {
	t.fill(t.Users, streamUserInit)
	t.fill(t.Items, streamItemInit)
	clear(t.Bias)
}

// fill draws the vectors at the start, each from a stream of its own: a row does not depend
// on how many others there are.
func (t *trainer) fill(m []float32, stream uint64) {
	// Neither the background context nor the body can fail.
	_ = par.Chunks(context.Background(), len(m)/t.D, 256, t.cfg.Workers, func(_, lo, hi int) error {
		var r rng.Rand
		for i := lo; i < hi; i++ {
			r.Seed(t.cfg.Seed, stream, uint64(i))
			r.Fill(m[i*t.D:(i+1)*t.D], initialSpread/math.Sqrt(float64(t.D)))
		}
		return nil
	})
}

// pass goes once over the interactions and returns the mean of z, the probability that the
// model gave to the wrong order of a pair.
func (t *trainer) pass(ctx context.Context, epoch int) (loss float64, err error) {
	t.cfg.rates(&t.Ranker, epoch, t.cfg.Iterations)
	t.s.Deal(t.cfg.Seed, epoch, 0)
	err = t.s.Rounds(ctx, t.cfg.Workers, t.cfg.LockFree, func(worker, b, c int) {
		t.sums[b*t.s.P+c] = t.block(&t.worker[worker], epoch, b, c)
	}, nil)
	if err != nil {
		return 0, err
	}
	for _, z := range t.sums {
		loss += z
	}
	if math.IsNaN(loss) {
		return 0, fmt.Errorf("bpr: %w in pass %d: lower learning_rate (%v)", errDiverged, epoch+1, t.cfg.LearningRate)
	}
	return loss / float64(t.positives), nil
}

// block trains on the positives of user block b in item block c and returns the sum of z.
func (t *trainer) block(w *scratch, epoch, b, c int) (sum float64) {
	k := t.s.Open(b, c, w.known)
	defer k.Close()
	w.rand.Seed(t.cfg.Seed, streamBlock, uint64(epoch), uint64(b), uint64(c))
	adaptive := t.cfg.Sampler == Adaptive
	if adaptive && len(k.Entries) > 0 {
		w.ranks.order(t, k.Items)
	}
	for n := 0; n < len(k.Entries); {
		if adaptive {
			// A draw depends on the parameters.
			n = t.draw(w, &k, n, n+1)
		} else {
			n = t.draw(w, &k, n, min(n+batch, len(k.Entries)))
		}
		sum += float64(t.Steps(w.steps))
	}
	return sum
}

// draw draws the steps for the visits from one up to another, which it returns.
func (t *trainer) draw(w *scratch, k *strata.Block, from, to int) int {
	adaptive := t.cfg.Sampler == Adaptive
	steps, r := w.steps[:0], &w.rand
	for n := from; n < to; n++ {
		random := r.Uint64()
		place, i := k.Places(k.Draw(n, uint32(random>>32)))
		u := k.User(place)
		j := rng.Below(uint32(random), len(k.Items))
		if adaptive {
			w.ranks.weigh(t.Users[u*t.D : (u+1)*t.D])
			j = w.ranks.draw(r)
		}
		tries := 1
		for ; k.Known(place, j) && tries <= draws; tries++ {
			if adaptive {
				j = w.ranks.draw(r)
			} else {
				j = r.Intn(len(k.Items))
			}
		}
		if tries <= draws {
			steps = append(steps, f32.Preference{User: int32(u), Better: k.Items[i], Worse: k.Items[j]})
		}
	}
	w.steps = steps
	return to
}
