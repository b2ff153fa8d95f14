package lightfm

import (
	"context"
	"fmt"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/cosine"
	"github.com/recsys-lite/recsys/internal/f32"
)

// QueryVector implements recsys.VectorModel: the user's vector with a 1 behind it for the
// bias. For NoUser the history is folded in (see PartialFitUsers); of an empty one the mean of
// all users' features is left, and without user features the biases alone rank.
func (m *Model) QueryVector(ctx context.Context, q recsys.Query, dst []float32) error {
	p, err := m.fitted()
	if err != nil {
		return err
	}
	return m.queryVector(ctx, p, &q, dst)
}

func (m *Model) queryVector(ctx context.Context, p *params, q *recsys.Query, dst []float32) error {
	if err := q.Validate(p.users.Rows, p.items.Rows); err != nil {
		return err
	}
	if len(dst) != p.items.Cols {
		return fmt.Errorf("%w: lightfm: a query vector has %d values, not %d", recsys.ErrInvalidQuery, p.items.Cols, len(dst))
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	d := m.cfg.NoComponents
	if q.User != recsys.NoUser {
		copy(dst, p.users.Row(int(q.User)))
	} else {
		items, weights := q.History.Row()
		m.newSolver(p.items, m.cfg.UserAlpha).solve(items, weights, p.prior, dst[:d])
	}
	dst[d] = 1
	return nil
}

// ItemVectors implements recsys.VectorModel: items × (no_components + 1), the bias last.
func (m *Model) ItemVectors() recsys.Matrix {
	p := m.p.Load()
	if p == nil {
		return recsys.Matrix{}
	}
	return p.items
}

// Scores implements recsys.Scorer. A user's own bias, the same for all items, is left out.
func (m *Model) Scores(ctx context.Context, q recsys.Query, dst []float32) error {
	p, err := m.fitted()
	if err != nil {
		return err
	}
	return m.scores(ctx, p, &q, dst)
}

func (m *Model) scores(ctx context.Context, p *params, q *recsys.Query, dst []float32) error {
	if len(dst) != p.items.Rows {
		return fmt.Errorf("%w: lightfm: room for %d scores for %d items", recsys.ErrInvalidQuery, len(dst), p.items.Rows)
	}
	v := make([]float32, p.items.Cols)
	if err := m.queryVector(ctx, p, q, v); err != nil {
		return err
	}
	f32.Gemv(dst, p.items.Data, v)
	return nil
}

// Recommend implements recsys.Recommender.
func (m *Model) Recommend(ctx context.Context, q recsys.Query) ([]recsys.Scored, error) {
	p, err := m.fitted()
	if err != nil {
		return nil, err
	}
	scores := make([]float32, p.items.Rows)
	if err := m.scores(ctx, p, &q, scores); err != nil {
		return nil, err
	}
	return recsys.TopK(scores, q.K, q.Allowed), nil
}

// SimilarItems implements recsys.SimilarItems by the cosine of the items' vectors, the bias
// left out: popularity is no likeness.
func (m *Model) SimilarItems(ctx context.Context, item int32, k int, allowed *recsys.Bitset) ([]recsys.Scored, error) {
	p, err := m.fitted()
	if err != nil {
		return nil, err
	}
	q := recsys.Query{User: recsys.NoUser, K: k, Allowed: allowed, History: recsys.History{Items: []int32{item}}}
	if err := q.Validate(p.users.Rows, p.items.Rows); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return recsys.TopK(cosine.ToAll(p.items, m.cfg.NoComponents, item), k, allowed), nil
}
