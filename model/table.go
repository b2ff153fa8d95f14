package model

import (
	"fmt"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
)

// table is the contents of one Arrow file: columns of equal length.
type table struct {
	fields []arrow.Field
	cols   []arrow.Array
	rows   int
}

func (t *table) add(name string, nullable bool, col arrow.Array) {
	t.fields = append(t.fields, arrow.Field{Name: name, Type: col.DataType(), Nullable: nullable})
	t.cols = append(t.cols, col)
	t.rows = col.Len()
}

// write puts the table into an Arrow IPC file of one record batch, uncompressed, so that the
// reader can use the file's bytes in place.
func (t *table) write(w io.Writer) error {
	schema := arrow.NewSchema(t.fields, nil)
	batch := array.NewRecordBatch(schema, t.cols, int64(t.rows))
	f, err := ipc.NewFileWriter(w, ipc.WithSchema(schema))
	if err != nil {
		return err
	}
	if err := f.Write(batch); err != nil {
		return err
	}
	return f.Close()
}

// guard runs a decoder. The Arrow library panics on some malformed files; that is an error
// like any other here.
func guard(decode func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("malformed Arrow file: %v", p)
		}
	}()
	return decode()
}

// readTable parses an Arrow file that must have one record batch with the given columns, of
// which the last optional ones may be absent. The columns share the memory of data. It is
// called under guard.
func readTable(data []byte, fields []arrow.Field, optional int) (*table, error) {
	if err := checkFooter(data); err != nil {
		return nil, err
	}
	f, err := ipc.NewMappedFileReader(data)
	if err != nil {
		return nil, err
	}
	got := f.Schema().Fields()
	if len(got) < len(fields)-optional || len(got) > len(fields) {
		return nil, fmt.Errorf("%d columns, want %d", len(got), len(fields))
	}
	for i, g := range got {
		if want := fields[i]; g.Name != want.Name || !arrow.TypeEqual(g.Type, want.Type) {
			return nil, fmt.Errorf("column %d is %s %v, want %s %v", i, g.Name, g.Type, want.Name, want.Type)
		}
	}
	batch, err := f.RecordBatchAt(0)
	if err != nil {
		return nil, err
	}
	t := &table{fields: got, cols: batch.Columns()}
	for i, c := range t.cols {
		if i == 0 {
			t.rows = c.Len()
		}
		if c.Len() != t.rows || c.Data().Offset() != 0 {
			return nil, fmt.Errorf("column %s has %d rows beside %d", got[i].Name, c.Len(), t.rows)
		}
		if !fields[i].Nullable && c.NullN() != 0 {
			return nil, fmt.Errorf("column %s has nulls", got[i].Name)
		}
	}
	return t, nil
}
