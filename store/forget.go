package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/store/internal/duck"
)

// tombstoneKey is the setting with the key of the tombstones' hashes.
const tombstoneKey = "tombstone_key"

// Forget deletes a user's events and sets a tombstone, in one transaction, and returns how
// many events went. The tombstone is SHA-256(key + id) with a random key of this database, not
// the id: events of that user that arrive later are dropped by AppendEvents, and rejected by
// ImportEvents, until LiftTombstone. What the events occupied in the file is free for reuse,
// but not overwritten at once.
func (db *DB) Forget(ctx context.Context, userID string) (int64, error) {
	if userID == "" || !utf8.ValidString(userID) {
		return 0, fmt.Errorf("store: forget a user: %w: user id %.80q", recsys.ErrInvalidData, userID)
	}
	var removed int64
	err := db.write(ctx, "forget a user", func(c *duck.Conn) error {
		key, err := ensureTombstoneKey(ctx, c)
		if err != nil {
			return err
		}
		if removed, err = c.Exec(ctx, `DELETE FROM events WHERE user_id = ?`, userID); err != nil {
			return err
		}
		_, err = c.Exec(ctx, `INSERT INTO tombstones SELECT ?, ? WHERE ? NOT IN (SELECT user_hash FROM tombstones)`,
			tombstone(key, userID), time.Now().Unix(), tombstone(key, userID))
		return err
	})
	if err != nil {
		return 0, err
	}
	return removed, nil
}

// LiftTombstone lets events of a forgotten user in again. It says whether there was a
// tombstone.
func (db *DB) LiftTombstone(ctx context.Context, userID string) (bool, error) {
	var lifted int64
	err := db.write(ctx, "lift a tombstone", func(c *duck.Conn) error {
		f, err := readForgotten(ctx, c)
		if err != nil || f == nil {
			return err
		}
		lifted, err = c.Exec(ctx, `DELETE FROM tombstones WHERE user_hash = ?`, tombstone(f.key, userID))
		return err
	})
	return lifted > 0 && err == nil, err
}

func ensureTombstoneKey(ctx context.Context, c *duck.Conn) (string, error) {
	key, err := readTombstoneKey(ctx, c)
	if err != nil || key != "" {
		return key, err
	}
	var random [32]byte
	if _, err := rand.Read(random[:]); err != nil {
		return "", err
	}
	key = hex.EncodeToString(random[:])
	return key, putSetting(ctx, c, tombstoneKey, key)
}

func readTombstoneKey(ctx context.Context, c *duck.Conn) (key string, err error) {
	err = c.Query(ctx, `SELECT value FROM settings WHERE name = ?`, []any{tombstoneKey}, func(k *duck.Chunk) error {
		key = k.String(0, 0)
		return nil
	})
	return key, err
}

func tombstone(key, userID string) string {
	sum := sha256.Sum256([]byte(key + userID))
	return hex.EncodeToString(sum[:])
}

// forgotten are the tombstones.
type forgotten struct {
	key    string
	hashes map[string]bool
}

// readForgotten returns nil when there is no tombstone.
func readForgotten(ctx context.Context, c *duck.Conn) (*forgotten, error) {
	f := &forgotten{hashes: map[string]bool{}}
	err := c.Query(ctx, `SELECT user_hash FROM tombstones`, nil, func(k *duck.Chunk) error {
		for r := range k.Len() {
			f.hashes[k.String(0, r)] = true
		}
		return nil
	})
	if err != nil || len(f.hashes) == 0 {
		return nil, err
	}
	f.key, err = readTombstoneKey(ctx, c)
	return f, err
}

// without leaves out the events of forgotten users.
func (f *forgotten) without(events []recsys.Event) []recsys.Event {
	if f == nil {
		return events
	}
	known := map[string]bool{}
	kept := make([]recsys.Event, 0, len(events))
	for _, e := range events {
		gone, ok := known[e.UserID]
		if !ok {
			gone = f.hashes[tombstone(f.key, e.UserID)]
			known[e.UserID] = gone
		}
		if !gone {
			kept = append(kept, e)
		}
	}
	return kept
}

// reject makes rows of forgotten users bad ones. Their ids stay out of the report.
func (f *forgotten) reject(q rowQuery) rowQuery {
	if f == nil {
		return q
	}
	hash := "sha256(" + literal(f.key) + " || user_id)"
	q.good += " AND " + hash + " NOT IN (SELECT user_hash FROM tombstones)"
	q.faults = append([]fault{{hash + " IN (SELECT user_hash FROM tombstones)", "'the user was forgotten'", "NULL"}}, q.faults...)
	return q
}
