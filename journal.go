package recsys

import "context"

// Journal keeps the events that a server accepts until a worker has them in the store. All
// methods are safe for concurrent use.
type Journal interface {
	// ID names the journal: the numbers of its events are its own, and Snapshot.Journaled
	// tells by this name which of them a model contains.
	ID() string
	// Append adds events and returns the number of the first; the others follow without a
	// gap. When it returns without an error, the events are on stable storage. An event that
	// Event.Normalize refuses, refuses the whole call.
	Append(ctx context.Context, events []Event) (first int64, err error)
}
