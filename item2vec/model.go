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

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/fitted"
)

// Model keeps vectors per item and nothing per user. All methods are safe for concurrent use.
type Model struct {
	cfg     Config
	fitted  fitted.Cell[*parameters]
	scratch fitted.Scratch
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
	m := &Model{cfg: cfg}
	m.fitted.Init("item2vec")
	return m, nil
}

func (p *parameters) items() int { return p.input.Rows }

// Shape implements fitted.Parameters.
func (p *parameters) Shape() (users, items int) { return p.users, p.items() }

// Shape is the number of users and items the model knows; 0, 0 before it is fitted.
func (m *Model) Shape() (users, items int) { return m.fitted.Shape() }

// PartialFitUsers checks its arguments and notes the number of users: a user is the mean of
// what the query's history holds.
func (m *Model) PartialFitUsers(ctx context.Context, users []int32, rows *recsys.CSR) error {
	return m.fitted.UpdateUsers(ctx, users, rows, func(p *parameters, total int) (*parameters, error) {
		return &parameters{users: total, input: p.input, output: p.output, counts: p.counts}, nil
	})
}
