package store

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/recsys-lite/recsys/internal/idscan"
	"github.com/recsys-lite/recsys/store/internal/duck"
)

// Mention is where a user's id stands in the database.
type Mention struct {
	Table, Column string
	Rows          int64
	// Whole: the value is the id and nothing else; otherwise the id is a word in a longer text.
	Whole bool
}

// Mentions looks for a user's id in every column of every table, whatever it is for; the
// columns' values are decompressed and decoded for that. Besides values that are the id, it
// finds texts in which the id is a word, in UTF-8 or with JSON's escapes.
func (db *DB) Mentions(ctx context.Context, userID string) (found []Mention, err error) {
	err = db.read(ctx, "look for a user", func(c *duck.Conn) (err error) {
		found, err = mentions(ctx, c, userID)
		return err
	})
	return found, err
}

// MentionsIn is Mentions for a file that this process has not open, of any version of the
// schema: a backup, for instance.
func MentionsIn(ctx context.Context, path, userID string, o Options) (found []Mention, err error) {
	o.ReadOnly = true
	err = exclusively(ctx, path, o, func(c *duck.Conn, _ string) (err error) {
		if _, err := c.Exec(ctx, "USE source"); err != nil {
			return err
		}
		found, err = mentions(ctx, c, userID)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("store: look for a user in %s: %w", path, err)
	}
	return found, nil
}

func mentions(ctx context.Context, c *duck.Conn, userID string) ([]Mention, error) {
	tables, err := tableColumns(ctx, c)
	if err != nil {
		return nil, err
	}
	var found []Mention
	for _, table := range slices.Sorted(maps.Keys(tables)) {
		for _, column := range slices.Sorted(maps.Keys(tables[table])) {
			if !mayHoldText(tables[table][column]) {
				continue
			}
			m, err := mentionsIn(ctx, c, table, column, userID)
			if err != nil {
				return nil, err
			}
			found = append(found, m...)
		}
	}
	return found, nil
}

// mayHoldText: numbers and times cannot be ids, for ids are stored as text.
func mayHoldText(typ string) bool {
	switch typ {
	case "BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "FLOAT", "DOUBLE", "DATE", "TIME", "TIMESTAMP":
		return false
	}
	return true
}

func mentionsIn(ctx context.Context, c *duck.Conn, table, column, userID string) ([]Mention, error) {
	var found []Mention
	text := identifier(column) + "::VARCHAR"
	n, err := queryInt(ctx, c, fmt.Sprintf(`SELECT count(*) FROM %s WHERE %s = ?`, identifier(table), text), userID)
	if err != nil {
		return nil, err
	}
	if n > 0 {
		found = append(found, Mention{table, column, n, true})
	}
	// What is left for Go to look at are texts with the id in them, and those with an escape.
	n = 0
	err = c.Query(ctx, fmt.Sprintf(`SELECT DISTINCT %[2]s, count(*) FROM %[1]s WHERE %[2]s <> ? AND (contains(%[2]s, ?) OR contains(%[2]s, '\')) GROUP BY ALL`,
		identifier(table), text), []any{userID, userID}, func(k *duck.Chunk) error {
		for r, rows := range k.Int64(1) {
			if len(idscan.In([]byte(k.String(0, r)), userID, true)) > 0 {
				n += rows
			}
		}
		return nil
	})
	if n > 0 {
		found = append(found, Mention{table, column, n, false})
	}
	return found, err
}
