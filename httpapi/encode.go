package httpapi

import (
	"maps"
	"math"
	"slices"
	"strconv"

	"github.com/recsys-lite/recsys"
)

// appendItem writes an itemJSON without its closing brace.
func appendItem(dst []byte, r *recsys.Recommendation) []byte {
	i := &r.Item
	dst = appendText(append(dst, `{"item_id":`...), i.ID)
	dst = appendNumber(append(dst, `,"score":`...), float64(r.Score), 32)
	dst = appendOptional(append(dst, `,"title":`...), i.Title)
	dst = appendOptional(append(dst, `,"category":`...), i.Category)
	dst = appendOptional(append(dst, `,"brand":`...), i.Brand)
	dst = appendPrice(append(dst, `,"price":`...), i.Price)
	dst = appendOptional(append(dst, `,"img_url":`...), i.ImgURL)
	dst = appendText(append(dst, `,"source":`...), string(r.Source))
	dst = appendOptional(append(dst, `,"explanation":`...), r.Reason)
	if len(r.Explanation) > 0 {
		dst = append(dst, `,"contributions":[`...)
		for n := range r.Explanation {
			c := &r.Explanation[n]
			if n > 0 {
				dst = append(dst, ',')
			}
			dst = appendText(append(dst, `{"item_id":`...), c.ItemID)
			dst = appendOptional(append(dst, `,"title":`...), c.Title)
			dst = append(appendNumber(append(dst, `,"score":`...), float64(c.Score), 32), '}')
		}
		dst = appendNumber(append(dst, `],"base":`...), float64(r.Base), 32)
	}
	return dst
}

func appendPrice(dst []byte, price *float64) []byte {
	if price == nil {
		return append(dst, "null"...)
	}
	// Most prices are whole cents, which take no search for the shortest digits.
	if cents := int64(math.Round(*price * 100)); cents > 0 && cents < 1<<50 && float64(cents)/100 == *price {
		dst = strconv.AppendInt(dst, cents/100, 10)
		switch tens, ones := byte(cents/10%10), byte(cents%10); {
		case ones > 0:
			dst = append(dst, '.', '0'+tens, '0'+ones)
		case tens > 0:
			dst = append(dst, '.', '0'+tens)
		}
		return dst
	}
	return appendNumber(dst, *price, 64)
}

func appendItems(dst []byte, items []recsys.Recommendation) []byte {
	dst = append(dst, '[')
	for n := range items {
		if n > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendItem(dst, &items[n]), '}')
	}
	return append(dst, ']')
}

func appendPagination(dst []byte, p pagination) []byte {
	dst = appendInt(append(dst, `,"pagination":{"total":`...), p.Total)
	dst = appendInt(append(dst, `,"page":`...), p.Page)
	dst = appendInt(append(dst, `,"page_size":`...), p.PageSize)
	dst = appendInt(append(dst, `,"total_pages":`...), p.TotalPages)
	dst = appendBool(append(dst, `,"has_next":`...), p.HasNext)
	dst = appendBool(append(dst, `,"has_prev":`...), p.HasPrev)
	return append(dst, '}')
}

// hitFalse and hitTrue are how an answer says whether it was cached: what differs between the
// answer that is computed and the one that is repeated.
const (
	hitFalse = `"cache":{"hit":false`
	hitTrue  = `"cache":{"hit":true`
)

// appendFilterInfo writes filter_info, and returns where in dst hitFalse stands.
func (p *params) appendFilterInfo(dst []byte, r *recsys.Response) (out []byte, hitAt int) {
	dst = appendInt(append(dst, `,"filter_info":{"original_count":`...), r.Candidates)
	dst = appendInt(append(dst, `,"filtered_count":`...), r.Filtered)
	dst = appendFilters(append(dst, `,"filters_applied":`...), &p.filter, r.UnknownItems)
	dst = append(dst, ',')
	hitAt = len(dst)
	dst = appendInt(append(dst, hitFalse+`,"ttl":`...), int(p.ttl.Seconds()))
	dst = appendBool(append(dst, `,"invalidated":`...), p.invalidate)
	dst = append(dst, `},"reranking":{"strategy":`...)
	var w recsys.Rerank
	if r.Reranked != nil {
		w = *r.Reranked
	}
	dst = appendOptional(dst, string(w.Strategy))
	dst = appendBool(append(dst, `,"applied":`...), r.Reranked != nil)
	dst = appendNumber(append(dst, `,"weights":{"diversity":`...), w.Diversity, 64)
	dst = appendNumber(append(dst, `,"novelty":`...), w.Novelty, 64)
	dst = appendNumber(append(dst, `,"popularity":`...), w.Popularity, 64)
	dst = appendNumber(append(dst, `,"relevance":`...), w.Relevance, 64)
	if w.PriceAffinity > 0 {
		dst = appendNumber(append(dst, `,"price":`...), w.PriceAffinity, 64)
	}
	if w.InStock > 0 {
		dst = appendNumber(append(dst, `,"stock":`...), w.InStock, 64)
	}
	dst = append(dst, `},"category_distribution":{`...)
	dst = appendCounts(dst, r.Categories)
	dst = append(dst, "}}"...)
	if len(r.Rules) > 0 {
		dst = appendTexts(append(dst, `,"rules":`...), r.Rules)
	}
	return append(dst, '}'), hitAt
}

// appendCounts writes the members of an object, in the order of encoding/json.
func appendCounts(dst []byte, counts map[string]int) []byte {
	if len(counts) == 0 {
		return dst
	}
	var few [16]string
	names := few[:0]
	for name := range counts {
		names = append(names, name)
	}
	slices.Sort(names)
	for n, name := range names {
		if n > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendText(dst, name), ':')
		dst = appendInt(dst, counts[name])
	}
	return dst
}

func appendFilters(dst []byte, f *recsys.Filter, unknown int) []byte {
	dst = append(dst, '{')
	open := len(dst)
	member := func(name string) {
		if len(dst) > open {
			dst = append(dst, ',')
		}
		dst = append(append(append(dst, '"'), name...), '"', ':')
	}
	if len(f.Categories) > 0 {
		member("categories")
		dst = appendTexts(dst, f.Categories)
	}
	if len(f.Brands) > 0 {
		member("brands")
		dst = appendTexts(dst, f.Brands)
	}
	if f.MinPrice != nil {
		member("min_price")
		dst = appendNumber(dst, *f.MinPrice, 64)
	}
	if f.MaxPrice != nil {
		member("max_price")
		dst = appendNumber(dst, *f.MaxPrice, 64)
	}
	for _, c := range [...]struct {
		name string
		n    int
	}{{"included_items", len(f.IncludeItems)}, {"excluded_items", len(f.ExcludeItems)}, {"unknown_items", unknown}} {
		if c.n > 0 {
			member(c.name)
			dst = appendInt(dst, c.n)
		}
	}
	if len(f.Attributes) > 0 {
		member("attributes")
		dst = append(dst, '{')
		for n, name := range slices.Sorted(maps.Keys(f.Attributes)) {
			if n > 0 {
				dst = append(dst, ',')
			}
			dst = appendTexts(append(appendText(dst, name), ':'), f.Attributes[name])
		}
		dst = append(dst, '}')
	}
	return append(dst, '}')
}
