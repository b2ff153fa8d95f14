package bpr

import (
	"context"
	"fmt"
	"slices"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/f32"
	"github.com/recsys-lite/recsys/internal/itembias"
	"github.com/recsys-lite/recsys/internal/par"
)

// AddItems implements recsys.ItemAdder. The vector of a new item with interactions is solved
// by the same steps with the users unchanged, so that users who have it stand before random
// ones who do not; without, it is the mean of its neighbours' vectors, weighted; and without
// either it is zero. The bias is that of known items about as popular. Features are not used.
func (m *Model) AddItems(ctx context.Context, items recsys.NewItems) error {
	return m.fitted.Update(ctx, func(old *params) (*params, error) {
		if err := items.Validate(old.users.Rows, old.items.Rows, 0); err != nil {
			return nil, fmt.Errorf("bpr: %w", err)
		}
		d, known := m.cfg.Factors, old.items.Rows
		p := *old
		p.items = recsys.NewMatrix(known+items.Count, d+1)
		copy(p.items.Data, old.items.Data)
		p.counts = append(slices.Clone(old.counts), make([]int32, items.Count)...)
		levels := itembias.New(old.counts, func(i int) float32 { return old.items.Row(i)[d] })
		err := par.Chunks(ctx, items.Count, 4, m.cfg.Workers, func(_, lo, hi int) error {
			s := &solver{cfg: &m.cfg, other: old.users, reg: m.cfg.regOr(m.cfg.RegPositive)}
			for k := lo; k < hi; k++ {
				row := p.items.Row(known + k)
				if users, weights := rowOf(items.Interactions, k); len(users) > 0 {
					p.counts[known+k] = int32(len(users))
					s.solve(users, weights, row[:d])
				} else {
					near, weights := rowOf(items.Neighbours, k)
					meanOf(row[:d], old.items, near, weights)
				}
				row[d] = levels.At(p.counts[known+k])
			}
			return nil
		})
		return &p, err
	})
}

func rowOf(m *recsys.CSR, k int) (cols []int32, weights []float32) {
	if m == nil {
		return nil, nil
	}
	return m.Row(k)
}

// meanOf writes the weighted mean of the first len(dst) columns of some rows to dst.
func meanOf(dst []float32, rows recsys.Matrix, which []int32, weights []float32) {
	var total float32
	for k, i := range which {
		weight := float32(1)
		if weights != nil {
			weight = weights[k]
		}
		f32.Axpy(weight, rows.Row(int(i))[:len(dst)], dst)
		total += weight
	}
	if total > 0 {
		f32.Scale(1/total, dst)
	}
}
