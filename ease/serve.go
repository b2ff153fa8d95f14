package ease

import (
	"context"
	"math"

	"github.com/recsys-lite/recsys"
)

// Scores implements recsys.Scorer: Σ_{j in the history, j≠i} B_ji for every item i. The user
// and the weights of the history do not matter.
func (m *Model) Scores(ctx context.Context, q recsys.Query, dst []float32) error {
	p, err := m.fitted.ForScores(ctx, &q, dst)
	if err != nil {
		return err
	}
	items, _ := q.History.Row()
	m.scores(p, items, dst)
	return nil
}

// scores overwrites dst.
func (m *Model) scores(p *params, history []int32, dst []float32) {
	slots := make([]int32, 0, len(history))
	for _, item := range history {
		if s := p.slotOf[item]; s >= 0 {
			slots = append(slots, s)
		}
	}
	if len(p.itemOf) == p.items { // both ascend: slots are items
		clear(dst)
		p.w.add(slots, nil, dst)
		return
	}
	bySlot := m.scratch.Take(len(p.itemOf))
	defer m.scratch.Give(bySlot)
	clear(*bySlot)
	p.w.add(slots, nil, *bySlot)
	clear(dst)
	for s, item := range p.itemOf {
		dst[item] = (*bySlot)[s]
	}
}

// Recommend implements recsys.Recommender.
func (m *Model) Recommend(ctx context.Context, q recsys.Query) ([]recsys.Scored, error) {
	p, err := m.fitted.For(ctx, &q)
	if err != nil {
		return nil, err
	}
	scores := m.scratch.Take(p.items)
	defer m.scratch.Give(scores)
	items, _ := q.History.Row()
	m.scores(p, items, *scores)
	return recsys.TopK(*scores, q.K, q.Allowed), nil
}

// SimilarItems implements recsys.SimilarItems by partial correlation, −P_ij/√(P_ii·P_jj): how
// two items go together once all others are accounted for (Steck, NeurIPS 2019). Unlike B it
// is symmetric, and a popular item does not come close to everything. Items that do not go
// together, at 0 or below, are left out; under the method Sparse those are all but the neighbours.
func (m *Model) SimilarItems(ctx context.Context, item int32, k int, allowed *recsys.Bitset) ([]recsys.Scored, error) {
	p, err := m.fitted.ForItem(ctx, item, k, allowed)
	if err != nil {
		return nil, err
	}
	buffer := m.scratch.Take(p.items)
	defer m.scratch.Give(buffer)
	scores := *buffer
	m.scores(p, []int32{item}, scores)
	if j := p.slotOf[item]; j >= 0 {
		for i, other := range p.itemOf {
			// B_ji = −P_ji/P_ii.
			scores[other] *= float32(math.Sqrt(float64(p.diag[i]) / float64(p.diag[j])))
		}
	}
	for i, s := range scores {
		if s <= 0 || i == int(item) {
			scores[i] = float32(math.Inf(-1))
		}
	}
	return recsys.TopK(scores, k, allowed), nil
}

// Explain implements recsys.Explainer: the contribution of item j of the history is B_ji, and
// there is no base. Contributions come in the history's order; items that contribute nothing,
// the item itself among them, are left out.
func (m *Model) Explain(ctx context.Context, q recsys.Query, item int32) ([]recsys.Scored, float32, error) {
	p, err := m.fitted.ForExplanation(ctx, &q, item)
	if err != nil {
		return nil, 0, err
	}
	var out []recsys.Scored
	i := p.slotOf[item]
	items, _ := q.History.Row()
	for _, other := range items {
		j := p.slotOf[other]
		if i < 0 || j < 0 {
			continue
		}
		if v := p.w.at(j, i); v != 0 {
			out = append(out, recsys.Scored{Item: other, Score: v})
		}
	}
	return out, 0, ctx.Err()
}
