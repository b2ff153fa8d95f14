package model

import (
	"fmt"
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// number is an element type of tensors and lists.
type number interface {
	int32 | int64 | float32 | float64
}

// typeOf is the Arrow type of a number.
func typeOf[E number]() arrow.DataType {
	switch any(E(0)).(type) {
	case int32:
		return arrow.PrimitiveTypes.Int32
	case int64:
		return arrow.PrimitiveTypes.Int64
	case float32:
		return arrow.PrimitiveTypes.Float32
	default:
		return arrow.PrimitiveTypes.Float64
	}
}

// numbers makes a column that shares the memory of x.
func numbers[E number](x []E) arrow.Array {
	buf := memory.NewBufferBytes(arrow.GetBytes(x))
	return array.MakeFromData(array.NewData(typeOf[E](), len(x), []*memory.Buffer{nil, buf}, nil, 0, 0))
}

// numbersOf is the inverse of numbers.
func numbersOf[E number](col arrow.Array) ([]E, error) {
	if col.DataType().ID() != typeOf[E]().ID() || col.NullN() != 0 || col.Data().Offset() != 0 {
		return nil, fmt.Errorf("want a plain column of %v", typeOf[E]())
	}
	if col.Len() == 0 {
		return []E{}, nil
	}
	x := arrow.GetData[E](col.Data().Buffers()[1].Bytes())
	if len(x) < col.Len() {
		return nil, fmt.Errorf("%d values for %d rows", len(x), col.Len())
	}
	return x[:col.Len():col.Len()], nil
}

// lists makes a column of len(indptr)−1 lists, list i being x[indptr[i]:indptr[i+1]].
func lists[E number](indptr []int64, x []E) arrow.Array {
	offsets := memory.NewBufferBytes(arrow.GetBytes(indptr))
	return array.MakeFromData(array.NewData(arrow.LargeListOfNonNullable(typeOf[E]()), len(indptr)-1,
		[]*memory.Buffer{nil, offsets}, []arrow.ArrayData{numbers(x).Data()}, 0, 0))
}

// listsOf is the inverse of lists; the caller checks that indptr ascends.
func listsOf[E number](col arrow.Array) (indptr []int64, x []E, err error) {
	l, ok := col.(*array.LargeList)
	if !ok {
		return nil, nil, fmt.Errorf("want lists, got %v", col.DataType())
	}
	if x, err = numbersOf[E](l.ListValues()); err != nil {
		return nil, nil, err
	}
	if indptr = l.Offsets(); len(indptr) < l.Len()+1 {
		if l.Len() > 0 {
			return nil, nil, fmt.Errorf("%d offsets for %d lists", len(indptr), l.Len())
		}
		indptr = []int64{0}
	}
	return indptr[: l.Len()+1 : l.Len()+1], x, nil
}

// rows makes a column of lists of length width, row-major.
func rows[E number](width int, x []E) arrow.Array {
	return array.MakeFromData(array.NewData(arrow.FixedSizeListOfNonNullable(int32(width), typeOf[E]()), len(x)/width,
		[]*memory.Buffer{nil}, []arrow.ArrayData{numbers(x).Data()}, 0, 0))
}

// rowsOf is the inverse of rows.
func rowsOf[E number](width int, col arrow.Array) ([]E, error) {
	l, ok := col.(*array.FixedSizeList)
	if !ok {
		return nil, fmt.Errorf("want rows, got %v", col.DataType())
	}
	x, err := numbersOf[E](l.ListValues())
	if err == nil && (l.Len() > math.MaxInt/width || len(x) != l.Len()*width) {
		err = fmt.Errorf("%d values for %d rows of %d", len(x), l.Len(), width)
	}
	return x, err
}

// texts makes a column of strings.
func texts(n int, at func(i int) string) arrow.Array {
	offsets := make([]int64, n+1)
	for i := range n {
		offsets[i+1] = offsets[i] + int64(len(at(i)))
	}
	data := make([]byte, 0, offsets[n])
	for i := range n {
		data = append(data, at(i)...)
	}
	return array.MakeFromData(array.NewData(arrow.BinaryTypes.LargeString, n,
		[]*memory.Buffer{nil, memory.NewBufferBytes(arrow.GetBytes(offsets)), memory.NewBufferBytes(data)}, nil, 0, 0))
}

// textsOf is the inverse of texts; the strings share the column's memory.
func textsOf(col arrow.Array) []string {
	s := col.(*array.LargeString)
	out := make([]string, s.Len())
	for i := range out {
		out[i] = s.Value(i)
	}
	return out
}

// bits is a bitmap in Arrow's layout.
func bits(n int, at func(i int) bool) []byte {
	b := make([]byte, (n+7)/8)
	for i := range n {
		if at(i) {
			b[i/8] |= 1 << (i % 8)
		}
	}
	return b
}
