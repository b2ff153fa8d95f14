package lightfm

import (
	"math"
	"slices"

	"github.com/recsys-lite/recsys/internal/f32"
	"github.com/recsys-lite/recsys/internal/strata"
)

// maxLoss clips the weight of WARP.
const maxLoss = 10

// rankWeights returns WARP's weight of a violation found at the n-th of max draws from a
// catalogue, for n = 1…max at positions 1…max.
func rankWeights(items, max int) []float32 {
	w := make([]float32, max+1)
	for n := 1; n <= max; n++ {
		w[n] = float32(math.Log(math.Max(1, float64((items-1)/n))))
		if w[n] > maxLoss {
			w[n] = maxLoss
		}
	}
	return w
}

// score is ⟨p, q⟩ and the item's bias; vectors have the bias behind them.
func score(p, q []float32) float32 {
	d := len(q) - 1
	return f32.Dot(p[:d], q[:d]) + q[d]
}

// pairGradient writes the gradient of weight·(s(u,j) − s(u,i)) by the user's vector, item i's
// and item j's. The user's bias has none.
func pairGradient(weight float32, p, qi, qj, gu, gi, gj []float32) {
	d := len(p) - 1
	f32.PairGradient(gu, gi, gj, p[:d], qi, qj, weight)
	gu[d], gj[d], gi[d] = 0, weight, -weight
}

// pointGradient writes the gradient of −ln σ(±s), + for a label of 1 and − for 0, by the
// user's vector and the item's, with the user's bias in s, and returns the loss.
func pointGradient(label float32, p, q, gu, gi []float32) (loss float32) {
	d := len(p) - 1
	s := score(p, q) + p[d]
	g := sigmoid(s) - label
	for f := range d {
		gu[f], gi[f] = g*q[f], g*p[f]
	}
	gu[d], gi[d] = g, g
	if label == 1 {
		s = -s
	}
	return softplus(s)
}

func sigmoid(x float32) float32 { return float32(1 / (1 + math.Exp(-float64(x)))) }

// softplus is ln(1 + e^x).
func softplus(x float32) float32 {
	return float32(math.Max(float64(x), 0) + math.Log1p(math.Exp(-math.Abs(float64(x)))))
}

// views is a block under training.
type views struct {
	t            *trainer
	w            *scratch
	k            *strata.Block
	users, items view
}

// step trains on one visit: the user at a place of the block and the positive at a place. It
// returns the loss before the step, and whether there was one.
func (v *views) step(place, i int) (loss float32, stepped bool) {
	w := v.w
	u, item := v.k.User(place), int(v.k.Items[i])
	p := v.users.vector(u, w.p)
	qi := v.items.vector(item, w.qi)
	switch v.t.cfg.Loss {
	case WARP, WARPKOS:
		positive := score(p, qi)
		for drawn := 1; drawn <= v.t.cfg.MaxSampled; drawn++ {
			j := w.rand.Intn(len(v.k.Items))
			if v.k.Known(place, j) {
				continue
			}
			qj := v.items.vector(int(v.k.Items[j]), w.qj)
			if score(p, qj) > positive-1 {
				weight := v.t.rank[drawn]
				v.pair(weight, u, item, int(v.k.Items[j]), p, qi, qj)
				return weight, true
			}
		}
		return 0, false
	case BPR:
		j, ok := v.lacked(place)
		if !ok {
			return 0, false
		}
		qj := v.items.vector(j, w.qj)
		x := score(p, qi) - score(p, qj)
		v.pair(sigmoid(-x), u, item, j, p, qi, qj)
		return softplus(-x), true
	default:
		loss = v.point(1, u, item, p, qi)
		if j, ok := v.lacked(place); ok {
			p = v.users.vector(u, w.p)
			loss += v.point(0, u, j, p, v.items.vector(j, w.qj))
		}
		return loss, true
	}
}

// lacked draws an item of the block that the user at a place lacks.
func (v *views) lacked(place int) (item int, ok bool) {
	for range draws {
		if j := v.w.rand.Intn(len(v.k.Items)); !v.k.Known(place, j) {
			return int(v.k.Items[j]), true
		}
	}
	return 0, false
}

func (v *views) pair(weight float32, u, i, j int, p, qi, qj []float32) {
	w, r := v.w, &v.t.rule
	pairGradient(weight, p, qi, qj, w.gu, w.gi, w.gj)
	v.users.take(r, u, w.gu, w.spare)
	v.items.take(r, i, w.gi, w.spare)
	v.items.take(r, j, w.gj, w.spare)
}

func (v *views) point(label float32, u, i int, p, q []float32) (loss float32) {
	w, r := v.w, &v.t.rule
	loss = pointGradient(label, p, q, w.gu, w.gi)
	v.users.take(r, u, w.gu, w.spare)
	v.items.take(r, i, w.gi, w.spare)
	return loss
}

// kos finds the positives that a user has in a block.
type kos struct {
	visits []strata.Entry
	starts []int32 // of the user at each place
	drawn  []placed
}

type placed struct {
	place int
	score float32
}

// note lists the visits of a block by user, as they are before any is drawn.
func (s *kos) note(k *strata.Block) {
	s.visits = append(s.visits[:0], k.Entries...)
	s.starts = s.starts[:0]
	for n, e := range s.visits {
		for place, _ := k.Places(e); len(s.starts) <= place; {
			s.starts = append(s.starts, int32(n))
		}
	}
	s.starts = append(s.starts, int32(len(s.visits)))
}

// kthPositive draws N of the user's positives and returns the K-th best.
func (v *views) kthPositive(place int) int {
	s, cfg := &v.w.kos, v.t.cfg
	own := s.visits[s.starts[place]:s.starts[place+1]]
	p := v.users.vector(v.k.User(place), v.w.p)
	s.drawn = s.drawn[:0]
	for range min(cfg.N, len(own)) {
		_, i := v.k.Places(own[v.w.rand.Intn(len(own))])
		s.drawn = append(s.drawn, placed{i, score(p, v.items.vector(int(v.k.Items[i]), v.w.qi))})
	}
	return kth(s.drawn, cfg.K)
}

// kth returns the place of the k-th best, of the last if there are fewer.
func kth(drawn []placed, k int) int {
	slices.SortStableFunc(drawn, func(a, b placed) int {
		switch {
		case a.score > b.score:
			return -1
		case a.score < b.score:
			return 1
		}
		return 0
	})
	return drawn[min(k, len(drawn))-1].place
}
