package item2vec

import (
	"math"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/f32"
	"github.com/recsys-lite/recsys/internal/rng"
)

// sgns is one worker's scratch memory for skip-gram steps.
type sgns struct {
	targets []int32   // the context, then the negatives
	scores  []float32 // parallel to targets; then the steps
}

func newSGNS(cfg Config) *sgns {
	return &sgns{targets: make([]int32, 1+cfg.Negative), scores: make([]float32, 1+cfg.Negative)}
}

// train takes one step of gradient descent per pair (c, o) on
//
//	−log σ(in_c · out_o) − Σ_j log σ(−in_c · out_j)
//
// with negatives j drawn anew, and returns the sum of the losses before the steps.
func (s *sgns) train(input, output recsys.Matrix, pairs []pair, negatives sampler, rate float32, r *rng.Rand) float64 {
	var loss logLoss
	for _, p := range pairs {
		in := input.Row(int(p.center))
		targets := append(s.targets[:0], p.context)
		for range cap(s.targets) - 1 {
			// The context itself is no negative. In a block of its own there may be no other.
			if j := negatives.draw(r); j != p.context {
				targets = append(targets, j)
			}
		}
		scores := s.scores[:len(targets)]
		f32.GemvRows(scores, output.Data, targets, in)
		f32.Sigmoid(scores, scores)
		loss.add(scores[0])
		scores[0] = rate * (1 - scores[0])
		for t, σ := range scores[1:] {
			loss.add(1 - σ)
			scores[1+t] = -rate * σ
		}
		f32.SGNSStep(in, output.Data, targets, scores)
	}
	return loss.total()
}

// logLoss sums −log p over probabilities, multiplying as many as a float64 can hold before it
// takes a logarithm.
type logLoss struct{ sum, product float64 }

// add bounds p where float32 has rounded it to 0.
func (l *logLoss) add(p float32) {
	if l.product < 1e-250 {
		l.sum, l.product = l.total(), 1
	}
	l.product *= max(float64(p), 1e-30)
}

func (l *logLoss) total() float64 {
	if l.product == 0 { // nothing yet
		return l.sum
	}
	return l.sum - math.Log(l.product)
}
