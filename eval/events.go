package eval

import (
	"fmt"
	"slices"

	"github.com/recsys-lite/recsys"
)

// Events is a table of events by columns, over dense ids. The slices are parallel.
type Events struct {
	Users, Items *recsys.IDMap
	User, Item   []int32
	Time         []int64 // Unix seconds
	// Amount is the quantity times the weight of the event's type, without decay. Events of
	// amount ≤ 0 reduce an interaction and are in no sequence.
	Amount []float64
	// Weighting turns summed amounts into the weights of the training part.
	Weighting recsys.Weighting
	// Catalogue lists items that belong to the training part also when only the test part has
	// events of them, or none has.
	Catalogue []int32
}

// NewEvents numbers users and items in the order of recsys.CompareIDs. catalogue lists items
// that a model may know without an event; nil lists none. The error wraps
// recsys.ErrEmptyDataset, recsys.ErrInvalidData or recsys.ErrInvalidConfig.
func NewEvents(events []recsys.Event, catalogue []string, w recsys.Weighting) (*Events, error) {
	if err := w.Validate(); err != nil {
		return nil, err
	}
	if len(events) == 0 {
		return nil, fmt.Errorf("%w: no events to split", recsys.ErrEmptyDataset)
	}
	users := make([]string, len(events))
	items := make([]string, len(events), len(events)+len(catalogue))
	for i := range events {
		if events[i].UserID == "" || events[i].ItemID == "" {
			return nil, fmt.Errorf("%w: event %d has an empty id", recsys.ErrInvalidData, i)
		}
		users[i], items[i] = events[i].UserID, events[i].ItemID
	}
	e := &Events{
		User: make([]int32, len(events)), Item: make([]int32, len(events)),
		Time: make([]int64, len(events)), Amount: make([]float64, len(events)),
		Weighting: w,
	}
	var err error
	if e.Users, err = number(users); err != nil {
		return nil, err
	}
	if e.Items, err = number(append(items, catalogue...)); err != nil {
		return nil, err
	}
	for i := range events {
		ev := &events[i]
		e.User[i], _ = e.Users.Index(ev.UserID)
		e.Item[i], _ = e.Items.Index(ev.ItemID)
		e.Time[i] = ev.Time
		e.Amount[i] = w.Amount(ev.Type, ev.Qty, 0)
	}
	for _, id := range catalogue {
		i, _ := e.Items.Index(id)
		e.Catalogue = append(e.Catalogue, i)
	}
	return e, nil
}

// Len is the number of events.
func (e *Events) Len() int { return len(e.User) }

// number sorts and maps the distinct ids; it may reorder the slice.
func number(ids []string) (*recsys.IDMap, error) {
	seen := make(map[string]struct{}, len(ids)/4)
	distinct := ids[:0]
	for _, id := range ids {
		if _, ok := seen[id]; !ok {
			seen[id] = struct{}{}
			distinct = append(distinct, id)
		}
	}
	slices.SortFunc(distinct, recsys.CompareIDs)
	return recsys.NewIDMap(slices.Clip(distinct))
}

// order returns the event numbers by (user, time), equal times in the order of the table.
func (e *Events) order() []int32 {
	next := make([]int, e.Users.Len()+1)
	for _, u := range e.User {
		next[u+1]++
	}
	for u := range e.Users.Len() {
		next[u+1] += next[u]
	}
	starts := slices.Clone(next)
	out := make([]int32, e.Len())
	for i, u := range e.User {
		out[next[u]] = int32(i)
		next[u]++
	}
	for u := range e.Users.Len() {
		slices.SortStableFunc(out[starts[u]:starts[u+1]], func(a, b int32) int {
			switch {
			case e.Time[a] < e.Time[b]:
				return -1
			case e.Time[a] > e.Time[b]:
				return 1
			}
			return 0
		})
	}
	return out
}
