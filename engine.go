package recsys

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
)

// Engine answers requests in the shop's own ids. All methods are safe for concurrent use;
// each answer comes from one snapshot, also while another is swapped in. The zero Engine
// serves nothing (ErrNoModel) until Swap.
type Engine struct {
	current   atomic.Pointer[view]
	live      live
	rules     atomic.Pointer[Rules]
	matches   atomic.Pointer[matches]
	forgotten atomic.Pointer[func(string) bool]
	// generation counts what changes the answers of everybody.
	generation atomic.Uint64
}

// NewEngine returns an engine that serves s.
func NewEngine(s Snapshot) (*Engine, error) {
	e := new(Engine)
	return e, e.Swap(s)
}

// Swap makes s the snapshot that all later requests are answered from. A snapshot whose
// parts contradict each other is refused, and the old one goes on serving.
func (e *Engine) Swap(s Snapshot) error {
	v, err := newView(s)
	if err != nil {
		return fmt.Errorf("model %q: %w", s.Version, err)
	}
	// What every fallback needs, also one that is short of time, is there from the start.
	v.popular(popularityHalfLife)
	e.current.Store(v)
	e.matches.Store(nil) // it would keep the old snapshot in memory
	e.generation.Add(1)
	e.live.drop(&v.Snapshot)
	return nil
}

// SetForgotten says who is to be treated as unknown, whatever snapshot and recorded events
// know of them. It is asked at every request that names a user, from many goroutines at a time.
func (e *Engine) SetForgotten(forgotten func(userID string) bool) {
	e.forgotten.Store(&forgotten)
}

func (e *Engine) isForgotten(userID string) bool {
	forgotten := e.forgotten.Load()
	return userID != "" && forgotten != nil && *forgotten != nil && (*forgotten)(userID)
}

// Revision is a number that another one follows whenever a later answer to this user ("" for
// a guest) may differ from one now: after Swap, SetRules and Record, when the user is forgotten,
// and when the clock brings a rule into force or ends it.
func (e *Engine) Revision(userID string) uint64 {
	revision := e.generation.Load() * 0x9E3779B97F4A7C15
	revision += e.rules.Load().turns() * 0xD1B54A32D192ED03
	if e.isForgotten(userID) {
		return revision + 1
	}
	if recorded := e.live.of(userID); len(recorded) > 0 {
		revision += 2 * uint64(recorded[len(recorded)-1].version)
	}
	return revision
}

// Snapshot returns what is served now; ok is false when there is nothing.
func (e *Engine) Snapshot() (s Snapshot, ok bool) {
	v := e.current.Load()
	if v == nil {
		return Snapshot{}, false
	}
	return v.Snapshot, true
}

// Item returns what the snapshot knows of an item, or ErrUnknownItem.
func (e *Engine) Item(id string) (Item, error) {
	v := e.current.Load()
	if v == nil {
		return Item{}, ErrNoModel
	}
	i, err := v.index(id)
	if err != nil {
		return Item{}, err
	}
	return v.item(i), nil
}

// Recommend ranks items for a user, a guest's session, or both. Without events, session or a
// user that the model knows it returns ErrUnknownUser, or the popular items if the request
// allows a fallback. If K eligible items exist, K come back: where the model cannot rank
// enough, popular items follow, marked as such.
//
// When the deadline of ctx comes near, the answer is what was found until then, filled up by
// popularity, and marked as degraded.
func (e *Engine) Recommend(ctx context.Context, r Request) (*Response, error) {
	if err := r.validate(); err != nil {
		return nil, err
	}
	v, who, err := e.identify(&r)
	if err != nil {
		return nil, err
	}
	switch {
	case who.known() || r.Fallback:
	case r.UserID == "":
		return nil, fmt.Errorf("%w: there is none, and model %s knows no item of the session", ErrUnknownUser, v.Version)
	default:
		return nil, fmt.Errorf("%w: %q has no events in model %s", ErrUnknownUser, r.UserID, v.Version)
	}
	a := &ask{window: window{r.K, r.Offset}, filter: &r.Filter, rerank: r.Rerank,
		caps: caps{r.MaxPerCategory, r.MaxPerBrand}, placement: r.Placement, who: &who}
	if a.placement == "" {
		a.placement = "recommend"
	}
	a.whyNot, a.excluded = r.WhyNot, func(item int32) string { return r.Seen.excludes(&who, item) }
	a.head, a.nobody = approximateDepth, who.nobody
	a.tiers = make([]tier, 0, 4)
	if who.known() {
		a.tiers = append(a.tiers, v.modelTier(a, r.Approximate, softDeadline(ctx)))
	}
	a.explain, a.country = r.Explain, r.Country
	if a.country == "" {
		a.country = v.countryOf(who.row)
	}
	a.tiers = v.cascade(a.tiers, r.Category, a.country)
	return e.answer(ctx, v, a, v.eligible(r.Seen, &who))
}

// Similar ranks the items most similar to an item; where the model knows too few, popular
// ones of its category follow, then any, marked as such. It returns ErrUnknownItem for an id
// that is not in the model, and ErrUnsupported for a model that knows no similarity.
func (e *Engine) Similar(ctx context.Context, r SimilarRequest) (*Response, error) {
	v := e.current.Load()
	if v == nil {
		return nil, ErrNoModel
	}
	item, err := v.index(r.ItemID)
	if err != nil {
		return nil, err
	}
	similar, ok := v.Model.(SimilarItems)
	if !ok {
		return nil, fmt.Errorf("%w: a %s model knows no similar items", ErrUnsupported, v.Kind)
	}
	a := &ask{window: window{r.K, r.Offset}, filter: &r.Filter, rerank: r.Rerank,
		caps: caps{r.MaxPerCategory, r.MaxPerBrand}, placement: r.Placement,
		who: &identity{user: NoUser, history: History{Items: []int32{item}}}}
	if a.placement == "" {
		a.placement = "similar"
	}
	a.tiers = v.cascade([]tier{{source: SourceSimilar, top: func(ctx context.Context, k int, allowed *Bitset) ([]Scored, error) {
		return similar.SimilarItems(ctx, item, k, allowed)
	}}}, v.item(item).Category, "")
	candidates := v.available.Clone()
	candidates.Clear(item)
	return e.answer(ctx, v, a, candidates)
}

// excludes names the stage at which the seen policy removes an item, if it does.
func (s Seen) excludes(who *identity, item int32) string {
	_, had := slices.BinarySearch(who.history.Items, item)
	switch {
	case s == SeenOnly && !had:
		return "not-seen"
	case (s == SeenExclude || s == "") && had:
		return "seen"
	}
	return ""
}

// eligible are the available items that the seen policy lets through.
func (v *view) eligible(seen Seen, who *identity) *Bitset {
	allowed := v.available.Clone()
	switch seen {
	case SeenAllow:
	case SeenOnly:
		had := NewBitset(allowed.Len())
		for _, i := range who.history.Items {
			had.Set(i)
		}
		allowed.And(had)
	default:
		for _, i := range who.history.Items {
			allowed.Clear(i)
		}
	}
	return allowed
}
