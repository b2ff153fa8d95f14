package gru4rec

import (
	"context"
	"fmt"
	"slices"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/f32"
)

// PartialFitUsers checks its arguments and notes the number of users: the network keeps
// nothing per user, and a session travels in the query.
func (m *Model) PartialFitUsers(ctx context.Context, users []int32, rows *recsys.CSR) error {
	return m.fitted.UpdateUsers(ctx, users, rows, func(p *parameters, total int) (*parameters, error) {
		return &parameters{users: total, net: p.net}, nil
	})
}

// AddItems appends items, each with the mean of its neighbours' vectors and biases, weighted by
// how often they came up together. Without neighbours an item ranks like one that was never
// had: no direction and the lowest bias.
func (m *Model) AddItems(ctx context.Context, items recsys.NewItems) error {
	return m.fitted.Update(ctx, func(p *parameters) (*parameters, error) {
		known := p.net.items()
		if err := items.Validate(p.users, known, 0); err != nil {
			return nil, fmt.Errorf("gru4rec: %w", err)
		}
		n := *p.net
		h := n.hidden
		lowest := p.net.output[h]
		for i := range known {
			lowest = min(lowest, p.net.outputRow(int32(i))[h])
		}
		n.output = append(slices.Clip(n.output), make([]float32, items.Count*(h+1))...)
		if n.input != nil {
			n.input = append(slices.Clip(n.input), make([]float32, items.Count*n.inputWidth)...)
		}
		for x := range items.Count {
			item := int32(known + x)
			output := n.outputRow(item)
			var cols []int32
			var vals []float32
			total := float32(0)
			if items.Neighbours != nil {
				cols, vals = items.Neighbours.Row(x)
				for e := range cols {
					total += value(vals, e)
				}
			}
			if !(total > 0) {
				output[h] = lowest
				continue
			}
			for e, c := range cols {
				share := value(vals, e) / total
				f32.Axpy(share, p.net.outputRow(c), output)
				if n.input != nil {
					f32.Axpy(share, p.net.inputRow(c), n.inputRow(item))
				}
			}
		}
		return &parameters{users: p.users, net: &n}, nil
	})
}

func value(vals []float32, e int) float32 {
	if vals == nil {
		return 1
	}
	return vals[e]
}
