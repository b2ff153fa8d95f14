package bpr

import (
	"context"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/cosine"
	"github.com/recsys-lite/recsys/internal/f32"
)

// QueryVector implements recsys.VectorModel: the user's vector with a 1 behind it for the
// bias. For NoUser the history is folded in (see PartialFitUsers); an empty one leaves the
// biases alone to rank.
func (m *Model) QueryVector(ctx context.Context, q recsys.Query, dst []float32) error {
	p, err := m.fitted.For(ctx, &q)
	if err != nil {
		return err
	}
	if err := m.fitted.CheckVector(dst, p.items.Cols); err != nil {
		return err
	}
	m.queryVector(p, &q, dst)
	return nil
}

func (m *Model) queryVector(p *params, q *recsys.Query, dst []float32) {
	d := m.cfg.Factors
	if q.User != recsys.NoUser {
		copy(dst, p.users.Row(int(q.User)))
	} else {
		items, weights := q.History.Row()
		m.userSolver(p).solve(items, weights, dst[:d])
	}
	dst[d] = 1
}

// ItemVectors implements recsys.VectorModel: items × (factors + 1), the bias last.
func (m *Model) ItemVectors() recsys.Matrix {
	if p, ok := m.fitted.Load(); ok {
		return p.items
	}
	return recsys.Matrix{}
}

// Scores implements recsys.Scorer.
func (m *Model) Scores(ctx context.Context, q recsys.Query, dst []float32) error {
	p, err := m.fitted.ForScores(ctx, &q, dst)
	if err != nil {
		return err
	}
	m.scores(p, &q, dst)
	return nil
}

func (m *Model) scores(p *params, q *recsys.Query, dst []float32) {
	v := make([]float32, p.items.Cols)
	m.queryVector(p, q, v)
	f32.Gemv(dst, p.items.Data, v)
}

// Recommend implements recsys.Recommender.
func (m *Model) Recommend(ctx context.Context, q recsys.Query) ([]recsys.Scored, error) {
	p, err := m.fitted.For(ctx, &q)
	if err != nil {
		return nil, err
	}
	scores := m.scratch.Take(p.items.Rows)
	defer m.scratch.Give(scores)
	m.scores(p, &q, *scores)
	return recsys.TopK(*scores, q.K, q.Allowed), nil
}

// SimilarItems implements recsys.SimilarItems by the cosine of the items' vectors, the bias
// left out: popularity is no likeness.
func (m *Model) SimilarItems(ctx context.Context, item int32, k int, allowed *recsys.Bitset) ([]recsys.Scored, error) {
	p, err := m.fitted.ForItem(ctx, item, k, allowed)
	if err != nil {
		return nil, err
	}
	return recsys.TopK(cosine.ToAll(p.items, m.cfg.Factors, item), k, allowed), nil
}
