package store

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/recsys-lite/recsys/store/internal/duck"
)

// Salvaged is what Salvage saved of one table.
type Salvaged struct {
	Table string `json:"table"`
	// Rows were saved. Lost is how many more there were; −1 when that cannot be told.
	Rows int64 `json:"rows"`
	Lost int64 `json:"lost"`
	// Reason is what DuckDB said of the first part that could not be read.
	Reason string `json:"reason,omitempty"`
}

// salvageStep is the number of rows read at a time: half of DuckDB's row groups, so that one
// damaged block costs little else.
const salvageStep = 61440

// Salvage reads what can be read of a damaged database file and writes it to a new file out,
// which must not exist. The damaged file stays as it is. Where the list of tables itself is
// lost, nothing can be saved, and the error says so.
func Salvage(ctx context.Context, path, out string, o Options) ([]Salvaged, error) {
	if _, err := os.Lstat(out); err == nil {
		return nil, fmt.Errorf("store: salvage: %s: %w", out, fs.ErrExist)
	}
	o.ReadOnly = true
	var tables, create []string
	err := exclusively(ctx, path, o, func(c *duck.Conn, _ string) (err error) {
		tables, create, err = definitions(ctx, c)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("store: salvage %s: the list of its tables cannot be read, so nothing can be saved from it: restore a backup: %w", path, err)
	}
	rw := o
	rw.ReadOnly = false
	// A new file with the schema; what the damaged one had besides is made as it was.
	db, err := Open(ctx, out, rw)
	if err != nil {
		return nil, err
	}
	if err := db.Close(); err != nil {
		return nil, err
	}
	var all []Salvaged
	for i, name := range tables {
		if name == "schema_version" {
			continue // the new file has its own
		}
		s, err := salvageTable(ctx, path, out, name, create[i], o)
		if err != nil {
			return nil, fmt.Errorf("store: salvage %s: %w", name, err)
		}
		all = append(all, s)
	}
	return all, nil
}

func salvageTable(ctx context.Context, path, out, name, create string, o Options) (Salvaged, error) {
	s := Salvaged{Table: name, Lost: -1}
	total := int64(-1)
	table := identifier(name)
	// A damaged block may make DuckDB give the whole database up: every part gets a connection
	// of its own, until a row beyond the last one is asked for.
	err := exclusively(ctx, path, o, func(c *duck.Conn, _ string) error {
		n, err := queryInt(ctx, c, "SELECT coalesce(max(estimated_size), 0)::BIGINT FROM duckdb_tables() WHERE database_name = 'source' AND table_name = "+literal(name))
		if err == nil {
			total = n
		}
		return nil
	})
	if err != nil {
		return s, err
	}
	if err := intoOut(ctx, path, out, o, func(c *duck.Conn) error {
		have, err := queryInt(ctx, c, "SELECT count(*) FROM duckdb_tables() WHERE database_name = 'out' AND table_name = "+literal(name))
		if err != nil || have > 0 {
			if err == nil && name != "events" {
				_, err = c.Exec(ctx, "DELETE FROM out.main."+table)
			}
			return err
		}
		if _, err := c.Exec(ctx, "USE out"); err != nil {
			return err
		}
		_, err = c.Exec(ctx, create)
		return err
	}); err != nil {
		return s, err
	}
	columns, err := salvageColumns(ctx, path, name, o)
	if err != nil {
		s.Reason = err.Error()
		return s, ctx.Err()
	}
	for lo := int64(0); lo <= max(total, 0); lo += salvageStep {
		var n int64
		err := intoOut(ctx, path, out, o, func(c *duck.Conn) (err error) {
			n, err = c.Exec(ctx, fmt.Sprintf("INSERT INTO out.main.%[1]s (%[2]s) SELECT %[2]s FROM source.main.%[1]s WHERE rowid >= %[3]d AND rowid < %[4]d", table, columns, lo, lo+salvageStep))
			return err
		})
		if ctx.Err() != nil {
			return s, ctx.Err()
		}
		if err != nil && s.Reason == "" {
			s.Reason = err.Error()
		}
		s.Rows += n
	}
	if total >= 0 {
		s.Lost = max(total-s.Rows, 0)
	}
	return s, nil
}

// salvageColumns lists the columns that both files have.
func salvageColumns(ctx context.Context, path, name string, o Options) (string, error) {
	var columns []string
	err := exclusively(ctx, path, o, func(c *duck.Conn, _ string) error {
		return c.Query(ctx, `SELECT column_name FROM duckdb_columns() WHERE database_name = 'source' AND table_name = ? ORDER BY column_index`, []any{name}, func(k *duck.Chunk) error {
			for r := range k.Len() {
				columns = append(columns, identifier(k.String(0, r)))
			}
			return nil
		})
	})
	if err != nil {
		return "", err
	}
	return strings.Join(columns, ", "), nil
}

// intoOut runs f with the damaged file as "source" and the new one as "out".
func intoOut(ctx context.Context, path, out string, o Options, f func(*duck.Conn) error) error {
	return exclusively(ctx, path, o, func(c *duck.Conn, _ string) error {
		if _, err := c.Exec(ctx, "ATTACH "+literal(out)+" AS out"); err != nil {
			return err
		}
		if err := f(c); err != nil {
			return err
		}
		for _, q := range []string{"USE memory", "CHECKPOINT out", "DETACH out"} {
			if _, err := c.Exec(ctx, q); err != nil {
				return err
			}
		}
		return nil
	})
}
