package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/recsys-lite/recsys/internal/durable"
	"github.com/recsys-lite/recsys/store/internal/duck"
)

// restorePrefix begins the name of a copy that Restore has not finished.
const restorePrefix = ".restore-"

// Restore puts a copy of a database (Copy) in the place of path, which may exist. Users who
// were forgotten since the copy was made stay forgotten: the tombstones of the database at path
// are carried over, and their users' rows deleted. The file gets its name in one step, when it
// is complete; nobody can have the old one open then. It returns the number of events deleted.
func Restore(ctx context.Context, backup, path string, o Options) (forgotten int64, err error) {
	o.ReadOnly = false
	fail := func(err error) (int64, error) {
		return 0, fmt.Errorf("store: restore %s from %s: %w", path, backup, err)
	}
	left, err := filepath.Glob(globQuote(path) + restorePrefix + "*")
	if err != nil {
		return fail(err)
	}
	for _, name := range left {
		if err := os.Remove(name); err != nil {
			return fail(err)
		}
	}
	fresh := fmt.Sprintf("%s%s%d", path, restorePrefix, os.Getpid())
	defer os.Remove(fresh)
	defer os.Remove(fresh + ".wal")
	if _, _, err := copyFile(ctx, backup, fresh); err != nil {
		return fail(err)
	}
	put := func(tombs [][2]any, key string) error {
		if forgotten, err = carryOver(ctx, fresh, key, tombs, o); err != nil {
			return err
		}
		if forgotten > 0 {
			if _, _, err := Rewrite(ctx, fresh, o); err != nil {
				return err
			}
		}
		return nil
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if err := put(nil, ""); err != nil {
			return fail(err)
		}
		if err := errors.Join(os.Rename(fresh, path), durable.SyncDir(filepath.Dir(path))); err != nil {
			return fail(err)
		}
		return forgotten, nil
	}
	var tombs [][2]any
	var key string
	err = exclusively(ctx, path, o, func(c *duck.Conn, _ string) error {
		if _, err := c.Exec(ctx, "USE source"); err != nil {
			return err
		}
		tombs, key, err = allTombstones(ctx, c)
		return err
	})
	if errors.Is(err, ErrLocked) || ctx.Err() != nil {
		return fail(err)
	}
	if err != nil {
		return fail(fmt.Errorf("the tombstones of the present file cannot be read, so users who were forgotten could come back: move it away to restore all the same: %w", err))
	}
	if err := put(tombs, key); err != nil {
		return fail(err)
	}
	err = exclusively(ctx, path, o, func(_ *duck.Conn, path string) error {
		return errors.Join(os.Rename(fresh, path), durable.SyncDir(filepath.Dir(path)))
	})
	if err != nil {
		return fail(err)
	}
	return forgotten, nil
}

func allTombstones(ctx context.Context, c *duck.Conn) (tombs [][2]any, key string, err error) {
	tables, err := tableColumns(ctx, c)
	if err != nil || tables["tombstones"] == nil {
		return nil, "", err
	}
	err = c.Query(ctx, `SELECT user_hash, created_at FROM tombstones ORDER BY ALL`, nil, func(k *duck.Chunk) error {
		for r, at := range k.Int64(1) {
			tombs = append(tombs, [2]any{k.String(0, r), at})
		}
		return nil
	})
	if err != nil {
		return nil, "", err
	}
	key, err = readTombstoneKey(ctx, c)
	return tombs, key, err
}

// carryOver brings a copy up to the present schema, gives it tombstones, and deletes the rows
// of their users. A copy made before the first deletion has no key; a later one has the same.
func carryOver(ctx context.Context, path, key string, tombs [][2]any, o Options) (removed int64, err error) {
	db, err := Open(ctx, path, o)
	if err != nil {
		return 0, err
	}
	defer db.Close()
	if len(tombs) == 0 {
		return 0, db.Close()
	}
	err = db.write(ctx, "carry tombstones over", func(c *duck.Conn) error {
		old, err := readTombstoneKey(ctx, c)
		if err != nil {
			return err
		}
		if old != "" && old != key {
			return errors.New("the copy is of another shop: its tombstones have another key")
		}
		if err := putSetting(ctx, c, tombstoneKey, key); err != nil {
			return err
		}
		for _, t := range tombs {
			if _, err := c.Exec(ctx, `INSERT INTO tombstones SELECT ?, ? WHERE ? NOT IN (SELECT user_hash FROM tombstones)`, t[0], t[1], t[0]); err != nil {
				return err
			}
		}
		for _, table := range []string{"events", "users"} {
			n, err := c.Exec(ctx, `DELETE FROM `+table+` WHERE sha256(? || user_id) IN (SELECT user_hash FROM tombstones)`, key)
			if err != nil {
				return err
			}
			removed += n
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return removed, db.Close()
}
