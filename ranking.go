package recsys

import (
	"context"
	"time"
)

// pick is a ranked item with where it comes from.
type pick struct {
	Scored
	source Source
}

// tier is one source of a ranking.
type tier struct {
	source Source
	// top returns the k best of the allowed items, fewer only where it has no more to offer.
	// The best k are the first k of any more that are asked for. An error that is late comes
	// with the best so far.
	top func(ctx context.Context, k int, allowed *Bitset) ([]Scored, error)
	// behind, if set, is top for who has the first items already and does not allow them.
	behind func(ctx context.Context, k int, allowed *Bitset) ([]Scored, error)
}

// ranker puts tiers one behind the other.
type ranker struct {
	tiers []tier
	// reorder, if set, reorders the first items of the first tier that has any.
	reorder *reorder
	// degraded is set when a tier ran out of time.
	degraded bool
}

// first returns the n first of the allowed items, or all.
func (r *ranker) first(ctx context.Context, n int, allowed *Bitset) ([]pick, error) {
	list := make([]pick, 0, min(max(n, 0), allowed.Len()))
	for at, t := range r.tiers {
		want := n - len(list)
		if want <= 0 {
			break
		}
		if at > 0 {
			// What earlier tiers ranked is not to be ranked again.
			left := allowed.Clone()
			for _, p := range list {
				left.Clear(p.Item)
			}
			allowed = left
		}
		top, err := r.topOf(ctx, &t, want, allowed, len(list) == 0)
		switch {
		case late(err):
			r.degraded = true
		case err != nil:
			return nil, err
		}
		for _, s := range top {
			list = append(list, pick{s, t.source})
		}
	}
	return list, nil
}

func (r *ranker) topOf(ctx context.Context, t *tier, n int, allowed *Bitset, leading bool) ([]Scored, error) {
	if r.reorder == nil || !leading {
		return t.top(ctx, n, allowed)
	}
	window, err := r.reorder.window(ctx, t, allowed)
	if err != nil && !late(err) {
		return nil, err
	}
	top := r.reorder.pick(window, n)
	if len(top) == n || late(err) {
		return top, err
	}
	rest := allowed.Clone()
	for _, s := range window {
		rest.Clear(s.Item)
	}
	behind, err := t.top(ctx, n-len(top), rest)
	return append(top, behind...), err
}

// approximateDepth is how far an approximate index ranks where nothing is reordered.
const approximateDepth = 100

// firstStage is how far the first search for such a ranking goes.
const firstStage = 20

// modelTier ranks by the model, for whoever asks.
func (v *view) modelTier(a *ask, approximate bool, until time.Time) tier {
	who := a.who
	exact := func(ctx context.Context, k int, allowed *Bitset) ([]Scored, error) {
		q := Query{User: who.user, History: who.history, K: k, Allowed: allowed}
		if m, ok := v.Model.(VectorModel); ok {
			return scan(ctx, m, v.sketch, &q, until)
		}
		if !until.IsZero() {
			var cancel context.CancelFunc
			ctx, cancel = context.WithDeadline(ctx, until)
			defer cancel()
		}
		return v.Model.Recommend(ctx, q)
	}
	m, ok := v.Model.(VectorModel)
	if !approximate || v.Index == nil || !ok {
		return tier{source: who.source, top: exact}
	}
	approximated := func(ctx context.Context, k int, allowed *Bitset) ([]Scored, error) {
		query := make([]float32, v.Index.Dim())
		if err := m.QueryVector(ctx, Query{User: who.user, History: who.history, K: k}, query); err != nil {
			return nil, err
		}
		var list []Scored
		for _, depth := range stages(a.head) {
			found, err := v.Index.Search(ctx, query, depth, allowed)
			if list = append(list, found...); err != nil || len(found) < depth || k <= len(list) {
				return list[:min(k, len(list))], err
			}
			allowed = allowed.Clone()
			for _, s := range found {
				allowed.Clear(s.Item)
			}
		}
		behind, err := exact(ctx, k-len(list), allowed)
		return append(list, behind...), err
	}
	return tier{source: who.source, top: approximated, behind: exact}
}

// stages splits the part of a ranking that comes from an index: a first page is cheap, and
// whoever asks for more gets the same first page.
func stages(head int) []int {
	if head != approximateDepth {
		return []int{head}
	}
	return []int{firstStage, head - firstStage}
}

// scoreTier ranks by scores that are known already.
func scoreTier(source Source, scores func() []float32) tier {
	return tier{source: source, top: func(_ context.Context, k int, allowed *Bitset) ([]Scored, error) {
		return TopK(scores(), k, allowed), nil
	}}
}

// softDeadline leaves a tenth of the time that a request has, and a millisecond, to write the
// answer. It is zero where there is no deadline.
func softDeadline(ctx context.Context) time.Time {
	end, ok := ctx.Deadline()
	if !ok {
		return time.Time{}
	}
	return end.Add(-max(time.Until(end)/10, time.Millisecond))
}
