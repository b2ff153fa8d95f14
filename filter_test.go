package recsys_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/recsys-lite/recsys"
)

// passes is the filter as its documentation says it, an item at a time.
func passes(f *recsys.Filter, item *recsys.Item) bool {
	anyOf := func(values []string, value string) bool {
		return len(values) == 0 || value != "" && slices.Contains(values, value)
	}
	if !anyOf(f.Categories, item.Category) || !anyOf(f.Brands, item.Brand) {
		return false
	}
	if f.MinPrice != nil && (item.Price == nil || *item.Price < *f.MinPrice) ||
		f.MaxPrice != nil && (item.Price == nil || *item.Price > *f.MaxPrice) {
		return false
	}
	for name, values := range f.Attributes {
		value, has := item.Attributes[name]
		if !has || !slices.Contains(values, value) {
			return false
		}
	}
	return (len(f.IncludeItems) == 0 || slices.Contains(f.IncludeItems, item.ID)) && !slices.Contains(f.ExcludeItems, item.ID)
}

func drawFilter(t *rapid.T, items int) recsys.Filter {
	var f recsys.Filter
	// Each part is there in one case of three, so that they meet in all ways.
	has := func(part string) bool { return rapid.IntRange(0, 2).Draw(t, part) == 0 }
	some := func(name string, most int, value func(i int) string) (out []string) {
		for range rapid.IntRange(1, 3).Draw(t, name) {
			out = append(out, value(rapid.IntRange(0, most).Draw(t, name)))
		}
		return out
	}
	if has("categories?") {
		f.Categories = some("category", 14, func(i int) string { return fmt.Sprint("category ", i) })
	}
	if has("brands?") {
		f.Brands = some("brand", 6, func(i int) string { return fmt.Sprint("brand ", i) })
	}
	if has("min?") {
		p := rapid.Float64Range(-1, 60).Draw(t, "min_price")
		f.MinPrice = &p
	}
	if has("max?") {
		p := rapid.Float64Range(61, 120).Draw(t, "max_price")
		f.MaxPrice = &p
	}
	if has("attribute?") {
		name := rapid.SampledFrom([]string{"of10", "of100", "of1000", "absent"}).Draw(t, "attribute")
		f.Attributes = map[string][]string{name: some("value", 12, func(i int) string { return fmt.Sprint(i) })}
	}
	ids := func(n int) (out []string) {
		for range n {
			out = append(out, fmt.Sprint("i", rapid.IntRange(0, items+50).Draw(t, "id")))
		}
		return out
	}
	if has("include?") {
		f.IncludeItems = ids(rapid.IntRange(1, 60).Draw(t, "include"))
	}
	f.ExcludeItems = ids(rapid.IntRange(0, 5).Draw(t, "exclude"))
	return f
}

// If k eligible items exist, k come back: those that a look at every item finds, in the order
// of the scores for the exact path, and of them as many from any index.
func TestFiltersAreCompleteAndExact(t *testing.T) {
	const users, items = 40, 3000
	for _, kind := range []string{"", "exact", "ivf", "hnsw"} {
		t.Run("index="+kind, func(t *testing.T) {
			s := market(t, users, items, 16, kind)
			e, err := recsys.NewEngine(s)
			require.NoError(t, err)
			rapid.Check(t, func(t *rapid.T) {
				user := int32(rapid.IntRange(0, users-1).Draw(t, "user"))
				r := recsys.Request{UserID: s.Users.ID(user), Approximate: kind != "", Filter: drawFilter(t, items),
					K:    rapid.SampledFrom([]int{1, 10, 50, 150, items + 1}).Draw(t, "k"),
					Seen: rapid.SampledFrom([]recsys.Seen{"", recsys.SeenAllow, recsys.SeenOnly}).Draw(t, "seen")}
				got, err := e.Recommend(context.Background(), r)
				require.NoError(t, err)

				had, _ := s.Interactions.Row(int(user))
				scores := make([]float32, items)
				require.NoError(t, s.Model.Scores(context.Background(), recsys.Query{User: user}, scores))
				var want []int32
				candidates := 0
				for i := range s.Catalogue {
					_, seen := slices.BinarySearch(had, int32(i))
					if s.Catalogue[i].Unavailable || r.Seen == "" && seen || r.Seen == recsys.SeenOnly && !seen {
						continue
					}
					candidates++
					if passes(&r.Filter, &s.Catalogue[i]) {
						want = append(want, int32(i))
					}
				}
				require.Equal(t, candidates, got.Candidates)
				require.Equal(t, len(want), got.Filtered)
				require.Equal(t, len(want), got.Total)
				require.Len(t, got.Items, min(r.K, len(want)))
				slices.SortStableFunc(want, func(a, b int32) int { return cmp.Compare(scores[b], scores[a]) })
				distinct := map[string]bool{}
				for n, item := range got.Items {
					i, _ := s.Items.Index(item.Item.ID)
					require.Contains(t, want, i)
					distinct[item.Item.ID] = true
					if kind == "" || kind == "exact" {
						require.InDelta(t, scores[want[n]], item.Score, 1e-4, "rank %d", n)
					}
				}
				require.Len(t, distinct, len(got.Items), "no item twice")
			})
		})
	}
}

func TestFiltersOfAnySelectivity(t *testing.T) {
	const items = 4000
	for _, kind := range []string{"", "ivf", "hnsw"} {
		s := market(t, 10, items, 16, kind)
		e, err := recsys.NewEngine(s)
		require.NoError(t, err)
		for attribute, eligible := range map[string]int{"of1000": 4, "of100": 40, "of10": 400, "": items} {
			r := recsys.Request{UserID: "u3", K: 2 * items, Seen: recsys.SeenAllow, Approximate: kind != ""}
			if attribute != "" {
				r.Filter.Attributes = map[string][]string{attribute: {"5"}}
			}
			unavailable := 0
			for i := range s.Catalogue {
				if s.Catalogue[i].Unavailable && passes(&r.Filter, &s.Catalogue[i]) {
					unavailable++
				}
			}
			got, err := e.Recommend(context.Background(), r)
			require.NoError(t, err)
			require.Len(t, got.Items, eligible-unavailable, "%s, index %q", attribute, kind)
			for _, i := range got.Items {
				require.Equal(t, recsys.SourceModel, i.Source)
			}
		}
	}
}

func TestFilterFaultsAreNamed(t *testing.T) {
	e, err := recsys.NewEngine(shop(t, "v1"))
	require.NoError(t, err)
	low, high := 5., 3.
	_, err = e.Recommend(context.Background(), recsys.Request{UserID: "u0", K: 1, Filter: recsys.Filter{MinPrice: &low, MaxPrice: &high}})
	require.ErrorIs(t, err, recsys.ErrInvalidQuery)
	require.ErrorContains(t, err, "min_price = 5 lies above max_price = 3")
	r, err := e.Recommend(context.Background(), recsys.Request{UserID: "u0", K: 9, Filter: recsys.Filter{IncludeItems: []string{"i4", "none", "i4"}, ExcludeItems: []string{"nor this"}}})
	require.NoError(t, err)
	require.Equal(t, []string{"i4"}, names(r))
	require.Equal(t, 2, r.UnknownItems)
}
