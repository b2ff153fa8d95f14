package modeltest

import (
	"slices"
	"strconv"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/rng"
	"github.com/recsys-lite/recsys/model"
)

// board is a dataset with the histories of its users. The dataset has sequences and features
// only where the kind needs them; histories always have both forms.
type board struct {
	*recsys.Dataset
	histories []recsys.History
}

// newBoard is the checkerboard: user u had every item i of his own colour (u and i both even
// or both odd) except item u, which is held out. In time order he had u+2, u+4, … around the
// board, so that u is also what comes next in his sequence.
func newBoard(n int, needs model.Needs) board {
	histories := make([]recsys.History, n)
	for u := range n {
		for step := 2; step < n; step += 2 {
			i := int32((u + step) % n)
			histories[u].Sequence = append(histories[u].Sequence, i)
			histories[u].Times = append(histories[u].Times, int64(1000*u+60*step))
		}
		histories[u].Items = slices.Sorted(slices.Values(histories[u].Sequence))
	}
	return assemble(histories, n, needs)
}

// newMixed is a seeded dataset with structure and noise: users belong to one of four groups
// with tastes of their own, amounts differ, and sequences repeat items. Every user and every
// item has something.
func newMixed(seed uint64, users, items int, needs model.Needs) board {
	r := rng.New(seed)
	histories := make([]recsys.History, users)
	for u := range users {
		h := &histories[u]
		had := map[int32]bool{int32(u % items): true}
		for len(had) < 4+r.Intn(8) {
			i := r.Intn(items)
			if r.Float64() < 0.8 {
				i = i/4*4 + u%4 // a taste of the group
			}
			if i < items {
				had[int32(i)] = true
			}
		}
		for i := range had {
			h.Items = append(h.Items, i)
		}
		slices.Sort(h.Items)
		for range h.Items {
			h.Weights = append(h.Weights, float32(1+r.Intn(3)))
		}
		h.Sequence = slices.Clone(h.Items)
		r.Shuffle(len(h.Sequence), func(i, j int) { h.Sequence[i], h.Sequence[j] = h.Sequence[j], h.Sequence[i] })
		h.Sequence = append(h.Sequence, h.Sequence[0])
		for k := range h.Sequence {
			h.Times = append(h.Times, int64(10_000*u+40*k))
		}
	}
	return assemble(histories, items, needs)
}

// assemble makes the dataset of the histories.
func assemble(histories []recsys.History, items int, needs model.Needs) board {
	d := &recsys.Dataset{
		Users:        ids("u", len(histories)),
		Items:        ids("i", items),
		Interactions: rowsOf(histories, items),
		Watermark:    recsys.Watermark{Seq: int64(len(histories)), Time: 1_000_000},
	}
	if needs.Sequences {
		d.Sequences = &recsys.Sequences{Indptr: []int64{0}}
		for _, h := range histories {
			d.Sequences.Items = append(d.Sequences.Items, h.Sequence...)
			d.Sequences.Times = append(d.Sequences.Times, h.Times...)
			d.Sequences.Indptr = append(d.Sequences.Indptr, int64(len(d.Sequences.Items)))
		}
	}
	if needs.Features {
		colours := &recsys.CSR{Rows: items, Cols: 2, Indptr: []int64{0}}
		for i := range items {
			colours.Indices = append(colours.Indices, int32(i%2))
			colours.Indptr = append(colours.Indptr, int64(i+1))
		}
		d.ItemFeatures = &recsys.Features{Names: []string{"colour=even", "colour=odd"}, Matrix: colours}
	}
	return board{Dataset: d, histories: histories}
}

func ids(prefix string, n int) *recsys.IDMap {
	names := make([]string, n)
	for i := range names {
		names[i] = prefix + strconv.Itoa(i)
	}
	m, err := recsys.NewIDMap(names)
	if err != nil {
		panic(err) // numbered names are distinct
	}
	return m
}

// rowsOf is the interaction matrix of the histories; the row of a history without weights
// holds ones.
func rowsOf(histories []recsys.History, items int) *recsys.CSR {
	x := &recsys.CSR{Rows: len(histories), Cols: items, Indptr: []int64{0}, Indices: []int32{}, Values: []float32{}}
	for _, h := range histories {
		x.Indices = append(x.Indices, h.Items...)
		for k := range h.Items {
			w := float32(1)
			if h.Weights != nil {
				w = h.Weights[k]
			}
			x.Values = append(x.Values, w)
		}
		x.Indptr = append(x.Indptr, int64(len(x.Indices)))
	}
	return x
}

// cloneDataset copies all that a model could write to.
func cloneDataset(d *recsys.Dataset) *recsys.Dataset {
	c := *d
	c.Interactions = cloneCSR(d.Interactions)
	if d.Sequences != nil {
		c.Sequences = &recsys.Sequences{Indptr: slices.Clone(d.Sequences.Indptr),
			Items: slices.Clone(d.Sequences.Items), Times: slices.Clone(d.Sequences.Times)}
	}
	if d.ItemFeatures != nil {
		c.ItemFeatures = &recsys.Features{Names: d.ItemFeatures.Names, Matrix: cloneCSR(d.ItemFeatures.Matrix)}
	}
	return &c
}

func cloneCSR(m *recsys.CSR) *recsys.CSR {
	return &recsys.CSR{Rows: m.Rows, Cols: m.Cols, Indptr: slices.Clone(m.Indptr),
		Indices: slices.Clone(m.Indices), Values: slices.Clone(m.Values)}
}
