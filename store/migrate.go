package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/store/internal/duck"
)

// migrateTo1 creates the tables, and moves rows over that the Python program left.
func migrateTo1(ctx context.Context, c *duck.Conn) error {
	tables, err := tableColumns(ctx, c)
	if err != nil {
		return err
	}
	for name := range tables {
		if name != "events" && name != "items" {
			return fmt.Errorf("%w: there is a table %q already, and no schema_version: not a database of this program", ErrSchema, name)
		}
	}
	var statements []string
	for _, name := range []string{"events", "items"} {
		if tables[name] != nil {
			statements = append(statements, fmt.Sprintf("ALTER TABLE %s RENAME TO old_%s", name, name))
		}
	}
	statements = append(statements, schema1...)
	if columns := tables["events"]; columns != nil {
		if err := needColumns("events", columns, "user_id", "item_id", "ts"); err != nil {
			return err
		}
		statements = append(statements, fmt.Sprintf(`INSERT INTO events
			SELECT row_number() OVER (ORDER BY rowid), user_id, item_id, ts, qty, coalesce(nullif(event_type, ''), 'purchase')
			FROM (SELECT rowid, user_id::VARCHAR AS user_id, item_id::VARCHAR AS item_id, %s AS ts, %s AS qty, %s AS event_type FROM old_events)
			WHERE user_id <> '' AND item_id <> '' AND ts BETWEEN 0 AND %d AND qty BETWEEN %d AND %d`,
			oldColumn(columns, "ts", "try_cast(ts AS BIGINT)", "NULL"),
			oldColumn(columns, "qty", "try_cast(qty AS BIGINT)", "1"),
			oldColumn(columns, "event_type", "event_type::VARCHAR", "''"),
			recsys.MaxTime, -recsys.MaxQty, recsys.MaxQty),
			`UPDATE event_counter SET last_seq = (SELECT coalesce(max(seq), 0) FROM events)`,
			`DROP TABLE old_events`)
	}
	if columns := tables["items"]; columns != nil {
		if err := needColumns("items", columns, "item_id"); err != nil {
			return err
		}
		text := func(name string) string {
			return oldColumn(columns, name, "coalesce("+name+"::VARCHAR, '')", "''")
		}
		statements = append(statements, fmt.Sprintf(`INSERT INTO items
			SELECT item_id::VARCHAR, %s, %s, %s, CASE WHEN %[4]s >= 0 AND isfinite(%[4]s) THEN %[4]s END, %s, true, '{}'
			FROM old_items WHERE item_id::VARCHAR <> ''
			QUALIFY row_number() OVER (PARTITION BY item_id::VARCHAR ORDER BY rowid DESC) = 1`,
			text("title"), text("category"), text("brand"),
			oldColumn(columns, "price", "try_cast(price AS DOUBLE)", "NULL::DOUBLE"), text("img_url")),
			`DROP TABLE old_items`)
	}
	return execAll(ctx, c, statements)
}

func migrateTo2(ctx context.Context, c *duck.Conn) error { return execAll(ctx, c, schema2) }

func migrateTo3(ctx context.Context, c *duck.Conn) error {
	if err := execAll(ctx, c, schema3); err != nil {
		return err
	}
	last, err := queryInt(ctx, c, "SELECT last_seq FROM event_counter")
	if err != nil {
		return err
	}
	return addMark(ctx, c, last)
}

func execAll(ctx context.Context, c *duck.Conn, statements []string) error {
	for _, s := range statements {
		if _, err := c.Exec(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

func needColumns(table string, have map[string]string, want ...string) error {
	for _, name := range want {
		if have[name] == "" {
			return fmt.Errorf("%w: table %s has no column %s (it needs %s)", ErrSchema, table, name, strings.Join(want, ", "))
		}
	}
	return nil
}

func oldColumn(have map[string]string, name, expression, missing string) string {
	if have[name] == "" {
		return missing
	}
	return expression
}
