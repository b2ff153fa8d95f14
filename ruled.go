package recsys

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// matches are the items that each rule matches in one view.
type matches struct {
	v     *view
	rules *Rules
	sets  []*Bitset
}

// matched returns the rules with what they match, worked out once for a view and rules.
func (e *Engine) matched(v *view) *matches {
	rules := e.rules.Load()
	if rules == nil || len(rules.Rules) == 0 {
		return nil
	}
	if m := e.matches.Load(); m != nil && m.v == v && m.rules == rules {
		return m
	}
	m := &matches{v: v, rules: rules}
	for n := range rules.Rules {
		set := FullBitset(v.Items.Len())
		v.apply(&rules.Rules[n].Match, set)
		m.sets = append(m.sets, set)
	}
	e.matches.Store(m)
	return m
}

// ruling is what the rules in force say about one answer.
type ruling struct {
	names  []string
	hidden map[string]*Bitset // by rule
	buried *Bitset
	boosts []boost
	pins   []pinning
}

type pinning struct {
	rule  *Rule
	items *Bitset
}

func (m *matches) ruling(placement string) ruling {
	var out ruling
	if m == nil {
		return out
	}
	now := time.Now()
	for n, set := range m.sets {
		rule := &m.rules.Rules[n]
		if !rule.holds(placement, now) {
			continue
		}
		out.names = append(out.names, rule.Name)
		switch rule.Action {
		case RuleHide:
			if out.hidden == nil {
				out.hidden = map[string]*Bitset{}
			}
			out.hidden[rule.Name] = set
		case RuleBury:
			if out.buried == nil {
				out.buried = NewBitset(set.Len())
			}
			out.buried.Or(set)
		case RuleBoost:
			out.boosts = append(out.boosts, boost{set, rule.Strength})
		case RulePin:
			out.pins = append(out.pins, pinning{rule, set})
		}
	}
	slices.SortStableFunc(out.pins, func(a, b pinning) int { return cmp.Compare(a.rule.Position, b.rule.Position) })
	return out
}

// hides names the rules that hide an item.
func (r *ruling) hides(item int32) (names []string) {
	for _, name := range r.names {
		if set := r.hidden[name]; set != nil && set.Has(item) {
			names = append(names, name)
		}
	}
	return names
}

// place chooses the items of the pins among those allowed.
func (l *listing) place(ctx context.Context, pins []pinning) error {
	if len(pins) == 0 {
		return nil
	}
	free := l.allowed.Clone()
	for _, p := range pins {
		items, err := l.pinned(ctx, p, free)
		if err != nil {
			return err
		}
		for n, item := range items {
			free.Clear(item)
			l.pins = append(l.pins, placed{item, p.rule.Position - 1 + n})
		}
	}
	slices.SortStableFunc(l.pins, func(a, b placed) int { return cmp.Compare(a.position, b.position) })
	return nil
}

// pinned returns the items of one pin.
func (l *listing) pinned(ctx context.Context, p pinning, free *Bitset) ([]int32, error) {
	matching := p.items.Clone()
	matching.And(free)
	var items []int32
	if listed := p.rule.Match.IncludeItems; len(listed) > 0 {
		for _, id := range listed {
			if i, ok := l.v.known(id); ok && matching.Has(i) {
				matching.Clear(i)
				items = append(items, i)
			}
		}
		if p.rule.Count > 0 {
			items = items[:min(p.rule.Count, len(items))]
		}
		return items, nil
	}
	plain := ranker{tiers: l.ranker.tiers}
	best, err := plain.first(ctx, max(p.rule.Count, 1), matching)
	l.ranker.degraded = l.ranker.degraded || plain.degraded
	for _, b := range best {
		items = append(items, b.Item)
	}
	return items, err
}
