package als

import (
	"context"
	"fmt"
	"math"
	"sync"
	"sync/atomic"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/f32"
)

// Model is an iALS recommender. Create one with New or Kind.
//
// Besides recsys.Model it is a VectorModel, and gives SimilarItems, AddItems and Explain.
type Model struct {
	cfg     Config
	write   sync.Mutex // held by whoever builds the next parameters
	current atomic.Pointer[parameters]
}

// New returns a model to be fitted.
func New(cfg Config) (*Model, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return &Model{cfg: cfg}, nil
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

func (m *Model) fitted() (*parameters, error) {
	p := m.current.Load()
	if p == nil {
		return nil, fmt.Errorf("als: %w: call Fit or load an artifact", recsys.ErrNotFitted)
	}
	return p, nil
}

// Shape is the number of users and items the model knows.
func (m *Model) Shape() (users, items int) {
	p := m.current.Load()
	if p == nil {
		return 0, 0
	}
	return p.users.n, p.items.n
}

// ItemVectors is the items × factors matrix.
func (m *Model) ItemVectors() recsys.Matrix {
	p := m.current.Load()
	if p == nil {
		return recsys.Matrix{Cols: m.cfg.Factors}
	}
	return recsys.Matrix{Rows: p.items.n, Cols: p.items.d, Data: p.items.fixed}
}

func sqrt(d int) float64 { return math.Sqrt(float64(d)) }
