package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/store/internal/duck"
	"github.com/recsys-lite/recsys/store/internal/semantics"
)

// Dataset groups events into what a model is fitted on. Filtering and the numbering of ids
// happen in SQL, over one state of the database; per event three integers cross into Go.
// (Summing them up by two counting sorts takes a third of the time that GROUP BY takes for
// the same integers, and floating-point sums come out the same for any number of threads.)
//
// Items are those with events among the selected ones, and the whole catalogue; users are
// those with an interaction. A user is sampled when the first 16 hexadecimal digits of
// SHA-256(seed + ":" + id), the seed as 16 such digits, lie below SampleRate·2⁶⁴.
// The watermark is the last of the selected events; its mark is that of the whole log.
func (db *DB) Dataset(ctx context.Context, o recsys.DatasetOptions) (*recsys.Dataset, error) {
	if err := semantics.CheckOptions(o); err != nil {
		return nil, fmt.Errorf("store: dataset: %w", err)
	}
	var in semantics.Input
	err := db.read(ctx, "dataset", func(c *duck.Conn) error {
		return loadInput(ctx, c, o, &in)
	})
	if err != nil {
		return nil, err
	}
	d, err := semantics.Build(&in, o)
	if err != nil {
		return nil, fmt.Errorf("store: dataset: %w", err)
	}
	return d, nil
}

func loadInput(ctx context.Context, c *duck.Conn, o recsys.DatasetOptions, in *semantics.Input) error {
	where, args := eventFilter(o)
	users, userArgs := userFilter(o)
	_, err := c.Exec(ctx, `CREATE TEMP TABLE numbered_users AS
		SELECT user_id, (row_number() OVER (ORDER BY strlen(user_id), user_id) - 1)::INTEGER AS number
		FROM (SELECT DISTINCT user_id FROM events WHERE `+where+`)`+users, append(args, userArgs...)...)
	if err != nil {
		return err
	}
	selected := where
	if users != "" {
		selected += ` AND user_id IN (SELECT user_id FROM numbered_users)`
	}
	_, err = c.Exec(ctx, `CREATE TEMP TABLE numbered_items AS
		SELECT item_id, (row_number() OVER (ORDER BY strlen(item_id), item_id) - 1)::INTEGER AS number
		FROM (SELECT item_id FROM events WHERE `+selected+` UNION SELECT item_id FROM items)`, args...)
	if err != nil {
		return err
	}
	if in.Users, err = readIDs(ctx, c, `SELECT user_id FROM numbered_users ORDER BY number`); err != nil {
		return err
	}
	if in.Items, err = readIDs(ctx, c, `SELECT item_id FROM numbered_items ORDER BY number`); err != nil {
		return err
	}
	selectedEvents, err := readWatermark(ctx, c, selected, args, in)
	if err != nil {
		return err
	}
	if semantics.NeedsTypes(o.Weighting) {
		in.TypedCells = make([]semantics.TypedCell, 0, selectedEvents)
	} else {
		in.Cells = make([]semantics.Cell, 0, selectedEvents)
	}
	if err := readCells(ctx, c, o, where, args, in); err != nil {
		return err
	}
	if o.Sequences {
		if err := readSteps(ctx, c, where, args, in); err != nil {
			return err
		}
	}
	if o.ItemFeatures {
		if in.Catalogue, err = readItems(ctx, c); err != nil {
			return err
		}
	}
	if o.UserFeatures {
		in.People, err = readUsers(ctx, c, `user_id IN (SELECT user_id FROM numbered_users)`)
	}
	return err
}

// eventFilter is the condition on the single event.
func eventFilter(o recsys.DatasetOptions) (string, []any) {
	where := []string{"true"}
	var args []any
	if !o.From.IsZero() {
		// t ≥ From, and t is a whole second.
		from := o.From.Unix()
		if o.From.Nanosecond() > 0 {
			from++
		}
		where, args = append(where, "ts >= ?"), append(args, from)
	}
	if !o.Until.IsZero() {
		until := o.Until.Unix()
		if o.Until.Nanosecond() > 0 {
			until++
		}
		where, args = append(where, "ts < ?"), append(args, until)
	}
	if o.Users != nil {
		where, args = append(where, "user_id IN (SELECT unnest(?::VARCHAR[]))"), append(args, o.Users)
	}
	for _, t := range semantics.TypesOf(o.Weighting).LeftOut {
		where, args = append(where, "event_type <> ?"), append(args, t)
	}
	return strings.Join(where, " AND "), args
}

// userFilter is the clause that picks users, empty when it picks all.
func userFilter(o recsys.DatasetOptions) (string, []any) {
	var where []string
	var args []any
	if len(o.ExcludeUsers) > 0 {
		where, args = append(where, "user_id NOT IN (SELECT unnest(?::VARCHAR[]))"), append(args, o.ExcludeUsers)
	}
	if s := semantics.NewSample(o.SampleRate, o.Seed); !s.All {
		where, args = append(where, "sha256(? || user_id)[1:16] < ?"), append(args, s.Prefix, s.Below)
	}
	if where == nil {
		return "", nil
	}
	return " WHERE " + strings.Join(where, " AND "), args
}

func readIDs(ctx context.Context, c *duck.Conn, query string) ([]string, error) {
	var ids []string
	err := c.Query(ctx, query, nil, func(k *duck.Chunk) error {
		for r := range k.Len() {
			ids = append(ids, k.String(0, r))
		}
		return nil
	})
	return ids, err
}

// readWatermark fills in in.Last and returns the number of selected events.
func readWatermark(ctx context.Context, c *duck.Conn, where string, args []any, in *semantics.Input) (n int64, err error) {
	err = c.Query(ctx, `SELECT coalesce(max(seq), 0), coalesce(max(ts), 0), count(*) FROM events WHERE `+where, args, func(k *duck.Chunk) error {
		in.Last = recsys.Watermark{Seq: k.Int64(0)[0], Time: k.Int64(1)[0]}
		n = k.Int64(2)[0]
		return nil
	})
	if err != nil {
		return 0, err
	}
	in.Last.Mark, err = readMark(ctx, c)
	return n, err
}

const numberedEvents = ` FROM events JOIN numbered_users AS u USING (user_id) JOIN numbered_items AS i USING (item_id) WHERE `

func readCells(ctx context.Context, c *duck.Conn, o recsys.DatasetOptions, where string, args []any, in *semantics.Input) error {
	if !semantics.NeedsTypes(o.Weighting) {
		return c.Query(ctx, `SELECT u.number, i.number, qty::INTEGER`+numberedEvents+where, args, func(k *duck.Chunk) error {
			users, items, qty := k.Int32(0), k.Int32(1), k.Int32(2)
			for r := range users {
				in.Cells = append(in.Cells, semantics.Cell{User: users[r], Item: items[r], Qty: qty[r]})
			}
			return nil
		})
	}
	code, codeArgs := `0`, []any(nil)
	if weighted := semantics.TypesOf(o.Weighting).Weighted; len(weighted) > 0 {
		code, codeArgs = `coalesce(list_position(?::VARCHAR[], event_type), 0)::INTEGER`, []any{weighted}
	}
	return c.Query(ctx, `SELECT u.number, i.number, qty::INTEGER, `+code+`, ts`+numberedEvents+where, append(codeArgs, args...), func(k *duck.Chunk) error {
		users, items, qty, types, ts := k.Int32(0), k.Int32(1), k.Int32(2), k.Int32(3), k.Int64(4)
		for r := range users {
			in.TypedCells = append(in.TypedCells, semantics.TypedCell{
				Cell: semantics.Cell{User: users[r], Item: items[r], Qty: qty[r]}, Type: types[r], Time: ts[r]})
		}
		return nil
	})
}

func readSteps(ctx context.Context, c *duck.Conn, where string, args []any, in *semantics.Input) error {
	return c.Query(ctx, `SELECT u.number, i.number, ts`+numberedEvents+where+` AND qty > 0 ORDER BY u.number, ts, seq`, args, func(k *duck.Chunk) error {
		users, items, ts := k.Int32(0), k.Int32(1), k.Int64(2)
		for r := range users {
			in.Steps = append(in.Steps, semantics.Step{User: users[r], Item: items[r], Time: ts[r]})
		}
		return nil
	})
}
