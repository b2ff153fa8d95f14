package httpapi

import (
	"context"

	"github.com/recsys-lite/recsys"
)

// popular answers GET /popular.
func (a *API) popular(x *exchange) error { return a.list(x, a.engine.Popular) }

// trending answers GET /trending.
func (a *API) trending(x *exchange) error { return a.list(x, a.engine.Trending) }

// list writes a ranking that is the same for everybody.
func (a *API) list(x *exchange, rank func(context.Context, recsys.PopularRequest) (*recsys.Response, error)) error {
	return x.repeat("", func() error {
		p := &x.params
		w := p.window()
		k, offset, keep := w.ask()
		r, err := rank(x.ctx, recsys.PopularRequest{K: k, Offset: offset, Filter: p.filter, Category: p.category, Country: p.country, HalfLife: p.halfLife, Placement: p.placement})
		if err != nil {
			return err
		}
		items := r.Items[:min(keep, len(r.Items))]
		dst := appendText(append(x.body[:0], `{"model_version":`...), r.ModelVersion)
		dst = appendItems(append(dst, `,"items":`...), items)
		x.body = append(appendPagination(dst, w.pagination(r.Total)), '}')
		x.items, x.degraded = len(items), r.Degraded
		return nil
	})
}

// together answers GET /bought-together.
func (a *API) together(x *exchange) error {
	return x.repeat("", func() error {
		p := &x.params
		r, err := a.engine.BoughtTogether(x.ctx, recsys.TogetherRequest{ItemIDs: p.itemIDs, K: p.k, Filter: p.filter, MinBuyers: a.options.MinBuyers})
		if err != nil {
			return err
		}
		dst := appendTexts(append(x.body[:0], `{"item_ids":`...), p.itemIDs)
		dst = appendText(append(dst, `,"model_version":`...), r.ModelVersion)
		dst = append(dst, `,"items":[`...)
		for n := range r.Items {
			if n > 0 {
				dst = append(dst, ',')
			}
			dst = appendItem(dst, &r.Items[n])
			if t := r.Items[n].Together; t != nil {
				dst = appendNumber(append(dst, `,"lift":`...), t.Lift, 64)
				dst = appendInt(append(dst, `,"support":`...), t.Support)
				dst = appendInt(append(dst, `,"buyers":`...), t.Buyers)
			}
			dst = append(dst, '}')
		}
		x.body = append(dst, "]}"...)
		x.items = len(r.Items)
		return nil
	})
}

// recent answers GET /recent.
func (a *API) recent(x *exchange) error {
	p := &x.params
	r, err := a.engine.Recent(x.ctx, p.userID, p.k)
	if err != nil {
		return err
	}
	dst := appendText(append(x.body[:0], `{"user_id":`...), p.userID)
	dst = append(dst, `,"items":[`...)
	for n := range r.Items {
		if n > 0 {
			dst = append(dst, ',')
		}
		dst = appendItem(dst, &r.Items[n])
		dst = append(appendInt(append(dst, `,"ts":`...), int(r.Items[n].Time)), '}')
	}
	x.body = append(dst, "]}"...)
	return nil
}
