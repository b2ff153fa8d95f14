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

// trainer holds the parameters under training, biases beside the vectors so that these start
// at multiples of their length in memory.
type trainer struct {
	cfg    *Config
	s      *strata.Strata
	x      *recsys.CSR
	d      int
	users  []float32 // users × d
	items  []float32 // items × d
	bias   []float32 // items
	rates  rates
	sums   []float64 // Σz of each block of the pass
	worker []scratch
}

// rates are the step and the factors by which a step shrinks what it touches.
type rates struct {
	step                           float32
	user, positive, negative, bias float32
}

// rates are those of a pass out of so many.
func (c *Config) rates(pass, passes int) rates {
	lr := float32(c.LearningRate)
	if c.Anneal {
		lr *= 1 - float32(pass)/float32(passes)
	}
	return rates{
		step:     lr,
		user:     1 - lr*float32(c.Regularization),
		positive: 1 - lr*c.regOr(c.RegPositive),
		negative: 1 - lr*c.regOr(c.RegNegative),
		bias:     1 - lr*float32(c.RegBias),
	}
}

// scratch is the memory of one worker.
type scratch struct {
	rand  rng.Rand
	known []uint64 // one bit per user and item of a block
	ranks ranks    // of the adaptive sampler
}

// newTrainer prepares the training in p × p blocks.
func newTrainer(cfg *Config, x *recsys.CSR, p int) *trainer {
	d := cfg.Factors
	t := &trainer{cfg: cfg, s: strata.New(x, p, 1, cfg.Weighted), x: x, d: d,
		users: make([]float32, x.Rows*d), items: make([]float32, x.Cols*d), bias: make([]float32, x.Cols)}
	fill(t.users, d, cfg.Seed, streamUserInit)
	fill(t.items, d, cfg.Seed, streamItemInit)
	t.sums = make([]float64, p*p)
	t.worker = make([]scratch, min(par.Workers(cfg.Workers), len(t.sums)))
	for i := range t.worker {
		t.worker[i].known = t.s.Marks()
	}
	return t
}

// fill draws the vectors at the start, each from a stream of its own: a row does not depend
// on how many others there are.
func fill(m []float32, d int, seed, stream uint64) {
	var r rng.Rand
	for i := range len(m) / d {
		r.Seed(seed, stream, uint64(i))
		r.Fill(m[i*d:(i+1)*d], initialSpread/math.Sqrt(float64(d)))
	}
}

// pass goes once over the interactions and returns the mean of z, the probability that the
// model gave to the wrong order of a pair.
func (t *trainer) pass(ctx context.Context, epoch int) (loss float64, err error) {
	t.rates = t.cfg.rates(epoch, t.cfg.Iterations)
	if err := t.s.Deal(ctx, t.cfg.Seed, epoch, 0, t.cfg.Workers); err != nil {
		return 0, err
	}
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
	return loss / float64(t.x.NNZ()), nil
}

// block trains on the positives of user block b in item block c and returns the sum of z.
func (t *trainer) block(w *scratch, epoch, b, c int) float64 {
	k := t.s.Open(b, c, w.known)
	defer k.Close()
	r := &w.rand
	r.Seed(t.cfg.Seed, streamBlock, uint64(epoch), uint64(b), uint64(c))
	adaptive := t.cfg.Sampler == Adaptive
	if adaptive && len(k.Entries) > 0 {
		w.ranks.order(t, k.Items)
	}
	var sum float64
	for n := range k.Entries {
		place, i := k.Places(k.Draw(n, r))
		u := k.User(place)
		p := t.users[u*t.d : (u+1)*t.d]
		if adaptive {
			w.ranks.weigh(p)
		}
		for range draws {
			var j int
			if adaptive {
				j = w.ranks.draw(r)
			} else {
				j = r.Intn(len(k.Items))
			}
			if !k.Known(place, j) {
				sum += float64(t.step(p, k.Items[i], k.Items[j]))
				break
			}
		}
	}
	return sum
}

// step moves the vectors of a user, an item that the user has and one that the user lacks,
// and returns z (see the package comment).
func (t *trainer) step(p []float32, i, j int32) float32 {
	qi := t.items[int(i)*t.d : (int(i)+1)*t.d]
	qj := t.items[int(j)*t.d : (int(j)+1)*t.d]
	z := sigmoid(t.bias[j] - t.bias[i] - f32.DotDiff(p, qi, qj))
	g := t.rates.step * z
	f32.PairStep(p, qi, qj, g, t.rates.user, t.rates.positive, t.rates.negative)
	t.bias[i] = t.rates.bias*t.bias[i] + g
	t.bias[j] = t.rates.bias*t.bias[j] - g
	return z
}
