package recsys

import (
	"errors"
	"fmt"
)

// RerankStrategy names a way to reorder a ranking.
type RerankStrategy string

const (
	// RerankDiversity trades relevance against likeness to the items above (MMR, Carbonell and
	// Goldstein, SIGIR 1998).
	RerankDiversity RerankStrategy = "diversity"
	// RerankNovelty prefers items that few users have.
	RerankNovelty RerankStrategy = "novelty"
	// RerankPopularity prefers items that many users have.
	RerankPopularity RerankStrategy = "popularity"
	// RerankHybrid weighs all of them.
	RerankHybrid RerankStrategy = "hybrid"
)

// Rerank reorders the first 200 items of a ranking; those behind them follow in the model's
// order. Each weight from 0 to 1 belongs to a component from 0 to 1; items are picked one by one
// by the weighted mean of the components, ties by the model's order. A strategy other
// than hybrid counts its own component and the relevance only; PriceAffinity and InStock
// count in each of them.
type Rerank struct {
	// Strategy is RerankHybrid when empty.
	Strategy RerankStrategy
	// Relevance weighs the score, from 0 for the lowest of the window to 1 for the highest.
	// Where the first four weights are all 0, they are .4, .2, .2 and .2.
	Relevance float64
	// Diversity weighs the distance to the nearest item above: of the model's vectors or, for
	// a model without, of who has the items, of their categories and brands.
	Diversity float64
	// Novelty weighs how few users have the item, on a logarithmic scale.
	Novelty float64
	// Popularity weighs how many users have the item, of late more than long ago.
	Popularity float64
	// PriceAffinity weighs how near the price is to those of the user's own items; default 0.
	PriceAffinity float64
	// InStock weighs a positive number in the item's attribute "stock" or "quantity"; items
	// that have neither count as in stock. Default 0.
	InStock float64
}

// withDefaults fills in what is not set, and sets to 0 what the strategy does not count.
func (r Rerank) withDefaults() Rerank {
	if r.Strategy == "" {
		r.Strategy = RerankHybrid
	}
	if r.Relevance == 0 && r.Diversity == 0 && r.Novelty == 0 && r.Popularity == 0 {
		r.Relevance, r.Diversity, r.Novelty, r.Popularity = .4, .2, .2, .2
	}
	if r.Strategy == RerankNovelty || r.Strategy == RerankPopularity {
		r.Diversity = 0
	}
	if r.Strategy == RerankDiversity || r.Strategy == RerankPopularity {
		r.Novelty = 0
	}
	if r.Strategy == RerankDiversity || r.Strategy == RerankNovelty {
		r.Popularity = 0
	}
	return r
}

func (r *Rerank) validate() error {
	if r == nil {
		return nil
	}
	var faults []error
	switch r.Strategy {
	case "", RerankDiversity, RerankNovelty, RerankPopularity, RerankHybrid:
	default:
		faults = append(faults, fmt.Errorf("%w: re-ranking strategy %q, it must be diversity, novelty, popularity or hybrid", ErrInvalidQuery, r.Strategy))
	}
	for _, w := range []struct {
		name  string
		value float64
	}{
		{"relevance", r.Relevance}, {"diversity", r.Diversity}, {"novelty", r.Novelty},
		{"popularity", r.Popularity}, {"price affinity", r.PriceAffinity}, {"in-stock", r.InStock},
	} {
		if !(w.value >= 0 && w.value <= 1) {
			faults = append(faults, fmt.Errorf("%w: the %s weight is %v, it must lie between 0 and 1", ErrInvalidQuery, w.name, w.value))
		}
	}
	return errors.Join(faults...)
}
