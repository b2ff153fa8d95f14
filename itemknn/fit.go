package itemknn

import (
	"context"
	"math"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/cooc"
	"github.com/recsys-lite/recsys/internal/links"
)

// Fit implements recsys.Fitter. It takes Σ_u (items of u)² steps, and little memory besides the
// interactions and the neighbours, which take 8 bytes × items × Neighbours: less than a fifth of
// both.
func (m *Model) Fit(ctx context.Context, d *recsys.Dataset) error {
	if err := m.fitted.CheckFit(d); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	x := d.Interactions
	w := m.cfg.weigh(x)
	p := &params{users: x.Rows, items: x.Cols}
	var err error
	if p.norm, p.count, err = w.lengths(ctx); err != nil {
		return err
	}
	m.step(1)
	if p.links, err = m.cfg.nearest(ctx, w, p.norm); err != nil {
		return err
	}
	m.step(2)
	if err := ctx.Err(); err != nil {
		return err
	}
	m.fitted.Set(p)
	return nil
}

func (m *Model) step(done int) {
	m.cfg.Report(recsys.Progress{Stage: "fit", Done: done, Total: 2, Loss: math.NaN()})
}

// nearest finds the neighbours of every item and returns their similarities by neighbour.
func (c *Config) nearest(ctx context.Context, w *weighed, norm []float32) (*links.Rows, error) {
	n := len(norm)
	// Powers once per item, not per pair.
	scored, neighbour := make([]float64, n), make([]float64, n)
	for i, v := range norm {
		scored[i], neighbour[i] = math.Pow(float64(v), c.Alpha), math.Pow(float64(v), 1-c.Alpha)
	}
	similarities := func(i int32, items []int32, dots []float32) {
		of := scored[i]
		switch {
		case !c.Normalize:
		case items == nil:
			for j, v := range neighbour {
				dots[j] = float32(float64(dots[j]) / (of*v + c.Shrink))
			}
		default:
			for p, j := range items {
				dots[p] = float32(float64(dots[p]) / (of*neighbour[j] + c.Shrink))
			}
		}
	}
	near := links.NewBuilder(n)
	x := cooc.Rows{Cols: n, Indptr: w.x.Indptr, Indices: w.x.Indices, Weights: w.row}
	err := cooc.Neighbours(ctx, x, min(c.Neighbours, n-1), c.Workers, similarities, near.Set)
	if err != nil {
		return nil, err
	}
	return near.Rows(ctx)
}
