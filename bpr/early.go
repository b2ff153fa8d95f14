package bpr

import (
	"context"
	"math"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/f32"
	"github.com/recsys-lite/recsys/internal/par"
	"github.com/recsys-lite/recsys/internal/rng"
)

const (
	// validationUsers bounds the work of measuring: more users would cost more than a pass.
	validationUsers = 2000
	// validationK is the length of the lists measured.
	validationK = 10
)

// bestPasses trains on a part of the interactions and returns the number of passes after which
// NDCG@10 on the rest was best. The parameters are those of that training afterwards.
func (t *trainer) bestPasses(ctx context.Context) (int, error) {
	held, n := holdOut(t.x, t.cfg.ValidationShare, t.cfg.Seed)
	if n == 0 {
		// Too little data to hold any out.
		return t.cfg.Iterations, nil
	}
	t.s.Absent, t.positives = held, t.x.NNZ()-n
	defer func() { t.s.Absent, t.positives = nil, t.x.NNZ() }()
	best, bestAt := math.Inf(-1), t.cfg.Iterations
	for epoch := range t.cfg.Iterations {
		loss, err := t.pass(ctx, epoch)
		if err != nil {
			return 0, err
		}
		t.cfg.Report(recsys.Progress{Stage: "validate", Done: epoch + 1, Total: t.cfg.Iterations, Loss: loss})
		if err := t.finite(); err != nil {
			return 0, err
		}
		quality, err := t.ndcg(ctx, held)
		if err != nil {
			return 0, err
		}
		if quality > best {
			best, bestAt = quality, epoch+1
		} else if epoch+1-bestAt >= t.cfg.Patience {
			break
		}
	}
	return bestAt, nil
}

// marks has a bit for every interaction of a matrix.
type marks []uint64

func (m marks) has(k int64) bool { return m[k/64]>>(k%64)&1 != 0 }

// holdOut marks n interactions to hold out, each with probability share, but not all of a row.
func holdOut(x *recsys.CSR, share float64, seed uint64) (held marks, n int) {
	held = make(marks, (x.NNZ()+63)/64)
	var r rng.Rand
	for u := range x.Rows {
		r.Seed(seed, streamHoldOut, uint64(u))
		kept := false
		for k := x.Indptr[u]; k < x.Indptr[u+1]; k++ {
			if last := k == x.Indptr[u+1]-1; r.Float64() < share && (kept || !last) {
				held[k/64] |= 1 << (k % 64)
				n++
			} else {
				kept = true
			}
		}
	}
	return held, n
}

// ndcg is the mean NDCG@10 over users with held-out items, over a fixed selection of them when
// they are many; items trained on are not ranked.
func (t *trainer) ndcg(ctx context.Context, held marks) (float64, error) {
	var users []int
	for u := range t.x.Rows {
		for k := t.x.Indptr[u]; k < t.x.Indptr[u+1]; k++ {
			if held.has(k) {
				users = append(users, u)
				break
			}
		}
	}
	stride := (len(users) + validationUsers - 1) / validationUsers
	values := make([]float64, (len(users)+stride-1)/stride)
	err := par.Chunks(ctx, len(values), 16, t.cfg.Workers, func(_, lo, hi int) error {
		scores := make([]float32, t.x.Cols)
		var relevant []int32
		for n := lo; n < hi; n++ {
			u := users[n*stride]
			f32.Gemv(scores, t.Items, t.Users[u*t.D:(u+1)*t.D])
			f32.Add(scores, t.Bias)
			relevant = relevant[:0]
			for k := t.x.Indptr[u]; k < t.x.Indptr[u+1]; k++ {
				if i := t.x.Indices[k]; held.has(k) {
					relevant = append(relevant, i)
				} else {
					scores[i] = float32(math.Inf(-1))
				}
			}
			values[n] = ndcgOf(recsys.TopK(scores, validationK, nil), relevant)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	var sum float64
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values)), nil
}

// ndcgOf is the discounted gain of a list over that of the best list of its length.
func ndcgOf(list []recsys.Scored, relevant []int32) float64 {
	wanted := make(map[int32]bool, len(relevant))
	for _, i := range relevant {
		wanted[i] = true
	}
	var gain, ideal float64
	for rank := range validationK {
		discount := 1 / math.Log2(float64(rank)+2)
		if rank < len(relevant) {
			ideal += discount
		}
		if rank < len(list) && wanted[list[rank].Item] {
			gain += discount
		}
	}
	return gain / ideal
}
