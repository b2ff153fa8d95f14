package recsys

import (
	"context"
	"math"
)

// rerankWindow is how many items of a ranking are reordered. It does not depend on the page
// that is asked for, so that pages are cut from one ranking.
const rerankWindow = 200

// reorder picks the items of a window anew.
type reorder struct {
	v       *view
	weights Rerank
	// taste is the price level of whoever asks.
	taste priceTaste
	// boosts are what rules add to the weighted mean.
	boosts []boost
}

// boost adds to an item's place between 0 and 1.
type boost struct {
	items    *Bitset
	strength float64
}

// window returns the best allowed items of a tier in its order, and the best of those that a
// rule boosts, which may be further down.
func (r *reorder) window(ctx context.Context, t *tier, allowed *Bitset) ([]Scored, error) {
	top, err := t.top(ctx, rerankWindow, allowed)
	if err != nil || len(top) < rerankWindow {
		return top, err
	}
	boosted := NewBitset(allowed.Len())
	for _, b := range r.boosts {
		if b.strength > 0 {
			boosted.Or(b.items)
		}
	}
	boosted.And(allowed)
	for _, s := range top {
		boosted.Clear(s.Item)
	}
	further, err := t.top(ctx, rerankWindow, boosted)
	return append(top, further...), err
}

// pick returns the first n of the window (fewer where it is smaller) in their new order. The
// first picks do not depend on n.
func (r *reorder) pick(window []Scored, n int) []Scored {
	n = min(n, len(window))
	fixed, share := r.fixed(window)
	var likeness *likeness
	if r.weights.Diversity > 0 && share > 0 {
		likeness = r.v.likeness(window)
	}
	gone := make([]bool, len(window))
	out := make([]Scored, 0, n)
	for len(out) < n {
		best, bestValue := -1, math.Inf(-1)
		for i := range window {
			if gone[i] {
				continue
			}
			value := fixed[i]
			if likeness != nil {
				value += r.weights.Diversity / share * (1 - float64(likeness.most[i]))
			}
			if value > bestValue {
				best, bestValue = i, value
			}
		}
		gone[best] = true
		out = append(out, window[best])
		if likeness != nil && len(out) < n {
			likeness.picked(best, gone)
		}
	}
	return out
}

// fixed is what of each item's value does not depend on the picks, and the sum of all weights.
func (r *reorder) fixed(window []Scored) (values []float64, share float64) {
	w := &r.weights
	values = make([]float64, len(window))
	share = w.Relevance + w.Diversity + w.Novelty + w.Popularity + w.PriceAffinity + w.InStock
	add := func(weight float64, component func(item int32, score float32) float64) {
		if weight == 0 {
			return
		}
		for i, s := range window {
			values[i] += weight / share * component(s.Item, s.Score)
		}
	}
	low, high := float32(math.Inf(1)), float32(math.Inf(-1))
	for _, s := range window {
		low, high = min(low, s.Score), max(high, s.Score)
	}
	add(w.Relevance, func(_ int32, score float32) float64 {
		if high == low {
			return 1
		}
		return (float64(score) - float64(low)) / (float64(high) - float64(low))
	})
	if w.Novelty > 0 {
		users := r.v.users()
		scale := math.Log1p(float64(users.most))
		add(w.Novelty, func(item int32, _ float32) float64 {
			return 1 - math.Log1p(float64(users.of[item]))/max(scale, math.SmallestNonzeroFloat64)
		})
	}
	if w.Popularity > 0 {
		popular := r.v.popular(popularityHalfLife)
		most := float32(0)
		for _, p := range popular {
			most = max(most, p)
		}
		add(w.Popularity, func(item int32, _ float32) float64 { return float64(popular[item]) / float64(max(most, 1e-30)) })
	}
	add(w.PriceAffinity, func(item int32, _ float32) float64 { return r.taste.affinity(r.v.price(item)) })
	if w.InStock > 0 {
		gone := r.v.outOfStock()
		add(w.InStock, func(item int32, _ float32) float64 {
			if gone.Has(item) {
				return 0
			}
			return 1
		})
	}
	for _, b := range r.boosts {
		for i, s := range window {
			if b.items.Has(s.Item) {
				values[i] += b.strength
			}
		}
	}
	return values, share
}

func (v *view) newReorder(weights Rerank, who *identity, boosts []boost) *reorder {
	r := &reorder{v: v, weights: weights, boosts: boosts}
	if weights.PriceAffinity > 0 && who != nil {
		r.taste = v.priceTaste(who.history.Items)
	}
	return r
}

// reach is how many users have each item, and the greatest of these numbers.
type reach struct {
	of   []int32
	most int32
}

func (v *view) users() *reach {
	v.lazy.usersOnce.Do(func() {
		u := &reach{of: make([]int32, v.Items.Len())}
		for _, i := range v.Interactions.Indices {
			u.of[i]++
			u.most = max(u.most, u.of[i])
		}
		v.lazy.users = u
	})
	return v.lazy.users
}
