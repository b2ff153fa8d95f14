package lightfm

import (
	"context"
	"fmt"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/fitted"
	"github.com/recsys-lite/recsys/internal/itembias"
	"github.com/recsys-lite/recsys/model"
)

// Model is a LightFM model. It is safe for concurrent use.
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
	_ model.UserEraser    = (*Model)(nil)
)

// params are the fitted parameters. They are never changed, only replaced. A row of d =
// no_components + 1 values has its bias last.
type params struct {
	users recsys.Matrix // users × no_components: the sums of their features
	items recsys.Matrix // items × d: likewise
	// counts is how many users had each item.
	counts []int32
	// userTags is the part of each user's sum that is not the identity, users × d; it has no
	// rows if the users have no features. prior is its mean, for users of whom no feature is
	// known.
	userTags recsys.Matrix
	prior    []float32
	// itemFeatures are the rows of the shared item features, for new items.
	itemFeatures recsys.Matrix
}

// New returns an unfitted model. An error wraps recsys.ErrInvalidConfig and names every fault.
func New(cfg Config) (*Model, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	m := &Model{cfg: cfg}
	m.fitted.Init("lightfm")
	return m, nil
}

// Config returns the configuration the model was made with.
func (m *Model) Config() Config { return m.cfg }

// Shape implements recsys.Model.
func (m *Model) Shape() (users, items int) { return m.fitted.Shape() }

// Shape implements fitted.Parameters.
func (p *params) Shape() (users, items int) { return p.users.Rows, p.items.Rows }

// Fit implements recsys.Fitter. It uses the interactions, which take part in the passes as
// Config.Weighted says, and the item and user features that the dataset has. Progress reports
// the mean loss of a visit, for WARP its weight L or 0 where no item violates the order. A fit
// whose parameters overflow fails and says so.
func (m *Model) Fit(ctx context.Context, d *recsys.Dataset) error {
	if err := m.fitted.CheckFit(d); err != nil {
		return err
	}
	t := newTrainer(&m.cfg, d, blocksFor(&m.cfg, d.Interactions))
	for epoch := range m.cfg.Epochs {
		loss, err := t.pass(ctx, epoch)
		if err != nil {
			return err
		}
		m.cfg.Report(recsys.Progress{Stage: "fit", Done: epoch + 1, Total: m.cfg.Epochs, Loss: loss})
	}
	p, err := t.params()
	if err != nil {
		return err
	}
	m.fitted.Set(p)
	return nil
}

// params sums up the features of every user and item, in the memory of their identities: it ends the trainer.
func (t *trainer) params() (*params, error) {
	t.s, t.worker = nil, nil
	for _, side := range []*side{&t.users, &t.items} {
		side.own.grad, side.own.step = nil, nil
	}
	x, d := t.x, t.cfg.NoComponents+1
	p := &params{prior: make([]float32, d), itemFeatures: recsys.Matrix{Rows: t.items.shared.rows(), Cols: d, Data: t.items.shared.w}}
	_, p.counts = counts(x)
	p.items = recsys.Matrix{Rows: x.Cols, Cols: d, Data: t.items.own.w}
	buf := make([]float32, d)
	for i := range x.Cols {
		copy(p.items.Row(i), view{&t.items, nil}.vector(i, buf))
	}
	itembias.Settle(p.items, p.counts, t.items.untrained) // but those of which features say something
	p.userTags, p.users = recsys.Matrix{Cols: d}, recsys.Matrix{Rows: x.Rows, Cols: d - 1, Data: t.users.own.w[:x.Rows*(d-1)]}
	if t.users.tags != nil {
		p.userTags = recsys.NewMatrix(x.Rows, d)
	}
	mean := make([]float64, d)
	for u := range x.Rows {
		if x.RowLen(u) == 0 {
			clear(t.users.own.row(u)) // it is where it started, by chance
		}
		sum, own := view{&t.users, nil}.vector(u, buf), t.users.own.row(u)
		if t.users.tags != nil {
			for f, v := range sum {
				p.userTags.Row(u)[f] = v - own[f]
				mean[f] += float64(v-own[f]) / float64(x.Rows)
			}
		}
		// Without the bias row u moves down, to where rows up to it have been.
		copy(p.users.Row(u), sum[:d-1])
	}
	for f, v := range mean {
		p.prior[f] = float32(v)
	}
	for _, data := range [][]float32{p.users.Data, p.items.Data, p.userTags.Data, p.itemFeatures.Data} {
		if !finite(data) {
			return nil, fmt.Errorf("lightfm: %w: lower learning_rate (%v)", errDiverged, t.cfg.LearningRate)
		}
	}
	return p, nil
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
