package item2vec

import (
	"context"
	"slices"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/f32"
)

// weights returns the distinct items of the history with weights that sum to 1.
func (m *Model) weights(h *recsys.History) (items []int32, weights []float32) {
	byItem := make(map[int32]float64)
	sum := 0.
	add := func(item int32, w float64) {
		byItem[item] += w
		sum += w
	}
	if len(h.Sequence) > 0 {
		w := 1.
		for _, item := range slices.Backward(h.Sequence) {
			add(item, w)
			w *= m.cfg.Recency
		}
	} else {
		for p, item := range h.Items {
			w := 1.
			if h.Weights != nil {
				w = float64(h.Weights[p])
			}
			add(item, w)
		}
	}
	for item := range byItem {
		items = append(items, item)
	}
	slices.Sort(items)
	for _, item := range items {
		weights = append(weights, float32(byItem[item]/sum))
	}
	return items, weights
}

// ItemVectors are the output vectors, items × (VectorSize+1).
func (m *Model) ItemVectors() recsys.Matrix {
	if p, ok := m.fitted.Load(); ok {
		return p.output
	}
	return recsys.Matrix{Cols: m.cfg.VectorSize + 1}
}

// QueryVector writes the mean input vector of the history, and 1.
func (m *Model) QueryVector(ctx context.Context, q recsys.Query, dst []float32) error {
	p, err := m.fitted.For(ctx, &q)
	if err != nil {
		return err
	}
	if err := m.fitted.CheckVector(dst, p.output.Cols); err != nil {
		return err
	}
	m.queryVector(p, &q.History, dst)
	return nil
}

func (m *Model) queryVector(p *parameters, h *recsys.History, dst []float32) {
	clear(dst)
	d := p.input.Cols
	items, weights := m.weights(h)
	for n, item := range items {
		f32.Axpy(weights[n], p.input.Row(int(item)), dst[:d])
	}
	dst[d] = 1
}

// Scores writes the score of every item.
func (m *Model) Scores(ctx context.Context, q recsys.Query, dst []float32) error {
	p, err := m.fitted.ForScores(ctx, &q, dst)
	if err != nil {
		return err
	}
	m.scores(p, &q, dst)
	return nil
}

func (m *Model) scores(p *parameters, q *recsys.Query, dst []float32) {
	vector := make([]float32, p.output.Cols)
	m.queryVector(p, &q.History, vector)
	f32.Gemv(dst, p.output.Data, vector)
}

// Recommend ranks by Scores.
func (m *Model) Recommend(ctx context.Context, q recsys.Query) ([]recsys.Scored, error) {
	p, err := m.fitted.For(ctx, &q)
	if err != nil {
		return nil, err
	}
	scores := m.scratch.Take(p.items())
	defer m.scratch.Give(scores)
	m.scores(p, &q, *scores)
	return recsys.TopK(*scores, q.K, q.Allowed), nil
}

// Explain splits the score of item into what each item of the history adds to it; the base is
// 0, or the penalty of an untrained item.
func (m *Model) Explain(ctx context.Context, q recsys.Query, item int32) (contributions []recsys.Scored, base float32, err error) {
	p, err := m.fitted.ForExplanation(ctx, &q, item)
	if err != nil {
		return nil, 0, err
	}
	d := p.input.Cols
	out := p.output.Row(int(item))
	items, weights := m.weights(&q.History)
	for n, had := range items {
		contributions = append(contributions, recsys.Scored{Item: had, Score: weights[n] * f32.Dot(p.input.Row(int(had)), out[:d])})
	}
	return contributions, out[d], nil
}
