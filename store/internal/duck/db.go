// Package duck is the little of DuckDB's C interface that package store needs, over the
// mapping package of duckdb-go: prepared statements in, columns out.
//
// It stands beside duckdb-go's database/sql driver for three reasons. A scan through
// database/sql moves 2 million rows a second, the columns of a data chunk 90 million, and they
// come from the same connection and transaction as the temporary tables that number the ids.
// The driver passes the file's name through a URL parser, which loses everything behind a '#',
// and cannot open a path with a '%'. And rows are appended a column vector at a time.
//
// Databases are opened through the driver's own instance cache: a program that also opens the
// file with database/sql shares one instance with it, where two would corrupt the file.
package duck

import (
	"errors"
	"fmt"
	"slices"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/duckdb/duckdb-go/v2/mapping"
)

// DB is an open database. Connect is safe for concurrent use.
type DB struct{ db mapping.Database }

// Open opens path, or a new database in memory when path is empty, with the given settings.
func Open(path string, settings map[string]string) (*DB, error) {
	var config mapping.Config
	if mapping.CreateConfig(&config) == mapping.StateError {
		return nil, errors.New("duckdb: cannot create a configuration")
	}
	defer mapping.DestroyConfig(&config)
	names := make([]string, 0, len(settings))
	for name := range settings {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if mapping.SetConfig(config, name, settings[name]) == mapping.StateError {
			return nil, fmt.Errorf("duckdb: setting %s does not take %q", name, settings[name])
		}
	}
	d := &DB{}
	var message string
	var state mapping.State
	if path == "" {
		state = mapping.OpenExt("", &d.db, config, &message)
	} else {
		state = mapping.GetOrCreateFromCache(duckdb.GetInstanceCache(), path, &d.db, config, &message)
	}
	if state == mapping.StateError {
		mapping.Close(&d.db)
		return nil, Error(message)
	}
	return d, nil
}

// Close closes the database; its connections must be closed before.
func (d *DB) Close() { mapping.Close(&d.db) }

// Connect opens a connection. It is cheap: one per operation will do.
func (d *DB) Connect() (*Conn, error) {
	c := &Conn{}
	if mapping.Connect(d.db, &c.conn) == mapping.StateError {
		return nil, errors.New("duckdb: cannot connect")
	}
	return c, nil
}

// Error is what DuckDB has to say.
type Error string

func (e Error) Error() string { return "duckdb: " + string(e) }
