// Package cooccur is the reference model for the tests of package model and its conformance
// suite: it counts how often two items were had by the same user. It is small enough to be
// seen to be right, and it has every ability that a model can have.
package cooccur

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/par"
	"github.com/recsys-lite/recsys/model"
)

// Kind describes the model.
var Kind = model.Kind{
	Name:    "cooccur",
	Summary: "counts of items had by the same users (reference for tests)",
	New: func(params json.RawMessage, run recsys.Run) (model.Model, error) {
		m, err := newModel(params, run)
		if err != nil {
			return nil, err
		}
		return m, nil
	},
	Load:  load,
	Space: []model.Param{{Name: "damping", Low: 0.1, High: 1}},
}

func newModel(params json.RawMessage, run recsys.Run) (*Model, error) {
	cfg := config{Damping: 1}
	if err := model.DecodeParams("cooccur", params, &cfg); err != nil {
		return nil, err
	}
	if !(cfg.Damping >= 0 && cfg.Damping <= 1) {
		return nil, fmt.Errorf("%w: damping = %v, it must lie in [0, 1]", recsys.ErrInvalidConfig, cfg.Damping)
	}
	return &Model{cfg: cfg, run: run}, nil
}

type config struct {
	// Damping is the power of the counts.
	Damping float64 `json:"damping"`
}

// Model scores item i by Σ_j w_j·C_ij over the items j of a row: a known user's own as it was
// fitted, otherwise the history's.
type Model struct {
	cfg config
	run recsys.Run
	mu  sync.Mutex // held by writers
	p   atomic.Pointer[params]
}

type params struct {
	items int
	c     []float32       // items × items
	rows  map[int32]entry // of users, immutable
	users int
}

type entry struct {
	items   []int32
	weights []float32
}

func (m *Model) Shape() (users, items int) {
	if p := m.p.Load(); p != nil {
		return p.users, p.items
	}
	return 0, 0
}

func (m *Model) Fit(ctx context.Context, d *recsys.Dataset) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := d.Validate(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	x := d.Interactions
	p := &params{users: x.Rows, items: x.Cols, c: make([]float32, x.Cols*x.Cols), rows: map[int32]entry{}}
	for u := range x.Rows {
		p.rows[int32(u)] = rowOf(x, u)
	}
	t := x.Transpose()
	const block = 8
	for lo := 0; lo < x.Cols; lo += block {
		hi := min(lo+block, x.Cols)
		err := par.Chunks(ctx, hi-lo, 2, m.run.Workers, func(_, from, to int) error {
			for i := lo + from; i < lo+to; i++ {
				users, _ := t.Row(i)
				for _, u := range users {
					others, _ := x.Row(int(u))
					for _, j := range others {
						if int(j) != i {
							p.c[i*x.Cols+int(j)]++
						}
					}
				}
				m.damp(p.c[i*x.Cols : (i+1)*x.Cols])
			}
			return nil
		})
		if err != nil {
			return err
		}
		m.run.Report(recsys.Progress{Stage: "fit", Done: hi, Total: x.Cols, Loss: math.NaN()})
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	m.p.Store(p)
	return nil
}

func (m *Model) damp(counts []float32) {
	for k, v := range counts {
		if v != 0 {
			counts[k] = float32(math.Pow(float64(v), m.cfg.Damping))
		}
	}
}

func rowOf(x *recsys.CSR, r int) entry {
	cols, vals := x.Row(r)
	return entry{slices.Clone(cols), slices.Clone(vals)}
}

func (m *Model) PartialFitUsers(ctx context.Context, users []int32, rows *recsys.CSR) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := m.p.Load()
	if p == nil {
		return fmt.Errorf("cooccur: %w", recsys.ErrNotFitted)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if rows == nil || rows.Rows != len(users) || rows.Cols != p.items {
		return fmt.Errorf("%w: the rows are not %d users × %d items", recsys.ErrInvalidData, len(users), p.items)
	}
	if err := rows.Validate(); err != nil {
		return err
	}
	if slices.ContainsFunc(rows.Values, func(v float32) bool { return v <= 0 }) {
		return fmt.Errorf("%w: weights are positive", recsys.ErrInvalidData)
	}
	n := *p
	n.rows = maps.Clone(p.rows)
	sorted := slices.Sorted(slices.Values(users))
	for k, u := range sorted {
		if u < 0 || int(u) > n.users || k > 0 && u == sorted[k-1] {
			return fmt.Errorf("%w: user %d of %d leaves a gap or is named twice", recsys.ErrInvalidData, u, p.users)
		}
		n.users = max(n.users, int(u)+1)
	}
	for r, u := range users {
		n.rows[u] = rowOf(rows, r)
	}
	m.p.Store(&n)
	return nil
}

func (m *Model) AddItems(ctx context.Context, add recsys.NewItems) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := m.p.Load()
	if p == nil {
		return fmt.Errorf("cooccur: %w", recsys.ErrNotFitted)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if add.Count < 0 {
		return fmt.Errorf("%w: %d new items", recsys.ErrInvalidData, add.Count)
	}
	if err := fits(add.Interactions, add.Count, p.users); err != nil {
		return err
	}
	if err := fits(add.Neighbours, add.Count, p.items); err != nil {
		return err
	}
	n := *p
	n.items = p.items + add.Count
	n.c = make([]float32, n.items*n.items)
	for i := range p.items {
		copy(n.c[i*n.items:], p.c[i*p.items:(i+1)*p.items])
	}
	for k := range add.Count {
		i := p.items + k
		if add.Neighbours == nil {
			continue
		}
		cols, vals := add.Neighbours.Row(k)
		for e, j := range cols {
			v := float32(1)
			if vals != nil {
				v = vals[e]
			}
			n.c[i*n.items+int(j)] = float32(math.Pow(float64(v), m.cfg.Damping))
		}
	}
	m.p.Store(&n)
	return nil
}

func fits(x *recsys.CSR, rows, cols int) error {
	if x == nil {
		return nil
	}
	if x.Rows != rows || x.Cols != cols {
		return fmt.Errorf("%w: %d × %d beside %d new items and %d columns", recsys.ErrInvalidData, x.Rows, x.Cols, rows, cols)
	}
	return x.Validate()
}
