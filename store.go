package recsys

import (
	"context"
	"time"
)

// Store holds events and items. All methods are safe for concurrent use; what a call wrote is
// durable when it has returned. Strings are any UTF-8.
type Store interface {
	// AppendEvents adds events in one transaction. Invalid ones (empty id, negative time,
	// broken UTF-8) refuse the whole call.
	AppendEvents(ctx context.Context, events []Event) error
	// UpsertItems adds items or replaces those of the same id, in one transaction.
	UpsertItems(ctx context.Context, items []Item) error
	// Dataset groups events into what a model is fitted on.
	Dataset(ctx context.Context, o DatasetOptions) (*Dataset, error)
	// Items returns the items of the catalogue by id order (CompareIDs).
	Items(ctx context.Context) ([]Item, error)
	// UserEvents returns a user's events by time, then by order of arrival.
	UserEvents(ctx context.Context, userID string) ([]Event, error)
	// EventsAfter returns up to limit events numbered above seq, in that order, and the
	// number of the last one (seq itself when there is none). It may return fewer; none means
	// that there are no more.
	EventsAfter(ctx context.Context, seq int64, limit int) (events []Event, last int64, err error)
	// Stats counts what the store holds.
	Stats(ctx context.Context) (Stats, error)
	Close() error
}

// AllEvents returns every event of a store in order of arrival.
func AllEvents(ctx context.Context, s Store) ([]Event, error) {
	const page = 1 << 20
	var all []Event
	for seq := int64(0); ; {
		events, last, err := s.EventsAfter(ctx, seq, page)
		if err != nil {
			return nil, err
		}
		if len(events) == 0 {
			return all, nil
		}
		all, seq = append(all, events...), last
	}
}

// Stats counts a store's contents.
type Stats struct {
	Events, Users, Items int64
	// FirstTime and LastTime are the extremes of event time in Unix seconds; 0 without events.
	FirstTime, LastTime int64
}

// DatasetOptions chooses what goes into a Dataset. The zero value takes every event with
// the default weighting.
type DatasetOptions struct {
	Weighting Weighting
	// From and Until bound the event time: From ≤ t < Until. The zero time does not bound.
	From, Until time.Time
	// SampleRate keeps this share of the users, chosen by a hash of Seed and id, with all
	// their events; 0 and 1 keep everybody.
	SampleRate float64
	Seed       uint64
	// Sequences asks for Dataset.Sequences.
	Sequences bool
	// ItemFeatures asks for Dataset.ItemFeatures: category, brand, price band and attributes.
	ItemFeatures bool
	// Users, if it is not nil, takes the events of these users only. The items are those of
	// the selected events and the whole catalogue, as ever.
	Users []string
	// AgesFrom is the time from which ages are counted back (Weighting.HalfLife); the zero time
	// is that of the latest event loaded.
	AgesFrom time.Time
	// UserFeatures asks for Dataset.UserFeatures: "country=X" and "NAME=VALUE" for the
	// attributes, where the store knows of any.
	UserFeatures bool
	// ExcludeUsers leaves these users out as if they had never been there.
	ExcludeUsers []string
}

// CompareIDs is the order in which a store numbers ids: shorter first, then by bytes, so that
// decimal row numbers keep their numeric order.
func CompareIDs(a, b string) int {
	switch {
	case len(a) != len(b):
		return len(a) - len(b)
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
