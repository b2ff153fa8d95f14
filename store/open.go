package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/recsys-lite/recsys/store/internal/duck"
)

var (
	// ErrLocked: another process holds the database file.
	ErrLocked = errors.New("database is locked")
	// ErrClosed: the database was closed before.
	ErrClosed = errors.New("database is closed")
	// ErrSchema: the file was written by a newer version, or holds foreign tables.
	ErrSchema = errors.New("unknown database schema")
)

const (
	// DefaultLockTimeout is how long Open waits for another process.
	DefaultLockTimeout = 10 * time.Second
	// DefaultMemoryLimit is the memory that DuckDB may take: 2 GiB. Beyond it, sorts and
	// joins spill to a folder beside the file.
	DefaultMemoryLimit = 2 << 30
)

// Options says how to open a database.
type Options struct {
	// ReadOnly opens an existing file for reading. Several processes may do so at once, while
	// none writes. A file that this process has open for writing is shared, and stays locked
	// against other processes until the last DB on it is closed.
	ReadOnly bool
	// LockTimeout is how long to wait while another process holds the file. 0 means
	// DefaultLockTimeout, negative not to wait.
	LockTimeout time.Duration
	// MemoryLimit bounds DuckDB's memory in bytes; 0 means DefaultMemoryLimit.
	MemoryLimit int64
	// Threads bounds DuckDB's threads; 0 means one per available CPU.
	Threads int
}

// settings are the options as DuckDB knows them. Extensions are what DuckDB would fetch from
// the network.
func (o Options) settings(inMemory bool) map[string]string {
	s := map[string]string{
		"autoinstall_known_extensions": "false",
		"autoload_known_extensions":    "false",
		"memory_limit":                 strconv.FormatInt(o.MemoryLimit, 10) + "B",
		"threads":                      strconv.Itoa(o.Threads),
		"access_mode":                  "READ_WRITE",
	}
	if o.ReadOnly {
		s["access_mode"] = "READ_ONLY"
	}
	if inMemory {
		s["temp_directory"] = "" // or it would spill into the working directory
	}
	return s
}

func (o Options) withDefaults() (Options, error) {
	if o.MemoryLimit < 0 || o.Threads < 0 {
		return o, fmt.Errorf("store: memory limit %d and threads %d must not be negative", o.MemoryLimit, o.Threads)
	}
	if o.LockTimeout == 0 {
		o.LockTimeout = DefaultLockTimeout
	}
	if o.MemoryLimit == 0 {
		o.MemoryLimit = DefaultMemoryLimit
	}
	if o.Threads == 0 {
		o.Threads = runtime.GOMAXPROCS(0)
	}
	return o, nil
}

// DB is an open database. It implements recsys.Store; all methods are safe for concurrent use.
type DB struct {
	shared *instance
	// readOnly is what was asked for; the instance may be one for writing all the same.
	readOnly bool
	// use is held for reading by every operation, for writing by Close.
	use    sync.RWMutex
	closed bool
}

// instance is a database file that this process has open, shared by the DBs on it.
type instance struct {
	db   *duck.DB
	path string
	opts Options
	refs int
	// writing holds one token: the order of sequence numbers is the order of commits.
	writing chan struct{}
}

// instances are the open files by path. Two DuckDB instances of one process on one file would
// corrupt it, for the file's lock does not keep the process out that holds it.
var instances = struct {
	sync.Mutex
	byPath map[string]*instance
}{byPath: map[string]*instance{}}

// Open opens the database file at path, which it creates if need be; an empty path is a
// database in memory. A locked file is waited for, and then gives an error that wraps
// ErrLocked and names the file.
func Open(ctx context.Context, path string, o Options) (*DB, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	if path != "" {
		if path, err = canonical(path, o.ReadOnly); err != nil {
			return nil, fmt.Errorf("store: open the database: %w", err)
		}
	}
	wait := o.LockTimeout
	deadline := time.Now().Add(max(wait, 0))
	o.LockTimeout = 0 // no part of what must agree between DBs on one file
	for pause := 5 * time.Millisecond; ; pause = min(2*pause, 250*time.Millisecond) {
		db, err := openOnce(ctx, path, o)
		if err == nil {
			return db, nil
		}
		if !errors.Is(err, ErrLocked) {
			return nil, err
		}
		left := time.Until(deadline)
		if left <= 0 {
			return nil, fmt.Errorf("store: %s: waited %v for another process that has it open: %w", path, max(wait, 0), err)
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("store: wait for %s: %w", path, ctx.Err())
		case <-time.After(min(pause, left)):
		}
	}
}

// canonical is the one name by which this process knows a file.
func canonical(path string, mustExist bool) (string, error) {
	if strings.ContainsRune(path, 0) {
		return "", fmt.Errorf("the name %q contains a zero byte", path)
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	info, err := os.Stat(abs)
	switch {
	case err == nil && info.IsDir():
		return "", fmt.Errorf("%s is a directory, not a database file", path)
	case err == nil:
		return filepath.EvalSymlinks(abs)
	case !errors.Is(err, fs.ErrNotExist):
		return "", err
	case mustExist:
		return "", fmt.Errorf("%w (a database opened for reading must exist)", err)
	}
	dir, err := filepath.EvalSymlinks(filepath.Dir(abs))
	if err != nil {
		return "", fmt.Errorf("the folder of %s: %w", path, err)
	}
	return filepath.Join(dir, filepath.Base(abs)), nil
}

func openOnce(ctx context.Context, path string, o Options) (*DB, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	instances.Lock()
	defer instances.Unlock()
	if in := instances.byPath[path]; in != nil && path != "" {
		if err := in.serves(o); err != nil {
			return nil, err
		}
		in.refs++
		return &DB{shared: in, readOnly: o.ReadOnly}, nil
	}
	db, err := duck.Open(path, o.settings(path == ""))
	if err != nil {
		if isLockError(err) {
			return nil, fmt.Errorf("%w: %v", ErrLocked, err)
		}
		return nil, fmt.Errorf("store: open %s: %w", path, err)
	}
	in := &instance{db: db, path: path, opts: o, refs: 1, writing: make(chan struct{}, 1)}
	in.writing <- struct{}{}
	if !o.ReadOnly && path != "" {
		sweepSpill(path)
	}
	if err := in.prepareSchema(ctx); err != nil {
		db.Close()
		return nil, fmt.Errorf("store: %s: %w", in.name(), err)
	}
	if path != "" {
		instances.byPath[path] = in
	}
	return &DB{shared: in, readOnly: o.ReadOnly}, nil
}

// serves says why an open file cannot be shared by a DB with other options. One for reading
// may use what is open for writing.
func (in *instance) serves(o Options) error {
	have := in.opts
	switch {
	case have.ReadOnly && !o.ReadOnly:
		return fmt.Errorf("store: %s is already open in this process for reading only: close every DB on it to open it for writing", in.path)
	case have.MemoryLimit != o.MemoryLimit || have.Threads != o.Threads:
		return fmt.Errorf("store: %s is already open in this process with other options (memory limit %d and %d threads, now %d and %d): give the same ones, use that DB, or close it",
			in.path, have.MemoryLimit, have.Threads, o.MemoryLimit, o.Threads)
	}
	return nil
}

// sweepSpill removes what a killed process spilled beside the file. The lock on the file says
// that nobody uses it. What cannot be removed does no harm but take space.
func sweepSpill(path string) {
	dir := path + ".tmp"
	left, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range left {
		if strings.HasPrefix(e.Name(), "duckdb_temp_") {
			_ = os.Remove(filepath.Join(dir, e.Name()))
		}
	}
	_ = os.Remove(dir) // fails when there is something else in it
}

// isLockError recognises DuckDB's complaint, for which there is no code.
func isLockError(err error) bool {
	text := err.Error()
	return strings.Contains(text, "Could not set lock on file") || strings.Contains(text, "being used by another process")
}

func (in *instance) name() string {
	if in.path == "" {
		return "database in memory"
	}
	return in.path
}

// Path is the database's file, empty for one in memory.
func (db *DB) Path() string { return db.shared.path }

// Close waits for the operations under way, moves the .wal file's content into the database
// and closes it. Closing twice is no error.
func (db *DB) Close() error {
	db.use.Lock()
	defer db.use.Unlock()
	if db.closed {
		return nil
	}
	db.closed = true
	instances.Lock()
	defer instances.Unlock()
	in := db.shared
	if in.refs--; in.refs > 0 {
		return nil
	}
	delete(instances.byPath, in.path)
	defer in.db.Close()
	if in.opts.ReadOnly || in.path == "" {
		return nil
	}
	c, err := in.db.Connect()
	if err != nil {
		return fmt.Errorf("store: close %s: %w", in.path, err)
	}
	defer c.Close()
	if _, err := c.Exec(context.Background(), "CHECKPOINT"); err != nil {
		return fmt.Errorf("store: close %s: what is in %s.wal could not be moved into it, keep both: %w", in.path, in.path, err)
	}
	return nil
}

// read runs f on a connection in a transaction that it rolls back: f sees one state of the
// database and may make temporary tables.
func (db *DB) read(ctx context.Context, what string, f func(*duck.Conn) error) error {
	return db.do(ctx, what, func(c *duck.Conn) error {
		if err := f(c); err != nil {
			return err
		}
		_, err := c.Exec(context.WithoutCancel(ctx), "ROLLBACK")
		return err
	})
}

// write runs f on a connection in a transaction, one at a time, and commits.
func (db *DB) write(ctx context.Context, what string, f func(*duck.Conn) error) error {
	if db.readOnly {
		return fmt.Errorf("store: %s: %s is open for reading only", what, db.shared.path)
	}
	select {
	case <-ctx.Done():
		return fmt.Errorf("store: %s: %w", what, ctx.Err())
	case <-db.shared.writing:
	}
	defer func() { db.shared.writing <- struct{}{} }()
	return db.do(ctx, what, func(c *duck.Conn) error {
		if err := f(c); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		// From here on there is no turning back: a cancel must not leave it open which it was.
		_, err := c.Exec(context.WithoutCancel(ctx), "COMMIT")
		return err
	})
}

func (db *DB) do(ctx context.Context, what string, f func(*duck.Conn) error) error {
	db.use.RLock()
	defer db.use.RUnlock()
	if db.closed {
		return fmt.Errorf("store: %s: %w", what, ErrClosed)
	}
	c, err := db.shared.db.Connect()
	if err != nil {
		return fmt.Errorf("store: %s: %w", what, err)
	}
	// Closing the connection rolls back what was not committed.
	defer c.Close()
	if _, err = c.Exec(ctx, "BEGIN"); err == nil {
		err = f(c)
	}
	if err != nil {
		return fmt.Errorf("store: %s: %w", what, err)
	}
	return nil
}
