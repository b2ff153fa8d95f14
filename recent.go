package recsys

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// Recent returns the last k distinct items that a user had to do with, the latest first, with
// the time of the last event; recorded events count, items that are no longer available and
// events of types that weigh nothing do not. It returns ErrUnknownUser where nothing is known
// of the user, and ErrUnsupported for a snapshot without the times of events.
func (e *Engine) Recent(ctx context.Context, userID string, k int) (*Response, error) {
	r := Request{UserID: userID, K: k}
	if err := r.validate(); err != nil {
		return nil, err
	}
	if err := (window{k: k}).validate(); err != nil {
		return nil, err
	}
	v, who, err := e.identify(&r)
	if err != nil {
		return nil, err
	}
	switch {
	case !who.known():
		return nil, fmt.Errorf("%w: %q has no events in model %s", ErrUnknownUser, userID, v.Version)
	case v.Sequences == nil && len(who.history.Sequence) == 0:
		return nil, fmt.Errorf("%w: model %s was stored without the times of events; train it anew", ErrUnsupported, v.Version)
	}
	last := map[int32]int64{}
	for p, i := range who.history.Sequence {
		last[i] = who.history.Times[p] // in time order: the latest stays
	}
	var list []pick
	for i := range last {
		if v.available.Has(i) {
			list = append(list, pick{Scored{Item: i}, SourceRecent})
		}
	}
	slices.SortFunc(list, func(a, b pick) int {
		return cmp.Or(cmp.Compare(last[b.Item], last[a.Item]), cmp.Compare(a.Item, b.Item))
	})
	out := &Response{ModelVersion: v.Version, Total: len(list), Candidates: len(list), Filtered: len(list)}
	list = list[:min(k, len(list))]
	out.show(v, list)
	for n := range list {
		out.Items[n].Time = last[list[n].Item]
	}
	return out, ctx.Err()
}
