package gru4rec

import (
	"context"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/cosine"
)

// SimilarItems ranks by the cosine of output vectors, biases left out.
func (m *Model) SimilarItems(ctx context.Context, item int32, k int, allowed *recsys.Bitset) ([]recsys.Scored, error) {
	p, err := m.fitted.ForItem(ctx, item, k, allowed)
	if err != nil {
		return nil, err
	}
	return recsys.TopK(cosine.ToAll(p.net.vectors(), p.net.hidden, item), k, allowed), nil
}
