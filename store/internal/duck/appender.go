package duck

import (
	"context"
	"fmt"
	"unsafe"

	"github.com/duckdb/duckdb-go/v2/mapping"
)

// Appender fills a table of the connection's transaction, chunk by chunk.
type Appender struct {
	conn     *Conn
	ctx      context.Context
	appender mapping.Appender
	types    []mapping.LogicalType
	chunk    mapping.DataChunk
	vecs     []mapping.Vector
	data     []unsafe.Pointer
	row      int
}

// NewAppender opens an appender on a table. Its columns must be of the types that the Set
// methods name. The caller must call Close.
func (c *Conn) NewAppender(ctx context.Context, catalog, schema, table string) (*Appender, error) {
	a := &Appender{conn: c, ctx: ctx}
	if mapping.AppenderCreateExt(c.conn, catalog, schema, table, &a.appender) == mapping.StateError {
		err := Error(mapping.AppenderError(a.appender))
		mapping.AppenderDestroy(&a.appender)
		return nil, err
	}
	n := mapping.AppenderColumnCount(a.appender)
	a.types = make([]mapping.LogicalType, n)
	a.vecs = make([]mapping.Vector, n)
	a.data = make([]unsafe.Pointer, n)
	for i := range n {
		a.types[i] = mapping.AppenderColumnType(a.appender, i)
	}
	a.chunk = mapping.CreateDataChunk(a.types)
	a.reset()
	return a, nil
}

func (a *Appender) reset() {
	mapping.DataChunkReset(a.chunk)
	for i := range a.vecs {
		a.vecs[i] = mapping.DataChunkGetVector(a.chunk, mapping.IdxT(i))
		a.data[i] = mapping.VectorGetData(a.vecs[i])
	}
	a.row = 0
}

// Int64 sets a BIGINT of the current row.
func (a *Appender) Int64(col int, v int64) { *at[int64](a.data[col], a.row) = v }

// Float64 sets a DOUBLE of the current row.
func (a *Appender) Float64(col int, v float64) { *at[float64](a.data[col], a.row) = v }

// Bool sets a BOOLEAN of the current row.
func (a *Appender) Bool(col int, v bool) { *at[bool](a.data[col], a.row) = v }

// String sets a VARCHAR of the current row; v must be valid UTF-8.
func (a *Appender) String(col int, v string) {
	mapping.VectorAssignStringElement(a.vecs[col], mapping.IdxT(a.row), v)
}

// Bytes is String for bytes.
func (a *Appender) Bytes(col int, v []byte) {
	mapping.VectorAssignStringElementLen(a.vecs[col], mapping.IdxT(a.row), v)
}

// Null sets NULL in the current row.
func (a *Appender) Null(col int) {
	mapping.VectorEnsureValidityWritable(a.vecs[col])
	mapping.ValiditySetRowInvalid(mapping.VectorGetValidity(a.vecs[col]), mapping.IdxT(a.row))
}

func at[T any](base unsafe.Pointer, row int) *T {
	var zero T
	return (*T)(unsafe.Add(base, uintptr(row)*unsafe.Sizeof(zero)))
}

// Next ends the current row.
func (a *Appender) Next() error {
	a.row++
	if a.row < chunkRows {
		return nil
	}
	return a.push()
}

// chunkRows is DuckDB's vector size.
var chunkRows = int(mapping.VectorSize())

func (a *Appender) push() error {
	if err := a.ctx.Err(); err != nil {
		return err
	}
	mapping.DataChunkSetSize(a.chunk, mapping.IdxT(a.row))
	if mapping.AppendDataChunk(a.appender, a.chunk) == mapping.StateError {
		return a.error()
	}
	a.reset()
	return nil
}

// Flush hands over the rows so far.
func (a *Appender) Flush() error {
	if a.row > 0 {
		if err := a.push(); err != nil {
			return err
		}
	}
	if mapping.AppenderFlush(a.appender) == mapping.StateError {
		return a.error()
	}
	return nil
}

func (a *Appender) error() error {
	return fmt.Errorf("append rows: %w", Error(mapping.AppenderError(a.appender)))
}

// Close frees the appender; rows that were not flushed are dropped.
func (a *Appender) Close() {
	mapping.AppenderClear(a.appender)
	mapping.AppenderDestroy(&a.appender)
	mapping.DestroyDataChunk(&a.chunk)
	for i := range a.types {
		mapping.DestroyLogicalType(&a.types[i])
	}
}
