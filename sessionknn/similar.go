package sessionknn

import (
	"context"
	"math"

	"github.com/recsys-lite/recsys"
)

// SimilarItems ranks by the cosine between the sets of sessions that had the items, over the
// SampleSize most recent sessions of each. Items without a session in common score 0.
func (m *Model) SimilarItems(ctx context.Context, item int32, k int, allowed *recsys.Bitset) ([]recsys.Scored, error) {
	p, err := m.fitted.ForItem(ctx, item, k, allowed)
	if err != nil {
		return nil, err
	}
	scores := make([]float32, p.items())
	with, _ := p.postings.Row(int(item))
	for _, n := range with {
		for _, j := range p.sessions[n].items {
			if p.listed(j, n) {
				scores[j]++
			}
		}
	}
	for j, common := range scores {
		if common > 0 {
			scores[j] = float32(float64(common) / math.Sqrt(float64(len(with))*float64(p.postings.RowLen(j))))
		}
	}
	scores[item] = float32(math.Inf(-1))
	return recsys.TopK(scores, k, allowed), nil
}
