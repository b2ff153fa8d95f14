package itemknn

import (
	"context"
	"math"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/fitted"
	"github.com/recsys-lite/recsys/internal/links"
	"github.com/recsys-lite/recsys/model"
)

// Model is an item-based nearest-neighbour model. It is safe for concurrent use.
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
	m := &Model{cfg: cfg}
	m.fitted.Init("itemknn")
	return m, nil
}

// Config returns the configuration the model was made with.
func (m *Model) Config() Config { return m.cfg }

// Shape implements recsys.Model.
func (m *Model) Shape() (users, items int) { return m.fitted.Shape() }

// Shape implements fitted.Parameters.
func (p *params) Shape() (users, items int) { return p.users, p.items }

// PartialFitUsers implements recsys.UserFitter: the model keeps nothing per user, so it
// checks the arguments and notes the number of users.
func (m *Model) PartialFitUsers(ctx context.Context, users []int32, rows *recsys.CSR) error {
	return m.fitted.UpdateUsers(ctx, users, rows, func(p *params, total int) (*params, error) {
		next := *p
		next.users = total
		return &next, nil
	})
}

// Scores implements recsys.Scorer. The user does not matter, only the history.
func (m *Model) Scores(ctx context.Context, q recsys.Query, dst []float32) error {
	p, err := m.fitted.ForScores(ctx, &q, dst)
	if err != nil {
		return err
	}
	m.scores(p, &q, dst)
	return nil
}

func (m *Model) scores(p *params, q *recsys.Query, dst []float32) {
	items, weights := m.history(q)
	clear(dst)
	p.links.Add(items, weights, dst)
}

// history is what counts of a query.
func (m *Model) history(q *recsys.Query) (items []int32, weights []float32) {
	items, weights = q.History.Row()
	if !m.cfg.Weighted {
		weights = nil
	}
	return items, weights
}

// Recommend implements recsys.Recommender.
func (m *Model) Recommend(ctx context.Context, q recsys.Query) ([]recsys.Scored, error) {
	p, err := m.fitted.For(ctx, &q)
	if err != nil {
		return nil, err
	}
	scores := m.scratch.Take(p.items)
	defer m.scratch.Give(scores)
	m.scores(p, &q, *scores)
	return recsys.TopK(*scores, q.K, q.Allowed), nil
}

// SimilarItems implements recsys.SimilarItems: the neighbours that the item keeps, then those
// that keep the item, which have a similarity of their own if Alpha is not ½. There are no others.
func (m *Model) SimilarItems(ctx context.Context, item int32, k int, allowed *recsys.Bitset) ([]recsys.Scored, error) {
	p, err := m.fitted.ForItem(ctx, item, k, allowed)
	if err != nil {
		return nil, err
	}
	buffer := m.scratch.Take(p.items)
	defer m.scratch.Give(buffer)
	scores := *buffer
	m.scores(p, &recsys.Query{User: recsys.NoUser, History: recsys.History{Items: []int32{item}}}, scores)
	for j := range scores {
		if s := p.links.At(int32(j), item); s != 0 {
			scores[j] = s
		} else if scores[j] == 0 {
			scores[j] = float32(math.Inf(-1))
		}
	}
	scores[item] = float32(math.Inf(-1))
	return recsys.TopK(scores, k, allowed), nil
}

// Explain implements recsys.Explainer: an item j of the history contributes w_j·S_ji, and
// there is no base. Contributions come in the history's order; items that contribute nothing
// are left out.
func (m *Model) Explain(ctx context.Context, q recsys.Query, item int32) ([]recsys.Scored, float32, error) {
	p, err := m.fitted.ForExplanation(ctx, &q, item)
	if err != nil {
		return nil, 0, err
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
