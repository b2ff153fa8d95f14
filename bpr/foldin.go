package bpr

import (
	"context"
	"slices"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/f32"
	"github.com/recsys-lite/recsys/internal/par"
	"github.com/recsys-lite/recsys/internal/rng"
	"github.com/recsys-lite/recsys/internal/strata"
)

// maxSteps bounds the solving of one row: the problem is convex in the row alone, and more
// steps than this no longer change a ranking.
const maxSteps = 8192

// solver finds one row by the training's own steps while the vectors on the other side stay
// as they are: a user's vector from the items of the user, or a new item's from its users.
type solver struct {
	cfg   *Config
	other recsys.Matrix // vectors of the other side; columns beyond d are added to the score
	reg   float32
}

// userSolver solves users' vectors against the item matrix of p.
func (m *Model) userSolver(p *params) *solver {
	return &solver{cfg: &m.cfg, other: p.items, reg: float32(m.cfg.Regularization)}
}

// solve writes to w the vector of a row that has the given positives, ascending. It starts at
// zero and takes the passes that the training takes, though not more than maxSteps steps.
// The random stream is named by the positives, so the same row gives the same vector.
func (s *solver) solve(positives []int32, weights []float32, w []float32) {
	clear(w)
	n := len(positives)
	if n == 0 || n == s.other.Rows {
		return
	}
	r := rng.New(s.cfg.Seed, streamFold, contentHash(positives))
	var mean float32
	if s.cfg.Weighted {
		mean = strata.MeanIfVaried(weights)
	}
	passes := max(1, min(s.cfg.Iterations, maxSteps/n))
	var rates f32.Ranker
	for pass := range passes {
		s.cfg.rates(&rates, pass, passes)
		for k, i := range positives {
			weight := float32(1)
			if weights != nil {
				weight = weights[k]
			}
			for range strata.Visits(weight, mean, r) {
				s.against(w, i, positives, rates.Rate, r)
			}
		}
	}
}

// against takes one step on w for positive i and a row that is not among the positives.
func (s *solver) against(w []float32, i int32, positives []int32, step float32, r *rng.Rand) {
	for range draws {
		j := int32(r.Intn(s.other.Rows))
		if _, known := slices.BinarySearch(positives, j); known {
			continue
		}
		a, b := s.other.Row(int(i)), s.other.Row(int(j))
		x := f32.DotDiff(w, a, b)
		for f := len(w); f < s.other.Cols; f++ {
			x += a[f] - b[f]
		}
		z := f32.Logistic(-x)
		f32.Scale(1-step*s.reg, w)
		f32.Axpy(step*z, a[:len(w)], w)
		f32.Axpy(-step*z, b[:len(w)], w)
		return
	}
}

// contentHash is FNV-1a over the indices.
func contentHash(items []int32) uint64 {
	h := uint64(14695981039346656037)
	for _, i := range items {
		h = (h ^ uint64(uint32(i))) * 1099511628211
	}
	return h
}

// PartialFitUsers implements recsys.UserFitter: each row is solved by the steps of Fit with the
// items unchanged, and a row given twice gives the same vector, whatever the user had before.
// A query with NoUser and the same history is answered from that vector too.
func (m *Model) PartialFitUsers(ctx context.Context, users []int32, rows *recsys.CSR) error {
	return m.fitted.UpdateUsers(ctx, users, rows, func(old *params, total int) (*params, error) {
		p := *old
		p.users = recsys.NewMatrix(total, old.users.Cols)
		copy(p.users.Data, old.users.Data)
		err := par.Chunks(ctx, len(users), 16, m.cfg.Workers, func(_, lo, hi int) error {
			s := m.userSolver(old)
			for k := lo; k < hi; k++ {
				cols, weights := rows.Row(k)
				s.solve(cols, weights, p.users.Row(int(users[k])))
			}
			return nil
		})
		return &p, err
	})
}
