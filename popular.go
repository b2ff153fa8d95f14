package recsys

import (
	"context"
	"fmt"
	"time"
)

// PopularRequest asks an Engine for what many users have; the fields that Request has too
// mean the same.
type PopularRequest struct {
	K, Offset int
	Filter    Filter
	// Category, if set, is a filter: nothing else is in the answer.
	Category string
	// Country, if the snapshot knows users of it, ranks by their purchases first.
	Country string
	// HalfLife is the age at which a purchase counts half; 0 means 90 days for Popular and 7
	// for Trending. Age is counted back from the last event of the snapshot.
	HalfLife time.Duration
	// Placement is "popular" or "trending" when empty.
	Placement string
}

// Popular ranks by the number of users that have an item, recent purchases counting more.
func (e *Engine) Popular(ctx context.Context, r PopularRequest) (*Response, error) {
	v := e.current.Load()
	if v == nil {
		return nil, ErrNoModel
	}
	if r.HalfLife == 0 {
		r.HalfLife = popularityHalfLife
	}
	var tiers []tier
	if column, ok := v.countries()[r.Country]; ok {
		tiers = append(tiers, scoreTier(SourceCountryPopular, func() []float32 { return v.popularIn(column) }))
	}
	return e.ranked(ctx, v, &r, "popular", append(tiers, v.popularTier(SourcePopular, r.HalfLife)))
}

// trendingHalfLife is the age at which an event counts half for what is trending.
const trendingHalfLife = 7 * 24 * time.Hour

// Trending ranks as Popular does, by the last days. It returns ErrUnsupported for a snapshot
// without the times of events.
func (e *Engine) Trending(ctx context.Context, r PopularRequest) (*Response, error) {
	v := e.current.Load()
	if v == nil {
		return nil, ErrNoModel
	}
	if v.Sequences == nil {
		return nil, fmt.Errorf("%w: model %s was stored without the times of events; train it anew", ErrUnsupported, v.Version)
	}
	if r.HalfLife == 0 {
		r.HalfLife = trendingHalfLife
	}
	return e.ranked(ctx, v, &r, "trending", []tier{v.popularTier(SourceTrending, r.HalfLife)})
}

func (e *Engine) ranked(ctx context.Context, v *view, r *PopularRequest, placement string, tiers []tier) (*Response, error) {
	if r.HalfLife < time.Second {
		return nil, fmt.Errorf("%w: half-life %v, it must be at least a second", ErrInvalidQuery, r.HalfLife)
	}
	if r.Placement != "" {
		placement = r.Placement
	}
	candidates := v.available.Clone()
	if r.Category != "" {
		v.fields.category.keep(candidates, []string{r.Category})
	}
	a := &ask{window: window{r.K, r.Offset}, filter: &r.Filter, placement: placement, tiers: tiers}
	return e.answer(ctx, v, a, candidates)
}
