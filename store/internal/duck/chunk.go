package duck

import (
	"unsafe"

	"github.com/duckdb/duckdb-go/v2/mapping"
)

// Chunk is up to 2,048 rows of a result, by column. The accessors must name the column's
// own type: INTEGER, BIGINT, DOUBLE, BOOLEAN or VARCHAR.
type Chunk struct {
	chunk mapping.DataChunk
	size  int
	data  []unsafe.Pointer
	mask  []unsafe.Pointer
}

func newChunk(chunk mapping.DataChunk) *Chunk {
	n := int(mapping.DataChunkGetColumnCount(chunk))
	c := &Chunk{chunk: chunk, size: int(mapping.DataChunkGetSize(chunk)),
		data: make([]unsafe.Pointer, n), mask: make([]unsafe.Pointer, n)}
	for i := range n {
		vec := mapping.DataChunkGetVector(chunk, mapping.IdxT(i))
		c.data[i] = mapping.VectorGetData(vec)
		c.mask[i] = mapping.VectorGetValidity(vec)
	}
	return c
}

func (c *Chunk) close() { mapping.DestroyDataChunk(&c.chunk) }

// Len is the number of rows.
func (c *Chunk) Len() int { return c.size }

// Int32 is an INTEGER column.
func (c *Chunk) Int32(col int) []int32 { return unsafe.Slice((*int32)(c.data[col]), c.size) }

// Int64 is a BIGINT column.
func (c *Chunk) Int64(col int) []int64 { return unsafe.Slice((*int64)(c.data[col]), c.size) }

// Float64 is a DOUBLE column.
func (c *Chunk) Float64(col int) []float64 { return unsafe.Slice((*float64)(c.data[col]), c.size) }

// Bool is a BOOLEAN column.
func (c *Chunk) Bool(col int) []bool { return unsafe.Slice((*bool)(c.data[col]), c.size) }

// Null says whether a value is NULL.
func (c *Chunk) Null(col, row int) bool {
	if c.mask[col] == nil {
		return false
	}
	words := unsafe.Slice((*uint64)(c.mask[col]), (c.size+63)/64)
	return words[row/64]>>(row%64)&1 == 0
}

// String copies a VARCHAR value; it is empty for NULL.
func (c *Chunk) String(col, row int) string {
	if c.Null(col, row) {
		return ""
	}
	return unsafe.Slice((*stringT)(c.data[col]), c.size)[row].copy()
}

// stringT is duckdb_string_t: a length, then up to 12 bytes in place or a 4-byte prefix and a
// pointer.
type stringT struct {
	length uint32
	prefix [4]byte
	ptr    unsafe.Pointer
}

const inlined = 12

func (s *stringT) copy() string {
	if s.length == 0 {
		return ""
	}
	if s.length <= inlined {
		return string(unsafe.Slice(&s.prefix[0], s.length))
	}
	// Only now is ptr a pointer: text that stands in its place must not be loaded as one.
	return string(unsafe.Slice((*byte)(s.ptr), s.length))
}
