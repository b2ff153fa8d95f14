package recsys

import (
	"cmp"
	"math"
	"slices"
	"sort"
)

// postings says which items have which value of a text field. The nil postings have none.
type postings struct {
	codes map[string]int32
	// code is the value of each item, −1 for none.
	code []int32
	// Value c belongs to items[starts[c]:starts[c+1]], ascending.
	starts []int32
	items  []int32
	// dense holds a value as a set where that takes little more room than the list.
	dense map[int32]*Bitset
}

// newPostings indexes n items; value returns false for an item that lacks the field.
func newPostings(n int, value func(i int) (string, bool)) *postings {
	p := &postings{codes: map[string]int32{}, code: make([]int32, n), dense: map[int32]*Bitset{}}
	var counts []int32
	for i := range n {
		p.code[i] = -1
		text, has := value(i)
		if !has {
			continue
		}
		c, known := p.codes[text]
		if !known {
			c = int32(len(counts))
			p.codes[text] = c
			counts = append(counts, 0)
		}
		p.code[i] = c
		counts[c]++
	}
	p.starts = make([]int32, len(counts)+1)
	for c, count := range counts {
		p.starts[c+1] = p.starts[c] + count
	}
	p.items = make([]int32, p.starts[len(counts)])
	next := slices.Clone(p.starts)
	for i, c := range p.code {
		if c >= 0 {
			p.items[next[c]] = int32(i)
			next[c]++
		}
	}
	for c, count := range counts {
		if int(count)*64 >= n {
			set := NewBitset(n)
			for _, i := range p.of(int32(c)) {
				set.Set(i)
			}
			p.dense[int32(c)] = set
		}
	}
	return p
}

func (p *postings) of(code int32) []int32 { return p.items[p.starts[code]:p.starts[code+1]] }

// list returns the items of a value.
func (p *postings) list(value string) []int32 {
	if c, ok := p.codes[value]; ok {
		return p.of(c)
	}
	return nil
}

// values is the number of distinct values.
func (p *postings) values() int { return len(p.codes) }

// codeOf is the number of an item's value, −1 for none.
func (p *postings) codeOf(item int32) int32 {
	if int(item) >= len(p.code) {
		return -1
	}
	return p.code[item]
}

// capped counts the allowed items, but at most most of one value.
func (p *postings) capped(allowed *Bitset, most int) int {
	counts := make([]int, p.values())
	total := 0
	for i := range allowed.All() {
		c := p.codeOf(i)
		if c >= 0 {
			if counts[c] == most {
				continue
			}
			counts[c]++
		}
		total++
	}
	return total
}

// keep intersects allowed with the items that have any of the values.
func (p *postings) keep(allowed *Bitset, values []string) {
	if p != nil && len(values) == 1 {
		if c, ok := p.codes[values[0]]; ok && p.dense[c] != nil {
			allowed.And(p.dense[c])
			return
		}
	}
	kept := NewBitset(allowed.Len())
	for _, value := range values {
		p.addTo(kept, value)
	}
	allowed.And(kept)
}

// addTo adds the items of a value to set.
func (p *postings) addTo(set *Bitset, value string) {
	if p == nil {
		return
	}
	c, ok := p.codes[value]
	switch {
	case !ok:
	case p.dense[c] != nil:
		set.Or(p.dense[c])
	default:
		for _, i := range p.of(c) {
			set.Set(i)
		}
	}
}

// prices are the items that have a price, cheapest first.
type prices struct {
	known *Bitset
	items []int32
	value []float64 // parallel to items
}

func newPrices(catalogue []Item, n int) *prices {
	p := &prices{known: NewBitset(n)}
	for i := range catalogue {
		if price := catalogue[i].Price; price != nil && !math.IsNaN(*price) {
			p.known.Set(int32(i))
			p.items = append(p.items, int32(i))
		}
	}
	slices.SortFunc(p.items, func(a, b int32) int {
		return cmp.Or(cmp.Compare(*catalogue[a].Price, *catalogue[b].Price), cmp.Compare(a, b))
	})
	p.value = make([]float64, len(p.items))
	for at, i := range p.items {
		p.value[at] = *catalogue[i].Price
	}
	return p
}

// keep intersects allowed with the items whose price lies in [low, high]; nil does not bound.
func (p *prices) keep(allowed *Bitset, low, high *float64) {
	from, to := 0, len(p.items)
	if low != nil {
		from = sort.SearchFloat64s(p.value, *low)
	}
	if high != nil {
		to = sort.Search(len(p.value), func(i int) bool { return p.value[i] > *high })
	}
	if to < from {
		to = from
	}
	// Either what is inside is written down, or what is outside: the smaller part.
	if 2*(to-from) < len(p.items) {
		inside := NewBitset(allowed.Len())
		for _, i := range p.items[from:to] {
			inside.Set(i)
		}
		allowed.And(inside)
		return
	}
	allowed.And(p.known)
	for _, i := range p.items[:from] {
		allowed.Clear(i)
	}
	for _, i := range p.items[to:] {
		allowed.Clear(i)
	}
}

// fields are the indexed columns of a catalogue.
type fields struct {
	category, brand *postings
	price           *prices
}

func newFields(catalogue []Item, n int) fields {
	return fields{
		category: newPostings(len(catalogue), func(i int) (string, bool) { return catalogue[i].Category, catalogue[i].Category != "" }),
		brand:    newPostings(len(catalogue), func(i int) (string, bool) { return catalogue[i].Brand, catalogue[i].Brand != "" }),
		price:    newPrices(catalogue, n),
	}
}

// attributePostings indexes every attribute of a catalogue by name.
func attributePostings(catalogue []Item) map[string]*postings {
	names := map[string]bool{}
	for i := range catalogue {
		for name := range catalogue[i].Attributes {
			names[name] = true
		}
	}
	out := make(map[string]*postings, len(names))
	for name := range names {
		out[name] = newPostings(len(catalogue), func(i int) (string, bool) {
			value, has := catalogue[i].Attributes[name]
			return value, has
		})
	}
	return out
}
