package gru4rec

import (
	"context"
	"fmt"
	"math"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/f32"
)

// SimilarItems ranks by the cosine of output vectors, biases left out.
func (m *Model) SimilarItems(ctx context.Context, item int32, k int, allowed *recsys.Bitset) ([]recsys.Scored, error) {
	p, err := m.check(ctx, &recsys.Query{User: recsys.NoUser, K: k, Allowed: allowed})
	if err != nil {
		return nil, err
	}
	if item < 0 || int(item) >= p.net.items() {
		return nil, fmt.Errorf("gru4rec: %w: item %d of %d", recsys.ErrInvalidQuery, item, p.net.items())
	}
	h := p.net.hidden
	own := p.net.outputRow(item)[:h]
	scores := make([]float32, p.net.items())
	for j := range scores {
		other := p.net.outputRow(int32(j))[:h]
		norm := math.Sqrt(float64(f32.SquaredNorm(own)) * float64(f32.SquaredNorm(other)))
		if norm > 0 {
			scores[j] = float32(float64(f32.Dot(own, other)) / norm)
		}
	}
	scores[item] = float32(math.Inf(-1))
	return recsys.TopK(scores, k, allowed), nil
}
