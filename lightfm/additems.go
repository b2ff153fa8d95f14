package lightfm

import (
	"context"
	"fmt"
	"slices"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/f32"
	"github.com/recsys-lite/recsys/internal/itembias"
	"github.com/recsys-lite/recsys/internal/par"
)

// AddItems implements recsys.ItemAdder. A new item is the sum of its features, if it has any
// that the model was fitted with, else the weighted mean of its neighbours, else zero. Where it has interactions,
// an identity is solved on top of its features by the steps of Fit with the users unchanged,
// so that users who have it stand before ones who do not.
//
// The bias is that of the features while nobody had the item; else, and without features, that
// of known items about as popular.
func (m *Model) AddItems(ctx context.Context, items recsys.NewItems) error {
	return m.fitted.Update(ctx, func(old *params) (*params, error) {
		if err := items.Validate(old.users.Rows, old.items.Rows, old.itemFeatures.Rows); err != nil {
			return nil, fmt.Errorf("lightfm: %w", err)
		}
		d, known := old.items.Cols, old.items.Rows
		p := *old
		p.items = recsys.NewMatrix(known+items.Count, d)
		copy(p.items.Data, old.items.Data)
		p.counts = append(slices.Clone(old.counts), make([]int32, items.Count)...)
		levels := itembias.New(old.counts, func(i int) float32 { return old.items.Row(i)[d-1] })
		err := par.Chunks(ctx, items.Count, 4, m.cfg.Workers, func(_, lo, hi int) error {
			s := m.newSolver(old.users, m.cfg.ItemAlpha)
			base := make([]float32, d)
			for k := lo; k < hi; k++ {
				clear(base)
				var tags []int32
				var values []float32
				if old.itemFeatures.Rows > 0 {
					tags, values = rowOf(items.Features, k)
				}
				for n, f := range tags {
					f32.Axpy(valueAt(values, n), old.itemFeatures.Row(int(f)), base)
				}
				row := p.items.Row(known + k)
				users, weights := rowOf(items.Interactions, k)
				p.counts[known+k] = int32(len(users))
				switch {
				case len(users) > 0:
					s.solve(users, weights, base, row[:d-1])
				case len(tags) > 0:
					copy(row, base)
					continue
				default:
					near, weights := rowOf(items.Neighbours, k)
					meanOf(row[:d-1], old.items, near, weights)
				}
				row[d-1] = levels.At(int32(len(users)))
			}
			return nil
		})
		return &p, err
	})
}

func rowOf(m *recsys.CSR, k int) (cols []int32, values []float32) {
	if m == nil {
		return nil, nil
	}
	return m.Row(k)
}

// meanOf writes the weighted mean of the first len(dst) columns of some rows to dst.
func meanOf(dst []float32, rows recsys.Matrix, which []int32, weights []float32) {
	var total float32
	for k, i := range which {
		f32.Axpy(valueAt(weights, k), rows.Row(int(i))[:len(dst)], dst)
		total += valueAt(weights, k)
	}
	if total > 0 {
		f32.Scale(1/total, dst)
	}
}
