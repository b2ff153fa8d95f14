package bpr

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/fitted"
	"github.com/recsys-lite/recsys/internal/itembias"
	"github.com/recsys-lite/recsys/internal/strata"
	"github.com/recsys-lite/recsys/model"
)

// Model is a BPR model. It is safe for concurrent use.
type Model struct {
	cfg     Config
	fitted  fitted.Cell[*params]
	scratch fitted.Scratch
}

var (
	_ model.Model         = (*Model)(nil)
	_ recsys.VectorModel  = (*Model)(nil)
	_ recsys.SimilarItems = (*Model)(nil)
	_ recsys.ItemAdder    = (*Model)(nil)
)

// params are the fitted parameters. They are never changed, only replaced.
type params struct {
	users recsys.Matrix // users × factors
	items recsys.Matrix // items × (factors + 1), the bias last
	// counts is how many users had each item: new items take the bias of known ones that
	// were about as popular.
	counts []int32
}

// New returns an unfitted model. An error wraps recsys.ErrInvalidConfig and names every fault.
func New(cfg Config) (*Model, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	m := &Model{cfg: cfg}
	m.fitted.Init("bpr")
	return m, nil
}

// Config returns the configuration the model was made with.
func (m *Model) Config() Config { return m.cfg }

// Shape implements recsys.Model.
func (m *Model) Shape() (users, items int) { return m.fitted.Shape() }

// Shape implements fitted.Parameters.
func (p *params) Shape() (users, items int) { return p.users.Rows, p.items.Rows }

// Fit implements recsys.Fitter. It uses the interactions only; an interaction takes part in
// the passes as Config.Weighted says. Progress reports the mean of z (package comment) as the
// loss. A fit whose parameters overflow fails and says so.
func (m *Model) Fit(ctx context.Context, d *recsys.Dataset) error {
	if err := m.fitted.CheckFit(d); err != nil {
		return err
	}
	x := d.Interactions
	t := newTrainer(&m.cfg, x, strata.Blocks(x.Rows, x.Cols))
	passes := m.cfg.Iterations
	if m.cfg.Patience > 0 {
		best, err := t.bestPasses(ctx)
		if err != nil {
			return err
		}
		passes = best
		t.start()
	}
	for epoch := range passes {
		loss, err := t.pass(ctx, epoch)
		if err != nil {
			return err
		}
		m.cfg.Report(recsys.Progress{Stage: "fit", Done: epoch + 1, Total: passes, Loss: loss})
	}
	// Its memory is free for the result.
	t.s, t.worker = nil, nil
	p, err := t.params()
	if err != nil {
		return err
	}
	m.fitted.Set(p)
	return nil
}

// params checks that all parameters are numbers and puts the biases behind the vectors, in the same memory:
// it ends the trainer.
func (t *trainer) params() (*params, error) {
	if err := t.finite(); err != nil {
		return nil, err
	}
	x, d := t.x, t.D
	p := &params{
		users:  recsys.Matrix{Rows: x.Rows, Cols: d, Data: t.Users},
		items:  recsys.Matrix{Rows: x.Cols, Cols: d + 1, Data: t.Items[:x.Cols*(d+1)]},
		counts: make([]int32, x.Cols),
	}
	// From the last row on, for rows move up.
	for i := x.Cols - 1; i >= 0; i-- {
		row := p.items.Row(i)
		copy(row, t.Items[i*d:(i+1)*d])
		row[d] = t.Bias[i]
	}
	for _, i := range x.Indices {
		p.counts[i]++
	}
	p.settle(x)
	return p, nil
}

// settle gives the users without items what PartialFitUsers gives them, and the items that nobody
// had what AddItems gives such an item.
func (p *params) settle(x *recsys.CSR) {
	for u := range x.Rows {
		if x.RowLen(u) == 0 {
			clear(p.users.Row(u))
		}
	}
	itembias.Settle(p.items, p.counts, nil)
}

// finite returns an error if parameters are no longer numbers.
func (t *trainer) finite() error {
	if !finite(t.Users) || !finite(t.Items) || !finite(t.Bias) {
		return fmt.Errorf("bpr: %w: lower learning_rate (%v)", errDiverged, t.cfg.LearningRate)
	}
	return nil
}

// maxParam is far above what any training ends with, and small enough for scores to stay
// finite.
const maxParam = 1e15

// finite tells whether all of x are numbers that scores can be made of.
func finite(x []float32) bool {
	for _, v := range x {
		if !(v >= -maxParam && v <= maxParam) {
			return false
		}
	}
	return true
}

// State implements model.Model: user_factors (users × factors), item_factors (items ×
// (factors + 1), the bias last) and item_counts (items).
func (m *Model) State() (model.State, error) {
	p, err := m.fitted.Get()
	if err != nil {
		return model.State{}, err
	}
	cfg, err := json.Marshal(m.cfg)
	if err != nil {
		return model.State{}, err
	}
	return model.State{Params: cfg, Tensors: []model.Tensor{
		{Name: "user_factors", Shape: []int{p.users.Rows, p.users.Cols}, Float32: p.users.Data},
		{Name: "item_factors", Shape: []int{p.items.Rows, p.items.Cols}, Float32: p.items.Data},
		{Name: "item_counts", Shape: []int{len(p.counts)}, Int32: p.counts},
	}}, nil
}

// Kind describes BPR to programs that train, store, tune and serve models.
var Kind = model.Kind{
	Name:    "bpr",
	Summary: "Bayesian personalised ranking: matrix factorisation by pairwise stochastic gradient descent",
	New: func(params json.RawMessage, run recsys.Run) (model.Model, error) {
		cfg := DefaultConfig()
		if err := model.DecodeParams("bpr", params, &cfg); err != nil {
			return nil, err
		}
		cfg.Run = run
		return New(cfg)
	},
	Load: load,
	Space: []model.Param{
		{Name: "factors", Low: 16, High: 256, Log: true, Int: true},
		{Name: "learning_rate", Low: 0.005, High: 0.3, Log: true},
		{Name: "regularization", Low: 1e-4, High: 0.1, Log: true},
		{Name: "iterations", Low: 20, High: 200, Log: true, Int: true},
	},
}

func load(s model.State, run recsys.Run) (model.Model, error) {
	cfg := DefaultConfig()
	if err := model.DecodeParams("bpr", s.Params, &cfg); err != nil {
		return nil, fmt.Errorf("%w: %w", model.ErrCorrupt, err)
	}
	cfg.Run = run
	m, err := New(cfg)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", model.ErrCorrupt, err)
	}
	users, err := s.Float32s("user_factors", -1, cfg.Factors)
	if err != nil {
		return nil, err
	}
	items, err := s.Float32s("item_factors", -1, cfg.Factors+1)
	if err != nil {
		return nil, err
	}
	counts, err := s.Int32s("item_counts", items.Shape[0])
	if err != nil {
		return nil, err
	}
	if !finite(users.Float32) || !finite(items.Float32) {
		return nil, fmt.Errorf("%w: bpr: a factor is not a number, or far too large", model.ErrCorrupt)
	}
	m.fitted.Set(&params{
		users:  recsys.Matrix{Rows: users.Shape[0], Cols: cfg.Factors, Data: users.Float32},
		items:  recsys.Matrix{Rows: items.Shape[0], Cols: cfg.Factors + 1, Data: items.Float32},
		counts: counts.Int32,
	})
	return m, nil
}
