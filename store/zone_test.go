package store_test

import (
	"bytes"
	"os"
	"os/exec"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys/store"
)

// TestZoneOfTheMachine: what a file says means the same wherever it is imported.
func TestZoneOfTheMachine(t *testing.T) {
	const zone = "America/New_York"
	if os.Getenv("TZ") != zone { // a process looks for its zone once
		cmd := exec.Command(os.Args[0], "-test.run=^TestZoneOfTheMachine$")
		cmd.Env = append(os.Environ(), "TZ="+zone)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		return
	}
	db := open(t, "", store.Options{})
	_, err := db.ImportEvents(background, write(t, "e.csv", "user_id,item_id,ts\n"+
		"u,naive,2021-01-01 00:00:00\nu,date,2021-01-01\nu,zulu,2021-01-01T00:00:00Z\nu,offset,2021-01-01T01:00:00+01:00\n"+
		"u,in no clock of New York,2021-03-14 02:30:00\n"), store.ImportOptions{})
	require.NoError(t, err)
	_, err = db.ImportEvents(background, write(t, "e.parquet", instant(t)), store.ImportOptions{})
	require.NoError(t, err)
	got := map[string]int64{}
	for _, e := range events(t, db) {
		got[e.ItemID] = e.Time
	}
	require.Equal(t, map[string]int64{"naive": 1609459200, "date": 1609459200, "zulu": 1609459200, "offset": 1609459200,
		"in no clock of New York": 1615689000, "parquet": 1609459200}, got)

	_, err = db.ImportItems(background, write(t, "i.parquet", instant(t)), store.ImportOptions{})
	require.NoError(t, err)
	items, err := db.Items(background)
	require.NoError(t, err)
	require.Equal(t, "2021-01-01 00:00:00+00", items[0].Attributes["ts"])
}

// instant is a Parquet file with a row of the first second of 2021, as an instant.
func instant(t *testing.T) string {
	t.Helper()
	schema := arrow.NewSchema([]arrow.Field{field("user_id", arrow.BinaryTypes.String), field("item_id", arrow.BinaryTypes.String),
		field("ts", &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"})}, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	b.Field(0).(*array.StringBuilder).Append("u")
	b.Field(1).(*array.StringBuilder).Append("parquet")
	b.Field(2).(*array.TimestampBuilder).Append(1609459200_000_000)
	var file bytes.Buffer
	w, err := pqarrow.NewFileWriter(schema, &file, nil, pqarrow.DefaultWriterProps())
	require.NoError(t, err)
	require.NoError(t, w.Write(b.NewRecordBatch()))
	require.NoError(t, w.Close())
	return file.String()
}
