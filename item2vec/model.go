// Package item2vec learns item vectors by skip-gram with negative sampling over users' events
// (Barkan, Koenigstein, "Item2Vec", MLSP 2016; Mikolov et al., "Distributed representations of
// words and phrases", NIPS 2013).
//
// Each item has an input vector, as something a user had, and an output vector, as something
// that comes up beside it. A user is the mean of the input vectors of his events, and an item
// scores the inner product of its output vector with it: the pair of vectors that training
// makes large. (Cosines between input vectors rank obscure items first; they serve for similar
// items, behind a popularity floor.)
package item2vec

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/recsys-lite/recsys"
)

// Model keeps vectors per item and nothing per user. All methods are safe for concurrent use.
type Model struct {
	cfg    Config
	mu     sync.Mutex // held by whoever replaces fitted
	fitted atomic.Pointer[parameters]
}

// parameters are never changed once they can be read.
type parameters struct {
	users int
	// input is items × VectorSize.
	input recsys.Matrix
	// output is items × (VectorSize+1); the last column is 0, or untrained for items without
	// enough events, so that they rank behind all others.
	output recsys.Matrix
	// counts is the number of events per item that the vectors were learned from.
	counts []int32
}

// untrained is the score of an item that the model knows nothing of.
const untrained = -1e6

var (
	_ recsys.VectorModel  = (*Model)(nil)
	_ recsys.SimilarItems = (*Model)(nil)
	_ recsys.ItemAdder    = (*Model)(nil)
	_ recsys.Explainer    = (*Model)(nil)
)

// New returns an unfitted model. The error wraps recsys.ErrInvalidConfig.
func New(cfg Config) (*Model, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return &Model{cfg: cfg}, nil
}

func (p *parameters) items() int { return p.input.Rows }

func (m *Model) parameters() (*parameters, error) {
	p := m.fitted.Load()
	if p == nil {
		return nil, fmt.Errorf("item2vec: %w: call Fit first", recsys.ErrNotFitted)
	}
	return p, nil
}

// Shape is the number of users and items the model knows; 0, 0 before it is fitted.
func (m *Model) Shape() (users, items int) {
	p := m.fitted.Load()
	if p == nil {
		return 0, 0
	}
	return p.users, p.items()
}

// PartialFitUsers checks its arguments and notes the number of users: a user is the mean of
// what the query's history holds.
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
	total, err := recsys.CheckUserRows(users, rows, p.users, p.items())
	if err != nil {
		return fmt.Errorf("item2vec: %w", err)
	}
	m.fitted.Store(&parameters{users: total, input: p.input, output: p.output, counts: p.counts})
	return nil
}
