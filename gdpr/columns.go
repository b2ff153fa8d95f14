package gdpr

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"github.com/recsys-lite/recsys/internal/idscan"
)

// columns decodes an Arrow or Parquet file and looks at every value that is text, and at whole
// numbers called user_id. Then it looks for bytes of the id that are in the file and in none of
// its values. The Arrow library may panic on a damaged file.
func (s *scanner) columns(ctx context.Context, path, place string, data []byte) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", errUnreadable, p)
		}
		if err != nil {
			s.text(path, place, data, 0) // what can be said all the same
		}
	}()
	c := &columnScan{id: s.id, counts: map[string]int64{}}
	if bytes.HasPrefix(data, []byte("PAR1")) {
		err = c.parquet(ctx, data)
	} else {
		err = c.arrow(data)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", errUnreadable, err)
	}
	var all []Finding
	for _, name := range sortedKeys(c.counts) {
		all = append(all, Finding{path, place + "column " + name, "value", c.counts[name]})
	}
	if hits := idscan.In(data, s.id, true); int64(len(hits)) > c.inBuffers && len(c.counts) == 0 {
		all = append(all, Finding{path, fmt.Sprintf("%sbyte %d, outside of the values", place, hits[len(hits)-1].Offset), hits[len(hits)-1].Form, int64(len(hits)) - c.inBuffers})
	}
	s.found(all)
	return nil
}

// columnScan collects what decoded columns hold.
type columnScan struct {
	id     string
	counts map[string]int64 // by column
	// inBuffers counts the id in the texts of columns as they lie in memory, one behind the
	// other, where values that touch may spell it.
	inBuffers int64
}

func (c *columnScan) arrow(data []byte) error {
	r, err := ipc.NewFileReader(bytes.NewReader(data), ipc.WithAllocator(memory.NewGoAllocator()))
	if err != nil {
		return err
	}
	defer r.Close()
	for i := range r.NumRecords() {
		rec, err := r.RecordBatch(i)
		if err != nil {
			return err
		}
		for n, col := range rec.Columns() {
			c.column(rec.Schema().Field(n).Name, col)
		}
	}
	return nil
}

func (c *columnScan) parquet(ctx context.Context, data []byte) error {
	pf, err := file.NewParquetReader(bytes.NewReader(data))
	if err != nil {
		return err
	}
	defer pf.Close()
	r, err := pqarrow.NewFileReader(pf, pqarrow.ArrowReadProperties{BatchSize: 1 << 16}, memory.NewGoAllocator())
	if err != nil {
		return err
	}
	records, err := r.GetRecordReader(ctx, nil, nil)
	if err != nil {
		return err
	}
	defer records.Release()
	for records.Next() {
		rec := records.RecordBatch()
		for n, col := range rec.Columns() {
			c.column(rec.Schema().Field(n).Name, col)
		}
	}
	if err := records.Err(); err != nil && err.Error() != "EOF" {
		return err
	}
	return nil
}

func (c *columnScan) column(name string, col arrow.Array) {
	add := func(v string) {
		if n := len(idscan.In([]byte(v), c.id, true)); n > 0 {
			c.counts[name] += int64(n)
		}
	}
	switch a := col.(type) {
	case *array.String:
		c.buffer(a.ValueBytes())
		for i := range a.Len() {
			add(a.Value(i))
		}
	case *array.LargeString:
		c.buffer(a.ValueBytes())
		for i := range a.Len() {
			add(a.Value(i))
		}
	case *array.Binary:
		c.buffer(a.ValueBytes())
		for i := range a.Len() {
			add(string(a.Value(i)))
		}
	case *array.LargeBinary:
		for i := range a.Len() {
			add(string(a.Value(i)))
		}
	case *array.Dictionary:
		c.column(name, a.Dictionary())
	case *array.Map:
		c.column(name, a.Keys())
		c.column(name, a.Items())
	case array.ListLike:
		c.column(name, a.ListValues())
	case *array.Struct:
		for i := range a.NumField() {
			c.column(name, a.Field(i))
		}
	default:
		if strings.EqualFold(name, "user_id") {
			for i := range col.Len() {
				add(col.ValueStr(i))
			}
		}
	}
}

func (c *columnScan) buffer(text []byte) {
	c.inBuffers += int64(len(idscan.In(text, c.id, true)))
}
