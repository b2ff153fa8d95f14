package recsys

import (
	"context"
	"fmt"
	"math"
)

// TogetherRequest asks what is bought in one visit with items, those of a product page or a
// basket; the fields that Request has too mean the same.
type TogetherRequest struct {
	// ItemIDs are up to 100 items; unknown ones are passed over.
	ItemIDs []string
	K       int
	Filter  Filter
	// MinSupport is the least number of visits that two items must share, MinBuyers the least
	// number of distinct users among them: below it, an answer could tell what somebody
	// bought. 0 means 5 for either.
	MinSupport, MinBuyers int
}

// Together is how two items go together.
type Together struct {
	// Lift is how much more often the two are in one visit than if they had nothing to do
	// with each other: P(a,b) / (P(a)·P(b)).
	Lift float64
	// Support is the number of visits that have both, Buyers that of their distinct users.
	Support, Buyers int
}

const (
	defaultMinTogether = 5
	maxTogetherItems   = 100
)

// BoughtTogether ranks items by how they go together with any of those asked about: by the
// lift, less what chance may have added (one standard error of its logarithm, 1/√support). A
// visit is a user's events of one day, or that follow one another within half an hour; where
// the snapshot has no times, it is all that a user has. The answer has no more than what
// passes both thresholds and comes together more often than by chance. It returns ErrUnknownItem when it knows none of the items.
func (e *Engine) BoughtTogether(ctx context.Context, r TogetherRequest) (*Response, error) {
	v := e.current.Load()
	if v == nil {
		return nil, ErrNoModel
	}
	if r.MinSupport == 0 {
		r.MinSupport = defaultMinTogether
	}
	if r.MinBuyers == 0 {
		r.MinBuyers = defaultMinTogether
	}
	switch {
	case r.MinSupport < 1 || r.MinBuyers < 1:
		return nil, fmt.Errorf("%w: at least %d visits and %d buyers: either must be positive", ErrInvalidQuery, r.MinSupport, r.MinBuyers)
	case len(r.ItemIDs) == 0 || len(r.ItemIDs) > maxTogetherItems:
		return nil, fmt.Errorf("%w: %d items, it must be 1 to %d", ErrInvalidQuery, len(r.ItemIDs), maxTogetherItems)
	}
	a := &ask{window: window{k: r.K}, filter: &r.Filter}
	if err := a.validate(); err != nil {
		return nil, err
	}
	out := &Response{ModelVersion: v.Version}
	allowed := v.available.Clone()
	var items []int32
	for _, id := range r.ItemIDs {
		if i, ok := v.known(id); ok {
			items = append(items, i)
			allowed.Clear(i)
		}
	}
	if len(items) == 0 {
		return nil, fmt.Errorf("%w: %q is not in model %s", ErrUnknownItem, r.ItemIDs[0], v.Version)
	}
	out.Candidates = allowed.Count()
	out.UnknownItems = v.apply(&r.Filter, allowed)
	out.Filtered = allowed.Count()

	scores, pairs := nothing(v.Items.Len()), map[int32]Together{}
	for _, item := range items {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		v.baskets().pairs(item, &r, func(other int32, t Together) {
			if score := float32(t.Lift * math.Exp(-1/math.Sqrt(float64(t.Support)))); score > scores[other] {
				scores[other], pairs[other] = score, t
			}
		})
	}
	var list []pick
	for _, s := range TopK(scores, len(pairs), allowed) {
		list = append(list, pick{s, SourceTogether})
	}
	out.Total = len(list)
	list = list[:min(r.K, len(list))]
	out.show(v, list)
	for n := range list {
		t := pairs[list[n].Item]
		out.Items[n].Together = &t
	}
	return out, nil
}

// pairs yields what goes together with an item and passes the thresholds.
func (b *baskets) pairs(item int32, r *TogetherRequest, yield func(other int32, t Together)) {
	c := b.count(item)
	defer b.done(c)
	for _, other := range c.touched {
		support, buyers := int(c.together[other]), int(c.buyers[other])
		if other == item || support < r.MinSupport || buyers < r.MinBuyers {
			continue
		}
		lift := float64(support) * float64(len(b.user)) / (float64(len(b.of(item))) * float64(len(b.of(other))))
		if lift > 1 {
			yield(other, Together{lift, support, buyers})
		}
	}
}
