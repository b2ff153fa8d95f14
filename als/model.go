package als

import (
	"context"
	"math"
	"sync"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/f32"
	"github.com/recsys-lite/recsys/internal/fitted"
)

// Model is an iALS recommender. Create one with New or Kind.
//
// Besides recsys.Model it is a VectorModel, and gives SimilarItems, AddItems and Explain.
type Model struct {
	cfg    Config
	fitted fitted.Cell[*parameters]
}

// New returns a model to be fitted.
func New(cfg Config) (*Model, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	m := &Model{cfg: cfg}
	m.fitted.Init("als")
	return m, nil
}

// parameters are what was learnt; they never change.
type parameters struct {
	users *rows
	// items solves users from the item vectors; items.fixed is their matrix.
	items *system
	// norms are the lengths of the item vectors.
	norms   []float32
	solvers *sync.Pool // of *solver
	scores  *sync.Pool // of *[]float32, one score per item
}

func newParameters(ctx context.Context, cfg Config, users *rows, items []float32) (*parameters, error) {
	sys, err := newSystem(ctx, cfg, items)
	if err != nil {
		return nil, err
	}
	p := &parameters{users: users, items: sys, norms: make([]float32, sys.n)}
	for i := range p.norms {
		p.norms[i] = float32(math.Sqrt(float64(f32.SquaredNorm(sys.row(int32(i))))))
	}
	p.solvers = &sync.Pool{New: func() any { return newSolver(cfg.Factors) }}
	p.scores = &sync.Pool{New: func() any { s := make([]float32, sys.n); return &s }}
	return p, nil
}

// withUsers returns p with other users.
func (p *parameters) withUsers(users *rows) *parameters {
	next := *p
	next.users = users
	return &next
}

// Shape implements fitted.Parameters.
func (p *parameters) Shape() (users, items int) { return p.users.n, p.items.n }

// Shape is the number of users and items the model knows.
func (m *Model) Shape() (users, items int) { return m.fitted.Shape() }

// ItemVectors is the items × factors matrix.
func (m *Model) ItemVectors() recsys.Matrix {
	if p, ok := m.fitted.Load(); ok {
		return recsys.Matrix{Rows: p.items.n, Cols: p.items.d, Data: p.items.fixed}
	}
	return recsys.Matrix{Cols: m.cfg.Factors}
}

func sqrt(d int) float64 { return math.Sqrt(float64(d)) }
