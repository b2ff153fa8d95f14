package ease

import (
	"context"
	"errors"

	"github.com/recsys-lite/recsys/internal/dense"
	"github.com/recsys-lite/recsys/internal/f32"
	"github.com/recsys-lite/recsys/internal/par"
)

// primal inverts XᵀX + λI and turns the inverse P into B.
func (c *Config) primal(ctx context.Context, x *data) (weights, []float32, error) {
	n := x.byItem.len()
	g := dense.NewSymmetric(n)
	if err := gram(ctx, x.byItem, x.byUser, c.Workers, g.SetRows); err != nil {
		return nil, nil, err
	}
	count := x.counts() // x itself is not needed any more, and is a part of the peak
	c.step(1)
	if err := c.invert(ctx, g); err != nil {
		return nil, nil, err
	}
	c.step(2)
	diag := g.InverseDiagonal()
	if err := c.conditioned(diag, count); err != nil {
		return nil, nil, err
	}
	scale := make([]float32, n)
	for i, v := range diag {
		scale[i] = -1 / v
	}
	b := g.Inverse(func(j int, row []float32) {
		f32.Mul(row, scale)
		row[j] = 0
	}, c.parallel(ctx))
	c.step(3)
	return &matrix{n: n, b: b}, diag, ctx.Err()
}

// invert inverts g + λI.
func (c *Config) invert(ctx context.Context, g *dense.Symmetric) error {
	g.AddDiagonal(float32(c.Regularization))
	err := g.Invert(c.parallel(ctx))
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if errors.Is(err, dense.ErrNotPositiveDefinite) {
		return c.illConditioned()
	}
	return err
}

// parallel runs tasks side by side. Once ctx is done it skips what is left: the result is then of no
// use and thrown away.
func (c *Config) parallel(ctx context.Context) dense.Parallel {
	return func(tasks int, body func(i int)) {
		_ = par.Chunks(ctx, tasks, 1, c.Workers, func(_, lo, _ int) error {
			body(lo)
			return nil
		})
	}
}
