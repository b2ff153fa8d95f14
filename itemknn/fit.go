package itemknn

import (
	"context"
	"fmt"
	"math"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/cooc"
	"github.com/recsys-lite/recsys/internal/links"
	"github.com/recsys-lite/recsys/internal/par"
)

// Fit implements recsys.Fitter. It takes Σ_u (items of u)² steps and 16 bytes × items ×
// Neighbours of memory.
func (m *Model) Fit(ctx context.Context, d *recsys.Dataset) error {
	if err := d.Validate(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	byUser := m.cfg.weigh(d.Interactions)
	byItem := byUser.Transpose()
	p := &params{users: byUser.Rows, items: byUser.Cols, norm: make([]float32, byUser.Cols), count: make([]float32, byUser.Cols)}
	for i := range p.norm {
		_, values := byItem.Row(i)
		p.count[i] = float32(len(values))
		for _, v := range values {
			p.norm[i] += v * v
		}
		if math.IsInf(float64(p.norm[i]), 0) {
			return fmt.Errorf("%w: itemknn: the weights of item %d overflow: weigh by log1p, or set weighted to false", recsys.ErrInvalidData, i)
		}
	}
	m.step(1)
	var err error
	if p.links, err = m.cfg.nearest(ctx, byItem, byUser, p.norm); err != nil {
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

// weigh returns the a_ui.
func (c *Config) weigh(x *recsys.CSR) *recsys.CSR {
	a := &recsys.CSR{Rows: x.Rows, Cols: x.Cols, Indptr: x.Indptr, Indices: x.Indices, Values: make([]float32, len(x.Indices))}
	for p := range a.Values {
		a.Values[p] = 1
	}
	if c.Weighted && x.Values != nil {
		copy(a.Values, x.Values)
	}
	if c.Similarity == Cosine {
		return a
	}
	weight := make([]float64, x.Cols)
	for p, i := range a.Indices {
		weight[i] += float64(a.Values[p])
	}
	mean, sold := 0.0, 0.0
	for _, w := range weight {
		if w > 0 {
			mean += w
			sold++
		}
	}
	mean /= sold
	for u := range a.Rows {
		items, values := a.Row(u)
		idf := math.Log1p(float64(a.Cols) / float64(len(items)))
		for p, i := range items {
			w := float64(values[p])
			if c.Similarity == TFIDF {
				w = math.Sqrt(w)
			} else {
				length := 1 - c.B + c.B*weight[i]/mean
				w = w * (c.K1 + 1) / (c.K1*length + w)
			}
			values[p] = float32(w * idf)
		}
	}
	return a
}

// nearest finds the neighbours of every item and returns their similarities by neighbour.
func (c *Config) nearest(ctx context.Context, byItem, byUser *recsys.CSR, norm []float32) (*links.Rows, error) {
	n := len(norm)
	near := links.NewColumns(n, min(c.Neighbours, n-1))
	// Powers once per item, not per pair.
	scored, neighbour := make([]float64, n), make([]float64, n)
	for i, v := range norm {
		scored[i], neighbour[i] = math.Pow(float64(v), c.Alpha), math.Pow(float64(v), 1-c.Alpha)
	}
	err := cooc.Neighbours(ctx, rows(byItem), rows(byUser), near.K, par.Workers(c.Workers),
		func(i, j int32, dot float32) float32 {
			if !c.Normalize {
				return dot
			}
			return float32(float64(dot) / (scored[i]*neighbour[j] + c.Shrink))
		}, near.Set)
	if err != nil {
		return nil, err
	}
	return near.Rows(), nil
}

func rows(x *recsys.CSR) cooc.Rows {
	return cooc.Rows{Indptr: x.Indptr, Indices: x.Indices, Values: x.Values}
}
