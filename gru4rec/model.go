package gru4rec

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/f32"
)

// Model is a trained network. It keeps nothing per user. All methods are safe for concurrent
// use.
type Model struct {
	cfg    Config
	mu     sync.Mutex // held by whoever replaces fitted
	fitted atomic.Pointer[parameters]
}

// parameters are never changed once they can be read.
type parameters struct {
	users int
	net   *network
}

var (
	_ recsys.VectorModel  = (*Model)(nil)
	_ recsys.SimilarItems = (*Model)(nil)
	_ recsys.ItemAdder    = (*Model)(nil)
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
		return nil, fmt.Errorf("gru4rec: %w: call Fit first", recsys.ErrNotFitted)
	}
	return p, nil
}

// Shape is the number of users and items; 0, 0 before the fit.
func (m *Model) Shape() (users, items int) {
	p := m.fitted.Load()
	if p == nil {
		return 0, 0
	}
	return p.users, p.net.items()
}

func (m *Model) check(ctx context.Context, q *recsys.Query) (*parameters, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	p, err := m.parameters()
	if err != nil {
		return nil, err
	}
	if err := q.Validate(p.users, p.net.items()); err != nil {
		return nil, fmt.Errorf("gru4rec: %w", err)
	}
	return p, nil
}

// Scores writes the score of every item.
func (m *Model) Scores(ctx context.Context, q recsys.Query, dst []float32) error {
	p, err := m.check(ctx, &q)
	if err != nil {
		return err
	}
	if len(dst) != p.net.items() {
		return fmt.Errorf("gru4rec: %w: room for %d scores of %d items", recsys.ErrInvalidQuery, len(dst), p.net.items())
	}
	v := make([]float32, p.net.hidden+1)
	m.query(p, &q.History, v)
	f32.Gemv(dst, p.net.output, v)
	return nil
}

// Recommend returns the q.K best allowed items.
func (m *Model) Recommend(ctx context.Context, q recsys.Query) ([]recsys.Scored, error) {
	_, items := m.Shape()
	scores := make([]float32, items)
	if err := m.Scores(ctx, q, scores); err != nil {
		return nil, err
	}
	return recsys.TopK(scores, q.K, q.Allowed), nil
}

// ItemVectors is items × (hidden_size+1): output vectors, each with the item's bias behind it.
func (m *Model) ItemVectors() recsys.Matrix {
	p := m.fitted.Load()
	if p == nil {
		return recsys.Matrix{Cols: m.cfg.HiddenSize + 1}
	}
	return p.net.vectors()
}

// QueryVector writes H after the last session of the history's sequence, and a 1 for the bias.
// Without a sequence each of the history's items is a session of its own, and the vector is
// the mean of theirs by weight. Without any history it asks for the biases alone. Nothing
// depends on the query's user.
func (m *Model) QueryVector(ctx context.Context, q recsys.Query, dst []float32) error {
	p, err := m.check(ctx, &q)
	if err != nil {
		return err
	}
	if len(dst) != p.net.hidden+1 {
		return fmt.Errorf("gru4rec: %w: room for a vector of %d, it has %d elements", recsys.ErrInvalidQuery, len(dst), p.net.hidden+1)
	}
	m.query(p, &q.History, dst)
	return nil
}
