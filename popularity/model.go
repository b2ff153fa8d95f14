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
	"sync"
	"sync/atomic"

	"github.com/recsys-lite/recsys"
)

// Model is a popularity ranking. It keeps nothing per user. All methods are safe for
// concurrent use.
type Model struct {
	cfg    Config
	mu     sync.Mutex // held by whoever replaces fitted
	fitted atomic.Pointer[parameters]
}

// parameters are never changed once they can be read.
type parameters struct {
	users  int
	scores []float32 // one per item
}

var (
	_ recsys.VectorModel = (*Model)(nil)
	_ recsys.ItemAdder   = (*Model)(nil)
)

// New returns an unfitted model. The error wraps recsys.ErrInvalidConfig.
func New(cfg Config) (*Model, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return &Model{cfg: cfg}, nil
}

func (m *Model) parameters() (*parameters, error) {
	p := m.fitted.Load()
	if p == nil {
		return nil, fmt.Errorf("popularity: %w: call Fit first", recsys.ErrNotFitted)
	}
	return p, nil
}

// Shape is the number of users and items of the last fit; 0, 0 before it.
func (m *Model) Shape() (users, items int) {
	p := m.fitted.Load()
	if p == nil {
		return 0, 0
	}
	return p.users, len(p.scores)
}

// PartialFitUsers checks its arguments and notes the number of users: the ranking belongs to
// all of them and follows with the next Fit.
func (m *Model) PartialFitUsers(ctx context.Context, users []int32, rows *recsys.CSR) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	p, err := m.parameters()
	if err != nil {
		return err
	}
	total, err := recsys.CheckUserRows(users, rows, p.users, len(p.scores))
	if err != nil {
		return fmt.Errorf("popularity: %w", err)
	}
	m.fitted.Store(&parameters{users: total, scores: p.scores})
	return nil
}

// AddItems appends items that count the users of their interactions, all of them as of now;
// without interactions they rank last.
func (m *Model) AddItems(ctx context.Context, items recsys.NewItems) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	p, err := m.parameters()
	if err != nil {
		return err
	}
	if err := items.Validate(p.users, len(p.scores), 0); err != nil {
		return fmt.Errorf("popularity: %w", err)
	}
	scores := make([]float32, len(p.scores)+items.Count)
	copy(scores, p.scores)
	if x := items.Interactions; x != nil {
		for i := range items.Count {
			scores[len(p.scores)+i] = float32(x.RowLen(i))
		}
	}
	m.fitted.Store(&parameters{users: p.users, scores: scores})
	return nil
}

// Scores writes the popularity of every item.
func (m *Model) Scores(ctx context.Context, q recsys.Query, dst []float32) error {
	p, err := m.check(ctx, &q)
	if err != nil {
		return err
	}
	if len(dst) != len(p.scores) {
		return fmt.Errorf("popularity: %w: room for %d scores of %d items", recsys.ErrInvalidQuery, len(dst), len(p.scores))
	}
	copy(dst, p.scores)
	return nil
}

// Recommend returns the q.K most popular allowed items.
func (m *Model) Recommend(ctx context.Context, q recsys.Query) ([]recsys.Scored, error) {
	p, err := m.check(ctx, &q)
	if err != nil {
		return nil, err
	}
	return recsys.TopK(p.scores, q.K, q.Allowed), nil
}

// ItemVectors is the column of scores: the query vector is the number one.
func (m *Model) ItemVectors() recsys.Matrix {
	p := m.fitted.Load()
	if p == nil {
		return recsys.Matrix{Cols: 1}
	}
	return recsys.Matrix{Rows: len(p.scores), Cols: 1, Data: p.scores}
}

// QueryVector writes the number one.
func (m *Model) QueryVector(ctx context.Context, q recsys.Query, dst []float32) error {
	if _, err := m.check(ctx, &q); err != nil {
		return err
	}
	if len(dst) != 1 {
		return fmt.Errorf("popularity: %w: a query vector of length %d, it has one element", recsys.ErrInvalidQuery, len(dst))
	}
	dst[0] = 1
	return nil
}

func (m *Model) check(ctx context.Context, q *recsys.Query) (*parameters, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	p, err := m.parameters()
	if err != nil {
		return nil, err
	}
	if err := q.Validate(p.users, len(p.scores)); err != nil {
		return nil, fmt.Errorf("popularity: %w", err)
	}
	return p, nil
}
