package recsys

import (
	"context"
	"fmt"
	"sync/atomic"
)

// Engine answers requests in the shop's own ids. All methods are safe for concurrent use;
// each answer comes from one snapshot, also while another is swapped in. The zero Engine
// serves nothing (ErrNoModel) until Swap.
type Engine struct {
	current atomic.Pointer[view]
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
	e.current.Store(v)
	return nil
}

// Snapshot returns what is served now; ok is false when there is nothing.
func (e *Engine) Snapshot() (s Snapshot, ok bool) {
	v := e.current.Load()
	if v == nil {
		return Snapshot{}, false
	}
	return v.Snapshot, true
}

// Recommend ranks items for a user, a guest's session, or both. Without events, session or a
// user that the model knows it returns ErrUnknownUser, or the popular items if the request
// allows a fallback. If K eligible items exist, K come back: where the model cannot rank
// enough, popular items follow, marked as such.
func (e *Engine) Recommend(ctx context.Context, r Request) (*Response, error) {
	if err := r.validate(); err != nil {
		return nil, err
	}
	v := e.current.Load()
	if v == nil {
		return nil, ErrNoModel
	}
	who := v.identify(&r)
	if !who.known() && !r.Fallback {
		return nil, fmt.Errorf("%w: %q has no events in model %s", ErrUnknownUser, r.UserID, v.Version)
	}
	eligible := v.eligible(&r, who)
	depth := min(r.Offset+r.K, v.Items.Len())
	var ranked []Recommendation
	if who.known() {
		top, err := v.rank(ctx, who, depth, eligible, r.Approximate)
		if err != nil {
			return nil, err
		}
		ranked = v.describe(ranked, top, who.source)
		for _, s := range top {
			eligible.Clear(s.Item)
		}
	}
	if missing := depth - len(ranked); missing > 0 {
		ranked = v.describe(ranked, TopK(v.popularity, missing, eligible), SourcePopular)
	}
	return &Response{ModelVersion: v.Version, Items: ranked[min(r.Offset, len(ranked)):]}, nil
}

// Similar ranks the k items most similar to an item; unavailable items are left out. It
// returns ErrUnknownItem for an id that is not in the model, and ErrUnsupported for a model
// that knows no similarity.
func (e *Engine) Similar(ctx context.Context, itemID string, k int) (*Response, error) {
	if k < 1 {
		return nil, fmt.Errorf("%w: k = %d, it must be at least 1", ErrInvalidQuery, k)
	}
	v := e.current.Load()
	if v == nil {
		return nil, ErrNoModel
	}
	item, ok := v.Items.Index(itemID)
	if !ok {
		return nil, fmt.Errorf("%w: %q is not in model %s", ErrUnknownItem, itemID, v.Version)
	}
	similar, ok := v.Model.(SimilarItems)
	if !ok {
		return nil, fmt.Errorf("%w: a %s model knows no similar items", ErrUnsupported, v.Kind)
	}
	top, err := similar.SimilarItems(ctx, item, k, v.available)
	if err != nil {
		return nil, err
	}
	return &Response{ModelVersion: v.Version, Items: v.describe(nil, top, SourceModel)}, nil
}

func (v *view) rank(ctx context.Context, who identity, k int, eligible *Bitset, approximate bool) ([]Scored, error) {
	q := Query{User: who.user, History: who.history, K: k, Allowed: eligible}
	vectors, ok := v.Model.(VectorModel)
	if !approximate || v.Index == nil || !ok {
		return v.Model.Recommend(ctx, q)
	}
	query := make([]float32, v.Index.Dim())
	if err := vectors.QueryVector(ctx, q, query); err != nil {
		return nil, err
	}
	return v.Index.Search(ctx, query, k, eligible)
}

func (v *view) eligible(r *Request, who identity) *Bitset {
	allowed := v.available.Clone()
	switch r.Seen {
	case SeenAllow:
	case SeenOnly:
		seen := NewBitset(allowed.Len())
		for _, i := range who.history.Items {
			seen.Set(i)
		}
		allowed.And(seen)
	default:
		for _, i := range who.history.Items {
			allowed.Clear(i)
		}
	}
	return allowed
}

func (v *view) describe(dst []Recommendation, top []Scored, source Source) []Recommendation {
	for _, s := range top {
		dst = append(dst, Recommendation{Item: v.item(s.Item), Score: s.Score, Source: source})
	}
	return dst
}
