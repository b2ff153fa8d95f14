package recsys

import (
	"slices"
	"sync"
)

// visitGap is how far apart, in seconds, two events of one visit may be that are not of the
// same day (UTC).
const visitGap = 30 * 60

// baskets are what users had in one visit, and in which baskets each item is.
type baskets struct {
	// Basket b is the distinct, ascending items[starts[b]:starts[b+1]] of user[b].
	starts []int32
	items  []int32
	user   []int32
	// Item i is in the baskets in[begin[i]:begin[i+1]], ascending.
	begin []int32
	in    []int32
	// scratch lends counters by item, all zero.
	scratch sync.Pool
}

// newBaskets cuts each user's events into visits: those of one day, or that follow one another
// within half an hour. Without the times of events, all that a user has is one basket.
func newBaskets(v *view) *baskets {
	b := &baskets{starts: []int32{0}}
	add := func(u int, items []int32) {
		b.items = append(b.items, items...)
		basket := b.items[b.starts[len(b.starts)-1]:]
		slices.Sort(basket)
		b.items = b.items[:len(b.items)-len(basket)+len(slices.Compact(basket))]
		b.starts = append(b.starts, int32(len(b.items)))
		b.user = append(b.user, int32(u))
	}
	for u := range v.Interactions.Rows {
		if v.Sequences == nil {
			if items, _ := v.Interactions.Row(u); len(items) > 0 {
				add(u, items)
			}
			continue
		}
		items, times := v.Sequences.Of(u)
		for from := 0; from < len(items); {
			to := from + 1
			for to < len(items) && (times[to]-times[to-1] <= visitGap || times[to]/86400 == times[to-1]/86400) {
				to++
			}
			add(u, items[from:to])
			from = to
		}
	}
	b.invert(v.Items.Len())
	b.scratch.New = func() any {
		return &counters{together: make([]int32, v.Items.Len()), buyers: make([]int32, v.Items.Len()), last: make([]int32, v.Items.Len())}
	}
	return b
}

func (b *baskets) invert(items int) {
	b.begin = make([]int32, items+1)
	for _, i := range b.items {
		b.begin[i+1]++
	}
	for i := range items {
		b.begin[i+1] += b.begin[i]
	}
	b.in = make([]int32, len(b.items))
	next := slices.Clone(b.begin)
	for basket := range b.user {
		for _, i := range b.items[b.starts[basket]:b.starts[basket+1]] {
			b.in[next[i]] = int32(basket)
			next[i]++
		}
	}
}

// of returns the baskets that an item is in.
func (b *baskets) of(item int32) []int32 { return b.in[b.begin[item]:b.begin[item+1]] }

// counters count, by item, the baskets and the distinct buyers that it shares with one item.
type counters struct {
	together, buyers []int32
	last             []int32 // the last buyer counted, plus 1
	touched          []int32
}

// count fills counters for an item; the items that are touched come in no particular order.
func (b *baskets) count(item int32) *counters {
	c := b.scratch.Get().(*counters)
	for _, basket := range b.of(item) {
		buyer := b.user[basket] + 1
		for _, other := range b.items[b.starts[basket]:b.starts[basket+1]] {
			if c.together[other] == 0 {
				c.touched = append(c.touched, other)
			}
			c.together[other]++
			if c.last[other] != buyer { // a user's baskets follow one another
				c.last[other] = buyer
				c.buyers[other]++
			}
		}
	}
	return c
}

// done gives counters back.
func (b *baskets) done(c *counters) {
	for _, i := range c.touched {
		c.together[i], c.buyers[i], c.last[i] = 0, 0, 0
	}
	c.touched = c.touched[:0]
	b.scratch.Put(c)
}

func (v *view) baskets() *baskets {
	v.lazy.basketsOnce.Do(func() { v.lazy.baskets = newBaskets(v) })
	return v.lazy.baskets
}
