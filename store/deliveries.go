package store

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/store/internal/duck"
)

// seenAge is how long the keys of taken messages are remembered. Queues deliver again within
// minutes, or after a long outage; a month is beyond what they keep by default.
const seenAge = 30 * 24 * time.Hour

// Deliver takes the messages of a queue in one transaction: their events, their dead letters
// and their keys. A message whose key was taken within the last 30 days changes nothing, unless
// it is Fresh; so a consumer that acknowledges after Deliver has returned loses nothing and
// doubles nothing. An invalid event refuses the whole call: it is the consumer's business to
// make it a dead letter.
func (db *DB) Deliver(ctx context.Context, source string, deliveries []recsys.Delivery) (recsys.Delivered, error) {
	var out recsys.Delivered
	what := fmt.Sprintf("take messages of %.80q", source)
	if source == "" || !utf8.ValidString(source) {
		return out, fmt.Errorf("store: %s: %w: a name is needed", what, recsys.ErrInvalidData)
	}
	keys := make([]string, len(deliveries))
	for i, d := range deliveries {
		sum := sha256.Sum256([]byte(d.Key))
		keys[i] = hex.EncodeToString(sum[:])
		for j := range d.Events {
			e := d.Events[j]
			if err := e.Normalize(); err != nil {
				return out, fmt.Errorf("store: %s: message %d, event %d: %w", what, i, j, err)
			}
		}
	}
	if len(deliveries) == 0 {
		return out, ctx.Err()
	}
	err := db.write(ctx, what, func(c *duck.Conn) (err error) {
		out, err = deliver(ctx, c, source, keys, deliveries)
		return err
	})
	if err != nil {
		return recsys.Delivered{}, err
	}
	return out, nil
}

func deliver(ctx context.Context, c *duck.Conn, source string, keys []string, deliveries []recsys.Delivery) (out recsys.Delivered, err error) {
	now := time.Now()
	if _, err := c.Exec(ctx, `DELETE FROM queue_seen WHERE seen_at < ?`, now.Add(-seenAge).Unix()); err != nil {
		return out, err
	}
	seen := map[string]bool{}
	err = c.Query(ctx, `SELECT key FROM queue_seen WHERE source = ? AND key IN (SELECT unnest(?::VARCHAR[]))`, []any{source, keys}, func(k *duck.Chunk) error {
		for r := range k.Len() {
			seen[k.String(0, r)] = true
		}
		return nil
	})
	if err != nil {
		return out, err
	}
	var events []recsys.Event
	var dead []recsys.DeadLetter
	var taken []string
	for i, d := range deliveries {
		if seen[keys[i]] && !d.Fresh {
			out.Repeated++
			continue
		}
		if !seen[keys[i]] {
			seen[keys[i]] = true
			taken = append(taken, keys[i])
		}
		events = append(events, d.Events...)
		dead = append(dead, d.Dead...)
	}
	for i := range events {
		if err := events[i].Normalize(); err != nil {
			return out, err
		}
	}
	if out.Events, err = appendAll(ctx, c, events); err != nil {
		return out, err
	}
	out.Forgotten, out.Dead = len(events)-out.Events, len(dead)
	if err := appendDead(ctx, c, source, dead, now); err != nil {
		return out, err
	}
	_, err = c.Exec(ctx, `INSERT INTO queue_seen SELECT ?, unnest(?::VARCHAR[]), ?`, source, taken, now.Unix())
	return out, err
}

// appendDead adds dead letters.
func appendDead(ctx context.Context, c *duck.Conn, source string, dead []recsys.DeadLetter, now time.Time) error {
	for _, d := range dead {
		encoding, body := "text", string(d.Body)
		if !utf8.Valid(d.Body) {
			encoding, body = "base64", base64.StdEncoding.EncodeToString(d.Body)
		}
		if _, err := c.Exec(ctx, `INSERT INTO dead_letters VALUES (?, ?, ?, ?, ?)`, source,
			strings.ToValidUTF8(d.Reason, "\ufffd"), encoding, body, now.Unix()); err != nil {
			return err
		}
	}
	return nil
}

// PutAside adds dead letters of a source in one transaction.
func (db *DB) PutAside(ctx context.Context, source string, dead []recsys.DeadLetter) error {
	if len(dead) == 0 {
		return ctx.Err()
	}
	return db.write(ctx, "put dead letters aside", func(c *duck.Conn) error {
		return appendDead(ctx, c, source, dead, time.Now())
	})
}

// DeadLetters returns what was put aside, in the order it arrived.
func (db *DB) DeadLetters(ctx context.Context) ([]recsys.DeadLetter, error) {
	dead := []recsys.DeadLetter{}
	err := db.read(ctx, "read dead letters", func(c *duck.Conn) error {
		return c.Query(ctx, `SELECT source, reason, encoding, body, received_at FROM dead_letters ORDER BY rowid`, nil, func(k *duck.Chunk) error {
			for r, at := range k.Int64(4) {
				d := recsys.DeadLetter{Source: k.String(0, r), Reason: k.String(1, r), Body: []byte(k.String(3, r)), Time: time.Unix(at, 0)}
				if k.String(2, r) == "base64" {
					body, err := base64.StdEncoding.DecodeString(string(d.Body))
					if err != nil {
						return fmt.Errorf("dead letter of %.80q: %w", d.Source, err)
					}
					d.Body = body
				}
				dead = append(dead, d)
			}
			return nil
		})
	})
	return slices.Clip(dead), err
}
