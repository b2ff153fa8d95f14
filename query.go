package recsys

import (
	"fmt"

	"github.com/recsys-lite/recsys/internal/topk"
)

// NoUser is the user of a query for somebody the model was not fitted on.
const NoUser int32 = -1

// Query asks a model for a ranking. The history travels in it, so that a model serves a user
// it never saw, a guest's session or a basket just as it serves a known user.
type Query struct {
	// User is a dense index below the model's number of users, or NoUser. A model that keeps
	// parameters per user answers from them; with NoUser it folds the history in.
	User    int32
	History History
	// K is the number of items wanted.
	K int
	// Allowed restricts the answer; nil allows every item. Seen items are not treated
	// specially by a model: who wants them gone clears their bits.
	Allowed *Bitset
}

// History is what is known of a user at the time of the query.
type History struct {
	// Items are distinct and ascending, with their interaction weights (Dataset.Weighting);
	// Weights nil means all ones.
	Items   []int32
	Weights []float32
	// Sequence is the events in time order, oldest first, repeats kept. Times, in Unix
	// seconds, is parallel to it, or nil when unknown.
	Sequence []int32
	Times    []int64
}

// Scored is an item with its score; higher is better.
type Scored struct {
	Item  int32
	Score float32
}

// Validate checks the query against a model of the given shape.
func (q *Query) Validate(users, items int) error {
	switch {
	case q.K < 0:
		return fmt.Errorf("%w: k = %d", ErrInvalidQuery, q.K)
	case q.User != NoUser && (q.User < 0 || int(q.User) >= users):
		return fmt.Errorf("%w: user %d of %d", ErrInvalidQuery, q.User, users)
	case q.Allowed != nil && q.Allowed.Len() != items:
		return fmt.Errorf("%w: a filter over %d items for a model of %d", ErrInvalidQuery, q.Allowed.Len(), items)
	}
	return q.History.validate(items)
}

func (h *History) validate(items int) error {
	if h.Weights != nil && len(h.Weights) != len(h.Items) || h.Times != nil && len(h.Times) != len(h.Sequence) {
		return fmt.Errorf("%w: the history's slices differ in length", ErrInvalidQuery)
	}
	last := int32(-1)
	for _, i := range h.Items {
		if i <= last || int(i) >= items {
			return fmt.Errorf("%w: history item %d after %d of %d items", ErrInvalidQuery, i, last, items)
		}
		last = i
	}
	for _, i := range h.Sequence {
		if i < 0 || int(i) >= items {
			return fmt.Errorf("%w: sequence item %d of %d", ErrInvalidQuery, i, items)
		}
	}
	return nil
}

// TopK returns the k best of scores (index = item) among the allowed ones, best first, equal
// scores by the lower index. allowed is over the same items; nil allows all. Scores of −Inf or
// NaN mark items that cannot be recommended.
// It is the one ranking of the library.
func TopK(scores []float32, k int, allowed *Bitset) []Scored {
	h := topk.New(min(k, len(scores)))
	if allowed == nil && k > 0 {
		each(h, scores, func(i int) { h.Push(int32(i), scores[i]) })
	} else {
		h.Scan(scores, 0, allowed.Words())
	}
	return sorted(h)
}

func sorted(h *topk.Heap) []Scored {
	items, scores := h.Sorted()
	out := make([]Scored, len(items))
	for i := range out {
		out[i] = Scored{Item: items[i], Score: scores[i]}
	}
	return out
}
