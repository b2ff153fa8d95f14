package als

import (
	"context"
	"fmt"
	"math"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/f32"
)

// QueryVector writes the vector of the query's user to dst: the stored one of a known user;
// else the history's items and weights folded in by the solver of Fit; else, for a session that
// has a sequence only, its distinct items with weight 1. Without any history it is zero.
func (m *Model) QueryVector(ctx context.Context, q recsys.Query, dst []float32) error {
	p, err := m.ready(ctx, &q)
	if err != nil {
		return err
	}
	if err := m.fitted.CheckVector(dst, p.items.d); err != nil {
		return err
	}
	p.queryVector(&q, dst)
	return nil
}

// Scores writes the inner product of the query's vector with every item's to dst.
func (m *Model) Scores(ctx context.Context, q recsys.Query, dst []float32) error {
	p, err := m.ready(ctx, &q)
	if err != nil {
		return err
	}
	if len(dst) != p.items.n {
		return fmt.Errorf("als: %w: room for %d scores, the model has %d items", recsys.ErrInvalidQuery, len(dst), p.items.n)
	}
	p.score(&q, dst)
	return nil
}

// Recommend returns the q.K allowed items of the highest scores.
func (m *Model) Recommend(ctx context.Context, q recsys.Query) ([]recsys.Scored, error) {
	p, err := m.ready(ctx, &q)
	if err != nil {
		return nil, err
	}
	scores := p.scores.Get().(*[]float32)
	defer p.scores.Put(scores)
	p.score(&q, *scores)
	return recsys.TopK(*scores, q.K, q.Allowed), nil
}

// SimilarItems ranks items by the cosine of their vectors with item's. An item that nobody
// has interacted with has no direction: it is similar to none and none to it.
func (m *Model) SimilarItems(ctx context.Context, item int32, k int, allowed *recsys.Bitset) ([]recsys.Scored, error) {
	p, err := m.fitted.ForItem(ctx, item, k, allowed)
	if err != nil {
		return nil, err
	}
	scores := p.scores.Get().(*[]float32)
	defer p.scores.Put(scores)
	s := *scores
	f32.Gemv(s, p.items.fixed, p.items.row(item))
	none := float32(math.Inf(-1))
	for i, norm := range p.norms {
		if length := norm * p.norms[item]; length > 0 && int32(i) != item {
			s[i] /= length
		} else {
			s[i] = none
		}
	}
	return recsys.TopK(s, k, allowed), nil
}

// ready returns the parameters if they can answer the query.
func (m *Model) ready(ctx context.Context, q *recsys.Query) (*parameters, error) {
	p, err := m.fitted.For(ctx, q)
	if err != nil {
		return nil, err
	}
	return p, validWeights(q.History.Weights)
}

func (p *parameters) score(q *recsys.Query, dst []float32) {
	s := p.solvers.Get().(*solver)
	defer p.solvers.Put(s)
	p.vectorInto(s, q, s.v)
	f32.Gemv(dst, p.items.fixed, s.v)
}

func (p *parameters) queryVector(q *recsys.Query, dst []float32) {
	s := p.solvers.Get().(*solver)
	defer p.solvers.Put(s)
	p.vectorInto(s, q, dst)
}

func (p *parameters) vectorInto(s *solver, q *recsys.Query, dst []float32) {
	if q.User != recsys.NoUser {
		copy(dst, p.users.row(q.User))
		return
	}
	items, weights := q.History.Row()
	clear(dst)
	s.solve(dst, p.items, items, weights)
}

// validWeights refuses weights with which no system can be solved.
func validWeights(weights []float32) error {
	for j, w := range weights {
		if !(w > 0 && w <= math.MaxFloat32) {
			return fmt.Errorf("als: %w: weight %d of the history is %v, weights are positive numbers", recsys.ErrInvalidQuery, j, w)
		}
	}
	return nil
}
