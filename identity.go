package recsys

import (
	"slices"
	"sort"
	"time"
)

// identity is what a snapshot and a request together know of whoever asks.
type identity struct {
	user    int32 // NoUser when the model's own parameters do not apply
	row     int32 // the user's row in the snapshot, or NoUser
	history History
	source  Source
	// nobody says why nothing is known, if so.
	nobody string
}

func (w *identity) known() bool { return w.user != NoUser || len(w.history.Items) > 0 }

// identify finds out who asks, and in which view to answer. Recorded events are read before
// the view is chosen: whatever a later Swap drops of them, a view chosen after it contains.
func (e *Engine) identify(r *Request) (*view, identity, error) {
	asked := *r
	var recorded []liveEvent
	forgotten := e.isForgotten(r.UserID)
	if forgotten {
		asked.UserID, asked.Events = "", nil
		e.live.forget(r.UserID)
	} else {
		recorded = e.live.of(r.UserID)
	}
	v := e.current.Load()
	if v == nil {
		return nil, identity{}, ErrNoModel
	}
	who := v.identify(&asked, recorded)
	switch {
	case who.known():
	case forgotten:
		who.nobody = "user:forgotten"
	default:
		who.nobody = "user:unknown"
	}
	return v, who, nil
}

// identify looks the user up and lays the recorded events, the request's and its session over
// the stored history. As soon as there is something that the model was not fitted on, the
// whole history is folded in instead of the stored parameters.
func (v *view) identify(r *Request, recorded []liveEvent) identity {
	who := identity{user: NoUser, row: NoUser, source: SourceFoldIn}
	if u, ok := v.Users.Index(r.UserID); ok && v.Interactions.RowLen(int(u)) > 0 {
		who.user, who.row, who.source = u, u, SourceModel
		who.history.Items, who.history.Weights = v.Interactions.Row(int(u))
		if v.Sequences != nil {
			who.history.Sequence, who.history.Times = v.Sequences.Of(int(u))
		}
	}
	if len(recorded)+len(r.Events)+len(r.Session) == 0 {
		return who
	}
	h := newHistory(who.history)
	for n := range recorded {
		if e := &recorded[n]; !v.contains(e.journal, e.seq) {
			h.event(v, &e.event)
		}
	}
	for n := range r.Events {
		h.event(v, &r.Events[n])
	}
	if !h.changed && who.user == NoUser {
		who.source = SourceSession
	}
	now := time.Now().Unix()
	for _, id := range r.Session {
		if item, ok := v.known(id); ok {
			h.add(item, v.Weighting, 1, now)
		}
	}
	if h.changed {
		if who.user != NoUser {
			who.user, who.source = NoUser, SourceFoldIn
		}
		who.history = h.history()
	}
	return who
}

// overlay collects events on top of a stored history, which it leaves alone.
type overlay struct {
	base     History
	weights  map[int32]float32
	sequence []int32
	times    []int64
	changed  bool
}

func newHistory(base History) *overlay {
	o := &overlay{base: base, weights: make(map[int32]float32, len(base.Items))}
	for p, item := range base.Items {
		o.weights[item] = 1
		if base.Weights != nil {
			o.weights[item] = base.Weights[p]
		}
	}
	o.sequence = slices.Clone(base.Sequence)
	o.times = slices.Clone(base.Times)
	return o
}

// event adds an event of an item that the model knows.
func (o *overlay) event(v *view, e *Event) {
	if item, ok := v.known(e.ItemID); ok {
		o.add(item, v.Weighting, v.Weighting.Amount(e.Type, e.Qty, 0), e.Time)
	}
}

func (o *overlay) add(item int32, w Weighting, amount float64, at int64) {
	if amount == 0 {
		return // an event of a type that does not count
	}
	o.changed = true
	o.weights[item] = w.Add(o.weights[item], amount)
	if amount > 0 {
		o.sequence = append(o.sequence, item)
		o.times = append(o.times, at)
	}
}

// history returns the combined history: items ascending, returned ones gone, the sequence in
// time order.
func (o *overlay) history() History {
	sort.Stable((*byTime)(o))
	h := History{Sequence: o.sequence, Times: o.times}
	for item, w := range o.weights {
		if w > 0 {
			h.Items = append(h.Items, item)
		}
	}
	slices.Sort(h.Items)
	for _, item := range h.Items {
		h.Weights = append(h.Weights, o.weights[item])
	}
	return h
}

// byTime sorts the sequence of an overlay.
type byTime overlay

func (o *byTime) Len() int           { return len(o.times) }
func (o *byTime) Less(i, j int) bool { return o.times[i] < o.times[j] }
func (o *byTime) Swap(i, j int) {
	o.times[i], o.times[j] = o.times[j], o.times[i]
	o.sequence[i], o.sequence[j] = o.sequence[j], o.sequence[i]
}
