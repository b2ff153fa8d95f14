package hybrid

import (
	"context"

	"github.com/recsys-lite/recsys"
)

// room is scratch memory for one answer.
type room struct {
	out, own []float32
	able     []bool
	order    []int32
}

func (m *Model) room(items int) *room {
	r, ok := m.scratch.Get().(*room)
	if !ok || cap(r.out) < items {
		r = &room{out: make([]float32, items), own: make([]float32, items), able: make([]bool, items), order: make([]int32, items)}
	}
	r.out, r.own, r.able, r.order = r.out[:items], r.own[:items], r.able[:items], r.order[:items]
	return r
}

// blend writes to dst the weighted sum of what get gives for each member of positive weight, on
// the common scale. dst may be r.out.
func (m *Model) blend(weights []float32, r *room, dst []float32, get func(member int, dst []float32) error) error {
	clear(dst)
	clear(r.able)
	for i, w := range weights {
		if w == 0 {
			continue
		}
		if err := get(i, r.own); err != nil {
			return err
		}
		scale(m.cfg.Blend, r.own, r.able, r.order)
		for n, v := range r.own {
			dst[n] += w * v
		}
	}
	for n, able := range r.able {
		if !able {
			dst[n] = negInf
		}
	}
	return nil
}

// scores blends what the members say to q, which is valid.
func (m *Model) scores(ctx context.Context, b *blended, q recsys.Query, r *room, dst []float32) error {
	items, _ := q.History.Row()
	at := m.cfg.class(len(items)) * len(b.members)
	return m.blend(b.weights[at:at+len(b.members)], r, dst, func(i int, dst []float32) error {
		return b.members[i].Scores(ctx, q, dst)
	})
}

// Scores implements recsys.Scorer.
func (m *Model) Scores(ctx context.Context, q recsys.Query, dst []float32) error {
	b, err := m.fitted.ForScores(ctx, &q, dst)
	if err != nil {
		return err
	}
	r := m.room(b.items)
	defer m.scratch.Put(r)
	return m.scores(ctx, b, q, r, dst)
}

// Recommend implements recsys.Recommender.
func (m *Model) Recommend(ctx context.Context, q recsys.Query) ([]recsys.Scored, error) {
	b, err := m.fitted.For(ctx, &q)
	if err != nil {
		return nil, err
	}
	r := m.room(b.items)
	defer m.scratch.Put(r)
	if err := m.scores(ctx, b, q, r, r.out); err != nil {
		return nil, err
	}
	return recsys.TopK(r.out, q.K, q.Allowed), nil
}
