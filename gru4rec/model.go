package gru4rec

import (
	"context"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/f32"
	"github.com/recsys-lite/recsys/internal/fitted"
)

// Model is a trained network. It keeps nothing per user. All methods are safe for concurrent
// use.
type Model struct {
	cfg     Config
	fitted  fitted.Cell[*parameters]
	scratch fitted.Scratch
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
	m := &Model{cfg: cfg}
	m.fitted.Init("gru4rec")
	return m, nil
}

// Shape implements fitted.Parameters.
func (p *parameters) Shape() (users, items int) { return p.users, p.net.items() }

// Shape is the number of users and items; 0, 0 before the fit.
func (m *Model) Shape() (users, items int) { return m.fitted.Shape() }

// Scores writes the score of every item.
func (m *Model) Scores(ctx context.Context, q recsys.Query, dst []float32) error {
	p, err := m.fitted.ForScores(ctx, &q, dst)
	if err != nil {
		return err
	}
	m.scores(p, &q, dst)
	return nil
}

func (m *Model) scores(p *parameters, q *recsys.Query, dst []float32) {
	v := make([]float32, p.net.hidden+1)
	m.query(p, &q.History, v)
	f32.Gemv(dst, p.net.output, v)
}

// Recommend returns the q.K best allowed items.
func (m *Model) Recommend(ctx context.Context, q recsys.Query) ([]recsys.Scored, error) {
	p, err := m.fitted.For(ctx, &q)
	if err != nil {
		return nil, err
	}
	scores := m.scratch.Take(p.net.items())
	defer m.scratch.Give(scores)
	m.scores(p, &q, *scores)
	return recsys.TopK(*scores, q.K, q.Allowed), nil
}

// ItemVectors is items × (hidden_size+1): output vectors, each with the item's bias behind it.
func (m *Model) ItemVectors() recsys.Matrix {
	if p, ok := m.fitted.Load(); ok {
		return p.net.vectors()
	}
	return recsys.Matrix{Cols: m.cfg.HiddenSize + 1}
}

// QueryVector writes H after the last session of the history's sequence, and a 1 for the bias.
// Without a sequence each of the history's items is a session of its own, and the vector is
// the mean of theirs by weight. Without any history it asks for the biases alone. Nothing
// depends on the query's user.
func (m *Model) QueryVector(ctx context.Context, q recsys.Query, dst []float32) error {
	p, err := m.fitted.For(ctx, &q)
	if err != nil {
		return err
	}
	if err := m.fitted.CheckVector(dst, p.net.hidden+1); err != nil {
		return err
	}
	m.query(p, &q.History, dst)
	return nil
}
