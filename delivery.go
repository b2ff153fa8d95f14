package recsys

import "time"

// Delivery is one message of a queue, as a consumer hands it to a store that keeps track of
// what it has taken (store.DB.Deliver).
type Delivery struct {
	// Key identifies the message within its source: of several deliveries of one key, the
	// first counts.
	Key string
	// Fresh says that the queue has not delivered the message before, so that an equal key
	// belongs to another message. It is for messages that nothing but their content tells apart.
	Fresh bool
	// Events are what the message says.
	Events []Event
	// Dead are the parts of it that cannot be used.
	Dead []DeadLetter
}

// DeadLetter is something that arrived and could not be used.
type DeadLetter struct {
	// Source names the queue, topic or journal.
	Source string
	// Reason says what is wrong with it.
	Reason string
	Body   []byte
	// Time is when it was put aside.
	Time time.Time
}

// Delivered counts what became of deliveries.
type Delivered struct {
	// Events were added, Forgotten dropped because their user has a tombstone.
	Events, Forgotten int
	// Repeated messages had been taken before.
	Repeated int
	// Dead letters were put aside.
	Dead int
}
