package sessionknn

import (
	"context"
	"fmt"
	"slices"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/topk"
)

// PartialFitUsers makes the model forget: items that a user's row no longer has leave the
// user's past sessions, and with an empty row the sessions vanish. What is new in a row has
// no order and joins with the next Fit; recommendations need not wait for it, since the
// session at hand travels in the query.
func (m *Model) PartialFitUsers(ctx context.Context, users []int32, rows *recsys.CSR) error {
	return m.fitted.UpdateUsers(ctx, users, rows, func(p *parameters, total int) (*parameters, error) {
		row := make(map[int32]int, len(users))
		for r, u := range users {
			row[u] = r
		}
		kept := make([]session, 0, len(p.sessions))
		for _, s := range p.sessions {
			if r, named := row[s.owner]; named {
				have, _ := rows.Row(r)
				s.items = slices.DeleteFunc(slices.Clone(s.items), func(i int32) bool {
					_, ok := slices.BinarySearch(have, i)
					return !ok
				})
			}
			if len(s.items) > 0 {
				kept = append(kept, s)
			}
		}
		next, err := newParameters(ctx, &m.cfg, total, p.factor, kept)
		if err != nil {
			return nil, err
		}
		return next, nil
	})
}

// AddItems appends items. A new item joins the latest session of every user who had it, or
// opens one for a user without any; without interactions it joins the latest session of each
// of its MaxItems strongest neighbours. An item that has neither scores 0 until the next Fit.
// The scores of the items known before stay as they are.
func (m *Model) AddItems(ctx context.Context, items recsys.NewItems) error {
	return m.fitted.Update(ctx, func(p *parameters) (*parameters, error) {
		if err := items.Validate(p.users(), p.items(), 0); err != nil {
			return nil, fmt.Errorf("sessionknn: %w", err)
		}
		list := slices.Clone(p.sessions)
		latest := slices.Clone(p.latest)
		factor := slices.Clone(p.factor)
		for x := range items.Count {
			joined := p.hosts(&items, x, m.cfg.MaxItems)
			if items.Interactions != nil {
				users, _ := items.Interactions.Row(x)
				for _, u := range users {
					if latest[u] < 0 {
						latest[u] = int32(len(list))
						list = append(list, session{owner: u, end: p.newest(), weight: 1})
					}
					joined = append(joined, latest[u])
				}
			}
			for _, n := range joined {
				list[n].items = append(slices.Clip(list[n].items), int32(len(factor)))
			}
			factor = append(factor, m.cfg.itemFactor(len(joined), len(list)))
		}
		next, err := newParameters(ctx, &m.cfg, p.users(), factor, list)
		if err != nil {
			return nil, err
		}
		return next, nil
	})
}

// hosts are the sessions that new item x joins for its neighbours' sake.
func (p *parameters) hosts(items *recsys.NewItems, x, limit int) []int32 {
	if items.Neighbours == nil || items.Interactions != nil && items.Interactions.RowLen(x) > 0 {
		return nil
	}
	cols, vals := items.Neighbours.Row(x)
	heap := topk.New(min(limit, len(cols)))
	for e, c := range cols {
		v := float32(1)
		if vals != nil {
			v = vals[e]
		}
		heap.Push(c, v)
	}
	strongest, _ := heap.Sorted()
	var out []int32
	for _, i := range strongest {
		if had, _ := p.postings.Row(int(i)); len(had) > 0 {
			out = append(out, had[0])
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// newest is the time of the latest session.
func (p *parameters) newest() int64 {
	if len(p.sessions) == 0 {
		return 0
	}
	return p.sessions[0].end
}
