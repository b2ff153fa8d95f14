package itemknn

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/cooc"
	"github.com/recsys-lite/recsys/internal/topk"
)

// AddItems implements recsys.ItemAdder. Neighbours holds, for a new and a known item, the
// number of users who had both, and Interactions who had the new one; without Interactions
// that number is taken to be the largest of its Neighbours. A common user counts for the
// root mean square of the two items' a_ui, which is exact where all a_ui of an item are equal
// (cosine without weights). A new item gets neighbours and is a neighbour of the same items;
// scores that known items give one another stay. Features are not used; an item of which
// nothing is known scores 0.
func (m *Model) AddItems(ctx context.Context, items recsys.NewItems) error {
	return m.fitted.Update(ctx, func(p *params) (*params, error) {
		if err := items.Validate(p.users, p.items, 0); err != nil {
			return nil, fmt.Errorf("itemknn: %w", err)
		}
		if items.Neighbours != nil {
			for _, v := range items.Neighbours.Values {
				if v < 0 {
					return nil, fmt.Errorf("itemknn: %w: neighbours of new items hold %v, a number of users is not negative", recsys.ErrInvalidData, v)
				}
			}
		}
		if items.Count > math.MaxInt32-p.items {
			return nil, fmt.Errorf("itemknn: %w: %d new items beside %d", recsys.ErrInvalidData, items.Count, p.items)
		}
		next := *p
		next.norm = slices.Clone(p.norm)
		next.count = slices.Clone(p.count)
		next.links = p.links.Grow(items.Count)
		next.items += items.Count
		typical := p.typical()
		for t := range items.Count {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			next.add(&m.cfg, p.items, items, t, typical)
		}
		return &next, nil
	})
}

// perUser is the mean of a_ui² over the users of an item.
func (p *params) perUser(i int32) float64 {
	if p.count[i] == 0 {
		return 0
	}
	return float64(p.norm[i]) / float64(p.count[i])
}

// typical is the mean of a_ui² over all interactions.
func (p *params) typical() float64 {
	var norm, count float64
	for i := range p.norm {
		norm += float64(p.norm[i])
		count += float64(p.count[i])
	}
	return norm / count
}

// shared is a known item and its number of users in common with a new one.
type shared struct {
	item  int32
	users float32
}

// add makes new item t known to p, which holds the known items and the new ones before it.
func (p *params) add(cfg *Config, known int, items recsys.NewItems, t int, typical float64) {
	item := int32(known + t)
	common, count := sharedWith(known, items, t)
	norm := float64(count) * typical
	p.norm, p.count = append(p.norm, float32(norm)), append(p.count, count)
	dot := func(s shared) float64 {
		return float64(s.users) * math.Sqrt(typical*p.perUser(s.item))
	}
	best := topk.New(min(cfg.Neighbours, len(common)))
	for k, s := range common {
		if v := cfg.similarity(norm, float64(p.norm[s.item]), dot(s)); v > 0 {
			best.Push(int32(k), v)
		}
	}
	chosen, _ := best.Sorted()
	slices.Sort(chosen) // common ascends by item, and so do its places
	for _, k := range chosen {
		s := common[k]
		p.links.Put(s.item, item, cfg.similarity(norm, float64(p.norm[s.item]), dot(s)))
		p.links.Put(item, s.item, cfg.similarity(float64(p.norm[s.item]), norm, dot(s)))
	}
}

// sharedWith lists the items that share users with new item t, ascending, and returns the
// number of users of t.
func sharedWith(known int, items recsys.NewItems, t int) (common []shared, count float32) {
	if items.Neighbours != nil {
		cols, values := items.Neighbours.Row(t)
		for k, j := range cols {
			n := float32(1)
			if values != nil {
				n = values[k]
			}
			common = append(common, shared{j, n})
			count = max(count, n)
		}
	}
	if items.Interactions != nil {
		own, _ := items.Interactions.Row(t)
		count = max(count, float32(len(own)))
		for earlier := range t {
			other, _ := items.Interactions.Row(earlier)
			if n := cooc.Common(own, other); n > 0 {
				common = append(common, shared{int32(known + earlier), float32(n)})
			}
		}
	}
	return common, count
}
