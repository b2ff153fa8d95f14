package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/idscan"
	"github.com/recsys-lite/recsys/store/internal/duck"
)

// tombstoneKey is the setting with the key of the tombstones' hashes.
const tombstoneKey = "tombstone_key"

// Forget deletes all rows of a user and sets a tombstone, in one transaction, and returns how
// many rows went from each table. The tombstone is SHA-256(key + id) with a random key of this
// database, not the id: events of that user that arrive later are dropped by AppendEvents, and
// rejected by ImportEvents, until LiftTombstone. What the rows occupied in the file is free for
// reuse, but not overwritten at once: Rewrite does that.
//
// A row is the user's when a column user_id says so and, in dead_letters, when the id stands in
// it as a word of its own. A path in imported_files that names the user is overwritten.
func (db *DB) Forget(ctx context.Context, userID string) (map[string]int64, error) {
	if userID == "" || !utf8.ValidString(userID) {
		return nil, fmt.Errorf("store: forget a user: %w: user id %.80q", recsys.ErrInvalidData, userID)
	}
	removed := map[string]int64{}
	err := db.write(ctx, "forget a user", func(c *duck.Conn) error {
		key, err := ensureTombstoneKey(ctx, c)
		if err != nil {
			return err
		}
		if err := deleteUser(ctx, c, userID, removed); err != nil {
			return err
		}
		_, err = c.Exec(ctx, `INSERT INTO tombstones SELECT ?, ? WHERE ? NOT IN (SELECT user_hash FROM tombstones)`,
			tombstone(key, userID), time.Now().Unix(), tombstone(key, userID))
		return err
	})
	if err != nil {
		return nil, err
	}
	return removed, nil
}

// deleteUser removes a user's rows, counting them by table.
func deleteUser(ctx context.Context, c *duck.Conn, userID string, removed map[string]int64) error {
	tables, err := tableColumns(ctx, c)
	if err != nil {
		return err
	}
	for table, columns := range tables {
		if columns["user_id"] == "" {
			continue
		}
		n, err := c.Exec(ctx, "DELETE FROM "+identifier(table)+" WHERE user_id::VARCHAR = ?", userID)
		if err != nil {
			return err
		}
		removed[table] = n
	}
	n, err := deleteNamed(ctx, c, `SELECT rowid, reason || ' ' || body, CASE encoding WHEN 'base64' THEN body ELSE '' END FROM dead_letters`,
		`DELETE FROM dead_letters WHERE rowid = ?`, userID)
	if err != nil {
		return err
	}
	removed["dead_letters"] = n
	n, err = deleteNamed(ctx, c, `SELECT rowid, path, '' FROM imported_files`, `UPDATE imported_files SET path = 'erased' WHERE rowid = ?`, userID)
	removed["imported_files"] = n
	return err
}

// deleteNamed runs a statement for every row, by its rowid, that names the user in its text or
// its base64.
func deleteNamed(ctx context.Context, c *duck.Conn, query, statement, userID string) (int64, error) {
	var rows []int64
	err := c.Query(ctx, query, nil, func(k *duck.Chunk) error {
		for r, id := range k.Int64(0) {
			body, err := base64.StdEncoding.DecodeString(k.String(2, r))
			if err != nil {
				body = nil
			}
			if len(idscan.In([]byte(k.String(1, r)), userID, true))+len(idscan.In(body, userID, true)) > 0 {
				rows = append(rows, id)
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	for _, id := range rows {
		if _, err := c.Exec(ctx, statement, id); err != nil {
			return 0, err
		}
	}
	return int64(len(rows)), nil
}

// Tombstones returns the keyed hashes of the forgotten users, with the time at which each was
// forgotten.
func (db *DB) Tombstones(ctx context.Context) (map[string]time.Time, error) {
	all := map[string]time.Time{}
	err := db.read(ctx, "read the tombstones", func(c *duck.Conn) error {
		return c.Query(ctx, `SELECT user_hash, created_at FROM tombstones`, nil, func(k *duck.Chunk) error {
			for r, at := range k.Int64(1) {
				all[k.String(0, r)] = time.Unix(at, 0)
			}
			return nil
		})
	})
	return all, err
}

// IsForgotten reports whether a user has a tombstone.
func (db *DB) IsForgotten(ctx context.Context, userID string) (bool, error) {
	var is bool
	err := db.read(ctx, "look up a tombstone", func(c *duck.Conn) error {
		f, err := readForgotten(ctx, c)
		is = f.has(userID)
		return err
	})
	return is, err
}

// Forgotten returns a test for the users who have a tombstone now, nil when there are none.
func (db *DB) Forgotten(ctx context.Context) (has func(userID string) bool, err error) {
	err = db.read(ctx, "read the tombstones", func(c *duck.Conn) error {
		f, err := readForgotten(ctx, c)
		if f != nil {
			has = f.has
		}
		return err
	})
	return has, err
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

// has is false for everybody when there is no tombstone.
func (f *forgotten) has(userID string) bool { return f != nil && f.hashes[tombstone(f.key, userID)] }

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
	q.faults = append([]fault{{hash + " IN (SELECT user_hash FROM tombstones)", "'" + ReasonForgotten + "'", "NULL"}}, q.faults...)
	return q
}
