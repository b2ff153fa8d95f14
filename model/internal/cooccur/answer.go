package cooccur

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/recsys-lite/recsys"
)

// row is the interaction row that q is answered from.
func (p *params) row(q *recsys.Query) ([]int32, []float32) {
	if q.User != recsys.NoUser {
		e := p.rows[q.User]
		return e.items, e.weights
	}
	return q.History.Row()
}

func (m *Model) fitted(q *recsys.Query) (*params, error) {
	p := m.p.Load()
	if p == nil {
		return nil, fmt.Errorf("cooccur: %w", recsys.ErrNotFitted)
	}
	return p, q.Validate(p.users, p.items)
}

// vector is the query as a dense row of weights.
func (p *params) vector(q *recsys.Query) []float32 {
	v := make([]float32, p.items)
	items, weights := p.row(q)
	for k, i := range items {
		v[i] = 1
		if weights != nil {
			v[i] = weights[k]
		}
	}
	return v
}

func (p *params) score(item int, v []float32) float32 {
	var s float32
	for j, w := range v {
		s += w * p.c[item*p.items+j]
	}
	return s
}

func (p *params) scores(q *recsys.Query, dst []float32) {
	v := p.vector(q)
	for i := range dst {
		dst[i] = p.score(i, v)
	}
}

func (m *Model) Scores(_ context.Context, q recsys.Query, dst []float32) error {
	p, err := m.fitted(&q)
	if err != nil {
		return err
	}
	if len(dst) != p.items {
		return fmt.Errorf("%w: %d places for %d scores", recsys.ErrInvalidQuery, len(dst), p.items)
	}
	p.scores(&q, dst)
	return nil
}

func (m *Model) Recommend(_ context.Context, q recsys.Query) ([]recsys.Scored, error) {
	p, err := m.fitted(&q)
	if err != nil {
		return nil, err
	}
	s := make([]float32, p.items)
	p.scores(&q, s)
	return recsys.TopK(s, q.K, q.Allowed), nil
}

func (m *Model) ItemVectors() recsys.Matrix {
	p := m.p.Load()
	if p == nil {
		return recsys.Matrix{}
	}
	return recsys.Matrix{Rows: p.items, Cols: p.items, Data: p.c}
}

func (m *Model) QueryVector(_ context.Context, q recsys.Query, dst []float32) error {
	p, err := m.fitted(&q)
	if err != nil {
		return err
	}
	if len(dst) != p.items {
		return fmt.Errorf("%w: %d places for %d dimensions", recsys.ErrInvalidQuery, len(dst), p.items)
	}
	copy(dst, p.vector(&q))
	return nil
}

func (m *Model) SimilarItems(_ context.Context, item int32, k int, allowed *recsys.Bitset) ([]recsys.Scored, error) {
	q := recsys.Query{User: recsys.NoUser, K: k, Allowed: allowed}
	p, err := m.fitted(&q)
	if err != nil {
		return nil, err
	}
	if item < 0 || int(item) >= p.items {
		return nil, fmt.Errorf("%w: item %d of %d", recsys.ErrInvalidQuery, item, p.items)
	}
	s := slices.Clone(p.c[int(item)*p.items : (int(item)+1)*p.items])
	s[item] = float32(math.Inf(-1))
	return recsys.TopK(s, k, allowed), nil
}

func (m *Model) Explain(_ context.Context, q recsys.Query, item int32) ([]recsys.Scored, float32, error) {
	p, err := m.fitted(&q)
	if err != nil {
		return nil, 0, err
	}
	if item < 0 || int(item) >= p.items {
		return nil, 0, fmt.Errorf("%w: item %d of %d", recsys.ErrInvalidQuery, item, p.items)
	}
	var parts []recsys.Scored
	for j, w := range p.vector(&q) {
		if w != 0 {
			parts = append(parts, recsys.Scored{Item: int32(j), Score: w * p.c[int(item)*p.items+j]})
		}
	}
	return parts, 0, nil
}
