package eval

import (
	"fmt"
	"slices"
	"time"

	"github.com/recsys-lite/recsys"
)

// part builds the split whose test events are marked.
func (e *Events) part(test []bool, name string) (*Split, error) {
	order := e.order()
	var watermark int64
	for i, held := range test {
		if !held {
			watermark = max(watermark, e.Time[i])
		}
	}
	decay := recsys.Weighting{HalfLife: e.Weighting.HalfLife}
	train := e.sum(order, func(i int32) (float64, bool) {
		age := time.Duration(watermark-e.Time[i]) * time.Second
		return e.Amount[i] * decay.Amount("", 1, age), !test[i]
	})
	for p := range train {
		train[p].Weight = e.Weighting.Weight(train[p].Amount)
	}
	train = slices.DeleteFunc(train, func(c cell) bool { return c.Weight == 0 })
	held := e.sum(order, func(i int32) (float64, bool) { return e.Amount[i], test[i] })
	held = slices.DeleteFunc(held, func(c cell) bool { return !(c.Amount > 0) })
	switch {
	case len(train) == 0:
		return nil, fmt.Errorf("%w: the split (%s) leaves nothing to train on", recsys.ErrEmptyDataset, name)
	case len(held) == 0:
		return nil, fmt.Errorf("%w: the split (%s) leaves nothing to test on", recsys.ErrEmptyDataset, name)
	}

	users, items := newSubset(e.Users), newSubset(e.Items)
	for _, i := range e.Catalogue {
		items.keep[i] = true
	}
	for _, c := range train {
		users.keep[c.User], items.keep[c.Item] = true, true
	}
	s := &Split{Name: name, Train: &recsys.Dataset{Weighting: e.Weighting, Watermark: recsys.Watermark{Time: watermark}}}
	var err error
	if s.Train.Users, err = users.number(); err != nil {
		return nil, err
	}
	if s.Train.Items, err = items.number(); err != nil {
		return nil, err
	}
	entries := make([]recsys.Entry, len(train))
	for p, c := range train {
		entries[p] = recsys.Entry{Row: users.dense[c.User], Col: items.dense[c.Item], Value: c.Weight}
	}
	if s.Train.Interactions, err = recsys.NewCSR(s.Train.Users.Len(), s.Train.Items.Len(), entries); err != nil {
		return nil, err
	}
	s.Train.Sequences = e.histories(order, test, users, items)
	if err := s.holdOut(held, users, items); err != nil {
		return nil, err
	}
	s.Sessions = e.sessions(order, test, items)
	return s, s.Train.Validate()
}

// cell is what the events of one user with one item add up to.
type cell struct {
	User, Item int32
	Amount     float64
	Weight     float32
}

// sum adds the amounts of the events that get admits, per user (ascending) and item (by first
// event). order is by user and time.
func (e *Events) sum(order []int32, get func(i int32) (amount float64, ok bool)) []cell {
	var cells []cell
	at := make([]int, e.Items.Len()) // 1 + position in cells, valid from first on
	first := 0
	for p, i := range order {
		if p > 0 && e.User[i] != e.User[order[p-1]] {
			first = len(cells)
		}
		amount, ok := get(i)
		if !ok {
			continue
		}
		if at[e.Item[i]] <= first {
			cells = append(cells, cell{User: e.User[i], Item: e.Item[i]})
			at[e.Item[i]] = len(cells)
		}
		cells[at[e.Item[i]]-1].Amount += amount
	}
	return cells
}

// subset renumbers the ids that are kept, in their order.
type subset struct {
	all   *recsys.IDMap
	keep  []bool
	dense []int32 // −1 for those not kept
}

func newSubset(all *recsys.IDMap) *subset {
	return &subset{all: all, keep: make([]bool, all.Len()), dense: make([]int32, all.Len())}
}

func (s *subset) number() (*recsys.IDMap, error) {
	var ids []string
	for i, keep := range s.keep {
		s.dense[i] = -1
		if keep {
			s.dense[i] = int32(len(ids))
			ids = append(ids, s.all.ID(int32(i)))
		}
	}
	return recsys.NewIDMap(ids)
}

// histories lists the purchases of the training part by user and time. Those of an item that
// was given back whole and is in no interaction are left out where the item is unknown.
func (e *Events) histories(order []int32, test []bool, users, items *subset) *recsys.Sequences {
	s := &recsys.Sequences{Indptr: []int64{0}}
	next := 0
	for u, keep := range users.keep {
		for ; next < len(order) && e.User[order[next]] == int32(u); next++ {
			i := order[next]
			if item := items.dense[e.Item[i]]; keep && !test[i] && e.Amount[i] > 0 && item >= 0 {
				s.Items, s.Times = append(s.Items, item), append(s.Times, e.Time[i])
			}
		}
		if keep {
			s.Indptr = append(s.Indptr, int64(len(s.Items)))
		}
	}
	return s
}

// holdOut fills Test, Unknown and NewUsers.
func (s *Split) holdOut(held []cell, users, items *subset) error {
	var entries []recsys.Entry
	s.Unknown = make([]int32, s.Train.Users.Len())
	lastNew := int32(-1)
	for _, c := range held {
		u, i := users.dense[c.User], items.dense[c.Item]
		switch {
		case u < 0:
			if c.User != lastNew { // cells are grouped by user
				s.NewUsers++
				lastNew = c.User
			}
		case i < 0:
			s.Unknown[u]++
		default:
			entries = append(entries, recsys.Entry{Row: u, Col: i, Value: 1})
		}
	}
	var err error
	s.Test, err = recsys.NewCSR(s.Train.Users.Len(), s.Train.Items.Len(), entries)
	return err
}

// sessions lists the purchases of the test part by user and time, users as they come up.
func (e *Events) sessions(order []int32, test []bool, items *subset) *recsys.Sequences {
	start := make([]int, e.Users.Len())
	for p := len(order) - 1; p >= 0; p-- {
		start[e.User[order[p]]] = p
	}
	s := &recsys.Sequences{Indptr: []int64{0}}
	done := make([]bool, e.Users.Len())
	for i, held := range test {
		u := e.User[i]
		if !held || done[u] {
			continue
		}
		done[u] = true
		for p := start[u]; p < len(order) && e.User[order[p]] == u; p++ {
			if j := order[p]; test[j] && e.Amount[j] > 0 {
				s.Items, s.Times = append(s.Items, items.dense[e.Item[j]]), append(s.Times, e.Time[j])
			}
		}
		s.Indptr = append(s.Indptr, int64(len(s.Items)))
	}
	return s
}
