package store

import (
	"context"
	"fmt"

	"github.com/recsys-lite/recsys/store/internal/duck"
)

// schemaVersion is the version that this program writes.
//
//	0  no schema_version table: an empty file, or one by the Python program recsys-lite, with
//	   events(user_id, item_id, ts, qty) and items(item_id, category, brand, price, img_url)
//	1  events, items and the ledgers of files, settings, tombstones and audit
//	2  journals, queue_seen, dead_letters and users
//	3  event_marks, and journals.waiting
const schemaVersion = 3

// migrations[v] brings a file from version v to v+1.
var migrations = []func(context.Context, *duck.Conn) error{migrateTo1, migrateTo2, migrateTo3}

// schema1 has no indexes on purpose: they would triple the time of an import, and DuckDB skips
// to the right blocks by their minimum and maximum, also for seq.
var schema1 = []string{
	`CREATE TABLE schema_version (version INTEGER NOT NULL)`,
	`INSERT INTO schema_version VALUES (1)`,
	`CREATE TABLE event_counter (last_seq BIGINT NOT NULL)`,
	`INSERT INTO event_counter VALUES (0)`,
	`CREATE TABLE events (
		seq        BIGINT  NOT NULL,
		user_id    VARCHAR NOT NULL,
		item_id    VARCHAR NOT NULL,
		ts         BIGINT  NOT NULL,
		qty        BIGINT  NOT NULL,
		event_type VARCHAR NOT NULL)`,
	`CREATE TABLE items (
		item_id    VARCHAR NOT NULL,
		title      VARCHAR NOT NULL,
		category   VARCHAR NOT NULL,
		brand      VARCHAR NOT NULL,
		price      DOUBLE,
		img_url    VARCHAR NOT NULL,
		available  BOOLEAN NOT NULL,
		attributes VARCHAR NOT NULL)`,
	`CREATE TABLE imported_files (
		kind       VARCHAR NOT NULL,
		hash       VARCHAR NOT NULL,
		path       VARCHAR NOT NULL,
		bytes      BIGINT  NOT NULL,
		rows_read  BIGINT  NOT NULL,
		inserted   BIGINT  NOT NULL,
		rejected   BIGINT  NOT NULL,
		last_seq   BIGINT  NOT NULL,
		applied_at BIGINT  NOT NULL)`,
	`CREATE TABLE settings (name VARCHAR NOT NULL, value VARCHAR NOT NULL)`,
	`CREATE TABLE tombstones (user_hash VARCHAR NOT NULL, created_at BIGINT NOT NULL)`,
	`CREATE TABLE audit (done_at BIGINT NOT NULL, operation VARCHAR NOT NULL, subject VARCHAR NOT NULL, outcome VARCHAR NOT NULL)`,
}

// schema2 has what events arrive through besides files, and what is known of users. Keys of
// queue_seen are SHA-256 sums: a message's own key may be personal. A dead letter's encoding is
// 'text', or 'base64' where the body is no UTF-8. users.attributes is a JSON object, as
// items.attributes is.
var schema2 = []string{
	`CREATE TABLE journals (journal VARCHAR NOT NULL, last_seq BIGINT NOT NULL, updated_at BIGINT NOT NULL)`,
	`CREATE TABLE queue_seen (source VARCHAR NOT NULL, key VARCHAR NOT NULL, seen_at BIGINT NOT NULL)`,
	`CREATE TABLE dead_letters (
		source      VARCHAR NOT NULL,
		reason      VARCHAR NOT NULL,
		encoding    VARCHAR NOT NULL,
		body        VARCHAR NOT NULL,
		received_at BIGINT  NOT NULL)`,
	`CREATE TABLE users (user_id VARCHAR NOT NULL, country VARCHAR NOT NULL, attributes VARCHAR NOT NULL)`,
	`UPDATE schema_version SET version = 2`,
}

// schema3 has a random mark for every state of the log of events: a copy of the file shares
// those up to its own, and none after. 16 bytes for every transaction that adds events.
// A journal is waiting as long as files of it may lie in the incremental directory; one that is
// salvaged from a file of an older schema may have some.
var schema3 = []string{
	`CREATE TABLE event_marks (last_seq BIGINT NOT NULL, mark BIGINT NOT NULL)`,
	`ALTER TABLE journals RENAME TO old_journals`,
	`CREATE TABLE journals (journal VARCHAR NOT NULL, last_seq BIGINT NOT NULL, updated_at BIGINT NOT NULL, waiting BOOLEAN NOT NULL DEFAULT true)`,
	`INSERT INTO journals SELECT journal, last_seq, updated_at, true FROM old_journals ORDER BY rowid`,
	`DROP TABLE old_journals`,
	`UPDATE schema_version SET version = 3`,
}

// prepareSchema creates or migrates the tables, in one transaction.
func (in *instance) prepareSchema(ctx context.Context) error {
	c, err := in.db.Connect()
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err := c.Exec(ctx, "BEGIN"); err != nil {
		return err
	}
	version, err := readVersion(ctx, c)
	switch {
	case err != nil:
		return err
	case version == schemaVersion:
		return nil
	case version < 0 || version > schemaVersion:
		return fmt.Errorf("%w: version %d, this program knows versions up to %d: use a newer one", ErrSchema, version, schemaVersion)
	case in.opts.ReadOnly:
		return fmt.Errorf("%w: version %d must be brought to %d first: open the file once for writing", ErrSchema, version, schemaVersion)
	}
	for v := version; v < schemaVersion; v++ {
		if err := migrations[v](ctx, c); err != nil {
			return fmt.Errorf("bring the schema from version %d to %d: %w", v, v+1, err)
		}
	}
	_, err = c.Exec(ctx, "COMMIT")
	return err
}

func readVersion(ctx context.Context, c *duck.Conn) (int, error) {
	tables, err := tableColumns(ctx, c)
	if err != nil || tables["schema_version"] == nil {
		return 0, err
	}
	version, err := queryInt(ctx, c, "SELECT max(version)::BIGINT FROM schema_version")
	return int(version), err
}

// tableColumns lists the columns of each table in the main schema.
func tableColumns(ctx context.Context, c *duck.Conn) (map[string]map[string]string, error) {
	tables := map[string]map[string]string{}
	err := c.Query(ctx, `SELECT table_name, lower(column_name), data_type FROM information_schema.columns
		WHERE table_schema = 'main' AND table_catalog = current_database()`, nil, func(k *duck.Chunk) error {
		for r := range k.Len() {
			name := k.String(0, r)
			if tables[name] == nil {
				tables[name] = map[string]string{}
			}
			tables[name][k.String(1, r)] = k.String(2, r)
		}
		return nil
	})
	return tables, err
}

// queryInt runs a query for one BIGINT; NULL is 0.
func queryInt(ctx context.Context, c *duck.Conn, query string, args ...any) (int64, error) {
	var v int64
	err := c.Query(ctx, query, args, func(k *duck.Chunk) error {
		if k.Len() > 0 && !k.Null(0, 0) {
			v = k.Int64(0)[0]
		}
		return nil
	})
	return v, err
}
