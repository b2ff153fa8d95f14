package store

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/recsys-lite/recsys/store/internal/duck"
)

// ErrRejected: a strict import met bad rows and changed nothing.
var ErrRejected = errors.New("the file has rows that cannot be used")

// ImportEvents adds the events of a Parquet or CSV file, in one transaction with its row in
// the ledger: however often it is called for a file's content, also after a crash and by
// several processes, each row is added once.
//
// The columns user_id, item_id and ts are needed, in any order and case. Ids may be text or
// whole numbers. ts is Unix seconds, whole or not (the fraction is cut), or a timestamp, in
// CSV in ISO 8601; without a zone it is UTC. qty is a whole number, negative for a return; a
// file without that column has 1 everywhere. event_type is optional and empty means
// "purchase". Further columns are ignored, and listed in the report.
//
// Rows with an empty id, a ts or qty that is missing, unreadable or out of range (times
// before 1970 or after 9999, which catches milliseconds; more than 10⁹ units), broken UTF-8
// or the wrong number of fields, and those of users with a tombstone, are rejected; the others
// are added.
func (db *DB) ImportEvents(ctx context.Context, path string, o ImportOptions) (Report, error) {
	return db.importFile(ctx, eventsKind, path, o)
}

// ImportItems adds the items of a Parquet or CSV file, or replaces those of the same id, in
// one transaction with its row in the ledger.
//
// Only item_id is needed; title, category, brand, price, img_url and available are used, and
// every further column is kept as an attribute of its name (empty values are not). Rows with
// an empty id, a price that is negative or no number, or an available that is neither true
// nor false are rejected. Of several rows with one id the last counts and the others are
// reported as rejected.
func (db *DB) ImportItems(ctx context.Context, path string, o ImportOptions) (Report, error) {
	return db.importFile(ctx, itemsKind, path, o)
}

// ImportUsers adds the users of a Parquet or CSV file, or replaces those of the same id, in one
// transaction with its row in the ledger.
//
// Only user_id is needed; country is used, and every further column is kept as an attribute of
// its name (empty values are not). Rows with an empty id and those of users with a tombstone
// are rejected. Of several rows with one id the last counts and the others are reported as
// rejected.
func (db *DB) ImportUsers(ctx context.Context, path string, o ImportOptions) (Report, error) {
	return db.importFile(ctx, usersKind, path, o)
}

// fileKind is what a file holds.
type fileKind struct {
	name     string
	required []string
	// rows builds the query over a source; insert adds its good rows.
	rows   func(*source) rowQuery
	insert func(context.Context, *duck.Conn, *source, rowQuery) (inserted, lastSeq int64, err error)
	// known are the columns that are used; others are ignored, if ignores is true.
	known   []string
	ignores bool
	// personal rows have a user, who may have been forgotten.
	personal bool
}

func (db *DB) importFile(ctx context.Context, kind fileKind, path string, o ImportOptions) (Report, error) {
	r := Report{File: path, Reasons: map[string]int64{}}
	what := "import " + path
	abs, err := filepath.Abs(path)
	if err != nil {
		return r, fmt.Errorf("store: %s: %w", what, err)
	}
	o.report("read", 0, 0)
	file, err := inspectFile(ctx, abs)
	if err != nil {
		return r, fmt.Errorf("store: %s: %w", what, err)
	}
	r.Hash = file.hash
	apply := func(asText bool) error {
		return db.write(ctx, what, func(c *duck.Conn) error {
			if !o.Force {
				if err := lookUpLedger(ctx, c, kind.name, &r); err != nil || r.AlreadyApplied {
					return err
				}
			}
			return applyFile(ctx, c, kind, file, asText, o, &r)
		})
	}
	if err = apply(false); errors.Is(err, errNotUTF8) {
		err = apply(true)
	}
	return r, err
}

func applyFile(ctx context.Context, c *duck.Conn, kind fileKind, file inputFile, asText bool, o ImportOptions, r *Report) error {
	// DuckDB reads and writes times by the clock of the machine's zone.
	if _, err := c.Exec(ctx, "SET TimeZone = 'UTC'"); err != nil {
		return err
	}
	src, err := file.open(ctx, c, asText, o)
	if err != nil {
		return err
	}
	if err := src.need(kind.required); err != nil {
		return err
	}
	if kind.ignores {
		r.IgnoredColumns = src.others(kind.known)
	}
	r.Read, r.Reasons = src.rows, map[string]int64{}
	o.report("insert", 0, src.rows)
	query := kind.rows(src)
	if kind.personal {
		gone, err := readForgotten(ctx, c)
		if err != nil {
			return err
		}
		query = gone.reject(query)
	}
	var lastSeq int64
	err = o.watch(ctx, c, src.rows, func() (err error) {
		r.Inserted, lastSeq, err = kind.insert(ctx, c, src, query)
		return err
	})
	if err != nil {
		return explain(err)
	}
	o.report("insert", r.Inserted, src.rows)
	if r.Rejected = r.Read - r.Inserted; r.Rejected > 0 {
		if err := reportRejects(ctx, c, query, o, r); err != nil {
			return err
		}
		if o.Strict {
			return fmt.Errorf("%w: %d of %d (%s); nothing was imported", ErrRejected, r.Rejected, r.Read, countsText(r.Reasons))
		}
	}
	if err := file.unchanged(); err != nil {
		return err
	}
	r.AppliedAt = time.Now().Truncate(time.Second)
	_, err = c.Exec(ctx, `INSERT INTO imported_files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		kind.name, file.hash, file.path, file.size, r.Read, r.Inserted, r.Rejected, lastSeq, r.AppliedAt.Unix())
	o.report("commit", r.Inserted, src.rows)
	return err
}

// lookUpLedger fills in the report when a file of this content was applied.
func lookUpLedger(ctx context.Context, c *duck.Conn, kind string, r *Report) error {
	return c.Query(ctx, `SELECT applied_at, rows_read, inserted, rejected FROM imported_files
		WHERE kind = ? AND hash = ? ORDER BY applied_at LIMIT 1`, []any{kind, r.Hash}, func(k *duck.Chunk) error {
		r.AlreadyApplied = true
		r.AppliedAt = time.Unix(k.Int64(0)[0], 0)
		r.Read, r.Inserted, r.Rejected = k.Int64(1)[0], k.Int64(2)[0], k.Int64(3)[0]
		return nil
	})
}
