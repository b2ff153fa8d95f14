package datasets

import (
	"fmt"
	"slices"
	"sort"
	"time"

	"github.com/recsys-lite/recsys"
)

// sortedIDs numbers the distinct ids in recsys.CompareIDs order.
func sortedIDs(ids []string) (*recsys.IDMap, error) {
	ids = slices.Clone(ids)
	slices.SortFunc(ids, recsys.CompareIDs)
	return recsys.NewIDMap(slices.Compact(ids))
}

func column(events []recsys.Event, get func(*recsys.Event) string) []string {
	out := make([]string, len(events))
	for i := range events {
		out[i] = get(&events[i])
	}
	return out
}

func userOf(e *recsys.Event) string { return e.UserID }
func itemOf(e *recsys.Event) string { return e.ItemID }

// build groups events into a dataset with sequences. Events of users or items that the maps
// lack are an error.
func build(events []recsys.Event, users, items *recsys.IDMap, w recsys.Weighting) (*recsys.Dataset, error) {
	type cell struct{ user, item int32 }
	amount := make(map[cell]float64, len(events))
	var order []cell
	d := &recsys.Dataset{Users: users, Items: items, Weighting: w}
	for i := range events {
		d.Watermark.Time = max(d.Watermark.Time, events[i].Time)
	}
	for i := range events {
		e := &events[i]
		user, knownUser := users.Index(e.UserID)
		item, knownItem := items.Index(e.ItemID)
		if !knownUser || !knownItem {
			return nil, fmt.Errorf("event %d has user %q and item %q, one of them unknown", i, e.UserID, e.ItemID)
		}
		c := cell{user, item}
		if _, ok := amount[c]; !ok {
			order = append(order, c)
		}
		age := time.Duration(d.Watermark.Time-e.Time) * time.Second
		amount[c] += w.Amount(e.Type, e.Qty, age)
	}
	entries := make([]recsys.Entry, 0, len(order))
	for _, c := range order {
		if v := w.Weight(amount[c]); v > 0 {
			entries = append(entries, recsys.Entry{Row: c.user, Col: c.item, Value: v})
		}
	}
	var err error
	if d.Interactions, err = recsys.NewCSR(users.Len(), items.Len(), entries); err != nil {
		return nil, err
	}
	d.Sequences = sequences(events, users, items)
	return d, d.Validate()
}

// sequences orders each user's positive events by time; equal times keep the row order.
func sequences(events []recsys.Event, users, items *recsys.IDMap) *recsys.Sequences {
	s := &recsys.Sequences{Indptr: make([]int64, users.Len()+1)}
	rows := make([][]int, users.Len())
	for i := range events {
		if events[i].Qty > 0 {
			u, _ := users.Index(events[i].UserID)
			rows[u] = append(rows[u], i)
		}
	}
	for u, own := range rows {
		sort.SliceStable(own, func(a, b int) bool { return events[own[a]].Time < events[own[b]].Time })
		for _, i := range own {
			item, _ := items.Index(events[i].ItemID)
			s.Items = append(s.Items, item)
			s.Times = append(s.Times, events[i].Time)
		}
		s.Indptr[u+1] = int64(len(s.Items))
	}
	return s
}

// heldOut lists each user's distinct items, ascending; events of users outside the map are
// passed over. unknown counts the distinct (user, item) pairs whose item the map lacks.
func heldOut(events []recsys.Event, users, items *recsys.IDMap) (rows [][]int32, unknown int) {
	rows = make([][]int32, users.Len())
	missing := make(map[[2]string]bool)
	for i := range events {
		u, ok := users.Index(events[i].UserID)
		if !ok {
			continue
		}
		if item, ok := items.Index(events[i].ItemID); ok {
			rows[u] = append(rows[u], item)
		} else {
			missing[[2]string{events[i].UserID, events[i].ItemID}] = true
		}
	}
	for u := range rows {
		slices.Sort(rows[u])
		rows[u] = slices.Compact(rows[u])
	}
	return rows, len(missing)
}
