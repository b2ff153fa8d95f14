package sessionknn

import (
	"context"
	"fmt"
	"slices"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/topk"
)

// PartialFitUsers makes the indexed sessions of the users agree with their rows: items that a
// row no longer has leave the sessions, and with an empty row the sessions vanish; items that
// no session of the user has yet form one more, as recent as the latest known.
func (m *Model) PartialFitUsers(ctx context.Context, users []int32, rows *recsys.CSR) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	p, err := m.parameters()
	if err != nil {
		return err
	}
	total, err := recsys.CheckUserRows(users, rows, p.users, p.items)
	if err != nil {
		return fmt.Errorf("sessionknn: %w", err)
	}
	row := make(map[int32]int, len(users))
	for r, u := range users {
		row[u] = r
	}
	placed := make([][]int32, len(users)) // items found in sessions, per row
	var kept []session
	for _, s := range p.sessions {
		r, changed := row[s.owner]
		if !changed {
			kept = append(kept, s)
			continue
		}
		have, _ := rows.Row(r)
		s.items = slices.DeleteFunc(slices.Clone(s.items), func(i int32) bool {
			_, ok := slices.BinarySearch(have, i)
			return !ok
		})
		placed[r] = append(placed[r], s.items...)
		if len(s.items) > 0 {
			kept = append(kept, s)
		}
	}
	for r, u := range users {
		have, _ := rows.Row(r)
		fresh := slices.DeleteFunc(slices.Clone(have), func(i int32) bool { return slices.Contains(placed[r], i) })
		if len(fresh) > 0 {
			kept = append(kept, session{owner: u, end: p.now(), items: fresh})
		}
	}
	next, err := newParameters(ctx, &m.cfg, total, p.items, kept)
	if err != nil {
		return err
	}
	m.fitted.Store(next)
	return nil
}

// now is the time of the latest session.
func (p *parameters) now() int64 {
	if len(p.sessions) == 0 {
		return 0
	}
	return p.sessions[0].end
}

// AddItems appends items. A new item joins the latest session of every user who had it, or
// opens one for a user without any; without interactions it forms one session of nobody's with
// its MaxItems strongest neighbours. An item that has neither cannot be found before it has.
func (m *Model) AddItems(ctx context.Context, items recsys.NewItems) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	p, err := m.parameters()
	if err != nil {
		return err
	}
	if err := checkNewItems(&items, p.users, p.items); err != nil {
		return err
	}
	list := slices.Clone(p.sessions)
	latest := slices.Clone(p.latest)
	for x := range items.Count {
		item := int32(p.items + x)
		switch {
		case items.Interactions != nil && items.Interactions.RowLen(x) > 0:
			users, _ := items.Interactions.Row(x)
			for _, u := range users {
				if latest[u] < 0 {
					latest[u] = int32(len(list))
					list = append(list, session{owner: u, end: p.now()})
				}
				s := &list[latest[u]]
				s.items = append(slices.Clip(s.items), item)
			}
		case items.Neighbours != nil && items.Neighbours.RowLen(x) > 0:
			list = append(list, session{owner: nobody, end: p.now(), items: append(strongest(items.Neighbours, x, m.cfg.MaxItems), item)})
		}
	}
	next, err := newParameters(ctx, &m.cfg, p.users, p.items+items.Count, list)
	if err != nil {
		return err
	}
	m.fitted.Store(next)
	return nil
}

// strongest returns the columns of the n largest values of a row, ascending.
func strongest(x *recsys.CSR, row, n int) []int32 {
	cols, vals := x.Row(row)
	heap := topk.New(min(n, len(cols)))
	for e, c := range cols {
		v := float32(1)
		if vals != nil {
			v = vals[e]
		}
		heap.Push(c, v)
	}
	best, _ := heap.Sorted()
	slices.Sort(best)
	return best
}

func checkNewItems(items *recsys.NewItems, users, known int) error {
	if items.Count < 0 {
		return fmt.Errorf("sessionknn: %w: %d new items", recsys.ErrInvalidData, items.Count)
	}
	for _, part := range []struct {
		name string
		x    *recsys.CSR
		cols int
	}{{"interactions", items.Interactions, users}, {"neighbours", items.Neighbours, known}} {
		if part.x == nil {
			continue
		}
		if part.x.Rows != items.Count || part.x.Cols != part.cols {
			return fmt.Errorf("sessionknn: %w: the %s of %d new items are a %d×%d matrix, want %d columns", recsys.ErrInvalidData, part.name, items.Count, part.x.Rows, part.x.Cols, part.cols)
		}
		if err := part.x.Validate(); err != nil {
			return fmt.Errorf("sessionknn: %s of new items: %w", part.name, err)
		}
	}
	return nil
}
