package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

// errNotUTF8 is what DuckDB's Parquet reader stops at: it refuses the file, not the row. Such
// a file is read once more, as text, row by row.
var errNotUTF8 = errors.New("a text column holds bytes that are not UTF-8")

// explain recognises errNotUTF8, for which DuckDB has no code.
func explain(err error) error {
	if strings.Contains(err.Error(), "Invalid string encoding found in Parquet file") {
		return fmt.Errorf("%w: %w", errNotUTF8, err)
	}
	return err
}

// parquetRows reads a Parquet file row by row.
type parquetRows struct {
	file    *file.Reader
	batches pqarrow.RecordReader
	header  []string
	batch   arrow.RecordBatch
	row     int
	text    textRow
}

func newParquetRows(ctx context.Context, path string) (*parquetRows, error) {
	f, err := file.OpenParquetFile(path, false)
	if err != nil {
		return nil, err
	}
	r := &parquetRows{file: f}
	reader, err := pqarrow.NewFileReader(f, pqarrow.ArrowReadProperties{BatchSize: 1 << 12}, memory.DefaultAllocator)
	if err == nil {
		r.batches, err = reader.GetRecordReader(ctx, nil, nil)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	for _, field := range r.batches.Schema().Fields() {
		r.header = append(r.header, field.Name)
	}
	r.text = textRow{fields: make([]string, len(r.header)), null: make([]bool, len(r.header))}
	return r, nil
}

func (r *parquetRows) close() error {
	r.batches.Release()
	return r.file.Close()
}

func (r *parquetRows) columns() []string { return r.header }
func (r *parquetRows) current() *textRow { return &r.text }

func (r *parquetRows) next() (more bool, err error) {
	// The library panics on some damage.
	defer func() {
		if damage := recover(); damage != nil {
			more, err = false, fmt.Errorf("the Parquet file is damaged: %v", damage)
		}
	}()
	for r.batch == nil || r.row == int(r.batch.NumRows()) {
		if !r.batches.Next() {
			if err := r.batches.Err(); err != nil && !errors.Is(err, io.EOF) {
				return false, err
			}
			return false, nil
		}
		r.batch, r.row = r.batches.RecordBatch(), 0
	}
	if r.text.fault != "" {
		r.text = textRow{fields: make([]string, len(r.header)), null: make([]bool, len(r.header))}
	}
	for i, col := range r.batch.Columns() {
		if r.text.null[i] = col.IsNull(r.row); r.text.null[i] {
			continue
		}
		value := cellText(col, r.row)
		if !utf8.ValidString(value) {
			r.text = brokenText(value)
			break
		}
		r.text.fields[i] = value
	}
	r.row++
	return true, nil
}

// cellText is a value as text; ValueStr would encode bytes in base64.
func cellText(col arrow.Array, row int) string {
	switch c := col.(type) {
	case *array.String:
		return c.Value(row)
	case *array.LargeString:
		return c.Value(row)
	case *array.Binary:
		return string(c.Value(row))
	case *array.Dictionary:
		return cellText(c.Dictionary(), c.GetValueIndex(row))
	}
	return col.ValueStr(row)
}
