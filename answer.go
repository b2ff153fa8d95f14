package recsys

import (
	"context"
)

// ask is what the different requests have in common: a window of one ranking.
type ask struct {
	window
	filter    *Filter
	rerank    *Rerank
	caps      caps
	placement string
	tiers     []tier
	// head is how far an approximate index ranks: an index that is asked for more may find
	// more, so the pages of one ranking always ask for the same. The exact scan does the rest.
	head int
	// who is asking, for their price level and for explanations; nil for nobody.
	who *identity
	// whyNot is an item id, and excluded says why an item is not among the candidates though
	// it is available.
	whyNot   string
	excluded func(item int32) string
	// nobody is set where nothing is known of who asks.
	nobody  string
	explain bool
	country string
}

func (a *ask) validate() error {
	if err := a.window.validate(); err != nil {
		return err
	}
	if err := a.filter.Validate(); err != nil {
		return err
	}
	if err := a.caps.validate(); err != nil {
		return err
	}
	return a.rerank.validate()
}

// answer ranks the candidates and cuts the window out. It uses the candidates up.
func (e *Engine) answer(ctx context.Context, v *view, a *ask, candidates *Bitset) (*Response, error) {
	if err := a.validate(); err != nil {
		return nil, err
	}
	rules := e.matched(v).ruling(a.placement)
	out := &Response{ModelVersion: v.Version, Candidates: candidates.Count(), Rules: rules.names}
	out.UnknownItems = v.apply(a.filter, candidates)
	for _, set := range rules.hidden {
		candidates.AndNot(set)
	}
	out.Filtered = candidates.Count()

	l := &listing{v: v, ranker: ranker{tiers: a.tiers}, allowed: candidates, buried: rules.buried, caps: a.caps}
	if a.rerank != nil || len(rules.boosts) > 0 {
		weights := Rerank{Relevance: 1}
		if a.rerank != nil {
			weights = a.rerank.withDefaults()
			out.Reranked = &weights
		}
		l.ranker.reorder = v.newReorder(weights, a.who, rules.boosts)
		a.head = rerankWindow
	}
	if err := l.place(ctx, rules.pins); err != nil {
		return nil, err
	}
	var err error
	if out.Total, err = l.total(ctx); err != nil {
		return nil, err
	}
	list, err := l.first(ctx, a.depth(out.Total))
	if err != nil {
		return nil, err
	}
	shown := list[min(a.offset, len(list)):]
	out.show(v, shown)
	if a.explain {
		if err := out.explain(ctx, v, a, shown); err != nil {
			return nil, err
		}
	}
	if a.whyNot != "" {
		if out.WhyNot, err = l.whyNot(ctx, a, &rules); err != nil {
			return nil, err
		}
	}
	out.Degraded = out.Degraded || l.ranker.degraded
	return out, nil
}

// show describes picked items.
func (r *Response) show(v *view, list []pick) {
	r.Items = make([]Recommendation, len(list))
	for n, p := range list {
		// In place: the structs are large, and this is done for every item of every answer.
		out := &r.Items[n]
		out.Item, out.Score, out.Source = v.item(p.Item), p.Score, p.source
		if category := out.Item.Category; category != "" {
			if r.Categories == nil {
				r.Categories = make(map[string]int)
			}
			r.Categories[category]++
		}
	}
}
