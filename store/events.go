package store

import (
	"context"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/store/internal/duck"
)

var _ recsys.Store = (*DB)(nil)

// AppendEvents adds events in one transaction. An invalid one refuses the whole call; those of
// users with a tombstone (Forget) are dropped.
func (db *DB) AppendEvents(ctx context.Context, events []recsys.Event) error {
	events = slices.Clone(events)
	for i := range events {
		if err := events[i].Normalize(); err != nil {
			return fmt.Errorf("store: append events: event %d: %w", i, err)
		}
	}
	if len(events) == 0 {
		return ctx.Err()
	}
	return db.write(ctx, "append events", func(c *duck.Conn) error {
		_, err := appendAll(ctx, c, events)
		return err
	})
}

// appendAll adds normalized events but those of forgotten users, and returns their number.
func appendAll(ctx context.Context, c *duck.Conn, events []recsys.Event) (int, error) {
	gone, err := readForgotten(ctx, c)
	if err != nil {
		return 0, err
	}
	events = gone.without(events)
	seq, err := takeSeq(ctx, c, int64(len(events)))
	if err != nil {
		return 0, err
	}
	a, err := c.NewAppender(ctx, "", "main", "events")
	if err != nil {
		return 0, err
	}
	defer a.Close()
	for i, e := range events {
		a.Int64(0, seq+int64(i)+1)
		a.String(1, e.UserID)
		a.String(2, e.ItemID)
		a.Int64(3, e.Time)
		a.Int64(4, e.Qty)
		a.String(5, e.Type)
		if err := a.Next(); err != nil {
			return 0, err
		}
	}
	return len(events), a.Flush()
}

// takeSeq reserves the n numbers above the one it returns. The counter outlives the events,
// so that no number is given twice when the last events are deleted.
func takeSeq(ctx context.Context, c *duck.Conn, n int64) (int64, error) {
	last, err := queryInt(ctx, c, "SELECT last_seq FROM event_counter")
	if err != nil || n == 0 {
		return last, err
	}
	if _, err = c.Exec(ctx, "UPDATE event_counter SET last_seq = ?", last+n); err != nil {
		return 0, err
	}
	return last, addMark(ctx, c, last+n)
}

// UserEvents returns a user's events by time, then by order of arrival.
func (db *DB) UserEvents(ctx context.Context, userID string) ([]recsys.Event, error) {
	events := []recsys.Event{}
	if !utf8.ValidString(userID) {
		return events, ctx.Err() // nobody is called so
	}
	err := db.read(ctx, "read a user's events", func(c *duck.Conn) error {
		return c.Query(ctx, `SELECT seq, user_id, item_id, ts, qty, event_type FROM events
			WHERE user_id = ? ORDER BY ts, seq`, []any{userID}, func(k *duck.Chunk) error {
			events = appendEvents(events, k)
			return nil
		})
	})
	return events, err
}

// EventsAfter returns up to limit events numbered above seq, in that order, and the number of
// the last one (seq itself when there is none).
func (db *DB) EventsAfter(ctx context.Context, seq int64, limit int) ([]recsys.Event, int64, error) {
	events, last := []recsys.Event{}, seq
	if limit <= 0 {
		return events, last, ctx.Err()
	}
	err := db.read(ctx, "read new events", func(c *duck.Conn) error {
		return c.Query(ctx, `SELECT seq, user_id, item_id, ts, qty, event_type FROM events
			WHERE seq > ? ORDER BY seq LIMIT ?`, []any{seq, limit}, func(k *duck.Chunk) error {
			events = appendEvents(events, k)
			last = k.Int64(0)[k.Len()-1]
			return nil
		})
	})
	if err != nil {
		return nil, seq, err
	}
	return events, last, nil
}

func appendEvents(events []recsys.Event, k *duck.Chunk) []recsys.Event {
	ts, qty := k.Int64(3), k.Int64(4)
	for r := range k.Len() {
		events = append(events, recsys.Event{UserID: k.String(1, r), ItemID: k.String(2, r),
			Time: ts[r], Qty: qty[r], Type: k.String(5, r)})
	}
	return events
}

// Stats counts events, users and items; an item counts when it has events or stands in the
// catalogue.
func (db *DB) Stats(ctx context.Context) (recsys.Stats, error) {
	var s recsys.Stats
	err := db.read(ctx, "count", func(c *duck.Conn) error {
		return c.Query(ctx, `SELECT count(*), count(DISTINCT user_id), coalesce(min(ts), 0), coalesce(max(ts), 0),
			(SELECT count(*) FROM (SELECT item_id FROM events UNION SELECT item_id FROM items)) FROM events`, nil,
			func(k *duck.Chunk) error {
				s = recsys.Stats{Events: k.Int64(0)[0], Users: k.Int64(1)[0],
					FirstTime: k.Int64(2)[0], LastTime: k.Int64(3)[0], Items: k.Int64(4)[0]}
				return nil
			})
	})
	return s, err
}
