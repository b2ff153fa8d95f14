package gru4rec

import (
	"math"

	"github.com/recsys-lite/recsys/internal/f32"
)

// pairwise is the family Σ_j w_j·f(o_j, o_target) over negatives:
//
//	bpr       w_j = 1      f = −ln σ(o_target−o_j)
//	top1      w_j = 1/N    f = σ(o_j−o_target) + σ(o_j²)     N items scored
//	top1-max  w_j = softmax(o)_j over the negatives, the same f
//
// Its sums are of w, w·f and w·g, where g = −∂f/∂o_target.
type pairwise struct{ top1, max bool }

func (l *pairwise) buffers() int { return 3 }

func (l *pairwise) start(*board) {}

func (l *pairwise) first(b *board, t *tile) {
	n := b.lanes
	t.countNegatives(t.c, n)
	for m := range n {
		t.max[m] = 0
	}
	if l.max {
		for _, o := range t.own { // as in bprMax
			if at := int(o.row)*n + int(o.lane); t.c[at] == 0 {
				t.score[at] = 0
			}
		}
		t.exponentials(n)
		f32.Mul(t.c, t.a)
	}
	for r := 0; r < len(t.score); r += n {
		above, square := t.a[r:r+n], t.b[r:r+n]
		for m, v := range t.score[r : r+n] {
			above[m] = v - b.target[m]
			square[m] = v * v
		}
	}
	f32.Sigmoid(t.a, t.a)
	f32.Sigmoid(t.b, t.b)
	t.zero(3, n)
	for r := 0; r < len(t.score); r += n {
		above, square, w := t.a[r:r+n], t.b[r:r+n], t.c[r:r+n]
		for m := range n {
			f, g := l.at(above[m], square[m])
			t.sum[0][m] += w[m]
			t.sum[1][m] += w[m] * f
			t.sum[2][m] += w[m] * g
		}
	}
}

// at returns f and g from σ(o_j−o_target) and σ(o_j²).
func (l *pairwise) at(above, square float32) (f, g float32) {
	if l.top1 {
		return above + square, above * (1 - above)
	}
	return float32(-math.Log(1 - float64(above) + tiny)), above
}

func (l *pairwise) merge(b *board) {
	for m := range b.lanes {
		b.joined(m)
		norm := 1.0
		switch {
		case l.max:
			norm = 1 / b.total(0, m)
		case l.top1:
			norm = 1 / float64(b.normaliser)
		}
		mean, slope := b.total(1, m)*norm, b.total(2, m)*norm
		b.loss[m] = float32(mean)
		b.dTarget[m] = float32(-slope) * b.inverse
		b.rescale(m, norm*float64(b.inverse))
		for x := range b.tiles {
			b.tiles[x].sum[1][m] = float32(mean)
		}
	}
}

func (l *pairwise) second(b *board, t *tile) {
	n := b.lanes
	for r := 0; r < len(t.score); r += n {
		score, above, square, w := t.score[r:r+n], t.a[r:r+n], t.b[r:r+n], t.c[r:r+n]
		for m := range n {
			f, g := l.at(above[m], square[m])
			d := g
			if l.top1 {
				d += 2 * score[m] * square[m] * (1 - square[m])
			}
			if l.max {
				d += f - t.sum[1][m]
			}
			score[m] = w[m] * t.scale[m] * d
		}
	}
}
