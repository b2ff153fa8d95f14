package gru4rec

import (
	"math"

	"github.com/recsys-lite/recsys/internal/f32"
)

// bprMax is −ln Σ s_j·σ(o_target−o_j) + reg·Σ s_j·o_j², with s the softmax over negatives and
// o behind an elu. Its sums are of e, e·σ, e·o² and e·σ(1−σ), where s_j = e_j/Σe.
type bprMax struct{ elu, reg float32 }

// tiny keeps the logarithm finite, as in the official code.
const tiny = 1e-24

func (l *bprMax) buffers() int { return 2 }

// start puts the targets' scores through the elu.
func (l *bprMax) start(b *board) {
	for m, o := range b.target[:b.lanes] {
		if l.elu > 0 && o < 0 {
			b.target[m] = l.elu * float32(math.Exp(float64(o))-1)
		}
	}
}

func (l *bprMax) first(b *board, t *tile) {
	n := b.lanes
	l.activate(t)
	// The own target is no negative: a 0 in its place keeps it from setting the maximum.
	for _, o := range t.own {
		if t.weight[o.row] == 1 {
			t.score[int(o.row)*n+int(o.lane)] = 0
		}
	}
	l.exponentials(t, n)
	target := b.target[:n]
	for r := 0; r < len(t.score); r += n {
		sig := t.b[r : r+n]
		for m, v := range t.score[r : r+n] {
			sig[m] = target[m] - v
		}
	}
	f32.Sigmoid(t.b, t.b)
	for _, o := range t.own { // of w copies w−1 are negatives
		w := t.weight[o.row]
		t.a[int(o.row)*n+int(o.lane)] *= (w - 1) / w
	}
	t.zero(4, n)
	s0, s1, s2, s3 := t.sum[0][:n], t.sum[1][:n], t.sum[2][:n], t.sum[3][:n]
	for r, w := range t.weight {
		at := r * n
		score, exps, sig := t.score[at:at+n], t.a[at:at+n], t.b[at:at+n]
		for m := range s0 {
			e, s, o := exps[m]*w, sig[m], score[m]
			exps[m] = e
			es := e * s
			s0[m] += e
			s1[m] += es
			s2[m] += e * o * o
			s3[m] += es * (1 - s)
		}
	}
}

// exponentials fills t.a. Behind an elu scores are above −elu, and where they are also far
// from the end of float32 no maximum need be taken off.
func (l *bprMax) exponentials(t *tile, lanes int) {
	const far = 60
	if l.elu > 0 && l.elu < far && f32.Max(t.score) < far {
		clear(t.max[:lanes])
		f32.Exp(t.a, t.score)
		return
	}
	t.exponentials(lanes)
}

func (l *bprMax) merge(b *board) {
	for m := range b.lanes {
		b.joined(m)
		sum := b.total(0, m)
		win, square, slope := b.total(1, m)/sum, b.total(2, m)/sum, b.total(3, m)/sum
		b.loss[m] = float32(-math.Log(win+tiny) + float64(l.reg)*square)
		b.dTarget[m] = float32(-slope/(win+tiny)) * l.slope(b.target[m]) * b.inverse
		b.rescale(m, float64(b.inverse)/sum)
		// The second look needs the means: every tile keeps them in place of its sums.
		for x := range b.tiles {
			t := &b.tiles[x]
			t.sum[1][m], t.sum[2][m], t.sum[3][m] = float32(win), float32(square), float32(1/(win+tiny))
		}
	}
}

func (l *bprMax) second(b *board, t *tile) {
	n := b.lanes
	scale, win, square, inverse := t.scale[:n], t.sum[1][:n], t.sum[2][:n], t.sum[3][:n]
	// The slope of the elu is 1, and where a score o is negative, o + elu.
	less, bend := 1-l.elu, float32(1)
	if l.elu == 0 {
		less, bend = 0, 0
	}
	for r := 0; r < len(t.score); r += n {
		score, exps, sig := t.score[r:r+n], t.a[r:r+n], t.b[r:r+n]
		for m := range scale {
			o, s := score[m], sig[m]
			d := inverse[m]*(s*(1-s)-(s-win[m])) + l.reg*(o*o-square[m]+2*o)
			score[m] = exps[m] * scale[m] * d * (1 - negative(o)*(less-bend*o))
		}
	}
}

// activate puts the tile's scores through the elu. It does not branch: the signs of scores are
// as good as random.
func (l *bprMax) activate(t *tile) {
	if l.elu == 0 {
		return
	}
	for x, v := range t.score {
		t.a[x] = min(v, 0)
	}
	f32.Exp(t.a, t.a)
	exps := t.a[:len(t.score)]
	for x, v := range t.score {
		t.score[x] = max(v, 0) + (l.elu*exps[x] - l.elu)
	}
}

// negative is 1 if v has a sign, else 0, without a branch.
func negative(v float32) float32 { return float32(int32(math.Float32bits(v) >> 31)) }

// slope is the derivative of the elu where its value is v.
func (l *bprMax) slope(v float32) float32 {
	if l.elu == 0 || v >= 0 {
		return 1
	}
	return v + l.elu
}
