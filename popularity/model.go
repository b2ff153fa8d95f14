// Package popularity ranks items by the number of distinct users that had them: the baseline
// that every other model must beat, and the answer for users of whom nothing is known.
//
// With a half-life, a user counts for an item by the age of that user's last event with it,
//
//	score(i) = Σ_{u had i} 0.5^(age(u, i) / half-life)
//
// so that what sells now ranks above what sold once. Without one every user counts 1, and
// the scores are exact.
package popularity

import (
	"context"
	"fmt"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/fitted"
)

// Model is a popularity ranking. It keeps nothing per user. All methods are safe for
// concurrent use.
type Model struct {
	cfg    Config
	fitted fitted.Cell[*parameters]
}

// parameters are never changed once they can be read.
type parameters struct {
	users  int
	scores []float32 // one per item
}

var (
	_ recsys.VectorModel = (*Model)(nil)
	_ recsys.ItemAdder   = (*Model)(nil)
	_ recsys.Refitter    = (*Model)(nil)
)

// New returns an unfitted model. The error wraps recsys.ErrInvalidConfig.
func New(cfg Config) (*Model, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	m := &Model{cfg: cfg}
	m.fitted.Init("popularity")
	return m, nil
}

// Shape implements fitted.Parameters.
func (p *parameters) Shape() (users, items int) { return p.users, len(p.scores) }

// Shape is the number of users and items of the last fit; 0, 0 before it.
func (m *Model) Shape() (users, items int) { return m.fitted.Shape() }

// PartialFitUsers checks its arguments and notes the number of users: the ranking belongs to
// all of them and follows with the next Fit.
func (m *Model) PartialFitUsers(ctx context.Context, users []int32, rows *recsys.CSR) error {
	return m.fitted.UpdateUsers(ctx, users, rows, func(p *parameters, total int) (*parameters, error) {
		return &parameters{users: total, scores: p.scores}, nil
	})
}

// AddItems appends items that count the users of their interactions, all of them as of now;
// without interactions they rank last.
func (m *Model) AddItems(ctx context.Context, items recsys.NewItems) error {
	return m.fitted.Update(ctx, func(p *parameters) (*parameters, error) {
		if err := items.Validate(p.users, len(p.scores), 0); err != nil {
			return nil, fmt.Errorf("popularity: %w", err)
		}
		scores := make([]float32, len(p.scores)+items.Count)
		copy(scores, p.scores)
		if x := items.Interactions; x != nil {
			for i := range items.Count {
				scores[len(p.scores)+i] = float32(x.RowLen(i))
			}
		}
		return &parameters{users: p.users, scores: scores}, nil
	})
}

// Scores writes the popularity of every item.
func (m *Model) Scores(ctx context.Context, q recsys.Query, dst []float32) error {
	p, err := m.fitted.ForScores(ctx, &q, dst)
	if err != nil {
		return err
	}
	copy(dst, p.scores)
	return nil
}

// Recommend returns the q.K most popular allowed items.
func (m *Model) Recommend(ctx context.Context, q recsys.Query) ([]recsys.Scored, error) {
	p, err := m.fitted.For(ctx, &q)
	if err != nil {
		return nil, err
	}
	return recsys.TopK(p.scores, q.K, q.Allowed), nil
}

// ItemVectors is the column of scores: the query vector is the number one.
func (m *Model) ItemVectors() recsys.Matrix {
	if p, ok := m.fitted.Load(); ok {
		return recsys.Matrix{Rows: len(p.scores), Cols: 1, Data: p.scores}
	}
	return recsys.Matrix{Cols: 1}
}

// QueryVector writes the number one.
func (m *Model) QueryVector(ctx context.Context, q recsys.Query, dst []float32) error {
	if _, err := m.fitted.For(ctx, &q); err != nil {
		return err
	}
	if err := m.fitted.CheckVector(dst, 1); err != nil {
		return err
	}
	dst[0] = 1
	return nil
}
