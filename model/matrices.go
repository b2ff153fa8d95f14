package model

import (
	"fmt"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/recsys-lite/recsys"
)

// A sparse matrix is one list of columns per row, and beside it one list of values unless
// every entry is 1.
func csrTable(m *recsys.CSR) *table {
	t := &table{}
	t.add("indices", false, lists(m.Indptr, m.Indices))
	if m.Values != nil {
		t.add("values", false, lists(m.Indptr, m.Values))
	}
	return t
}

var csrFields = []arrow.Field{
	{Name: "indices", Type: arrow.LargeListOfNonNullable(arrow.PrimitiveTypes.Int32)},
	{Name: "values", Type: arrow.LargeListOfNonNullable(arrow.PrimitiveTypes.Float32)},
}

// csrOf is the inverse of csrTable.
func csrOf(t *table, cols int) (*recsys.CSR, error) {
	indptr, indices, err := listsOf[int32](t.cols[0])
	if err != nil {
		return nil, err
	}
	m := &recsys.CSR{Rows: t.rows, Cols: cols, Indptr: indptr, Indices: indices}
	if len(t.cols) > 1 {
		var beside []int64
		if beside, m.Values, err = listsOf[float32](t.cols[1]); err != nil {
			return nil, err
		}
		if !slices.Equal(indptr, beside) {
			return nil, fmt.Errorf("the lists of indices and values differ in length")
		}
	}
	return m, m.Validate()
}

func sequenceTable(s *recsys.Sequences) *table {
	t := &table{}
	t.add("items", false, lists(s.Indptr, s.Items))
	t.add("times", false, lists(s.Indptr, s.Times))
	return t
}

var sequenceFields = []arrow.Field{
	{Name: "items", Type: arrow.LargeListOfNonNullable(arrow.PrimitiveTypes.Int32)},
	{Name: "times", Type: arrow.LargeListOfNonNullable(arrow.PrimitiveTypes.Int64)},
}

// sequencesOf is the inverse of sequenceTable.
func sequencesOf(t *table, items int) (*recsys.Sequences, error) {
	indptr, what, err := listsOf[int32](t.cols[0])
	if err != nil {
		return nil, err
	}
	beside, times, err := listsOf[int64](t.cols[1])
	if err != nil {
		return nil, err
	}
	if !slices.Equal(indptr, beside) {
		return nil, fmt.Errorf("the lists of items and times differ in length")
	}
	s := &recsys.Sequences{Indptr: indptr, Items: what, Times: times}
	return s, s.Validate(items)
}

var nameFields = []arrow.Field{{Name: "feature", Type: arrow.BinaryTypes.LargeString}}

func nameTable(names []string) *table {
	t := &table{}
	t.add("feature", false, texts(len(names), func(i int) string { return names[i] }))
	return t
}

// width is the length of a tensor's rows where it is stored as rows, 0 where it is stored as
// a flat column: one dimension or none, or rows without elements.
func (t *Tensor) width() int {
	if len(t.Shape) < 2 {
		return 0
	}
	w := (&Tensor{Shape: t.Shape[1:]}).Len()
	if w < 1 || w != int(int32(w)) {
		return 0
	}
	return w
}

func tensorTable(x *Tensor) *table {
	t := &table{}
	switch w := x.width(); {
	case x.Float32 != nil:
		t.add(x.Name, false, column(w, x.Float32))
	case x.Float64 != nil:
		t.add(x.Name, false, column(w, x.Float64))
	case x.Int32 != nil:
		t.add(x.Name, false, column(w, x.Int32))
	default:
		t.add(x.Name, false, column(w, x.Int64))
	}
	return t
}

func column[E number](width int, x []E) arrow.Array {
	if width > 0 {
		return rows(width, x)
	}
	return numbers(x)
}

// readTensor fills x, which has name and shape, with the contents of an Arrow file.
func readTensor(x *Tensor, dtype string, data []byte) (err error) {
	switch dtype {
	case "float32":
		x.Float32, err = readColumn[float32](x, data)
	case "float64":
		x.Float64, err = readColumn[float64](x, data)
	case "int32":
		x.Int32, err = readColumn[int32](x, data)
	case "int64":
		x.Int64, err = readColumn[int64](x, data)
	default:
		err = fmt.Errorf("element type %q, known are float32, float64, int32 and int64", dtype)
	}
	return err
}

func readColumn[E number](x *Tensor, data []byte) ([]E, error) {
	w, typ := x.width(), typeOf[E]()
	if w > 0 {
		typ = arrow.FixedSizeListOfNonNullable(int32(w), typ)
	}
	t, err := readTable(data, []arrow.Field{{Name: x.Name, Type: typ}}, 0)
	if err != nil {
		return nil, err
	}
	var values []E
	if w > 0 {
		values, err = rowsOf[E](w, t.cols[0])
	} else {
		values, err = numbersOf[E](t.cols[0])
	}
	if err == nil && len(values) != x.Len() {
		err = fmt.Errorf("%d values for shape %v", len(values), x.Shape)
	}
	return values, err
}

// dtype is the name of a tensor's element type.
func (t *Tensor) dtype() string {
	switch {
	case t.Float32 != nil:
		return "float32"
	case t.Float64 != nil:
		return "float64"
	case t.Int32 != nil:
		return "int32"
	default:
		return "int64"
	}
}

// held is the number of elements in the slice that is set.
func (t *Tensor) held() int {
	return max(len(t.Float32), len(t.Float64), len(t.Int32), len(t.Int64))
}
