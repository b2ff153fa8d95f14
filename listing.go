package recsys

import (
	"context"
	"fmt"
	"slices"
)

// listing makes one list out of a ranking: pins in their places, buried items at the end, caps.
type listing struct {
	v      *view
	ranker ranker
	// allowed are the items that may be in the list; nobody changes it.
	allowed *Bitset
	// buried are those that come behind all others; nil for none.
	buried *Bitset
	// pins are in the order of their positions.
	pins []placed
	caps caps
}

// placed is an item at a position, counted from 0.
type placed struct {
	item     int32
	position int
}

// total is the length of the whole list.
func (l *listing) total(ctx context.Context) (int, error) {
	switch c := l.caps; {
	case c == caps{}:
		return l.allowed.Count(), nil
	case c.brand == 0:
		return l.v.fields.category.capped(l.allowed, c.category), nil
	case c.category == 0:
		return l.v.fields.brand.capped(l.allowed, c.brand), nil
	}
	return l.totalOfTwo(ctx)
}

// totalOfTwo counts what two caps leave, which depends on the order: it goes through the
// ranking, but no further than there are items over which a cap has still to decide.
func (l *listing) totalOfTwo(ctx context.Context) (total int, err error) {
	tally, free := newTally(l.v, l.caps), l.allowed.Clone()
	for _, p := range l.pins {
		free.Clear(p.item)
		if tally.take(p.item) {
			total++
		}
	}
	parts := []*Bitset{free}
	if l.buried != nil {
		last := free.Clone()
		last.And(l.buried)
		free.AndNot(l.buried)
		parts = append(parts, last)
	}
	for n, part := range parts {
		r := ranker{tiers: l.ranker.tiers}
		if n == 0 {
			r.reorder = l.ranker.reorder
		}
		// The first batch has all that is reordered, or that an index ranks, in it.
		for batch := 2 * rerankWindow; part.Count() > 0; batch *= 2 {
			ranked, err := r.first(ctx, batch, part)
			if err != nil || len(ranked) == 0 {
				return total, err
			}
			for _, p := range ranked {
				part.Clear(p.Item)
				if tally.take(p.Item) {
					total++
				}
			}
			total += tally.settle(part)
			r = ranker{tiers: behind(r.tiers), degraded: r.degraded}
		}
		l.ranker.degraded = l.ranker.degraded || r.degraded
	}
	return total, nil
}

// behind are the tiers for who has the first items already.
func behind(tiers []tier) []tier {
	out := slices.Clone(tiers)
	for n := range out {
		if out[n].behind != nil {
			out[n].top = out[n].behind
		}
	}
	return out
}

// first returns the first depth items of the list.
func (l *listing) first(ctx context.Context, depth int) ([]pick, error) {
	fetch := depth
	if l.caps != (caps{}) {
		fetch = 2*depth + 64 // some of them will be over a cap
	}
	for {
		ranked, err := l.ranked(ctx, fetch)
		if err != nil {
			return nil, err
		}
		all := len(ranked) < fetch
		list := l.assemble(ranked, depth, all)
		if len(list) == depth || all {
			return list, nil
		}
		fetch *= 4
	}
}

// ranked returns the first n items that are not pinned, the buried ones last.
func (l *listing) ranked(ctx context.Context, n int) ([]pick, error) {
	free := l.allowed
	if len(l.pins) > 0 {
		free = l.allowed.Clone()
		for _, p := range l.pins {
			free.Clear(p.item)
		}
	}
	if l.buried == nil {
		return l.ranker.first(ctx, n, free)
	}
	last := free.Clone()
	last.And(l.buried)
	free = free.Clone()
	free.AndNot(l.buried)
	list, err := l.ranker.first(ctx, n, free)
	if err != nil || len(list) == n {
		return list, err
	}
	plain := ranker{tiers: l.ranker.tiers}
	behind, err := plain.first(ctx, n-len(list), last)
	l.ranker.degraded = l.ranker.degraded || plain.degraded
	return append(list, behind...), err
}

// assemble puts pins and ranked items together, as far as the caps let them. Unless all says
// that there is nothing behind the ranked items, the list ends with them.
func (l *listing) assemble(ranked []pick, depth int, all bool) []pick {
	if len(l.pins) == 0 && l.caps == (caps{}) {
		return ranked
	}
	tally := newTally(l.v, l.caps)
	// Pins count first: an item above one must not take its place under a cap.
	var pins []placed
	for _, p := range l.pins {
		if tally.take(p.item) {
			pins = append(pins, p)
		}
	}
	list := make([]pick, 0, depth)
	for len(list) < depth {
		switch {
		case len(pins) > 0 && (pins[0].position <= len(list) || all && len(ranked) == 0):
			list = append(list, pick{Scored{Item: pins[0].item}, SourcePinned})
			pins = pins[1:]
		case len(ranked) == 0:
			return list
		default:
			if tally.take(ranked[0].Item) {
				list = append(list, ranked[0])
			}
			ranked = ranked[1:]
		}
	}
	return list
}

// caps say how many items of one category or brand a list has; 0 is no cap.
type caps struct{ category, brand int }

// tally counts against caps.
type tally struct {
	v                *view
	caps             caps
	categories, tags []int
}

func newTally(v *view, c caps) *tally {
	t := &tally{v: v, caps: c}
	if c.category > 0 {
		t.categories = make([]int, v.fields.category.values())
	}
	if c.brand > 0 {
		t.tags = make([]int, v.fields.brand.values())
	}
	return t
}

// take counts an item, unless a cap keeps it out.
func (t *tally) take(item int32) bool {
	category, brand := int32(-1), int32(-1)
	if t.caps.category > 0 {
		category = t.v.fields.category.codeOf(item)
	}
	if t.caps.brand > 0 {
		brand = t.v.fields.brand.codeOf(item)
	}
	if category >= 0 && t.categories[category] == t.caps.category || brand >= 0 && t.tags[brand] == t.caps.brand {
		return false
	}
	if category >= 0 {
		t.categories[category]++
	}
	if brand >= 0 {
		t.tags[brand]++
	}
	return true
}

// settle removes from items those whose fate does not depend on their order: over a full cap
// all, and those that no cap is for, which it counts.
func (t *tally) settle(items *Bitset) (free int) {
	for i := range items.All() {
		category, brand := t.v.fields.category.codeOf(i), t.v.fields.brand.codeOf(i)
		switch {
		case category < 0 && brand < 0:
			free++
		case category >= 0 && t.categories[category] == t.caps.category, brand >= 0 && t.tags[brand] == t.caps.brand:
		default:
			continue
		}
		items.Clear(i)
	}
	return free
}

func (c caps) validate() error {
	if c.category < 0 || c.brand < 0 {
		return fmt.Errorf("%w: at most %d items per category and %d per brand: a cap must be at least 1, or 0 for none", ErrInvalidQuery, c.category, c.brand)
	}
	return nil
}
