package recsys

import (
	"context"
	"fmt"
)

// Watermark marks a place in a store's log of events: everything up to it has been used.
type Watermark struct {
	// Seq is the store's number of the last event.
	Seq int64 `json:"seq"`
	// Time is the latest event time, in Unix seconds.
	Time int64 `json:"time"`
	// Mark names the state of the store's log that was read; empty where the store names none.
	Mark string `json:"mark,omitempty"`
}

// countedLog is a Store that says how many numbers it has given to events, also to events that
// are gone again, such as store.DB and memstore.Store.
type countedLog interface {
	LastSeq(ctx context.Context) (int64, error)
}

// markedLog is a Store that names each state of its log and knows those it was in, such as
// store.DB.
type markedLog interface {
	Mark(ctx context.Context) (string, error)
	Reached(ctx context.Context, mark string) (bool, error)
}

// Check returns an error that wraps ErrSetBack when the log of st has not gone on from w: the
// store was set back, or is another one, and an update would pass over events whose numbers it
// takes for known.
//
// A store tells by its methods, as store.DB does: Mark(ctx) (string, error) names the present
// state of its log, Reached(ctx, mark) (bool, error) says whether it was ever in one. Where
// there are no marks, LastSeq(ctx) (int64, error), the last number given to an event, tells as
// long as fewer events have arrived than were lost. A store without these methods passes.
func (w Watermark) Check(ctx context.Context, st Store) error {
	if log, ok := st.(countedLog); ok {
		last, err := log.LastSeq(ctx)
		if err != nil {
			return err
		}
		if last < w.Seq {
			return fmt.Errorf("%w: its last event has number %d, the model knows events up to %d and would pass over the next %d: train anew on it, or put the newer store back",
				ErrSetBack, last, w.Seq, w.Seq-last)
		}
	}
	log, ok := st.(markedLog)
	if !ok || w.Mark == "" {
		return nil
	}
	reached, err := log.Reached(ctx, w.Mark)
	if err != nil {
		return err
	}
	if !reached {
		return fmt.Errorf("%w: it is an older copy that has gone on, or another store; among its events up to number %d are some that the model would pass over: train anew on it, or put the right store back",
			ErrSetBack, w.Seq)
	}
	return nil
}
