package item2vec

import (
	"context"
	"slices"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/f32"
)

// sgns is one worker's scratch memory for skip-gram steps.
type sgns struct {
	model   f32.SkipGram
	centers []int32
	targets []int32 // of each pair: the context, then the negatives
}

// batchPairs is how many pairs are trained at a time.
const batchPairs = 256

func newSGNS(cfg Config, input, output recsys.Matrix) *sgns {
	targets := 1 + cfg.Negative
	return &sgns{
		model:   f32.SkipGram{D: input.Cols, Input: input.Data, Output: output.Data, Targets: targets},
		centers: make([]int32, batchPairs), targets: make([]int32, batchPairs*targets),
	}
}

// train takes one step of gradient descent per pair (c, o) on
//
//	−log σ(in_c · out_o) − Σ_j log σ(−in_c · out_j)
//
// with negatives j drawn anew, by random numbers that random names, and returns the sum of the
// losses before the steps. The context itself is no negative: where it is drawn, the step leaves it
// out. In a block of its own there may be no other.
func (s *sgns) train(ctx context.Context, pairs []pair, negatives sampler, random uint64, rate float32) (loss float64, err error) {
	s.model.Rate = rate
	n, drawn := s.model.Targets, uint64(0)
	for batch := range slices.Chunk(pairs, batchPairs) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		for i, p := range batch {
			targets := s.targets[i*n : (i+1)*n]
			s.centers[i], targets[0] = p.center, p.context
			negatives.fill(targets[1:], random, drawn)
			drawn += uint64(n / 2)
		}
		loss += s.model.Steps(s.centers[:len(batch)], s.targets[:len(batch)*n])
	}
	return loss, nil
}
