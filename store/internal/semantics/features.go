package semantics

import (
	"cmp"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/recsys-lite/recsys"
)

const (
	// MaxValues bounds the vocabulary of one field: its most frequent values are kept.
	MaxValues = 1000
	// MinAttribute is the number of items that must share an attribute's value. It keeps
	// descriptions and stock numbers, which tell nothing of other items, out.
	MinAttribute = 2
	// PriceBands is the number of quantile bands of price.
	PriceBands = 10
)

// itemFeatures gives each item its features, all of weight 1: "category:X", "brand:X" and
// "attr.NAME:X" for every value X of the field, where "a|b|c" is three values, and "price:B",
// B from 1 (the cheapest tenth of the priced items) to 10. Columns are sorted by name.
func itemFeatures(catalogue []recsys.Item, ids *recsys.IDMap) *recsys.Features {
	fields := map[string]map[string][]int32{} // prefix → value → items
	add := func(prefix, text string, item int32) {
		for value := range strings.SplitSeq(text, "|") {
			if value = strings.TrimSpace(value); value == "" {
				continue
			}
			if fields[prefix] == nil {
				fields[prefix] = map[string][]int32{}
			}
			have := fields[prefix][value]
			if len(have) == 0 || have[len(have)-1] != item {
				fields[prefix][value] = append(have, item)
			}
		}
	}
	var prices []float64
	for _, it := range catalogue {
		if it.Price != nil {
			prices = append(prices, *it.Price)
		}
	}
	slices.Sort(prices)
	for _, it := range catalogue {
		item, ok := ids.Index(it.ID)
		if !ok {
			continue
		}
		add("category", it.Category, item)
		add("brand", it.Brand, item)
		if it.Price != nil {
			add("price", band(prices, *it.Price), item)
		}
		for name, value := range it.Attributes {
			add("attr."+name, value, item)
		}
	}
	f := &recsys.Features{}
	columns := map[string][]int32{}
	for prefix, values := range fields {
		for _, value := range vocabulary(prefix, values) {
			name := prefix + ":" + value
			// "attr.a" with value "b:c" and "attr.a:b" with "c" are one name: one column.
			if columns[name] == nil {
				f.Names = append(f.Names, name)
			}
			columns[name] = append(columns[name], values[value]...)
		}
	}
	slices.Sort(f.Names)
	f.Matrix = featureMatrix(f.Names, columns, ids.Len())
	return f
}

// band is the quantile band of a price; equal prices share one.
func band(sorted []float64, price float64) string {
	rank := sort.SearchFloat64s(sorted, price)
	return strconv.Itoa(rank*PriceBands/len(sorted) + 1)
}

// vocabulary returns the values of a field that become features.
func vocabulary(prefix string, values map[string][]int32) []string {
	least := 1
	if strings.HasPrefix(prefix, "attr.") {
		least = MinAttribute
	}
	var kept []string
	for value, items := range values {
		if len(items) >= least {
			kept = append(kept, value)
		}
	}
	slices.SortFunc(kept, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(values[b]), len(values[a])), cmp.Compare(a, b))
	})
	return kept[:min(len(kept), MaxValues)]
}

func featureMatrix(names []string, columns map[string][]int32, items int) *recsys.CSR {
	m := &recsys.CSR{Rows: items, Cols: len(names), Indptr: make([]int64, items+1)}
	rows := make([][]int32, items)
	for c, name := range names {
		for _, item := range columns[name] {
			if r := rows[item]; len(r) == 0 || r[len(r)-1] != int32(c) {
				rows[item] = append(r, int32(c))
			}
		}
	}
	for i, r := range rows {
		m.Indices = append(m.Indices, r...)
		m.Indptr[i+1] = int64(len(m.Indices))
	}
	return m
}
