package ease

import (
	"context"

	"github.com/recsys-lite/recsys/internal/dense"
	"github.com/recsys-lite/recsys/internal/f32"
	"github.com/recsys-lite/recsys/internal/par"
)

// dual inverts K = XXᵀ + λI and computes the columns of Z = K⁻¹X tile by tile, each divided
// by λP_ii: B_ji is then ⟨x_j, z_i⟩.
func (c *Config) dual(ctx context.Context, x *data, factored bool) (weights, []float32, error) {
	m, n := x.byUser.len(), x.byItem.len()
	g := dense.NewSymmetric(m)
	if err := gram(ctx, x.byUser, x.byItem, c.Workers, g.SetRows); err != nil {
		return nil, nil, err
	}
	c.step(1)
	if err := c.invert(ctx, g); err != nil {
		return nil, nil, err
	}
	k := g.Inverse(nil, c.parallel(ctx))
	c.step(2)
	diag := make([]float32, n)
	var kept weights
	var place func(z []float32, lo, hi int)
	if factored {
		f := &factors{items: x.byItem, m: m, n: n, z: make([]float32, m*n), left: []float32{}, right: []float32{}}
		kept, place = f, f.place
	} else {
		w := &matrix{n: n, b: make([]float32, n*n)}
		kept, place = w, func(z []float32, lo, hi int) { w.place(z, lo, hi, x.byItem) }
	}
	scratch := make([]dualScratch, par.Workers(c.Workers))
	err := par.Chunks(ctx, n, tile, c.Workers, func(worker, lo, hi int) error {
		s := &scratch[worker]
		if s.z == nil {
			s.z, s.zt = make([]float32, m*tile), make([]float32, m*tile)
		}
		for i := lo; i < hi; i++ {
			if err := ctx.Err(); err != nil {
				return err
			}
			column := s.zt[(i-lo)*m : (i-lo+1)*m]
			clear(column)
			users := x.byItem.row(int32(i))
			for _, u := range users {
				f32.Add(column, k[int(u)*m:(int(u)+1)*m])
			}
			rest := 1.0
			for _, u := range users {
				rest -= float64(column[u])
			}
			diag[i] = float32(rest / c.Regularization)
			f32.Scale(float32(1/rest), column)
		}
		s.turn(m, hi-lo)
		place(s.z[:m*(hi-lo)], lo, hi)
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	if err := c.conditioned(diag, x.counts()); err != nil {
		return nil, nil, err
	}
	if f, ok := kept.(*factors); ok {
		f.complete()
	}
	c.step(3)
	return kept, diag, nil
}

// dualScratch holds a tile of Z, by user and transposed.
type dualScratch struct{ z, zt []float32 }

// turn sets z (m × width) to the transpose of zt (width × m).
func (s *dualScratch) turn(m, width int) {
	for u := range m {
		row := s.z[u*width : (u+1)*width]
		for i := range row {
			row[i] = s.zt[i*m+u]
		}
	}
}

// place computes the columns lo to hi of the weights from those columns of Z, by user.
func (w *matrix) place(z []float32, lo, hi int, items *lists) {
	width := hi - lo
	for j := range w.n {
		row := w.b[j*w.n+lo : j*w.n+hi]
		for _, u := range items.row(int32(j)) {
			f32.Add(row, z[int(u)*width:(int(u)+1)*width])
		}
		if j >= lo && j < hi {
			row[j-lo] = 0
		}
	}
}
