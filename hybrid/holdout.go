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
	sorted := slices.Sorted(slices.Values(times))
	cut = sorted[int(float64(len(sorted))*(1-share))]
	return cut, cut > sorted[0]
}

func byTime(d *recsys.Dataset, cut int64) (*recsys.Dataset, *recsys.CSR) {
	first := make(map[int32]int64)
	return part(d, func(u int) func(item int32, k int) bool {
		clear(first)
		items, times := d.Sequences.Of(u)
		for k, i := range items {
			if _, ok := first[i]; !ok {
				first[i] = times[k]
			}
		}
		return func(item int32, _ int) bool {
			t, ok := first[item]
			return ok && t >= cut
		}
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
// those held out, and events that old refuses, leave the sequences.
func part(d *recsys.Dataset, holds func(u int) func(item int32, k int) bool, old func(t int64) bool) (*recsys.Dataset, *recsys.CSR) {
	x := d.Interactions
	keep := &recsys.CSR{Rows: x.Rows, Cols: x.Cols, Indptr: []int64{0}}
	held := &recsys.CSR{Rows: x.Rows, Cols: x.Cols, Indptr: []int64{0}}
	train := *d
	if d.Sequences != nil {
		train.Sequences = &recsys.Sequences{Indptr: []int64{0}}
	}
	for u := range x.Rows {
		out := holds(u)
		cols, vals := x.Row(u)
		from := len(held.Indices)
		for k, i := range cols {
			if out(i, k) {
				held.Indices = append(held.Indices, i)
				continue
			}
			keep.Indices = append(keep.Indices, i)
			if vals != nil {
				keep.Values = append(keep.Values, vals[k])
			}
		}
		keep.Indptr, held.Indptr = append(keep.Indptr, int64(len(keep.Indices))), append(held.Indptr, int64(len(held.Indices)))
		if q := train.Sequences; q != nil {
			items, times := d.Sequences.Of(u)
			for k, i := range items {
				if _, gone := slices.BinarySearch(held.Indices[from:], i); !gone && old(times[k]) {
					q.Items, q.Times = append(q.Items, i), append(q.Times, times[k])
				}
			}
			q.Indptr = append(q.Indptr, int64(len(q.Items)))
		}
	}
	train.Interactions = keep
	return &train, held
}
