package als

import (
	"context"
	"fmt"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/f32"
	"github.com/recsys-lite/recsys/internal/par"
	"github.com/recsys-lite/recsys/internal/rng"
)

// Fit learns from d.Interactions, whose values are the weights c. Progress is reported after
// every half step (2·Iterations + 1 of them), with the loss that stands in the package
// comment; the loss never rises.
func (m *Model) Fit(ctx context.Context, d *recsys.Dataset) error {
	if err := m.fitted.CheckFit(d); err != nil {
		return err
	}
	f := newFitting(m.cfg, d.Interactions)
	total := 2*m.cfg.Iterations + 1
	for step := range total {
		f.last = step == total-1
		solve := f.solveUsers
		if step%2 == 1 {
			solve = f.solveItems
		}
		loss, err := solve(ctx)
		if err != nil {
			return fmt.Errorf("als: fit: %w", err)
		}
		m.cfg.Report(recsys.Progress{Stage: "fit", Done: step + 1, Total: total, Loss: loss})
	}
	p, err := newParameters(ctx, m.cfg, newRows(f.users.vectors, f.users.rows.rows(), m.cfg.Factors), f.items.vectors)
	if err != nil {
		return fmt.Errorf("als: fit: %w", err)
	}
	m.fitted.Set(p)
	return nil
}

// fitting is the state of a fit.
type fitting struct {
	cfg          Config
	users, items side
	solvers      []*solver
	weight       float64 // Σ c
	last         bool    // the half step whose vectors are served
}

// side is the users or the items: their interactions, one row each, and their vectors.
type side struct {
	rows    *slabs
	vectors []float32
}

func newFitting(cfg Config, x *recsys.CSR) *fitting {
	d := cfg.Factors
	f := &fitting{cfg: cfg, weight: float64(x.NNZ()), solvers: make([]*solver, par.Workers(cfg.Workers))}
	if x.Values != nil {
		f.weight = 0
		for _, v := range x.Values {
			f.weight += float64(v)
		}
	}
	f.users = side{newSlabs(x, d), make([]float32, x.Rows*d)}
	f.items = side{newTransposedSlabs(x, d), make([]float32, x.Cols*d)}
	rng.New(cfg.Seed).Fill(f.items.vectors, initStdDev/sqrt(d))
	return f
}

// initStdDev divided by √d is the standard deviation of the start values.
const initStdDev = 0.1

func (f *fitting) solveUsers(ctx context.Context) (loss float64, err error) {
	return f.solve(ctx, &f.users, &f.items)
}

func (f *fitting) solveItems(ctx context.Context) (loss float64, err error) {
	return f.solve(ctx, &f.items, &f.users)
}

// solve recomputes the vectors of one side from those of the other.
func (f *fitting) solve(ctx context.Context, to, from *side) (loss float64, err error) {
	sys, err := f.system(ctx, to, from)
	if err != nil {
		return 0, err
	}
	d := f.cfg.Factors
	solve := solving((*solver).enqueue)
	if f.last { // the same history folded in takes the same steps
		clear(to.vectors)
		solve = (*solver).solve
	}
	loss = f.weight + from.penalty(f.cfg, to.rows.rows())
	err = to.rows.each(ctx, func(p slab) error {
		gains := make([]float64, p.plan.chunks())
		err := par.Chunks(ctx, len(gains), 1, f.cfg.Workers, func(worker, k, _ int) error {
			s := f.solvers[worker]
			if s == nil {
				s = newSolver(d)
				f.solvers[worker] = s
			}
			for _, r := range p.plan.order[p.plan.bounds[k]:p.plan.bounds[k+1]] {
				idx, c := p.x.Row(int(r))
				at := (p.lo + int(r)) * d
				gains[k] += solve(s, to.vectors[at:at+d], sys, idx, c)
			}
			gains[k] += s.flush(sys)
			return nil
		})
		for _, g := range gains {
			loss -= g
		}
		return err
	})
	return loss, err
}

// penalty is Σ λ_r‖·‖² over the rows of s, of which the other side has total.
func (s *side) penalty(cfg Config, total int) float64 {
	sum, d := 0.0, cfg.Factors
	for r := range s.rows.rows() {
		sum += cfg.lambda(s.rows.rowLen(r), total) * float64(f32.SquaredNorm(s.vectors[r*d:(r+1)*d]))
	}
	return sum
}

// system prepares to solve to against from; both may turn.
func (f *fitting) system(ctx context.Context, to, from *side) (*system, error) {
	d := f.cfg.Factors
	if d > spectralFactors || to.rows.rows() < spectralRows*d {
		return newSystem(ctx, f.cfg, from.vectors)
	}
	n := from.rows.rows()
	gram, err := gramian(ctx, newRows(from.vectors, n, d), f.cfg.alpha0(), f.cfg.Workers)
	if err != nil {
		return nil, err
	}
	spectrum, q, err := eigen(ctx, gram, d)
	if err != nil {
		return nil, err
	}
	for _, s := range []*side{from, to} {
		if err := rotate(ctx, s.vectors, q, d, f.cfg.Workers); err != nil {
			return nil, err
		}
	}
	if f.last {
		return newSystem(ctx, f.cfg, from.vectors)
	}
	sys := &system{cfg: f.cfg, fixed: from.vectors, n: n, d: d, gram: gram, tolerance: fitTolerance}
	sys.diagonalise(spectrum)
	return sys, nil
}
