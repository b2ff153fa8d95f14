package recsys

import "context"

// ask is what the different requests have in common: a window of one ranking.
type ask struct {
	window
	filter    *Filter
	rerank    *Rerank
	caps      caps
	placement string
	tiers     []tier
	// who is asking, for their price level and for explanations; nil for nobody.
	who *identity
	// whyNot is an item id, and excluded says why an item is not among the candidates though
	// it is available.
	whyNot   string
	excluded func(item int32) string
	explain  bool
	country  string
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
	out := &Response{ModelVersion: v.Version, Candidates: candidates.Count()}
	out.UnknownItems = v.apply(a.filter, candidates)
	out.Filtered = candidates.Count()
	l := &listing{v: v, ranker: ranker{tiers: a.tiers}, allowed: candidates, caps: a.caps}
	if a.rerank != nil {
		weights := a.rerank.withDefaults()
		out.Reranked = &weights
		l.ranker.reorder = v.newReorder(weights, a.who)
	}
	var err error
	if out.Total, err = l.total(ctx); err != nil {
		return nil, err
	}
	list, err := l.first(ctx, a.depth(out.Total))
	if err != nil {
		return nil, err
	}
	out.Degraded = l.ranker.degraded
	list = list[min(a.offset, len(list)):]
	out.show(v, list)
	if a.explain {
		if err := out.explain(ctx, v, a, list); err != nil {
			return nil, err
		}
	}
	if a.whyNot != "" {
		if out.WhyNot, err = l.whyNot(ctx, a); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// show describes picked items.
func (r *Response) show(v *view, list []pick) {
	r.Items = make([]Recommendation, len(list))
	for n, p := range list {
		item := v.item(p.Item)
		r.Items[n] = Recommendation{Item: item, Score: p.Score, Source: p.source}
		if item.Category != "" {
			if r.Categories == nil {
				r.Categories = make(map[string]int)
			}
			r.Categories[item.Category]++
		}
	}
}
