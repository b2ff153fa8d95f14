package memstore

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/store/internal/semantics"
)

// Dataset groups events into what a model is fitted on; see store.DB.Dataset for the choices
// that both stores make.
func (s *Store) Dataset(ctx context.Context, o recsys.DatasetOptions) (*recsys.Dataset, error) {
	if err := semantics.CheckOptions(o); err != nil {
		return nil, fmt.Errorf("memstore: dataset: %w", err)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.usable(ctx); err != nil {
		return nil, err
	}
	in := s.number(s.selected(o), o)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	d, err := semantics.Build(in, o)
	if err != nil {
		return nil, fmt.Errorf("memstore: dataset: %w", err)
	}
	return d, nil
}

// selected returns the positions of the events that the options pick.
func (s *Store) selected(o recsys.DatasetOptions) []int {
	sample := semantics.NewSample(o.SampleRate, o.Seed)
	leftOut := semantics.TypesOf(o.Weighting).LeftOut
	users := make(map[string]bool)
	for _, id := range o.ExcludeUsers {
		users[id] = false
	}
	only := make(map[string]bool, len(o.Users))
	for _, id := range o.Users {
		only[id] = true
	}
	var picked []int
	for i, e := range s.events {
		t := time.Unix(e.Time, 0)
		if !o.From.IsZero() && t.Before(o.From) || !o.Until.IsZero() && !t.Before(o.Until) || slices.Contains(leftOut, e.Type) {
			continue
		}
		if o.Users != nil && !only[e.UserID] {
			continue
		}
		keep, known := users[e.UserID]
		if !known {
			keep = sample.Keep(e.UserID)
			users[e.UserID] = keep
		}
		if keep {
			picked = append(picked, i)
		}
	}
	return picked
}

// number gives users and items their numbers.
func (s *Store) number(picked []int, o recsys.DatasetOptions) *semantics.Input {
	users, items := map[string]int32{}, map[string]int32{}
	in := &semantics.Input{}
	for _, i := range picked {
		e := s.events[i]
		users[e.UserID], items[e.ItemID] = 0, 0
		in.Last.Seq = int64(i) + 1
		in.Last.Time = max(in.Last.Time, e.Time)
	}
	for id := range s.items {
		items[id] = 0
	}
	in.Users, in.Items = numbered(users), numbered(items)
	types := semantics.TypesOf(o.Weighting)
	for _, i := range picked {
		e := s.events[i]
		cell := semantics.Cell{User: users[e.UserID], Item: items[e.ItemID], Qty: int32(e.Qty)}
		if semantics.NeedsTypes(o.Weighting) {
			in.TypedCells = append(in.TypedCells, semantics.TypedCell{Cell: cell, Type: types.Code(e.Type), Time: e.Time})
		} else {
			in.Cells = append(in.Cells, cell)
		}
		if o.Sequences && e.Qty > 0 {
			in.Steps = append(in.Steps, semantics.Step{User: cell.User, Item: cell.Item, Time: e.Time})
		}
	}
	slices.SortStableFunc(in.Steps, func(a, b semantics.Step) int {
		return cmp.Or(cmp.Compare(a.User, b.User), cmp.Compare(a.Time, b.Time))
	})
	if o.ItemFeatures {
		in.Catalogue = s.catalogue()
	}
	if o.UserFeatures {
		for _, u := range s.users {
			in.People = append(in.People, u)
		}
	}
	return in
}

// numbered sets the values of ids to the numbers of its keys, and returns these in order.
func numbered(ids map[string]int32) []string {
	sorted := slices.SortedFunc(maps.Keys(ids), recsys.CompareIDs)
	for i, id := range sorted {
		ids[id] = int32(i)
	}
	return sorted
}

func compareTime(a, b recsys.Event) int { return cmp.Compare(a.Time, b.Time) }
