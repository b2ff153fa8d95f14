package store

import (
	"context"
	"fmt"
	"time"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/store/internal/duck"
)

// Expired counts what is older than a moment.
type Expired struct {
	// Events are the events before it; Users are those who have no later one.
	Events int64 `json:"events"`
	Users  int64 `json:"users"`
	// DeadLetters are the messages that were received before it and could not be used.
	DeadLetters int64 `json:"dead_letters"`
	// Oldest is the time of the oldest event, in Unix seconds; 0 without events.
	Oldest int64 `json:"oldest"`
}

// DeleteBefore deletes the events that happened before a moment, and the dead letters that
// arrived before it, in one transaction; dryRun only counts them. Models keep what they learned
// of the events until their next full fit. What the users file says of people stays: it is not
// dated.
//
// An event from the future counts by its own time. A clock that goes back deletes less, never
// more than it would at the right time.
func (db *DB) DeleteBefore(ctx context.Context, moment time.Time, dryRun bool) (Expired, error) {
	var e Expired
	if moment.Unix() < 0 {
		return e, fmt.Errorf("store: %w: events cannot be older than 1970, but %v was asked for", recsys.ErrInvalidConfig, moment)
	}
	count := func(c *duck.Conn) error {
		at := moment.Unix()
		return c.Query(ctx, `SELECT count(*) FILTER (ts < $1), count(DISTINCT user_id) - count(DISTINCT user_id) FILTER (ts >= $1),
			(SELECT count(*) FROM dead_letters WHERE received_at < $1), coalesce(min(ts), 0) FROM events`, []any{at}, func(k *duck.Chunk) error {
			e = Expired{Events: k.Int64(0)[0], Users: k.Int64(1)[0], DeadLetters: k.Int64(2)[0], Oldest: k.Int64(3)[0]}
			return nil
		})
	}
	if dryRun {
		return e, db.read(ctx, "count what has expired", count)
	}
	return e, db.write(ctx, "delete what has expired", func(c *duck.Conn) error {
		if err := count(c); err != nil {
			return err
		}
		if e.Events > 0 {
			if _, err := c.Exec(ctx, `DELETE FROM events WHERE ts < ?`, moment.Unix()); err != nil {
				return err
			}
		}
		if e.DeadLetters > 0 {
			if _, err := c.Exec(ctx, `DELETE FROM dead_letters WHERE received_at < ?`, moment.Unix()); err != nil {
				return err
			}
		}
		return nil
	})
}
