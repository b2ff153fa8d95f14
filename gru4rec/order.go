package gru4rec

import (
	"cmp"
	"slices"
	"sort"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/sessions"
)

// order is the sessions to train on, oldest start first. Of each it holds one number; the rest is
// looked up in the events.
type order struct {
	events *recsys.Sequences
	gap    int64
	first  []int64 // per session: its first event, counted over all users
}

// trainingOrder lists the sessions of two events or more. Equal starts keep their order.
func trainingOrder(s *recsys.Sequences, gap int64) *order {
	o := &order{events: s, gap: gap}
	n := 0
	o.each(func(int64) { n++ })
	o.first = make([]int64, 0, n)
	o.each(func(at int64) { o.first = append(o.first, at) })
	slices.SortFunc(o.first, func(a, b int64) int {
		return cmp.Or(cmp.Compare(s.Times[a], s.Times[b]), cmp.Compare(a, b))
	})
	return o
}

// each calls visit with the first event of each session of two or more, user by user.
func (o *order) each(visit func(at int64)) {
	for u := range o.events.Users() {
		_, times := o.events.Of(u)
		for lo := 0; lo < len(times); {
			hi := sessions.End(times, lo, o.gap)
			if hi-lo > 1 {
				visit(o.events.Indptr[u] + int64(lo))
			}
			lo = hi
		}
	}
}

// len is the number of sessions.
func (o *order) len() int { return len(o.first) }

// session is the items of session k, shared with the events.
func (o *order) session(k int) []int32 {
	at := o.first[k]
	user := sort.Search(o.events.Users(), func(u int) bool { return o.events.Indptr[u+1] > at })
	items, times := o.events.Of(user)
	lo := int(at - o.events.Indptr[user])
	return items[lo:sessions.End(times, lo, o.gap)]
}
