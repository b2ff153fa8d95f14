package bpr

import (
	"context"
	"math"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/f32"
	"github.com/recsys-lite/recsys/internal/par"
	"github.com/recsys-lite/recsys/internal/rng"
	"github.com/recsys-lite/recsys/internal/strata"
)

const (
	// validationUsers bounds the work of measuring: more users would cost more than a pass.
	validationUsers = 2000
	// validationK is the length of the lists measured.
	validationK = 10
)

// bestPasses trains on a part of the interactions and returns the number of passes after which
// NDCG@10 on the rest was best.
func (m *Model) bestPasses(ctx context.Context, x *recsys.CSR) (int, error) {
	train, held := holdOut(x, m.cfg.ValidationShare, m.cfg.Seed)
	if train.NNZ() == 0 || held.NNZ() == 0 {
		// Too little data to hold any out.
		return m.cfg.Iterations, nil
	}
	t := newTrainer(&m.cfg, train, strata.Blocks(x.Rows, x.Cols))
	best, bestAt := math.Inf(-1), m.cfg.Iterations
	for epoch := range m.cfg.Iterations {
		loss, err := t.pass(ctx, epoch)
		if err != nil {
			return 0, err
		}
		m.cfg.Report(recsys.Progress{Stage: "validate", Done: epoch + 1, Total: m.cfg.Iterations, Loss: loss})
		if err := t.finite(); err != nil {
			return 0, err
		}
		quality, err := t.ndcg(ctx, held)
		if err != nil {
			return 0, err
		}
		if quality > best {
			best, bestAt = quality, epoch+1
		} else if epoch+1-bestAt >= m.cfg.Patience {
			break
		}
	}
	return bestAt, nil
}

// holdOut splits each row: an interaction is held out with probability share, but a row keeps
// at least one.
func holdOut(x *recsys.CSR, share float64, seed uint64) (train, held *recsys.CSR) {
	empty := func() *recsys.CSR {
		return &recsys.CSR{Rows: x.Rows, Cols: x.Cols, Indptr: make([]int64, x.Rows+1)}
	}
	train, held = empty(), empty()
	var r rng.Rand
	for u := range x.Rows {
		r.Seed(seed, streamHoldOut, uint64(u))
		cols, weights := x.Row(u)
		kept := false
		for k, i := range cols {
			to := train
			if last := k == len(cols)-1; r.Float64() < share && (kept || !last) {
				to = held
			} else {
				kept = true
			}
			to.Indices = append(to.Indices, i)
			if weights != nil {
				to.Values = append(to.Values, weights[k])
			}
		}
		train.Indptr[u+1], held.Indptr[u+1] = int64(len(train.Indices)), int64(len(held.Indices))
	}
	return train, held
}

// ndcg is the mean NDCG@10 over users with held-out items, over a fixed selection of them when
// they are many; items trained on are not ranked.
func (t *trainer) ndcg(ctx context.Context, held *recsys.CSR) (float64, error) {
	var users []int
	for u := range held.Rows {
		if held.RowLen(u) > 0 {
			users = append(users, u)
		}
	}
	stride := (len(users) + validationUsers - 1) / validationUsers
	values := make([]float64, (len(users)+stride-1)/stride)
	err := par.Chunks(ctx, len(values), 16, t.cfg.Workers, func(_, lo, hi int) error {
		scores := make([]float32, t.x.Cols)
		for k := lo; k < hi; k++ {
			u := users[k*stride]
			f32.Gemv(scores, t.Items, t.Users[u*t.D:(u+1)*t.D])
			f32.Add(scores, t.Bias)
			seen, _ := t.x.Row(u)
			for _, i := range seen {
				scores[i] = float32(math.Inf(-1))
			}
			relevant, _ := held.Row(u)
			values[k] = ndcgOf(recsys.TopK(scores, validationK, nil), relevant)
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
