package store

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/recsys-lite/recsys/store/internal/duck"
)

// Inspection is what there is to say of a database's health and of its data.
type Inspection struct {
	// Version is that of the schema; WAL says that there is a .wal file, which a plain copy of
	// the database misses.
	Version int  `json:"schema_version"`
	WAL     bool `json:"wal"`
	// Bytes is the size of the file, Free the part of it that holds nothing.
	Bytes int64 `json:"bytes"`
	Free  int64 `json:"free_bytes"`
	// Damaged are tables that cannot be read to the end, with the reason.
	Damaged map[string]string `json:"damaged"`
	// Rows by table, of those that are whole.
	Rows map[string]int64 `json:"rows"`
	// Facts are numbers about the data, by the names of questions in this file.
	Facts map[string]int64 `json:"facts"`
}

// questions are the facts about the data, in SQL. All of them can be asked of a whole
// database.
var questions = map[string]string{
	"users":                   `SELECT count(DISTINCT user_id) FROM events`,
	"users_with_one_event":    `SELECT count(*) FROM (SELECT user_id FROM events GROUP BY user_id HAVING count(*) = 1)`,
	"items_with_events":       `SELECT count(DISTINCT item_id) FROM events`,
	"events_of_unknown_items": `SELECT count(*) FROM events WHERE item_id NOT IN (SELECT item_id FROM items)`,
	"unknown_items":           `SELECT count(DISTINCT item_id) FROM events WHERE item_id NOT IN (SELECT item_id FROM items)`,
	"items_never_bought":      `SELECT count(*) FROM items WHERE item_id NOT IN (SELECT item_id FROM events)`,
	"users_without_events":    `SELECT count(*) FROM users WHERE user_id NOT IN (SELECT user_id FROM events)`,
	"events_in_the_future":    `SELECT count(*) FROM events WHERE ts > $now + 86400`,
	"events_at_time_zero":     `SELECT count(*) FROM events WHERE ts = 0`,
	"repeated_events":         `SELECT coalesce(sum(n - 1), 0)::BIGINT FROM (SELECT count(*) AS n FROM events GROUP BY user_id, item_id, ts, qty, event_type HAVING count(*) > 1)`,
	"returns":                 `SELECT count(*) FROM events WHERE qty < 0`,
	"returns_without_buy":     `SELECT count(*) FROM (SELECT user_id, item_id FROM events GROUP BY ALL HAVING sum(qty) < 0)`,
	"event_types":             `SELECT count(DISTINCT event_type) FROM events`,
	"most_events_of_a_user":   `SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM events GROUP BY user_id)`,
	"median_events_of_a_user": `SELECT coalesce(median(n), 0)::BIGINT FROM (SELECT count(*) AS n FROM events GROUP BY user_id)`,
	"days":                    `SELECT coalesce((max(ts) - min(ts)) // 86400, 0) FROM events`,
	"last_event":              `SELECT coalesce(max(ts), 0) FROM events`,
	"last_seq":                `SELECT coalesce(max(seq), 0) FROM events`,
	"items_without_title":     `SELECT count(*) FROM items WHERE trim(title) = ''`,
	"items_without_category":  `SELECT count(*) FROM items WHERE trim(category) = ''`,
	"items_without_price":     `SELECT count(*) FROM items WHERE price IS NULL`,
	"items_without_image":     `SELECT count(*) FROM items WHERE trim(img_url) = ''`,
	"items_unavailable":       `SELECT count(*) FROM items WHERE NOT available`,
	"forgotten_with_events":   `SELECT count(DISTINCT user_id) FROM events WHERE sha256((SELECT value FROM settings WHERE name = 'tombstone_key') || user_id) IN (SELECT user_hash FROM tombstones)`,
	"repeated_numbers":        `SELECT count(*) - count(DISTINCT seq) FROM events`,
	"numbers_past_counter":    `SELECT count(*) FROM events WHERE seq > (SELECT max(last_seq) FROM event_counter)`,
	"repeated_item_ids":       `SELECT count(*) - count(DISTINCT item_id) FROM items`,
}

// Inspect reads every value of a database file, so that every block's checksum is compared,
// and counts what is odd about the data. It changes nothing and can look at a file of any
// version; the facts are of the tables that are there and whole. An error means that the file
// could not be opened at all.
func Inspect(ctx context.Context, path string, o Options) (*Inspection, error) {
	o.ReadOnly = true
	r := &Inspection{Damaged: map[string]string{}, Rows: map[string]int64{}, Facts: map[string]int64{}}
	var tables map[string]map[string]string
	err := exclusively(ctx, path, o, func(c *duck.Conn, path string) (err error) {
		if info, err := os.Stat(path); err == nil {
			r.Bytes = info.Size()
		}
		_, walErr := os.Stat(path + ".wal")
		r.WAL = walErr == nil
		if _, err := c.Exec(ctx, "USE source"); err != nil {
			return err
		}
		if r.Free, err = queryInt(ctx, c, `SELECT (block_size * free_blocks)::BIGINT FROM pragma_database_size() WHERE database_name = 'source'`); err != nil {
			return err
		}
		if tables, err = tableColumns(ctx, c); err != nil {
			return err
		}
		r.Version, err = readVersion(ctx, c)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("store: look at %s: %w", path, err)
	}
	ask := func(query string) (n int64, err error) {
		err = exclusively(ctx, path, o, func(c *duck.Conn, _ string) error {
			if _, err := c.Exec(ctx, "USE source"); err != nil {
				return err
			}
			n, err = queryInt(ctx, c, query)
			return err
		})
		return n, err
	}
	for _, table := range slices.Sorted(maps.Keys(tables)) {
		// The hash of a whole row reads every column.
		n, err := ask("SELECT count(hash(t)) FROM " + identifier(table) + " AS t")
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			r.Damaged[table] = err.Error()
			continue
		}
		r.Rows[table] = n
	}
	if len(r.Damaged) > 0 || r.Version != schemaVersion {
		return r, nil
	}
	now := fmt.Sprint(time.Now().Unix())
	for _, name := range slices.Sorted(maps.Keys(questions)) {
		n, err := ask(strings.ReplaceAll(questions[name], "$now", now))
		if err != nil {
			return nil, fmt.Errorf("store: %s: count %s: %w", path, name, err)
		}
		r.Facts[name] = n
	}
	return r, nil
}
