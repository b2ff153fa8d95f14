package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/recsys-lite/recsys/store/internal/duck"
)

// described is a table of what a shop says of its items or users: one row per id, which the
// next one with that id replaces.
type described struct{ table, id string }

var (
	describedItems = described{"items", "item_id"}
	describedUsers = described{"users", "user_id"}
)

// replace puts rows in the place of those with the same ids. stage adds them, their ids
// distinct, to the temporary table "staged", which has the columns of the other.
func (t described) replace(ctx context.Context, c *duck.Conn, stage func() error) error {
	if _, err := c.Exec(ctx, `CREATE TEMP TABLE staged AS FROM `+t.table+` LIMIT 0`); err != nil {
		return err
	}
	if err := stage(); err != nil {
		return err
	}
	return execAll(ctx, c, []string{
		fmt.Sprintf(`DELETE FROM %[1]s WHERE %[2]s IN (SELECT %[2]s FROM staged)`, t.table, t.id),
		`INSERT INTO ` + t.table + ` FROM staged`,
		`DROP TABLE staged`,
	})
}

// importRows is fileKind.insert: the columns are those of the table, in their order, as the
// query of the file has them.
func (t described) importRows(columns string) func(context.Context, *duck.Conn, *source, rowQuery) (int64, int64, error) {
	return func(ctx context.Context, c *duck.Conn, _ *source, q rowQuery) (n, _ int64, err error) {
		err = t.replace(ctx, c, func() (err error) {
			n, err = c.Exec(ctx, fmt.Sprintf(`INSERT INTO staged SELECT %s FROM %s WHERE %s`, columns, q.from, q.good))
			return err
		})
		return n, 0, err
	}
}

// latest picks, of the rows of a file that are sound, the last one of each id: these are good.
func (t described) latest(rows, sound string) (from, good string) {
	return fmt.Sprintf(`(SELECT *, CASE WHEN sound THEN row_number() OVER (PARTITION BY sound, %s ORDER BY row DESC) END AS place
		FROM (SELECT *, coalesce(%s, false) AS sound FROM %s))`, t.id, sound, rows), "place = 1"
}

// lastOf checks things and returns, of those with one id, the last.
func lastOf[T any](things []T, check func(*T) error, id func(*T) string) ([]*T, error) {
	last := make(map[string]int, len(things))
	for i := range things {
		if err := check(&things[i]); err != nil {
			return nil, fmt.Errorf("number %d: %w", i, err)
		}
		last[id(&things[i])] = i
	}
	kept := make([]*T, 0, len(last))
	for i := range things {
		if last[id(&things[i])] == i {
			kept = append(kept, &things[i])
		}
	}
	return kept, nil
}

// stageAll adds a row for each thing to the table "staged".
func stageAll[T any](ctx context.Context, c *duck.Conn, things []*T, row func(*duck.Appender, *T) error) error {
	a, err := c.NewAppender(ctx, "temp", "main", "staged")
	if err != nil {
		return err
	}
	defer a.Close()
	for _, thing := range things {
		if err := row(a, thing); err != nil {
			return err
		}
		if err := a.Next(); err != nil {
			return err
		}
	}
	return a.Flush()
}

// attributesText is the JSON object that the tables keep; one without members is "{}".
func attributesText(attributes map[string]string) ([]byte, error) {
	if len(attributes) == 0 {
		return []byte("{}"), nil
	}
	return json.Marshal(attributes)
}
