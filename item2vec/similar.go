package item2vec

import (
	"context"
	"fmt"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/cosine"
	"github.com/recsys-lite/recsys/internal/f32"
)

// belowFloor is taken off the cosine of items with fewer events than SimilarFloor, whose
// vectors are mostly chance: it puts them behind all others.
const belowFloor = 2

// SimilarItems ranks by the cosine of input vectors.
func (m *Model) SimilarItems(ctx context.Context, item int32, k int, allowed *recsys.Bitset) ([]recsys.Scored, error) {
	p, err := m.fitted.ForItem(ctx, item, k, allowed)
	if err != nil {
		return nil, err
	}
	scores := cosine.ToAll(p.input, p.input.Cols, item)
	for j, n := range p.counts {
		if int(n) < m.cfg.SimilarFloor {
			scores[j] -= belowFloor
		}
	}
	return recsys.TopK(scores, k, allowed), nil
}

// AddItems gives each new item the mean vectors of its Neighbours, weighted by how often they
// came up together. An item without neighbours ranks behind all others until the next fit.
func (m *Model) AddItems(ctx context.Context, items recsys.NewItems) error {
	return m.fitted.Update(ctx, func(p *parameters) (*parameters, error) {
		if err := items.Validate(p.users, p.items(), 0); err != nil {
			return nil, fmt.Errorf("item2vec: %w", err)
		}
		old, d := p.items(), p.input.Cols
		grown := &parameters{users: p.users,
			input: recsys.NewMatrix(old+items.Count, d), output: recsys.NewMatrix(old+items.Count, d+1),
			counts: append(p.counts[:old:old], make([]int32, items.Count)...)}
		copy(grown.input.Data, p.input.Data)
		copy(grown.output.Data, p.output.Data)
		for n := range items.Count {
			in, out := grown.input.Row(old+n), grown.output.Row(old+n)
			out[d] = untrained
			if items.Neighbours == nil {
				continue
			}
			known, weights := items.Neighbours.Row(n)
			sum := float32(0)
			for q, j := range known {
				w := float32(1)
				if weights != nil {
					w = weights[q]
				}
				if p.output.Row(int(j))[d] == 0 && w > 0 {
					f32.Axpy(w, p.input.Row(int(j)), in)
					f32.Axpy(w, p.output.Row(int(j))[:d], out[:d])
					sum += w
				}
			}
			if sum > 0 {
				f32.Scale(1/sum, in)
				f32.Scale(1/sum, out[:d])
				out[d] = 0
			}
		}
		return grown, nil
	})
}
