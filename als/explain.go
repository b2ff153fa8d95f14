package als

import (
	"context"
	"fmt"
	"slices"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/f32"
)

// Explain splits the score of item into what each item of the query's history gives to it:
// score = Σ_j c_j·x_itemᵀ·A⁻¹·x_j with the A of the history's system (Hu, Koren, Volinsky,
// section 5). The greatest contribution comes first. The base is 0 for a history folded in;
// for a known user it is what the stored vector scores beyond the history given, which is
// nothing but rounding if that is the history the user was last fitted on.
func (m *Model) Explain(ctx context.Context, q recsys.Query, item int32) ([]recsys.Scored, float32, error) {
	p, err := m.ready(ctx, &q)
	if err != nil {
		return nil, 0, err
	}
	if item < 0 || int(item) >= p.items.n {
		return nil, 0, fmt.Errorf("als: %w: item %d of %d", recsys.ErrInvalidQuery, item, p.items.n)
	}
	items, weights := q.History.Row()
	y := slices.Clone(p.items.row(item))
	s := p.solvers.Get().(*solver)
	defer p.solvers.Put(s)
	s.invert(y, p.items, items, weights)
	out := make([]recsys.Scored, len(items))
	sum := 0.0
	for j, i := range items {
		out[j] = recsys.Scored{Item: i, Score: weight(weights, j) * f32.Dot(y, p.items.row(i))}
		sum += float64(out[j].Score)
	}
	slices.SortStableFunc(out, func(a, b recsys.Scored) int {
		switch {
		case a.Score > b.Score:
			return -1
		case a.Score < b.Score:
			return 1
		}
		return 0
	})
	if q.User == recsys.NoUser {
		return out, 0, nil
	}
	return out, float32(float64(f32.Dot(p.users.row(q.User), p.items.row(item))) - sum), nil
}
