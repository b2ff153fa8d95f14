package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/recsys-lite/recsys/internal/durable"
	"github.com/recsys-lite/recsys/store/internal/duck"
)

// rewritePrefix begins the name of a copy that Rewrite has not finished, behind the
// database's own name.
const rewritePrefix = ".rewrite-"

// Rewrite replaces a database file by a copy of its rows, so that the bytes of rows that were
// deleted before are gone, and returns the sizes before and after. No process may have the
// file open; it is waited for as Open does. At every moment the file is whole: the copy gets
// its name in one step, when it is complete and synced, and what a crash left beside it goes
// with the next call. The file keeps its permissions.
func Rewrite(ctx context.Context, path string, o Options) (before, after int64, err error) {
	o.ReadOnly = false
	err = exclusively(ctx, path, o, func(c *duck.Conn, path string) error {
		left, err := filepath.Glob(globQuote(path) + rewritePrefix + "*")
		if err != nil {
			return err
		}
		for _, name := range left {
			if err := os.Remove(name); err != nil {
				return err
			}
		}
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		before = info.Size()
		fresh := fmt.Sprintf("%s%s%d", path, rewritePrefix, os.Getpid())
		defer os.Remove(fresh)
		defer os.Remove(fresh + ".wal")
		if err := copyTables(ctx, c, fresh); err != nil {
			return err
		}
		if after, err = seal(fresh, info); err != nil {
			return err
		}
		if err := os.Rename(fresh, path); err != nil {
			return err
		}
		return durable.SyncDir(filepath.Dir(path))
	})
	if err != nil {
		return 0, 0, fmt.Errorf("store: rewrite %s: %w", path, err)
	}
	return before, after, nil
}

// Rewritable reports what would keep Rewrite from running now: the file is open in this process,
// another one has it open for writing, which is waited for as Open does, or nothing may be
// written beside it. It changes nothing. There is nothing to report of a file that is not
// there.
func Rewritable(ctx context.Context, path string, o Options) error {
	o.ReadOnly = true // what a killed process left in the .wal file stays there
	err := exclusively(ctx, path, o, func(_ *duck.Conn, path string) error {
		f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+rewritePrefix+"*")
		if err != nil {
			return err
		}
		return errors.Join(f.Close(), os.Remove(f.Name()))
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("store: rewrite %s: %w", path, err)
	}
	return nil
}

// CopyRows writes the rows of a database, as Rewrite would, to a new file dst, and leaves the
// database as it is.
func CopyRows(ctx context.Context, path, dst string, o Options) error {
	o.ReadOnly = true
	err := exclusively(ctx, path, o, func(c *duck.Conn, _ string) error { return copyTables(ctx, c, dst) })
	if err != nil {
		return fmt.Errorf("store: copy the rows of %s: %w", path, err)
	}
	return nil
}

// exclusively runs f with a connection that has the file attached as "source" for reading, so
// that no other process writes to it. The other DBs of this process are kept out as well. What
// a killed process left in the .wal file is moved into the file first, unless o.ReadOnly: then
// it is read from where it is.
func exclusively(ctx context.Context, path string, o Options, f func(c *duck.Conn, path string) error) error {
	o, err := o.withDefaults()
	if err != nil {
		return err
	}
	if path, err = canonical(path, true); err != nil {
		return err
	}
	deadline := time.Now().Add(max(o.LockTimeout, 0))
	for pause := 5 * time.Millisecond; ; pause = min(2*pause, 250*time.Millisecond) {
		err := attached(ctx, path, o, f)
		if !errors.Is(err, ErrLocked) && !errors.Is(err, errWAL) {
			return err
		}
		if errors.Is(err, errWAL) {
			// What a killed process left in the .wal belongs into the file.
			db, err := Open(ctx, path, o)
			if err != nil {
				return err
			}
			if err := db.Close(); err != nil {
				return err
			}
		}
		left := time.Until(deadline)
		if left <= 0 {
			return fmt.Errorf("waited %v for another process that has it open: %w", max(o.LockTimeout, 0), err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(min(pause, left)):
		}
	}
}

var errWAL = errors.New("there are rows in the .wal file that are not in the database yet")

func attached(ctx context.Context, path string, o Options, f func(c *duck.Conn, path string) error) error {
	instances.Lock()
	defer instances.Unlock()
	if instances.byPath[path] != nil {
		return errors.New("it is open in this process: close every DB on it first")
	}
	settings := o.settings(true)
	settings["access_mode"] = "READ_WRITE"
	settings["threads"] = "1" // the same rows give the same bytes
	db, err := duck.Open("", settings)
	if err != nil {
		return err
	}
	defer db.Close()
	c, err := db.Connect()
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err := c.Exec(ctx, "ATTACH "+literal(path)+" AS source (READ_ONLY)"); err != nil {
		if isLockError(err) {
			return fmt.Errorf("%w: %v", ErrLocked, err)
		}
		return err
	}
	if _, err := os.Stat(path + ".wal"); !o.ReadOnly && !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(errWAL, err)
	}
	return f(c, path)
}

// copyTables copies the attached database "source" into a new file: tables with their rows in
// order, and the indexes and views that somebody may have added.
func copyTables(ctx context.Context, c *duck.Conn, path string) error {
	tables, create, err := definitions(ctx, c)
	if err != nil {
		return err
	}
	steps := append([]string{"ATTACH " + literal(path) + " AS fresh", "USE fresh"}, create[:len(tables)]...)
	for _, name := range tables {
		steps = append(steps, fmt.Sprintf("INSERT INTO fresh.main.%[1]s FROM source.main.%[1]s", identifier(name)))
	}
	steps = append(steps, create[len(tables):]...)
	steps = append(steps, "CHECKPOINT fresh", "USE memory", "DETACH fresh")
	for _, q := range steps {
		if _, err := c.Exec(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

// definitions returns the names of the tables of "source", and the statements that make first
// these and then everything else.
func definitions(ctx context.Context, c *duck.Conn) (tables, create []string, err error) {
	foreign, err := queryInt(ctx, c, `SELECT count(*) FROM duckdb_tables() WHERE database_name = 'source' AND schema_name <> 'main'`)
	if err != nil {
		return nil, nil, err
	}
	if foreign > 0 {
		return nil, nil, fmt.Errorf("%w: %d tables outside the schema main", ErrSchema, foreign)
	}
	for _, q := range []string{
		`SELECT table_name, sql FROM duckdb_tables() WHERE database_name = 'source' ORDER BY table_oid`,
		`SELECT NULL, sql FROM duckdb_indexes() WHERE database_name = 'source' AND sql <> '' ORDER BY index_oid`,
		`SELECT NULL, sql FROM duckdb_views() WHERE database_name = 'source' AND NOT internal ORDER BY view_oid`,
	} {
		err := c.Query(ctx, q, nil, func(k *duck.Chunk) error {
			for r := range k.Len() {
				if name := k.String(0, r); name != "" {
					tables = append(tables, name)
				}
				create = append(create, k.String(1, r))
			}
			return nil
		})
		if err != nil {
			return nil, nil, err
		}
	}
	return tables, create, nil
}

// seal syncs a finished database file and gives it the permissions of another.
func seal(path string, like os.FileInfo) (size int64, err error) {
	if _, err := os.Stat(path + ".wal"); !errors.Is(err, fs.ErrNotExist) {
		return 0, errors.Join(fmt.Errorf("%s was not checkpointed", path), err)
	}
	if err := os.Chmod(path, like.Mode().Perm()); err != nil {
		return 0, err
	}
	if err := sameOwner(path, like); err != nil {
		return 0, err
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return 0, err
	}
	info, err := f.Stat()
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// globQuote makes a name a pattern of path/filepath for itself.
func globQuote(path string) string {
	var b []byte
	for i := range len(path) {
		if c := path[i]; c == '*' || c == '?' || c == '[' || c == '\\' {
			b = append(b, '\\')
		}
		b = append(b, path[i])
	}
	return string(b)
}
