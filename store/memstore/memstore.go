// Package memstore is a recsys.Store in memory, without cgo: for tests, for examples, and for
// shops whose events live elsewhere and fit into memory. It gives the same datasets as the
// DuckDB store.
package memstore

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/store/internal/semantics"
)

var errClosed = errors.New("memstore: the store is closed")

// Store keeps events and items in memory. It is safe for concurrent use. The zero Store is empty.
type Store struct {
	mu     sync.RWMutex
	closed bool
	events []recsys.Event // event i has the sequence number i+1
	items  map[string]recsys.Item
	users  map[string]recsys.User
}

var _ recsys.Store = (*Store)(nil)

// New returns an empty store.
func New() *Store { return new(Store) }

// AppendEvents adds events. An invalid one refuses the whole call.
func (s *Store) AppendEvents(ctx context.Context, events []recsys.Event) error {
	events = slices.Clone(events)
	for i := range events {
		if err := events[i].Normalize(); err != nil {
			return fmt.Errorf("memstore: append events: event %d: %w", i, err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usable(ctx); err != nil {
		return err
	}
	s.events = append(s.events, events...)
	return nil
}

func (s *Store) usable(ctx context.Context) error {
	if s.closed {
		return errClosed
	}
	return ctx.Err()
}

// UpsertItems adds items or replaces those of the same id. Of several with one id the last
// counts.
func (s *Store) UpsertItems(ctx context.Context, items []recsys.Item) error {
	for i := range items {
		if err := semantics.CheckItem(&items[i]); err != nil {
			return fmt.Errorf("memstore: upsert items: item %d: %w", i, err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usable(ctx); err != nil {
		return err
	}
	if s.items == nil {
		s.items = map[string]recsys.Item{}
	}
	for _, it := range items {
		s.items[it.ID] = copyItem(it)
	}
	return nil
}

// UpsertUsers adds what is known of users or replaces it. Of several with one id the last
// counts.
func (s *Store) UpsertUsers(ctx context.Context, users []recsys.User) error {
	for i := range users {
		if err := semantics.CheckUser(&users[i]); err != nil {
			return fmt.Errorf("memstore: upsert users: user %d: %w", i, err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usable(ctx); err != nil {
		return err
	}
	if s.users == nil {
		s.users = map[string]recsys.User{}
	}
	for _, u := range users {
		u.Attributes = maps.Clone(u.Attributes)
		s.users[u.ID] = u
	}
	return nil
}

// copyItem shares nothing with it. No attributes are a nil map.
func copyItem(it recsys.Item) recsys.Item {
	if it.Price != nil {
		price := *it.Price
		it.Price = &price
	}
	it.Attributes = maps.Clone(it.Attributes)
	if len(it.Attributes) == 0 {
		it.Attributes = nil
	}
	return it
}

// Items returns the items of the catalogue by id order (recsys.CompareIDs).
func (s *Store) Items(ctx context.Context) ([]recsys.Item, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.usable(ctx); err != nil {
		return nil, err
	}
	return s.catalogue(), nil
}

func (s *Store) catalogue() []recsys.Item {
	items := make([]recsys.Item, 0, len(s.items))
	for _, id := range slices.SortedFunc(maps.Keys(s.items), recsys.CompareIDs) {
		items = append(items, copyItem(s.items[id]))
	}
	return items
}

// UserEvents returns a user's events by time, then by order of arrival.
func (s *Store) UserEvents(ctx context.Context, userID string) ([]recsys.Event, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.usable(ctx); err != nil {
		return nil, err
	}
	found := []recsys.Event{}
	for _, e := range s.events {
		if e.UserID == userID {
			found = append(found, e)
		}
	}
	slices.SortStableFunc(found, compareTime)
	return found, nil
}

// EventsAfter returns up to limit events numbered above seq, in that order, and the number of
// the last one (seq itself when there is none).
func (s *Store) EventsAfter(ctx context.Context, seq int64, limit int) ([]recsys.Event, int64, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.usable(ctx); err != nil {
		return nil, seq, err
	}
	from := min(max(seq, 0), int64(len(s.events)))
	events := s.events[from:]
	events = slices.Clone(events[:min(max(limit, 0), len(events))])
	if len(events) == 0 {
		return []recsys.Event{}, seq, nil
	}
	return events, from + int64(len(events)), nil
}

// LastSeq returns the last number that was given to an event.
func (s *Store) LastSeq(ctx context.Context) (int64, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return int64(len(s.events)), s.usable(ctx)
}

// Stats counts events, users and items; an item counts when it has events or stands in the
// catalogue.
func (s *Store) Stats(ctx context.Context) (recsys.Stats, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.usable(ctx); err != nil {
		return recsys.Stats{}, err
	}
	users, items := map[string]bool{}, map[string]bool{}
	st := recsys.Stats{Events: int64(len(s.events))}
	for i, e := range s.events {
		users[e.UserID], items[e.ItemID] = true, true
		if i == 0 {
			st.FirstTime, st.LastTime = e.Time, e.Time
		}
		st.FirstTime, st.LastTime = min(st.FirstTime, e.Time), max(st.LastTime, e.Time)
	}
	for id := range s.items {
		items[id] = true
	}
	st.Users, st.Items = int64(len(users)), int64(len(items))
	return st, nil
}

// Close empties the store; what is called afterwards fails.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed, s.events, s.items = true, nil, nil
	return nil
}
