package gru4rec

import (
	"context"
	"fmt"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/cosine"
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
	return recsys.TopK(cosine.ToAll(p.net.vectors(), p.net.hidden, item), k, allowed), nil
}
