package model

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/recsys-lite/recsys"
)

var userFields = []arrow.Field{{Name: "user_id", Type: arrow.BinaryTypes.LargeString}}

func userTable(users *recsys.IDMap) *table {
	t := &table{}
	t.add("user_id", false, texts(users.Len(), func(i int) string { return users.ID(int32(i)) }))
	return t
}

var attributesType = arrow.MapOf(arrow.BinaryTypes.LargeString, arrow.BinaryTypes.LargeString)

var itemFields = []arrow.Field{
	{Name: "item_id", Type: arrow.BinaryTypes.LargeString},
	{Name: "title", Type: arrow.BinaryTypes.LargeString},
	{Name: "category", Type: arrow.BinaryTypes.LargeString},
	{Name: "brand", Type: arrow.BinaryTypes.LargeString},
	{Name: "price", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
	{Name: "img_url", Type: arrow.BinaryTypes.LargeString},
	{Name: "available", Type: arrow.FixedWidthTypes.Boolean},
	{Name: "attributes", Type: attributesType, Nullable: true},
}

// itemTable has the ids and, if there is a catalogue, the metadata.
func itemTable(items *recsys.IDMap, c []recsys.Item) (*table, error) {
	n := items.Len()
	t := &table{}
	t.add("item_id", false, texts(n, func(i int) string { return items.ID(int32(i)) }))
	if c == nil {
		return t, nil
	}
	t.add("title", false, texts(n, func(i int) string { return c[i].Title }))
	t.add("category", false, texts(n, func(i int) string { return c[i].Category }))
	t.add("brand", false, texts(n, func(i int) string { return c[i].Brand }))
	t.add("price", true, prices(c))
	t.add("img_url", false, texts(n, func(i int) string { return c[i].ImgURL }))
	available := memory.NewBufferBytes(bits(n, func(i int) bool { return !c[i].Unavailable }))
	t.add("available", false, array.NewBooleanData(array.NewData(arrow.FixedWidthTypes.Boolean, n, []*memory.Buffer{nil, available}, nil, 0, 0)))
	a, err := attributes(c)
	if err != nil {
		return nil, err
	}
	t.add("attributes", true, a)
	return t, nil
}

func prices(c []recsys.Item) arrow.Array {
	values, nulls := make([]float64, len(c)), 0
	for i := range c {
		if c[i].Price != nil {
			values[i] = *c[i].Price
		} else {
			nulls++
		}
	}
	known := memory.NewBufferBytes(bits(len(c), func(i int) bool { return c[i].Price != nil }))
	return array.NewFloat64Data(array.NewData(arrow.PrimitiveTypes.Float64, len(c),
		[]*memory.Buffer{known, memory.NewBufferBytes(arrow.GetBytes(values))}, nil, nulls, 0))
}

// attributes makes a column of maps, keys ascending; an item without attributes has a null.
func attributes(c []recsys.Item) (arrow.Array, error) {
	offsets := make([]int32, len(c)+1)
	var pairs [][2]string
	nulls := 0
	for i := range c {
		for _, k := range slices.Sorted(maps.Keys(c[i].Attributes)) {
			pairs = append(pairs, [2]string{k, c[i].Attributes[k]})
		}
		if len(pairs) > math.MaxInt32 {
			return nil, errors.New("the catalogue has more than 2³¹ attributes")
		}
		if len(c[i].Attributes) == 0 {
			nulls++
		}
		offsets[i+1] = int32(len(pairs))
	}
	keys := texts(len(pairs), func(i int) string { return pairs[i][0] }).Data()
	values := texts(len(pairs), func(i int) string { return pairs[i][1] }).Data()
	entries := array.NewData(attributesType.Elem(), len(pairs), []*memory.Buffer{nil}, []arrow.ArrayData{keys, values}, 0, 0)
	known := memory.NewBufferBytes(bits(len(c), func(i int) bool { return len(c[i].Attributes) > 0 }))
	return array.NewMapData(array.NewData(attributesType, len(c),
		[]*memory.Buffer{known, memory.NewBufferBytes(arrow.GetBytes(offsets))}, []arrow.ArrayData{entries}, nulls, 0)), nil
}

// itemsOf is the inverse of itemTable.
func itemsOf(t *table) (ids []string, c []recsys.Item, err error) {
	ids = textsOf(t.cols[0])
	if len(t.cols) == 1 {
		return ids, nil, nil
	}
	if len(t.cols) != len(itemFields) {
		return nil, nil, fmt.Errorf("%d columns, want %d, or the ids alone", len(t.cols), len(itemFields))
	}
	title, category, brand, img := textsOf(t.cols[1]), textsOf(t.cols[2]), textsOf(t.cols[3]), textsOf(t.cols[5])
	price, available := t.cols[4].(*array.Float64), t.cols[6].(*array.Boolean)
	maps := t.cols[7].(*array.Map)
	keys, values := textsOf(maps.Keys()), textsOf(maps.Items())
	c = make([]recsys.Item, t.rows)
	last := int64(0)
	for i := range c {
		c[i] = recsys.Item{ID: ids[i], Title: title[i], Category: category[i], Brand: brand[i], ImgURL: img[i], Unavailable: !available.Value(i)}
		if price.IsValid(i) {
			p := price.Value(i)
			c[i].Price = &p
		}
		lo, hi := maps.ValueOffsets(i)
		if lo != last || hi < lo || hi > int64(len(keys)) {
			return nil, nil, fmt.Errorf("the attributes of item %d do not follow those before", i)
		}
		last = hi
		if maps.IsValid(i) {
			c[i].Attributes = make(map[string]string)
			for k := lo; k < hi; k++ {
				c[i].Attributes[keys[k]] = values[k]
			}
		}
	}
	return ids, c, nil
}
