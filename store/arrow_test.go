package store_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/store"
)

// batch builds a record batch from JSON rows.
func batch(t *testing.T, rows string, fields ...arrow.Field) arrow.RecordBatch {
	t.Helper()
	b, _, err := array.RecordFromJSON(memory.DefaultAllocator, arrow.NewSchema(fields, nil), strings.NewReader(rows))
	require.NoError(t, err)
	return b
}

func field(name string, typ arrow.DataType) arrow.Field {
	return arrow.Field{Name: name, Type: typ, Nullable: true}
}

func TestArrowRoundTrip(t *testing.T) {
	a, b := open(t, "", store.Options{}), open(t, "", store.Options{})
	var want []recsys.Event
	for i := range 5000 {
		want = append(want, recsys.Event{UserID: strings.Repeat("ü", i%20+1), ItemID: "i'", Time: int64(i), Qty: int64(i%5 - 2), Type: "view"})
	}
	require.NoError(t, a.AppendEvents(background, want))
	var sizes []int64
	for batch, err := range a.EventBatches(background, 0, 2100) {
		require.NoError(t, err)
		require.True(t, batch.Schema().Equal(store.EventSchema))
		sizes = append(sizes, batch.NumRows())
		require.NoError(t, b.AppendEventBatch(background, batch))
		batch.Release()
	}
	require.Equal(t, []int64{2100, 2100, 800}, sizes)
	got, _, err := b.EventsAfter(background, 0, 10_000)
	require.NoError(t, err)
	require.Equal(t, want, got)
	for _, err := range a.EventBatches(background, 0, 0) {
		require.Error(t, err)
	}
	for range a.EventBatches(background, 0, 10) {
		break
	}
	require.NoError(t, a.Close())
	for _, err := range a.EventBatches(background, 0, 10) {
		require.ErrorIs(t, err, store.ErrClosed)
	}
}

func TestAppendEventBatch(t *testing.T) {
	db := open(t, "", store.Options{})
	dictionary := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8, ValueType: arrow.BinaryTypes.String}
	require.NoError(t, db.AppendEventBatch(background, batch(t, `[{"user_id": 7, "item_id": "a", "ts": "2021-01-01T00:00:00Z", "more": 1.5, "event_type": null}]`,
		field("more", arrow.PrimitiveTypes.Float64), field("ts", arrow.FixedWidthTypes.Timestamp_ms), field("user_id", arrow.PrimitiveTypes.Uint16),
		field("item_id", dictionary), field("event_type", arrow.BinaryTypes.LargeString))))
	require.Equal(t, []recsys.Event{buy("7", "a", 1609459200, 1)}, events(t, db))
	text, whole := arrow.BinaryTypes.String, arrow.PrimitiveTypes.Int64
	for says, b := range map[string]arrow.RecordBatch{
		"no column ts":              batch(t, `[]`, field("user_id", text), field("item_id", text)),
		"null":                      batch(t, `[{"user_id": null, "item_id": "a", "ts": 1}]`, field("user_id", text), field("item_id", text), field("ts", whole)),
		"column ts (utf8)":          batch(t, `[{"user_id": "u", "item_id": "a", "ts": "x"}]`, field("user_id", text), field("item_id", text), field("ts", text)),
		"quantity 2000000000":       batch(t, `[{"user_id": "u", "item_id": "a", "ts": 1, "qty": 2000000000}]`, field("user_id", text), field("item_id", text), field("ts", whole), field("qty", whole)),
		"time 9223372036854775807":  batch(t, `[{"user_id": "u", "item_id": "a", "ts": 18446744073709551615}]`, field("user_id", text), field("item_id", text), field("ts", arrow.PrimitiveTypes.Uint64)),
		"row 1, column qty (int64)": batch(t, `[{"user_id": "u", "item_id": "a", "ts": 1, "qty": 1}, {"user_id": "u", "item_id": "a", "ts": 1, "qty": null}]`, field("user_id", text), field("item_id", text), field("ts", whole), field("qty", whole)),
	} {
		err := db.AppendEventBatch(background, b)
		require.ErrorIs(t, err, recsys.ErrInvalidData)
		require.ErrorContains(t, err, says)
	}
	require.Len(t, events(t, db), 1)
}

// TestParquetNotUTF8: DuckDB refuses such a file as a whole; here the row is rejected.
func TestParquetNotUTF8(t *testing.T) {
	ts := &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}
	schema := arrow.NewSchema([]arrow.Field{field("user_id", arrow.BinaryTypes.String), field("item_id", arrow.PrimitiveTypes.Int32),
		field("ts", ts), field("qty", arrow.PrimitiveTypes.Float64)}, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	add := func(user string, item int32, qty float64) {
		b.Field(0).(*array.StringBuilder).Append(user)
		b.Field(1).(*array.Int32Builder).Append(item)
		b.Field(2).(*array.TimestampBuilder).Append(1609459200_000_000)
		b.Field(3).(*array.Float64Builder).Append(qty)
	}
	add("u", 1, 2)
	add("v\xff", 2, 1)
	add("w", 3, 1.5)
	b.Field(0).AppendNull()
	b.Field(1).(*array.Int32Builder).Append(4)
	b.Field(2).(*array.TimestampBuilder).Append(1)
	b.Field(3).AppendNull()
	add("ü", 5, 1)
	var file bytes.Buffer
	w, err := pqarrow.NewFileWriter(schema, &file, parquet.NewWriterProperties(), pqarrow.DefaultWriterProps())
	require.NoError(t, err)
	require.NoError(t, w.WriteBuffered(b.NewRecordBatch()))
	require.NoError(t, w.Close())
	path := write(t, "e.parquet", file.String())

	db := open(t, filepath.Join(t.TempDir(), "shop.db"), store.Options{})
	out := filepath.Join(t.TempDir(), "r.csv")
	r, err := db.ImportEvents(background, path, store.ImportOptions{RejectsPath: out})
	require.NoError(t, err)
	require.Equal(t, []recsys.Event{buy("u", "1", 1609459200, 2), buy("ü", "5", 1609459200, 1)}, events(t, db))
	var got []string
	for _, row := range rejects(t, out) {
		got = append(got, strings.Join(row[1:], "|"))
	}
	require.Equal(t, []string{"2|broken UTF-8|v�", "3|qty is not a whole number|1.5", "4|missing user_id|"}, got)
	require.EqualValues(t, 5, r.Read)
	_, err = os.Stat(out)
	require.NoError(t, err)
}
