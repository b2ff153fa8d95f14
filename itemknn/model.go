package itemknn

import (
	"context"
	"fmt"
	"math"
	"sync"
	"sync/atomic"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/links"
	"github.com/recsys-lite/recsys/model"
)

// Model is an item-based nearest-neighbour model. It is safe for concurrent use.
type Model struct {
	cfg Config
	// writing serialises the updates that start from the present parameters.
	writing sync.Mutex
	p       atomic.Pointer[params]
	scratch sync.Pool // of *[]float32
}

var (
	_ model.Model         = (*Model)(nil)
	_ recsys.SimilarItems = (*Model)(nil)
	_ recsys.ItemAdder    = (*Model)(nil)
	_ recsys.Explainer    = (*Model)(nil)
)

// params are the fitted parameters. They are never changed, only replaced.
type params struct {
	users, items int
	norm         []float32   // ‖a_i‖²
	count        []float32   // users of each item
	links        *links.Rows // S by neighbour
}

// New returns an unfitted model. An error wraps recsys.ErrInvalidConfig and names every fault.
func New(cfg Config) (*Model, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return &Model{cfg: cfg}, nil
}

// Config returns the configuration the model was made with.
func (m *Model) Config() Config { return m.cfg }

// Shape implements recsys.Model.
func (m *Model) Shape() (users, items int) {
	p := m.p.Load()
	if p == nil {
		return 0, 0
	}
	return p.users, p.items
}

func (m *Model) fitted() (*params, error) {
	p := m.p.Load()
	if p == nil {
		return nil, fmt.Errorf("itemknn: %w: call Fit first", recsys.ErrNotFitted)
	}
	return p, nil
}

// PartialFitUsers implements recsys.UserFitter: the model keeps nothing per user, so it
// checks the arguments and notes the number of users.
func (m *Model) PartialFitUsers(ctx context.Context, users []int32, rows *recsys.CSR) error {
	m.writing.Lock()
	defer m.writing.Unlock()
	p, err := m.fitted()
	if err != nil {
		return err
	}
	next := *p
	if next.users, err = recsys.CheckUserRows(users, rows, p.users, p.items); err != nil {
		return fmt.Errorf("itemknn: %w", err)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	m.p.Store(&next)
	return nil
}

// Scores implements recsys.Scorer. The user does not matter, only the history.
func (m *Model) Scores(ctx context.Context, q recsys.Query, dst []float32) error {
	p, err := m.fitted()
	if err != nil {
		return err
	}
	return m.scores(ctx, p, q, dst)
}

func (m *Model) scores(ctx context.Context, p *params, q recsys.Query, dst []float32) error {
	if err := q.Validate(p.users, p.items); err != nil {
		return fmt.Errorf("itemknn: %w", err)
	}
	if len(dst) != p.items {
		return fmt.Errorf("itemknn: %w: room for %d scores of %d items", recsys.ErrInvalidQuery, len(dst), p.items)
	}
	items, weights := m.history(&q)
	clear(dst)
	p.links.Add(items, weights, dst)
	return ctx.Err()
}

// history is what counts of a query.
func (m *Model) history(q *recsys.Query) (items []int32, weights []float32) {
	items, weights = q.History.Row()
	if !m.cfg.Weighted {
		weights = nil
	}
	return items, weights
}

// room lends n floats of any content.
func (m *Model) room(n int) *[]float32 {
	b, ok := m.scratch.Get().(*[]float32)
	if !ok || cap(*b) < n {
		s := make([]float32, n)
		b = &s
	}
	*b = (*b)[:n]
	return b
}

// Recommend implements recsys.Recommender.
func (m *Model) Recommend(ctx context.Context, q recsys.Query) ([]recsys.Scored, error) {
	p, err := m.fitted()
	if err != nil {
		return nil, err
	}
	scores := m.room(p.items)
	defer m.scratch.Put(scores)
	if err := m.scores(ctx, p, q, *scores); err != nil {
		return nil, err
	}
	return recsys.TopK(*scores, q.K, q.Allowed), nil
}

// SimilarItems implements recsys.SimilarItems: the neighbours that the item keeps, then those
// that keep the item, which have a similarity of their own if Alpha is not ½. All others have 0.
func (m *Model) SimilarItems(ctx context.Context, item int32, k int, allowed *recsys.Bitset) ([]recsys.Scored, error) {
	p, err := m.fitted()
	if err != nil {
		return nil, err
	}
	buffer := m.room(p.items)
	defer m.scratch.Put(buffer)
	scores := *buffer
	q := recsys.Query{User: recsys.NoUser, History: recsys.History{Items: []int32{item}}, K: k, Allowed: allowed}
	if err := m.scores(ctx, p, q, scores); err != nil {
		return nil, err
	}
	for j := range scores {
		if s := p.links.At(int32(j), item); s != 0 {
			scores[j] = s
		}
	}
	scores[item] = float32(math.Inf(-1))
	return recsys.TopK(scores, k, allowed), nil
}

// Explain implements recsys.Explainer: an item j of the history contributes w_j·S_ji, and
// there is no base. Contributions come in the history's order; items that contribute nothing
// are left out.
func (m *Model) Explain(ctx context.Context, q recsys.Query, item int32) ([]recsys.Scored, float32, error) {
	p, err := m.fitted()
	if err != nil {
		return nil, 0, err
	}
	if err := q.Validate(p.users, p.items); err != nil {
		return nil, 0, fmt.Errorf("itemknn: %w", err)
	}
	if item < 0 || int(item) >= p.items {
		return nil, 0, fmt.Errorf("itemknn: %w: item %d of %d", recsys.ErrInvalidQuery, item, p.items)
	}
	var out []recsys.Scored
	items, weights := m.history(&q)
	for k, j := range items {
		s := p.links.At(j, item)
		if weights != nil {
			s *= weights[k]
		}
		if s != 0 {
			out = append(out, recsys.Scored{Item: j, Score: s})
		}
	}
	return out, 0, ctx.Err()
}
