package gru4rec

import (
	"math"

	"github.com/recsys-lite/recsys/internal/f32"
)

// crossEntropy is −ln softmax(o)_target. The logQ correction takes ln q off a score, so it
// divides the item's exponential by q: it is part of the rows' weights.
type crossEntropy struct{}

func (crossEntropy) buffers() int { return 1 }

func (crossEntropy) start(*board) {}

func (crossEntropy) first(b *board, t *tile) {
	n := b.lanes
	t.exponentials(n)
	t.zero(1, n)
	for r, w := range t.weight {
		exps := t.a[r*n : (r+1)*n]
		f32.Scale(w, exps)
		f32.Add(t.sum[0], exps)
	}
}

func (crossEntropy) merge(b *board) {
	for m := range b.lanes {
		best := b.joined(m)
		sum := b.total(0, m)
		b.loss[m] = float32(math.Log(sum)) + best - b.target[m] - b.prior[m]
		b.dTarget[m] = -b.inverse
		b.rescale(m, float64(b.inverse)/sum)
	}
}

func (crossEntropy) second(b *board, t *tile) {
	n := b.lanes
	for r := 0; r < len(t.score); r += n {
		d := t.score[r : r+n]
		for m, e := range t.a[r : r+n] {
			d[m] = e * t.scale[m]
		}
	}
}
