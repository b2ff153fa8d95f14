package eval

import (
	"context"
	"fmt"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/f32"
)

// Scorer is the part of a recsys.Model that is measured. A recsys.VectorModel is scored in
// blocks of users by one matrix product.
type Scorer interface {
	recsys.Scorer
	Shape() (users, items int)
}

// blockScores bounds the scores held at a time, per worker: 8 MiB.
const blockScores = 1 << 21

// blockSize is the number of queries scored together. It depends on nothing but the number
// of items: a block is also the unit of parallel work.
func blockSize(items int) int { return min(max(blockScores/items, 1), 128) }

// scorer scores blocks of queries. It is for one goroutine.
type scorer struct {
	model   Scorer
	vectors recsys.VectorModel // nil unless the model is one
	items   recsys.Matrix
	queries []float32 // scratch
	scores  []float32 // queries × items
	n       int       // items
}

func newScorer(m Scorer) *scorer {
	_, n := m.Shape()
	s := &scorer{model: m, n: n, scores: make([]float32, blockSize(n)*n)}
	if v, ok := m.(recsys.VectorModel); ok {
		s.vectors, s.items = v, v.ItemVectors()
		s.queries = make([]float32, blockSize(n)*s.items.Cols)
	}
	return s
}

// score returns the scores of up to blockSize queries, row by row, until the next call.
func (s *scorer) score(ctx context.Context, qs []recsys.Query) ([]float32, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	out := s.scores[:len(qs)*s.n]
	if s.vectors == nil {
		for i, q := range qs {
			if err := s.model.Scores(ctx, q, out[i*s.n:(i+1)*s.n]); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	dim := s.items.Cols
	for i, q := range qs {
		if err := s.vectors.QueryVector(ctx, q, s.queries[i*dim:(i+1)*dim]); err != nil {
			return nil, err
		}
	}
	clear(out)
	f32.GemmNT(out, s.queries, s.items.Data, len(qs), s.n, dim)
	return out, nil
}

// checkModel refuses a model that was not fitted on the training part.
func checkModel(m Scorer, train *recsys.Dataset) error {
	users, items := m.Shape()
	if items == 0 {
		return fmt.Errorf("%w: fit it on the training part first", recsys.ErrNotFitted)
	}
	if users != train.Interactions.Rows || items != train.Interactions.Cols {
		return fmt.Errorf("%w: a model of %d users and %d items beside a training part of %d and %d: fit it on Split.Train", recsys.ErrInvalidData,
			users, items, train.Interactions.Rows, train.Interactions.Cols)
	}
	return nil
}

// popularity scores an item by its number of users: the baseline beside every result. It is
// what the kind "popularity" computes by default.
type popularity struct {
	users  int
	counts []float32
}

func newPopularity(x *recsys.CSR) *popularity {
	p := &popularity{users: x.Rows, counts: make([]float32, x.Cols)}
	for _, i := range x.Indices {
		p.counts[i]++
	}
	return p
}

func (p *popularity) Shape() (users, items int) { return p.users, len(p.counts) }

func (p *popularity) Scores(_ context.Context, _ recsys.Query, dst []float32) error {
	copy(dst, p.counts)
	return nil
}
