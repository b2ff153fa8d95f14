package httpapi

import (
	"net/http"

	"github.com/recsys-lite/recsys"
)

// recommend answers GET /recommend.
func (a *API) recommend(x *exchange) error {
	p := &x.params
	return x.repeat(p.userID, func() error { return a.rank(x, p) })
}

// recommendPost answers POST /recommend.
func (a *API) recommendPost(x *exchange) error {
	var body recommendBody
	if err := x.readBody(&body); err != nil {
		return err
	}
	if err := body.into(a, &x.params); err != nil {
		return err
	}
	return a.rank(x, &x.params)
}

// rank writes the answer for a user, a session or a basket.
func (a *API) rank(x *exchange, p *params) error {
	w := p.window()
	k, offset, keep := w.ask()
	request := recsys.Request{
		UserID: p.userID, Events: p.events, Session: p.session, K: k, Offset: offset, Seen: p.seen,
		Filter: p.filter, Fallback: p.fallback, Category: p.category, Country: p.country, Approximate: p.useFaiss,
		MaxPerCategory: p.maxPerCategory, MaxPerBrand: p.maxPerBrand, Explain: p.explain, WhyNot: p.whyNot, Placement: p.placement,
	}
	if p.rerank {
		request.Rerank = &p.weights
	}
	r, err := a.engine.Recommend(x.ctx, request)
	if err != nil {
		return err
	}
	items := r.Items[:min(keep, len(r.Items))]
	x.body, x.hitAt = p.appendRanking(x.body[:0], p.userID, items, w.pagination(r.Total), r)
	x.items, x.degraded = len(items), r.Degraded
	return nil
}

// appendRanking writes a rankingAnswer, and returns where in it hitFalse stands.
func (p *params) appendRanking(dst []byte, userID string, items []recsys.Recommendation, pages pagination, r *recsys.Response) (out []byte, hitAt int) {
	dst = appendOptional(append(dst, `{"user_id":`...), userID)
	dst = appendText(append(dst, `,"model_version":`...), r.ModelVersion)
	dst = appendBool(append(dst, `,"degraded":`...), r.Degraded)
	dst = appendItems(append(dst, `,"recommendations":`...), items)
	dst = appendPagination(dst, pages)
	dst, hitAt = p.appendFilterInfo(dst, r)
	if r.WhyNot != nil {
		dst = appendWhyNot(append(dst, `,"why_not":`...), r.WhyNot)
	}
	return append(dst, '}'), hitAt
}

func appendWhyNot(dst []byte, w *recsys.WhyNot) []byte {
	dst = appendText(append(dst, `{"item_id":`...), w.ItemID)
	dst = appendTexts(append(dst, `,"removed_by":`...), w.Stages)
	if w.Rank > 0 {
		dst = appendInt(append(dst, `,"rank":`...), w.Rank)
		dst = appendNumber(append(dst, `,"score":`...), float64(w.Score), 32)
	}
	return append(dst, '}')
}

// similar answers GET /similar-items.
func (a *API) similar(x *exchange) error {
	p := &x.params
	return x.repeat("", func() error {
		w := p.window()
		k, offset, keep := w.ask()
		request := recsys.SimilarRequest{ItemID: p.itemID, K: k, Offset: offset, Filter: p.filter,
			MaxPerCategory: p.maxPerCategory, MaxPerBrand: p.maxPerBrand, Placement: p.placement}
		if p.rerank {
			request.Rerank = &p.weights
		}
		r, err := a.engine.Similar(x.ctx, request)
		if err != nil {
			return err
		}
		items := r.Items[:min(keep, len(r.Items))]
		dst := appendText(append(x.body[:0], `{"item_id":`...), p.itemID)
		dst = appendText(append(dst, `,"model_version":`...), r.ModelVersion)
		dst = appendBool(append(dst, `,"degraded":`...), r.Degraded)
		dst = append(dst, `,"similar_items":`...)
		from := len(dst)
		dst = appendItems(dst, items)
		to := len(dst)
		dst = append(dst, `,"recommendations":`...)
		dst = append(dst, dst[from:to]...)
		dst = appendPagination(dst, w.pagination(r.Total))
		dst, x.hitAt = p.appendFilterInfo(dst, r)
		x.body = append(dst, '}')
		x.items, x.degraded = len(items), r.Degraded
		return nil
	})
}

// into makes the parameters of a body those of a query string.
func (b *recommendBody) into(a *API, p *params) error {
	if err := b.check(); err != nil {
		return err
	}
	p.userID, p.whyNot, p.explain = b.UserID, b.WhyNot, b.Explain
	p.session = append(append(p.session, b.Session...), b.Basket...)
	p.seen = recsys.Seen(b.Seen)
	p.maxPerCategory, p.maxPerBrand = b.MaxPerCategory, b.MaxPerBrand
	if b.Context != nil {
		p.category, p.country, p.placement = b.Context.Category, b.Context.Country, b.Context.Placement
	}
	if f := b.Filter; f != nil {
		p.filter = recsys.Filter{Categories: f.Categories, Brands: f.Brands, MinPrice: f.MinPrice, MaxPrice: f.MaxPrice,
			IncludeItems: f.IncludeItems, ExcludeItems: f.ExcludeItems, Attributes: f.Attributes}
	}
	if b.K != nil {
		p.k, p.given = *b.K, p.given|kParam.bit
		if err := a.checkK("body.k", p.k); err != nil {
			return err
		}
	}
	if b.Page != nil {
		p.page, p.given = *b.Page, p.given|pageParam.bit
	}
	if b.PageSize != nil {
		p.pageSize, p.given = *b.PageSize, p.given|pageSizeParam.bit
	}
	if b.Fallback != nil {
		p.fallback = *b.Fallback
	}
	if b.UseFaiss != nil {
		p.useFaiss = *b.UseFaiss
	}
	if r := b.Rerank; r != nil {
		p.rerank, p.weights = true, recommendWeights
		if r.Strategy != "" {
			p.weights.Strategy = recsys.RerankStrategy(r.Strategy)
		}
		if w := r.Weights; w != nil {
			p.weights.Diversity, p.weights.Novelty, p.weights.Popularity, p.weights.Relevance = w.Diversity, w.Novelty, w.Popularity, w.Relevance
			p.weights.PriceAffinity, p.weights.InStock = w.Price, w.Stock
		}
	}
	for n := range b.Events {
		e := &b.Events[n]
		event, err := eventJSON{b.UserID, e.ItemID, e.TS, e.Qty, e.EventType}.event(n, b.UserID == "")
		if err != nil {
			return err
		}
		p.events = append(p.events, event)
	}
	if p.userID == "" && len(p.session) == 0 && len(p.events) == 0 && !p.fallback {
		return faulty(http.StatusUnprocessableEntity, "body.user_id", nil, "it is required, unless session, basket or events say what a guest did, or fallback asks for popular items")
	}
	// A cached answer would not know what the body says: its answers are not kept.
	p.ttl = 0
	return p.checkRanking("body.")
}

// check looks at what the types do not say.
func (b *recommendBody) check() error {
	for _, t := range []struct{ name, value string }{{"user_id", b.UserID}, {"why_not", b.WhyNot}} {
		if err := checkLength("body."+t.name, t.value, maxID); err != nil {
			return err
		}
	}
	lists := []namedList{{"session", b.Session}, {"basket", b.Basket}}
	if f := b.Filter; f != nil {
		lists = append(lists, namedList{"filter.categories", f.Categories}, namedList{"filter.brands", f.Brands},
			namedList{"filter.include_items", f.IncludeItems}, namedList{"filter.exclude_items", f.ExcludeItems})
		for name, values := range f.Attributes {
			lists = append(lists, namedList{"filter.attributes." + limited(name), values})
		}
	}
	if c := b.Context; c != nil {
		lists = append(lists, namedList{"context.category", []string{c.Category}}, namedList{"context.country", []string{c.Country}}, namedList{"context.placement", []string{c.Placement}})
	}
	for _, l := range lists {
		if err := l.check(); err != nil {
			return err
		}
	}
	if len(b.Events) > maxValues {
		return faulty(http.StatusUnprocessableEntity, "body.events", len(b.Events), "there are at most %d", maxValues)
	}
	if err := checkChoice("body.seen", b.Seen, "exclude", "allow", "only"); err != nil {
		return err
	}
	numbers := []struct {
		name     string
		value    *int
		lo, most int
	}{{"page", b.Page, 1, maxPage}, {"page_size", b.PageSize, 1, maxPageSize}, {"max_per_category", &b.MaxPerCategory, 0, maxCap}, {"max_per_brand", &b.MaxPerBrand, 0, maxCap}}
	for _, n := range numbers {
		if n.value != nil && (*n.value < n.lo || *n.value > n.most) {
			return faulty(http.StatusBadRequest, "body."+n.name, *n.value, "it must be between %d and %d", n.lo, n.most)
		}
	}
	if b.Rerank == nil {
		return nil
	}
	if w := b.Rerank.Weights; w != nil {
		for name, v := range map[string]float64{"diversity": w.Diversity, "novelty": w.Novelty, "popularity": w.Popularity, "relevance": w.Relevance, "price": w.Price, "stock": w.Stock} {
			if v < 0 || v > 1 {
				return faulty(http.StatusBadRequest, "body.rerank.weights."+name, v, "it must be between 0 and 1")
			}
		}
	}
	return checkChoice("body.rerank.strategy", b.Rerank.Strategy, "diversity", "novelty", "popularity", "hybrid")
}
