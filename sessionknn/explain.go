package sessionknn

import (
	"cmp"
	"context"
	"slices"

	"github.com/recsys-lite/recsys"
)

// Explain splits the score of item by the items of the session that the neighbours share with
// it: the vote of a neighbour is a sum over those. The base is 0. Contributions are sorted,
// largest first.
func (m *Model) Explain(ctx context.Context, q recsys.Query, item int32) (contributions []recsys.Scored, base float32, err error) {
	p, err := m.fitted.ForExplanation(ctx, &q, item)
	if err != nil {
		return nil, 0, err
	}
	clues := m.evidence(p, &q)
	out := make([]recsys.Scored, len(clues))
	place := make(map[int32]int, len(clues))
	for x, c := range clues {
		out[x].Item = c.item
		place[c.item] = x
	}
	m.neighbours(p, clues, func(n int32, vote float32) {
		items := p.sessions[n].items
		if !slices.Contains(items, item) {
			return
		}
		shared := float32(0)
		for _, j := range items {
			if x, ok := place[j]; ok && p.listed(j, n) {
				shared += clues[x].weight
			}
		}
		for _, j := range items {
			if x, ok := place[j]; ok && p.listed(j, n) {
				out[x].Score += p.factor[item] * vote * clues[x].weight / shared
			}
		}
	})
	slices.SortFunc(out, func(a, b recsys.Scored) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Item, b.Item))
	})
	return out, 0, nil
}

// listed reports whether session n is among the recent ones of item.
func (p *parameters) listed(item, n int32) bool {
	sessions, _ := p.postings.Row(int(item))
	_, ok := slices.BinarySearch(sessions, n)
	return ok
}
