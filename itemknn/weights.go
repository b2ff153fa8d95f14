package itemknn

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/recsys-lite/recsys"
)

// weighed is the matrix of the a_ui, row by row as they are asked for: kept as a whole they
// would take half as much memory as the interactions.
type weighed struct {
	x      *recsys.CSR
	cfg    *Config
	values []float32 // of the interactions; nil if each counts 1
	idf    []float64 // by number of items of a user
	// length is what k1 is multiplied by for an item, of BM25; if each interaction counts 1,
	// saturated is then what the idf is multiplied by.
	length, saturated []float64
	// The rows of the users of the most items are kept where values make them dear: those of
	// users, ascending, at start. Steps go with the square of a row, so they are most of the work.
	least int // items that such a user has
	users []int32
	start []int64
	rows  []float32
}

// keptShare is the share of the interactions, as a divisor, whose a_ui may be kept.
const keptShare = 4

// weigh prepares the a_ui of the interactions.
func (c *Config) weigh(x *recsys.CSR) *weighed {
	w := &weighed{x: x, cfg: c}
	if c.Weighted && slices.ContainsFunc(x.Values, func(v float32) bool { return v != 1 }) {
		w.values = x.Values
	}
	if c.Similarity == Cosine {
		return w
	}
	longest := 0
	for u := range x.Rows {
		longest = max(longest, x.RowLen(u))
	}
	w.idf = make([]float64, longest+1)
	for n := range w.idf {
		w.idf[n] = math.Log1p(float64(x.Cols) / float64(n))
	}
	if c.Similarity == BM25 {
		w.lengthen()
	}
	if w.values != nil {
		w.keep()
	}
	return w
}

// lengthen sets the factors of BM25.
func (w *weighed) lengthen() {
	weight := make([]float64, w.x.Cols)
	for p, i := range w.x.Indices {
		if w.values != nil {
			weight[i] += float64(w.values[p])
		} else {
			weight[i]++
		}
	}
	mean, sold := 0.0, 0.0
	for _, v := range weight {
		if v > 0 {
			mean += v
			sold++
		}
	}
	mean /= sold
	w.length = weight
	for i, v := range weight {
		w.length[i] = 1 - w.cfg.B + w.cfg.B*v/mean
	}
	if w.values == nil {
		w.saturated, w.length = w.length, nil
		for i, length := range w.saturated {
			w.saturated[i] = saturate(1, w.cfg.K1, length)
		}
	}
}

// keep computes the rows that are kept.
func (w *weighed) keep() {
	entries := make([]int, len(w.idf)) // by length of row
	for u := range w.x.Rows {
		entries[w.x.RowLen(u)] += w.x.RowLen(u)
	}
	room := w.x.NNZ() / keptShare
	w.rows, w.start = make([]float32, 0, room), append(w.start, 0)
	for w.least = len(entries) - 1; w.least > 0 && entries[w.least] <= room; w.least-- {
		room -= entries[w.least]
	}
	for u := range w.x.Rows {
		n := w.x.RowLen(u)
		if n == w.least {
			room -= n
		}
		if n > w.least || n == w.least && room >= 0 {
			w.rows = w.rows[:len(w.rows)+n]
			w.compute(int32(u), w.rows[len(w.rows)-n:])
			w.users, w.start = append(w.users, int32(u)), append(w.start, int64(len(w.rows)))
		}
	}
}

// row returns the a_ui of user u, in buf or elsewhere, or nil and what all of them are.
func (w *weighed) row(u int32, buf []float32) (a []float32, each float32) {
	lo, hi := w.x.Indptr[u], w.x.Indptr[u+1]
	switch {
	case w.values == nil && w.cfg.Similarity == Cosine:
		return nil, 1
	case w.values == nil && w.cfg.Similarity == TFIDF:
		return nil, float32(w.idf[hi-lo])
	case w.cfg.Similarity == Cosine:
		return w.values[lo:hi], 0
	case len(w.users) > 0 && int(hi-lo) >= w.least:
		if at, ok := slices.BinarySearch(w.users, u); ok {
			return w.rows[w.start[at]:w.start[at+1]], 0
		}
	}
	w.compute(u, buf)
	return buf, 0
}

// compute sets a to the a_ui of user u by TF-IDF or BM25.
func (w *weighed) compute(u int32, a []float32) {
	items, values := w.x.Row(int(u))
	idf := w.idf[len(items)]
	switch {
	case w.cfg.Similarity == TFIDF:
		for p, v := range values {
			a[p] = float32(math.Sqrt(float64(v)) * idf)
		}
	case w.values == nil:
		for p, i := range items {
			a[p] = float32(w.saturated[i] * idf)
		}
	default:
		for p, i := range items {
			a[p] = float32(saturate(float64(values[p]), w.cfg.K1, w.length[i]) * idf)
		}
	}
}

// saturate is BM25's part of a weight.
func saturate(v, k1, length float64) float64 { return v * (k1 + 1) / (k1*length + v) }

// lengths returns ‖a_i‖² and the number of users of every item.
func (w *weighed) lengths(ctx context.Context) (norm, count []float32, err error) {
	norm, count = make([]float32, w.x.Cols), make([]float32, w.x.Cols)
	users := make([]int32, w.x.Cols)
	buf := make([]float32, len(w.idf))
	for u := range w.x.Rows {
		if u%1024 == 0 && ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		items, _ := w.x.Row(u)
		a, each := w.row(int32(u), buf[:min(len(items), len(buf))])
		for p, i := range items {
			if a != nil {
				each = a[p]
			}
			norm[i] += each * each
			users[i]++
		}
	}
	for i, v := range norm {
		count[i] = float32(users[i])
		if math.IsInf(float64(v), 0) {
			return nil, nil, fmt.Errorf("%w: itemknn: the weights of item %d overflow: weigh by log1p, or set weighted to false", recsys.ErrInvalidData, i)
		}
	}
	return norm, count, nil
}
