package store

import (
	"context"
	"fmt"
	"iter"
	"math"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/store/internal/duck"
)

// EventSchema is the schema of the batches that EventBatches gives: seq, user_id, item_id, ts
// (Unix seconds), qty and event_type.
var EventSchema = arrow.NewSchema([]arrow.Field{
	{Name: "seq", Type: arrow.PrimitiveTypes.Int64},
	{Name: "user_id", Type: arrow.BinaryTypes.String},
	{Name: "item_id", Type: arrow.BinaryTypes.String},
	{Name: "ts", Type: arrow.PrimitiveTypes.Int64},
	{Name: "qty", Type: arrow.PrimitiveTypes.Int64},
	{Name: "event_type", Type: arrow.BinaryTypes.String},
}, nil)

// AppendEventBatch adds the events of an Arrow record batch in one transaction, as
// AppendEvents does: an invalid one refuses the whole call.
//
// It takes what EventBatches gives, by name and in any order: user_id and item_id (text or
// integers), ts (integers in Unix seconds, or timestamps), and optionally qty (integers; 1 if
// the column is absent) and event_type (text; empty or null means "purchase"). Other columns,
// seq among them, are ignored.
func (db *DB) AppendEventBatch(ctx context.Context, batch arrow.RecordBatch) error {
	events, err := eventsOf(batch)
	if err != nil {
		return fmt.Errorf("store: append a batch of events: %w", err)
	}
	return db.AppendEvents(ctx, events)
}

func eventsOf(batch arrow.RecordBatch) ([]recsys.Event, error) {
	var columns []string
	for _, f := range batch.Schema().Fields() {
		columns = append(columns, f.Name)
	}
	for _, name := range eventsKind.required {
		if !slices.Contains(columns, name) {
			return nil, fmt.Errorf("%w: no column %s: the batch has %q, wanted are %q", recsys.ErrInvalidData, name, columns, eventsKind.required)
		}
	}
	events := make([]recsys.Event, batch.NumRows())
	for i := range events {
		events[i].Qty = 1
	}
	for c, name := range columns {
		set := eventSetters[name]
		if set == nil {
			continue
		}
		col := batch.Column(c)
		for row := range events {
			if err := set(&events[row], col, row); err != nil {
				return nil, fmt.Errorf("%w: row %d, column %s (%s): %w", recsys.ErrInvalidData, row, name, col.DataType(), err)
			}
		}
	}
	return events, nil
}

// eventSetters set a field of an event to a row of a column.
var eventSetters = map[string]func(*recsys.Event, arrow.Array, int) error{
	"user_id": func(e *recsys.Event, col arrow.Array, row int) (err error) {
		e.UserID, err = arrowID(col, row)
		return err
	},
	"item_id": func(e *recsys.Event, col arrow.Array, row int) (err error) {
		e.ItemID, err = arrowID(col, row)
		return err
	},
	"ts": func(e *recsys.Event, col arrow.Array, row int) (err error) {
		if t, ok := col.(*array.Timestamp); ok && t.IsValid(row) {
			e.Time = t.Value(row).ToTime(t.DataType().(*arrow.TimestampType).Unit).Unix()
			return nil
		}
		e.Time, err = arrowInt(col, row)
		return err
	},
	"qty": func(e *recsys.Event, col arrow.Array, row int) (err error) {
		e.Qty, err = arrowInt(col, row)
		return err
	},
	"event_type": func(e *recsys.Event, col arrow.Array, row int) (err error) {
		if col.IsValid(row) {
			e.Type, err = arrowText(col, row)
		}
		return err
	},
}

func arrowID(col arrow.Array, row int) (string, error) {
	if arrow.IsInteger(col.DataType().ID()) && col.IsValid(row) {
		return col.ValueStr(row), nil
	}
	return arrowText(col, row)
}

func arrowText(col arrow.Array, row int) (string, error) {
	if col.IsNull(row) {
		return "", errNull
	}
	switch c := col.(type) {
	case *array.String:
		return c.Value(row), nil
	case *array.LargeString:
		return c.Value(row), nil
	case *array.StringView:
		return c.Value(row), nil
	case *array.Dictionary:
		return arrowText(c.Dictionary(), c.GetValueIndex(row))
	}
	return "", errType
}

func arrowInt(col arrow.Array, row int) (int64, error) {
	if col.IsNull(row) {
		return 0, errNull
	}
	switch c := col.(type) {
	case *array.Int64:
		return c.Value(row), nil
	case *array.Int32:
		return int64(c.Value(row)), nil
	case *array.Int16:
		return int64(c.Value(row)), nil
	case *array.Int8:
		return int64(c.Value(row)), nil
	case *array.Uint64:
		return int64(min(c.Value(row), math.MaxInt64)), nil // which is out of range
	case *array.Uint32:
		return int64(c.Value(row)), nil
	case *array.Uint16:
		return int64(c.Value(row)), nil
	case *array.Uint8:
		return int64(c.Value(row)), nil
	}
	return 0, errType
}

const (
	errNull = arrowError("the value is null")
	errType = arrowError("the type cannot be used here")
)

type arrowError string

func (e arrowError) Error() string { return string(e) }

// EventBatches gives the events numbered above seq, in that order, as Arrow record batches of
// EventSchema with up to rows rows each. Each batch is read in a transaction of its own and
// belongs to the caller, who may release it. The first error ends the sequence.
func (db *DB) EventBatches(ctx context.Context, seq int64, rows int) iter.Seq2[arrow.RecordBatch, error] {
	return func(yield func(arrow.RecordBatch, error) bool) {
		if rows < 1 {
			yield(nil, fmt.Errorf("store: batches of %d rows: at least 1 is needed", rows))
			return
		}
		for {
			batch, last, err := db.eventBatch(ctx, seq, rows)
			if err != nil {
				yield(nil, err)
				return
			}
			if batch.NumRows() == 0 || !yield(batch, nil) {
				return
			}
			seq = last
		}
	}
}

func (db *DB) eventBatch(ctx context.Context, seq int64, rows int) (arrow.RecordBatch, int64, error) {
	b := array.NewRecordBuilder(memory.DefaultAllocator, EventSchema)
	defer b.Release()
	last := seq
	err := db.read(ctx, "read events", func(c *duck.Conn) error {
		return c.Query(ctx, `SELECT seq, user_id, item_id, ts, qty, event_type FROM events
			WHERE seq > ? ORDER BY seq LIMIT ?`, []any{seq, rows}, func(k *duck.Chunk) error {
			for _, col := range []int{0, 3, 4} {
				b.Field(col).(*array.Int64Builder).AppendValues(k.Int64(col), nil)
			}
			for _, col := range []int{1, 2, 5} {
				text := b.Field(col).(*array.StringBuilder)
				for r := range k.Len() {
					text.Append(k.String(col, r))
				}
			}
			last = k.Int64(0)[k.Len()-1]
			return nil
		})
	})
	if err != nil {
		return nil, seq, err
	}
	return b.NewRecordBatch(), last, nil
}
