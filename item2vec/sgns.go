package item2vec

import (
	"math"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/f32"
	"github.com/recsys-lite/recsys/internal/rng"
)

// sgns is one worker's scratch memory for skip-gram steps.
type sgns struct {
	targets  []int32   // the context, then the negatives
	scores   []float32 // parallel to targets
	gradient []float32 // of the input vector
}

func newSGNS(cfg Config) *sgns {
	return &sgns{targets: make([]int32, 1+cfg.Negative), scores: make([]float32, 1+cfg.Negative), gradient: make([]float32, cfg.VectorSize)}
}

// train takes one step of gradient descent per pair (c, o) on
//
//	−log σ(in_c · out_o) − Σ_j log σ(−in_c · out_j)
//
// with negatives j drawn anew, and returns the sum of the losses before the steps.
func (s *sgns) train(input, output recsys.Matrix, pairs []pair, negatives *sampler, rate float32, r *rng.Rand) float64 {
	loss := 0.
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
		loss -= logf(scores[0])
		for _, σ := range scores[1:] {
			loss -= logf(1 - σ)
		}
		clear(s.gradient)
		for t, j := range targets {
			g := -rate * scores[t]
			if t == 0 {
				g += rate
			}
			f32.SGNSUpdate(s.gradient, output.Row(int(j)), in, g)
		}
		f32.Add(in, s.gradient)
	}
	return loss
}

// logf is the logarithm of a probability, bounded where float32 has rounded it to 0.
func logf(p float32) float64 { return math.Log(math.Max(float64(p), 1e-30)) }
