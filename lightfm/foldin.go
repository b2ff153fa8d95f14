package lightfm

import (
	"context"
	"fmt"
	"slices"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/f32"
	"github.com/recsys-lite/recsys/internal/par"
	"github.com/recsys-lite/recsys/internal/rng"
	"github.com/recsys-lite/recsys/internal/strata"
)

// maxSteps bounds the visits in solving one row: the problem is convex in the row alone, and
// more visits than this hardly change a ranking.
const maxSteps = 4096

// solver finds one identity by the training's own steps while everything else stays as it is:
// a user's from the items of the user, or a new item's from its users.
type solver struct {
	cfg   *Config
	rule  rule
	alpha float64
	// other are the vectors of the other side; a column beyond no_components is added to the
	// score.
	other recsys.Matrix
	rank  []float32

	own           table // one row, the identity
	sum, gradient []float32
	scored        []placed
}

func (m *Model) newSolver(other recsys.Matrix, alpha float64) *solver {
	d := m.cfg.NoComponents + 1
	return &solver{cfg: &m.cfg, rule: m.cfg.rule(), alpha: alpha, other: other,
		rank: rankWeights(other.Rows, m.cfg.MaxSampled), sum: make([]float32, d), gradient: make([]float32, d)}
}

// solve writes to dst, no_components long, the vector of a row that has the given positives,
// ascending, and whose other features sum up to base, with the bias behind it. The identity
// starts at zero. The random stream is named by the positives, so the same row gives the same
// vector.
func (s *solver) solve(positives []int32, weights []float32, base, dst []float32) {
	s.own = s.rule.newTable(1, len(s.sum))
	copy(s.sum, base)
	if n := len(positives); n > 0 {
		r := rng.New(s.cfg.Seed, streamFold, contentHash(positives))
		var mean float32
		if s.cfg.Weighted {
			mean = strata.MeanIfVaried(weights)
		}
		for range max(1, min(s.cfg.Epochs, maxSteps/n)) {
			steps := 0
			for k, i := range positives {
				for range strata.Visits(valueAt(weights, k), mean, r) {
					if s.visit(i, positives, base, r) {
						steps++
					}
				}
			}
			if s.alpha > 0 {
				// In training the other rows' steps count for this one too.
				s.rule.decay(&s.own, 0, 1, s.alpha, float64(steps)*float64(s.other.Rows)/float64(n))
				s.resum(base)
			}
		}
	}
	copy(dst, s.sum)
}

// contentHash is FNV-1a over the indices.
func contentHash(items []int32) uint64 {
	h := uint64(14695981039346656037)
	for _, i := range items {
		h = (h ^ uint64(uint32(i))) * 1099511628211
	}
	return h
}

func (s *solver) resum(base []float32) {
	for f, v := range s.own.w {
		s.sum[f] = base[f] + v
	}
}

// score is of the row and row i of the other side.
func (s *solver) score(i int32) float32 {
	q, d := s.other.Row(int(i)), len(s.sum)-1
	x := f32.Dot(s.sum[:d], q[:d])
	for _, bias := range q[d:] {
		x += bias
	}
	return x
}

// visit trains on one positive and tells whether it took a step.
func (s *solver) visit(i int32, positives []int32, base []float32, r *rng.Rand) bool {
	known := func(j int32) bool { _, ok := slices.BinarySearch(positives, j); return ok }
	switch s.cfg.Loss {
	case WARPKOS:
		s.scored = s.scored[:0]
		for range min(s.cfg.N, len(positives)) {
			k := positives[r.Intn(len(positives))]
			s.scored = append(s.scored, placed{int(k), s.score(k)})
		}
		i = int32(kth(s.scored, s.cfg.K))
		fallthrough
	case WARP:
		positive := s.score(i)
		for drawn := 1; drawn <= s.cfg.MaxSampled; drawn++ {
			j := int32(r.Intn(s.other.Rows))
			if !known(j) && s.score(j) > positive-1 {
				s.pair(s.rank[drawn], i, j, base)
				return true
			}
		}
		return false
	}
	for range draws {
		j := int32(r.Intn(s.other.Rows))
		if known(j) {
			continue
		}
		if s.cfg.Loss == BPR {
			s.pair(sigmoid(s.score(j)-s.score(i)), i, j, base)
		} else {
			s.point(1, i, base)
			s.point(0, j, base)
		}
		return true
	}
	return false
}

func (s *solver) pair(weight float32, i, j int32, base []float32) {
	d := len(s.sum) - 1
	qi, qj := s.other.Row(int(i)), s.other.Row(int(j))
	for f := range d {
		s.gradient[f] = weight * (qj[f] - qi[f])
	}
	s.gradient[d] = 0
	s.rule.take(&s.own, 0, s.gradient)
	s.resum(base)
}

func (s *solver) point(label float32, i int32, base []float32) {
	d := len(s.sum) - 1
	g := sigmoid(s.score(i)+s.sum[d]) - label
	for f, v := range s.other.Row(int(i))[:d] {
		s.gradient[f] = g * v
	}
	s.gradient[d] = g
	s.rule.take(&s.own, 0, s.gradient)
	s.resum(base)
}

// PartialFitUsers implements recsys.UserFitter: each user's identity is solved anew by the
// steps of Fit with everything else unchanged, accumulators starting where Fit starts them, and
// a row given twice gives the same vector, whatever the user had before. A known user keeps the
// features of the fit; a new one, of whom none is known, has the mean of all users' features,
// as has a query with NoUser.
func (m *Model) PartialFitUsers(ctx context.Context, users []int32, rows *recsys.CSR) error {
	return m.fitted.UpdateUsers(ctx, users, rows, func(old *params, total int) (*params, error) {
		p := *old
		p.users = recsys.NewMatrix(total, old.users.Cols)
		copy(p.users.Data, old.users.Data)
		if old.userTags.Rows > 0 {
			p.userTags = recsys.NewMatrix(total, old.userTags.Cols)
			copy(p.userTags.Data, old.userTags.Data)
			for u := old.users.Rows; u < total; u++ {
				copy(p.userTags.Row(u), old.prior)
			}
		}
		err := par.Chunks(ctx, len(users), 16, m.cfg.Workers, func(_, lo, hi int) error {
			s := m.newSolver(old.items, m.cfg.UserAlpha)
			for k := lo; k < hi; k++ {
				cols, weights := rows.Row(k)
				base := p.prior
				if p.userTags.Rows > 0 {
					base = p.userTags.Row(int(users[k]))
				}
				s.solve(cols, weights, base, p.users.Row(int(users[k])))
			}
			return nil
		})
		return &p, err
	})
}

// EraseUsers gives users the mean of all users' features in place of their own, as for a user
// of whom no feature is known (model.UserEraser).
func (m *Model) EraseUsers(ctx context.Context, users []int32) error {
	return m.fitted.Update(ctx, func(old *params) (*params, error) {
		p := *old
		p.users = recsys.NewMatrix(old.users.Rows, old.users.Cols)
		copy(p.users.Data, old.users.Data)
		p.userTags = recsys.NewMatrix(old.userTags.Rows, old.userTags.Cols)
		copy(p.userTags.Data, old.userTags.Data)
		s := m.newSolver(old.items, m.cfg.UserAlpha)
		for _, u := range users {
			if u < 0 || int(u) >= p.users.Rows {
				return nil, fmt.Errorf("%w: lightfm: user %d of %d", recsys.ErrInvalidData, u, p.users.Rows)
			}
			if p.userTags.Rows > 0 {
				copy(p.userTags.Row(int(u)), old.prior)
			}
			s.solve(nil, nil, old.prior, p.users.Row(int(u)))
		}
		return &p, ctx.Err()
	})
}
