package ease

import (
	"context"
	"errors"

	"github.com/recsys-lite/recsys/internal/dense"
	"github.com/recsys-lite/recsys/internal/f32"
	"github.com/recsys-lite/recsys/internal/par"
)

// primal inverts XᵀX + λI in place and turns the inverse P into B in the same memory.
func (c *Config) primal(ctx context.Context, x *data) (weights, []float32, error) {
	n := x.byItem.len()
	g := make([]float32, n*n)
	if err := gram(ctx, x.byItem, x.byUser, g, c.Workers); err != nil {
		return nil, nil, err
	}
	count := x.counts() // x itself is not needed any more, and is a part of the peak
	c.step(1)
	if err := c.invert(ctx, g, n, 2); err != nil {
		return nil, nil, err
	}
	diag := make([]float32, n)
	scale := make([]float32, n)
	for i := range n {
		diag[i] = g[i*n+i]
		scale[i] = -1 / diag[i]
	}
	if err := c.conditioned(diag, count); err != nil {
		return nil, nil, err
	}
	err := par.Chunks(ctx, n, 64, c.Workers, func(_, lo, hi int) error {
		for j := lo; j < hi; j++ {
			row := g[j*n : (j+1)*n]
			f32.Mul(row, scale)
			row[j] = 0
		}
		return nil
	})
	c.step(3)
	return &matrix{n: n, b: g}, diag, err
}

// invert replaces the lower triangle of g (n×n) by the whole of (g + λI)⁻¹.
func (c *Config) invert(ctx context.Context, g []float32, n, step int) error {
	for i := range n {
		g[i*n+i] += float32(c.Regularization)
	}
	// A cancelled context skips what is left; the matrix is then of no use and thrown away.
	parallel := func(tasks int, body func(i int)) {
		_ = par.Chunks(ctx, tasks, 1, c.Workers, func(_, lo, _ int) error {
			body(lo)
			return nil
		})
	}
	err := dense.Cholesky(g, n, parallel)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if errors.Is(err, dense.ErrNotPositiveDefinite) {
		return c.illConditioned()
	}
	c.step(step)
	dense.CholeskyInverse(g, n, parallel)
	return ctx.Err()
}
