package als

import (
	"context"
	"fmt"
	"slices"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/f32"
	"github.com/recsys-lite/recsys/internal/par"
)

// updateChunk is the number of rows that a worker solves at a time in an update.
const updateChunk = 16

// PartialFitUsers solves the given users against the item vectors as Fit does. A user with an
// empty row gets the zero vector. Only the pages that hold changed users are copied.
func (m *Model) PartialFitUsers(ctx context.Context, users []int32, x *recsys.CSR) error {
	return m.fitted.UpdateUsers(ctx, users, x, func(p *parameters, n int) (*parameters, error) {
		solved, err := m.foldIn(ctx, p.items, x, (*solver).solve)
		if err != nil {
			return nil, fmt.Errorf("als: update of %d users: %w", len(users), err)
		}
		return p.withUsers(p.users.with(n, users, solved)), nil
	})
}

// AddItems appends items: one with interactions is solved against the user vectors as Fit
// solves items; one without takes the mean of its Neighbours' vectors, weighted by their
// counts; one with neither gets the zero vector, whose score is 0, until the next fit.
func (m *Model) AddItems(ctx context.Context, add recsys.NewItems) error {
	return m.fitted.Update(ctx, func(p *parameters) (*parameters, error) {
		if add.Count < 0 {
			return nil, fmt.Errorf("als: %w: %d new items", recsys.ErrInvalidData, add.Count)
		}
		d := p.items.d
		vectors := make([]float32, add.Count*d)
		if add.Interactions != nil {
			if err := checkRows(add.Interactions, add.Count, p.users.n, "new items"); err != nil {
				return nil, err
			}
			sys, err := newSystem(ctx, m.cfg, p.users.matrix())
			if err != nil {
				return nil, fmt.Errorf("als: %d new items: %w", add.Count, err)
			}
			if vectors, err = m.foldIn(ctx, sys, add.Interactions, (*solver).enqueue); err != nil {
				return nil, fmt.Errorf("als: %d new items: %w", add.Count, err)
			}
		}
		if add.Neighbours != nil {
			if err := checkRows(add.Neighbours, add.Count, p.items.n, "neighbours of new items"); err != nil {
				return nil, err
			}
			for i := range add.Count {
				if add.Interactions == nil || add.Interactions.RowLen(i) == 0 {
					near, counts := add.Neighbours.Row(i)
					p.items.mean(vectors[i*d:(i+1)*d], near, counts)
				}
			}
		}
		next, err := newParameters(ctx, m.cfg, p.users, slices.Concat(p.items.fixed, vectors))
		if err != nil {
			return nil, fmt.Errorf("als: %d new items: %w", add.Count, err)
		}
		return next, nil
	})
}

// foldIn solves every row of x against sys.
func (m *Model) foldIn(ctx context.Context, sys *system, x *recsys.CSR, solve solving) ([]float32, error) {
	d := sys.d
	out := make([]float32, x.Rows*d)
	solvers := make([]*solver, par.Workers(m.cfg.Workers))
	err := par.Chunks(ctx, x.Rows, updateChunk, m.cfg.Workers, func(worker, lo, hi int) error {
		if solvers[worker] == nil {
			solvers[worker] = newSolver(d)
		}
		for r := lo; r < hi; r++ {
			idx, c := x.Row(r)
			solve(solvers[worker], out[r*d:(r+1)*d], sys, idx, c)
		}
		solvers[worker].flush(sys)
		return nil
	})
	return out, err
}

// mean writes the weighted mean of rows idx of the fixed side to dst.
func (sys *system) mean(dst []float32, idx []int32, c []float32) {
	total := 0.0
	for j := range idx {
		total += float64(weight(c, j))
	}
	for j, i := range idx {
		f32.Axpy(float32(float64(weight(c, j))/total), sys.row(i), dst)
	}
}

// checkRows checks the rows of an update.
func checkRows(x *recsys.CSR, n, cols int, what string) error {
	if x == nil || x.Rows != n || x.Cols != cols {
		shape := "no"
		if x != nil {
			shape = fmt.Sprintf("%d×%d", x.Rows, x.Cols)
		}
		return fmt.Errorf("als: %w: %s interactions for %d %s, want %d×%d", recsys.ErrInvalidData, shape, n, what, n, cols)
	}
	if err := x.Validate(); err != nil {
		return fmt.Errorf("als: %s: %w", what, err)
	}
	for p, v := range x.Values {
		if v <= 0 {
			return fmt.Errorf("als: %w: %s: entry %d has weight %v, weights are positive", recsys.ErrInvalidData, what, p, v)
		}
	}
	return nil
}
