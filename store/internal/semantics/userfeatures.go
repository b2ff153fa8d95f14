package semantics

import (
	"cmp"
	"slices"

	"github.com/recsys-lite/recsys"
)

// CountryFeature begins the name of a feature that is a country.
const CountryFeature = "country="

// userFeatures gives each user of the dataset the features "country=X" and, for attributes,
// "NAME=VALUE", all of weight 1. Attributes that fewer than MinAttribute users share, such as
// a name or an address, say nothing of others and are left out; of each attribute the MaxValues
// most frequent values are kept. Columns are sorted by name.
func userFeatures(people []recsys.User, ids *recsys.IDMap) *recsys.Features {
	people = slices.Clone(people)
	slices.SortFunc(people, func(a, b recsys.User) int { return recsys.CompareIDs(a.ID, b.ID) })
	fields := map[string]map[string][]int32{} // prefix → value → users
	add := func(prefix, value string, user int32) {
		if value == "" {
			return
		}
		if fields[prefix] == nil {
			fields[prefix] = map[string][]int32{}
		}
		fields[prefix][value] = append(fields[prefix][value], user)
	}
	for _, p := range people {
		user, ok := ids.Index(p.ID)
		if !ok {
			continue
		}
		add(CountryFeature, p.Country, user)
		for name, value := range p.Attributes {
			add(name+"=", value, user)
		}
	}
	f := &recsys.Features{Names: []string{}}
	columns := map[string][]int32{}
	for prefix, values := range fields {
		for _, value := range frequent(values, prefix != CountryFeature) {
			name := prefix + value
			if columns[name] == nil {
				f.Names = append(f.Names, name)
			}
			// "a=b" with value "c" and "a" with "b=c" are one name: one column.
			columns[name] = append(columns[name], values[value]...)
		}
	}
	slices.Sort(f.Names)
	f.Matrix = featureMatrix(f.Names, columns, ids.Len())
	return f
}

// frequent returns the values that become features.
func frequent(values map[string][]int32, shared bool) []string {
	var kept []string
	for value, users := range values {
		if !shared || len(users) >= MinAttribute {
			kept = append(kept, value)
		}
	}
	slices.SortFunc(kept, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(values[b]), len(values[a])), cmp.Compare(a, b))
	})
	return kept[:min(len(kept), MaxValues)]
}
