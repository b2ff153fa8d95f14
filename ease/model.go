package ease

import (
	"context"
	"fmt"
	"math"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/fitted"
	"github.com/recsys-lite/recsys/model"
)

// Model is an EASE model. It is safe for concurrent use.
type Model struct {
	cfg     Config
	fitted  fitted.Cell[*params]
	scratch fitted.Scratch
}

var (
	_ model.Model         = (*Model)(nil)
	_ recsys.SimilarItems = (*Model)(nil)
	_ recsys.ItemAdder    = (*Model)(nil)
	_ recsys.Explainer    = (*Model)(nil)
	_ model.UserEraser    = (*Model)(nil)
)

// params are the fitted parameters. They are never changed, only replaced.
type params struct {
	users, items int
	itemOf       []int32   // slot → item, ascending
	slotOf       []int32   // item → slot, −1 for an item without events
	diag         []float32 // P_ii by slot
	w            weights
}

// weights is the matrix B over slots, zero on the diagonal, in one of its forms.
type weights interface {
	// add adds Σ_k amounts[k]·B[slots[k], i] to dst[i] for every slot i. Slots ascend;
	// amounts nil means ones.
	add(slots []int32, amounts, dst []float32)
	// at returns B[j, i].
	at(j, i int32) float32
	// grow returns a copy with extra further slots, whose weights are 0; it takes size(extra)
	// bytes.
	grow(extra int) weights
	size(extra int) float64
	// border changes a copy that grow returned: it makes slot known, of which b[i] = B[i, slot]
	// and q[i] = B[slot, i] for the slots i below it, given that their other weights change to
	// B[j, i]·ratio[i] − b[j]·q[i]. The slots that grow made are bordered in their order.
	border(slot int32, b, q, ratio []float32, workers int)
	// tensors names the arrays from which the form is restored.
	tensors() []model.Tensor
}

// New returns an unfitted model. An error wraps recsys.ErrInvalidConfig and names every fault.
func New(cfg Config) (*Model, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	m := &Model{cfg: cfg}
	m.fitted.Init("ease")
	return m, nil
}

// Config returns the configuration the model was made with.
func (m *Model) Config() Config { return m.cfg }

// Shape implements recsys.Model.
func (m *Model) Shape() (users, items int) { return m.fitted.Shape() }

// Shape implements fitted.Parameters.
func (p *params) Shape() (users, items int) { return p.users, p.items }

// Fit implements recsys.Fitter. It uses who had what and ignores how much. It returns an
// error that wraps ErrMemory, before it allocates, when the method needs more than there is.
func (m *Model) Fit(ctx context.Context, d *recsys.Dataset) error {
	if err := m.fitted.CheckFit(d); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	x := newData(d.Interactions)
	plan, err := m.cfg.choose(x.shape())
	if err != nil {
		return err
	}
	p := &params{users: d.Interactions.Rows, items: d.Interactions.Cols, itemOf: x.itemOf}
	p.index()
	switch plan {
	case invertItems:
		p.w, p.diag, err = m.cfg.primal(ctx, x)
	case invertUsers, invertUsersFactor:
		p.w, p.diag, err = m.cfg.dual(ctx, x, plan == invertUsersFactor)
	default:
		p.w, p.diag, err = m.cfg.sparse(ctx, x)
	}
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	m.fitted.Set(p)
	return nil
}

// index makes slotOf from itemOf.
func (p *params) index() {
	p.slotOf = make([]int32, p.items)
	for i := range p.slotOf {
		p.slotOf[i] = -1
	}
	for slot, item := range p.itemOf {
		p.slotOf[item] = int32(slot)
	}
}

// PartialFitUsers implements recsys.UserFitter: the model keeps nothing per user, so it
// checks the arguments and notes the number of users.
func (m *Model) PartialFitUsers(ctx context.Context, users []int32, rows *recsys.CSR) error {
	return m.fitted.UpdateUsers(ctx, users, rows, func(p *params, total int) (*params, error) {
		next := *p
		next.users = total
		return &next, nil
	})
}

// EraseUsers takes the users out of a model that keeps B as products of user factors, whose
// lists say who had what (model.UserEraser). Their terms leave B; the other users' factors were
// solved with them and stay until the next fit. The other forms of B know items only.
func (m *Model) EraseUsers(ctx context.Context, users []int32) error {
	return m.fitted.Update(ctx, func(p *params) (*params, error) {
		w, ok := p.w.(*factors)
		if !ok {
			return p, nil
		}
		next := *p
		next.w = w.without(users)
		return &next, ctx.Err()
	})
}

// step reports one of the three steps of a fit.
func (c *Config) step(done int) {
	c.Report(recsys.Progress{Stage: "fit", Done: done, Total: 3, Loss: math.NaN()})
}

// conditioned checks the diagonal of P, which lies between 1/(λ + count) and 1/λ. What
// rounding has moved far out of there is no solution.
func (c *Config) conditioned(diag []float32, count []int) error {
	for i, v := range diag {
		low := 0.5 / (c.Regularization + float64(count[i]))
		if p := float64(v); !(p > low && p < 2/c.Regularization) {
			return c.illConditioned()
		}
	}
	return nil
}

func (c *Config) illConditioned() error {
	return fmt.Errorf("%w: ease: regularization %v is lost in the rounding of this data's co-occurrences: raise it", recsys.ErrInvalidConfig, c.Regularization)
}
