package datasets

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"github.com/recsys-lite/recsys"
)

// readEvents reads user_id, item_id, ts and qty of a Parquet file in row order.
func readEvents(dir, name string) ([]recsys.Event, error) {
	path := filepath.Join(dir, name)
	f, err := file.OpenParquetFile(path, false)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	defer f.Close()
	r, err := pqarrow.NewFileReader(f, pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	table, err := r.ReadTable(context.Background())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	defer table.Release()

	events := make([]recsys.Event, table.NumRows())
	// Users repeat: one copy of each id instead of one per event.
	intern := make(map[string]string)
	text := func(c arrow.Array, i int) string {
		s := c.(*array.String).Value(i)
		if kept, ok := intern[s]; ok {
			return kept
		}
		s = string(append([]byte(nil), s...))
		intern[s] = s
		return s
	}
	set := map[string]func(e *recsys.Event, c arrow.Array, i int){
		"user_id": func(e *recsys.Event, c arrow.Array, i int) { e.UserID = text(c, i) },
		"item_id": func(e *recsys.Event, c arrow.Array, i int) { e.ItemID = text(c, i) },
		"ts":      func(e *recsys.Event, c arrow.Array, i int) { e.Time = c.(*array.Int64).Value(i) },
		"qty":     func(e *recsys.Event, c arrow.Array, i int) { e.Qty = int64(c.(*array.Int32).Value(i)) },
	}
	for name, write := range set {
		columns := table.Schema().FieldIndices(name)
		if len(columns) != 1 {
			return nil, fmt.Errorf("%s: want one column %q, found %d", path, name, len(columns))
		}
		row := 0
		for _, chunk := range table.Column(columns[0]).Data().Chunks() {
			for i := range chunk.Len() {
				write(&events[row], chunk, i)
				row++
			}
		}
	}
	return events, nil
}
