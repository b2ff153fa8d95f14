package recsys

import (
	"fmt"
	"maps"
	"math"
	"slices"
)

// Filter says which items may be in an answer: those for which all fields that are set hold.
// It works inside the scan: if k items pass, k come back. The zero Filter passes everything.
type Filter struct {
	// Categories and Brands pass an item that has any of these, letter by letter.
	Categories []string `json:"categories,omitempty"`
	Brands     []string `json:"brands,omitempty"`
	// MinPrice and MaxPrice are inclusive; an item without a price fails either.
	MinPrice *float64 `json:"min_price,omitempty"`
	MaxPrice *float64 `json:"max_price,omitempty"`
	// IncludeItems passes these ids alone, ExcludeItems all others. Unknown ids match
	// nothing; Response.UnknownItems counts them.
	IncludeItems []string `json:"include_items,omitempty"`
	ExcludeItems []string `json:"exclude_items,omitempty"`
	// Attributes passes an item that has, for every name, one of the values.
	Attributes map[string][]string `json:"attributes,omitempty"`
}

// Validate reports prices that are no range.
func (f *Filter) Validate() error {
	for _, p := range []struct {
		name  string
		value *float64
	}{{"min_price", f.MinPrice}, {"max_price", f.MaxPrice}} {
		if p.value != nil && (math.IsNaN(*p.value) || math.IsInf(*p.value, 0)) {
			return fmt.Errorf("%w: %s = %v, it must be a number", ErrInvalidQuery, p.name, *p.value)
		}
	}
	if f.MinPrice != nil && f.MaxPrice != nil && *f.MinPrice > *f.MaxPrice {
		return fmt.Errorf("%w: min_price = %v lies above max_price = %v", ErrInvalidQuery, *f.MinPrice, *f.MaxPrice)
	}
	return nil
}

// apply removes from allowed what the filter does not pass, and returns the number of ids
// that it names and the catalogue lacks.
func (v *view) apply(f *Filter, allowed *Bitset) (unknown int) {
	if len(f.Categories) > 0 {
		v.fields.category.keep(allowed, f.Categories)
	}
	if len(f.Brands) > 0 {
		v.fields.brand.keep(allowed, f.Brands)
	}
	if f.MinPrice != nil || f.MaxPrice != nil {
		v.fields.price.keep(allowed, f.MinPrice, f.MaxPrice)
	}
	for name, values := range f.Attributes {
		v.attributes()[name].keep(allowed, values)
	}
	if len(f.IncludeItems) > 0 {
		included, missing := v.set(f.IncludeItems)
		allowed.And(included)
		unknown += missing
	}
	for _, id := range f.ExcludeItems {
		if i, ok := v.known(id); ok {
			allowed.Clear(i)
		} else {
			unknown++
		}
	}
	return unknown
}

// set returns the items of the ids that are known, and how many are not.
func (v *view) set(ids []string) (set *Bitset, unknown int) {
	set = NewBitset(v.Items.Len())
	for _, id := range ids {
		if i, ok := v.known(id); ok {
			set.Set(i)
		} else {
			unknown++
		}
	}
	return set, unknown
}

// faults names the parts of the filter that an item fails.
func (f *Filter) faults(item *Item) []string {
	var out []string
	fault := func(fails bool, stage string) {
		if fails {
			out = append(out, "filter:"+stage)
		}
	}
	fault(len(f.Categories) > 0 && (item.Category == "" || !slices.Contains(f.Categories, item.Category)), "category")
	fault(len(f.Brands) > 0 && (item.Brand == "" || !slices.Contains(f.Brands, item.Brand)), "brand")
	fault(f.MinPrice != nil && (item.Price == nil || *item.Price < *f.MinPrice), "min_price")
	fault(f.MaxPrice != nil && (item.Price == nil || *item.Price > *f.MaxPrice), "max_price")
	for _, name := range slices.Sorted(maps.Keys(f.Attributes)) {
		value, has := item.Attributes[name]
		fault(!has || !slices.Contains(f.Attributes[name], value), "attr."+name)
	}
	fault(len(f.IncludeItems) > 0 && !slices.Contains(f.IncludeItems, item.ID), "include_items")
	fault(slices.Contains(f.ExcludeItems, item.ID), "exclude_items")
	return out
}
