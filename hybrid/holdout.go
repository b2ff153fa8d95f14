package hybrid

import (
	"slices"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/rng"
)

// Streams of the seed.
const (
	streamHoldOut = iota + 1
	streamUsers
)

// holdOut parts d: train is what weights are learned with, held has each user's items to be
// found. Where the sequences' times differ, an interaction is held out when its first event is
// among the newest share of all; otherwise each of a user's with that probability, but never
// all. Held-out items are in no sequence of train. Either part may be empty.
func holdOut(d *recsys.Dataset, share float64, seed uint64) (train *recsys.Dataset, held *recsys.CSR) {
	if d.Sequences != nil {
		if cut, ok := newest(d.Sequences.Times, share); ok {
			if train, held = byTime(d, cut); held.NNZ() > 0 && train.Interactions.NNZ() > 0 {
				return train, held
			}
		}
	}
	return atRandom(d, share, seed)
}

// newest is the time from which on the newest share of events happened; false when it leaves no
// older ones.
func newest(times []int64, share float64) (cut int64, ok bool) {
	if len(times) == 0 {
		return 0, false
	}
	older := int(float64(len(times)) * (1 - share))
	oldest := slices.Min(times)
	cut = nth(times, older, oldest, slices.Max(times))
	return cut, cut > oldest
}

// nth is the n-th of the times in rising order, counted from 0, which all lie from low to high.
// It halves that range again and again: to sort them takes as much memory as they do.
func nth(times []int64, n int, low, high int64) int64 {
	for low < high {
		middle := low + int64(uint64(high-low)/2)
		upTo := 0
		for _, t := range times {
			if t <= middle {
				upTo++
			}
		}
		if upTo > n {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return low
}

func byTime(d *recsys.Dataset, cut int64) (*recsys.Dataset, *recsys.CSR) {
	var late []bool // those of a user's items whose first event is among the newest
	return part(d, func(u int) func(item int32, k int) bool {
		cols, _ := d.Interactions.Row(u)
		late = slices.Grow(late[:0], len(cols))[:len(cols)]
		clear(late)
		items, times := d.Sequences.Of(u)
		for k := len(items) - 1; k >= 0; k-- {
			if at, ok := slices.BinarySearch(cols, items[k]); ok {
				late[at] = times[k] >= cut
			}
		}
		return func(_ int32, k int) bool { return late[k] }
	}, func(t int64) bool { return t < cut })
}

func atRandom(d *recsys.Dataset, share float64, seed uint64) (*recsys.Dataset, *recsys.CSR) {
	var r rng.Rand
	return part(d, func(u int) func(item int32, k int) bool {
		r.Seed(seed, streamHoldOut, uint64(u))
		kept, last := false, d.Interactions.RowLen(u)-1
		return func(_ int32, k int) bool {
			out := r.Float64() < share && (kept || k < last)
			kept = kept || !out
			return out
		}
	}, func(int64) bool { return true })
}

// part splits the interactions by what holds says of a user's items, in their order; events of
// those held out, and events that old refuses, leave the sequences. It asks twice: the parts are
// counted before they are copied.
func part(d *recsys.Dataset, holds func(u int) func(item int32, k int) bool, old func(t int64) bool) (*recsys.Dataset, *recsys.CSR) {
	x := d.Interactions
	var gone []int32 // items held out of a user
	split := func(item func(p int64, held bool), event func(p int64), end func()) {
		for u := range x.Rows {
			out := holds(u)
			cols, _ := x.Row(u)
			gone = gone[:0]
			for k, i := range cols {
				held := out(i, k)
				if held {
					gone = append(gone, i)
				}
				item(x.Indptr[u]+int64(k), held)
			}
			if d.Sequences != nil {
				items, times := d.Sequences.Of(u)
				for k, i := range items {
					if _, held := slices.BinarySearch(gone, i); !held && old(times[k]) {
						event(d.Sequences.Indptr[u] + int64(k))
					}
				}
			}
			end()
		}
	}
	var out, events int
	split(func(_ int64, held bool) {
		if held {
			out++
		}
	}, func(int64) { events++ }, func() {})

	matrix := func(entries int) *recsys.CSR {
		return &recsys.CSR{Rows: x.Rows, Cols: x.Cols, Indptr: make([]int64, 1, x.Rows+1), Indices: make([]int32, 0, entries)}
	}
	train, keep, held := *d, matrix(x.NNZ()-out), matrix(out)
	if x.Values != nil {
		keep.Values = make([]float32, 0, x.NNZ()-out)
	}
	train.Interactions = keep
	if d.Sequences != nil {
		train.Sequences = &recsys.Sequences{Indptr: make([]int64, 1, x.Rows+1), Items: make([]int32, 0, events), Times: make([]int64, 0, events)}
	}
	split(func(p int64, out bool) {
		if out {
			held.Indices = append(held.Indices, x.Indices[p])
			return
		}
		keep.Indices = append(keep.Indices, x.Indices[p])
		if x.Values != nil {
			keep.Values = append(keep.Values, x.Values[p])
		}
	}, func(p int64) {
		q := train.Sequences
		q.Items, q.Times = append(q.Items, d.Sequences.Items[p]), append(q.Times, d.Sequences.Times[p])
	}, func() {
		keep.Indptr, held.Indptr = append(keep.Indptr, int64(len(keep.Indices))), append(held.Indptr, int64(len(held.Indices)))
		if q := train.Sequences; q != nil {
			q.Indptr = append(q.Indptr, int64(len(q.Items)))
		}
	})
	return &train, held
}
