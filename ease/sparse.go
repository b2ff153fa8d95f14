package ease

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/recsys-lite/recsys/internal/cooc"
	"github.com/recsys-lite/recsys/internal/dense"
	"github.com/recsys-lite/recsys/internal/f32"
	"github.com/recsys-lite/recsys/internal/links"
	"github.com/recsys-lite/recsys/internal/par"
)

// sparse computes the weights neighbourhood by neighbourhood.
func (c *Config) sparse(ctx context.Context, x *data) (weights, []float32, error) {
	n := x.byItem.len()
	k := min(c.Neighbours, n-1)
	near, err := c.near(ctx, x, k)
	if err != nil {
		return nil, nil, err
	}
	c.step(1)
	groups := cover(x, near, c.Reuse)
	diag := make([]float32, n)
	cols := links.NewColumns(n, k)
	workers := make([]*neighbourhood, par.Workers(c.Workers))
	err = par.Chunks(ctx, len(groups), 1, c.Workers, func(worker, g, _ int) error {
		if workers[worker] == nil {
			workers[worker] = newNeighbourhood(x, k+1)
		}
		return workers[worker].solve(ctx, c, groups[g], near, cols, diag)
	})
	if err != nil {
		return nil, nil, err
	}
	if err := c.conditioned(diag, x.counts()); err != nil {
		return nil, nil, err
	}
	c.step(2)
	w := &few{cols.Rows(), c.Neighbours}
	c.step(3)
	return w, diag, nil
}

// near finds the k nearest items of each by cosine; its weights are the similarities.
func (c *Config) near(ctx context.Context, x *data, k int) (*links.Columns, error) {
	near := links.NewColumns(x.byItem.len(), k)
	norm := make([]float32, x.byItem.len())
	for i := range norm {
		norm[i] = float32(math.Sqrt(float64(len(x.byItem.row(int32(i))))))
	}
	users := cooc.Rows{Cols: len(norm), Indptr: x.byUser.indptr, Indices: x.byUser.indices}
	err := cooc.Neighbours(ctx, users, k, c.Workers, func(i int32, items []int32, dots []float32) {
		if items == nil {
			for j, v := range norm {
				dots[j] /= norm[i] * v
			}
			return
		}
		for p, j := range items {
			dots[p] /= norm[i] * norm[j]
		}
	}, near.Set)
	return near, err
}

// group is a set of items whose weights come from one factorisation: that of the first one's
// neighbourhood.
type group []int32

// cover deals every item into a group: the most frequent item not yet dealt starts one and
// takes along those of its nearest neighbours, the share reuse of them, that are not dealt
// either.
func cover(x *data, near *links.Columns, reuse float64) []group {
	n := near.Len()
	order := make([]int32, n)
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortStableFunc(order, func(a, b int32) int { return len(x.byItem.row(b)) - len(x.byItem.row(a)) })
	dealt := make([]bool, n)
	var groups []group
	for _, i := range order {
		if dealt[i] {
			continue
		}
		dealt[i] = true
		g := group{i}
		neighbours, _ := near.Column(i)
		for _, j := range neighbours[:int(reuse*float64(len(neighbours)))] {
			if !dealt[j] {
				dealt[j] = true
				g = append(g, j)
			}
		}
		groups = append(groups, g)
	}
	return groups
}

// neighbourhood is the memory of one worker: a small dense problem.
type neighbourhood struct {
	x      *data
	items  []int32 // the slots of the problem, ascending
	g      []float32
	local  lists   // the problem's items of each of its users
	place  []int32 // user → row of local, −1
	users  []int32
	sets   sets
	column []float32
	others []int32
}

func newNeighbourhood(x *data, size int) *neighbourhood {
	h := &neighbourhood{x: x, g: make([]float32, size*size), place: make([]int32, x.byUser.len())}
	for u := range h.place {
		h.place[u] = -1
	}
	return h
}

// cacheable is the side up to which f32.Cholesky is the faster one.
const cacheable = 512

// solve writes the columns and the diagonal of the items of a group.
func (h *neighbourhood) solve(ctx context.Context, c *Config, g group, near, cols *links.Columns, diag []float32) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	neighbours, _ := near.Column(g[0])
	h.items = append(append(h.items[:0], g[0]), neighbours...)
	slices.Sort(h.items)
	n := len(h.items)
	l := h.g[:n*n]
	h.gram(l)
	for i := range n {
		l[i*n+i] += float32(c.Regularization)
	}
	if n > cacheable {
		if dense.Cholesky(l, n, serial(ctx)) != nil {
			return cmp.Or(ctx.Err(), c.illConditioned())
		}
	} else if !f32.Cholesky(l, n) {
		return c.illConditioned()
	}
	for _, i := range g {
		// Column i of the inverse.
		at, _ := slices.BinarySearch(h.items, i)
		p := slices.Grow(h.column[:0], n)[:n]
		clear(p)
		p[at] = 1
		f32.CholeskySolve(l, n, p)
		diag[i] = p[at]
		f32.Scale(-1/diag[i], p)
		h.column = p
		h.others = append(append(h.others[:0], h.items[:at]...), h.items[at+1:]...)
		cols.Set(i, h.others, slices.Delete(p, at, at+1))
	}
	return nil
}

// serial runs the tasks of a factorisation one after the other, or skips them once ctx is
// done.
func serial(ctx context.Context) dense.Parallel {
	return func(tasks int, body func(i int)) {
		for i := range tasks {
			if ctx.Err() != nil {
				return
			}
			body(i)
		}
	}
}

// gram sets the lower triangle of g to the co-occurrences of the problem's items.
func (h *neighbourhood) gram(g []float32) {
	h.localise()
	n := len(h.items)
	columns := 0
	for r := range h.users {
		if long(len(h.local.row(int32(r))), n) {
			columns++
		}
	}
	h.sets.clear(n, columns)
	columns = 0
	clear(g)
	for r := range h.users {
		row := h.local.row(int32(r))
		if long(len(row), n) {
			for _, a := range row {
				h.sets.add(int(a), columns)
			}
			columns++
			continue
		}
		for k, a := range row {
			line := g[int(a)*n : int(a)*n+n]
			for _, b := range row[:k+1] {
				line[b]++
			}
		}
	}
	for i := 0; i < n; i += gramRows {
		m := min(gramRows, n-i)
		h.sets.count(g[i*n:], n, i, m, 0, i+m)
	}
}

// localise lists the problem's users and the items, by place in the problem, of each.
func (h *neighbourhood) localise() {
	h.users = h.users[:0]
	l := &h.local
	l.indptr = append(l.indptr[:0], 0, 0)
	for _, i := range h.items {
		for _, u := range h.x.byItem.row(i) {
			if h.place[u] < 0 {
				h.place[u] = int32(len(h.users))
				h.users = append(h.users, u)
				l.indptr = append(l.indptr, 0)
			}
			l.indptr[h.place[u]+2]++
		}
	}
	for r := range h.users {
		l.indptr[r+2] += l.indptr[r+1]
	}
	total := int(l.indptr[len(h.users)+1])
	l.indices = slices.Grow(l.indices[:0], total)[:total]
	// indptr[r+1] is where row r goes on; in the end it is where row r+1 begins.
	for a, i := range h.items {
		for _, u := range h.x.byItem.row(i) {
			r := h.place[u] + 1
			l.indices[l.indptr[r]] = int32(a)
			l.indptr[r]++
		}
	}
	l.indptr = l.indptr[:len(h.users)+1]
	for _, u := range h.users {
		h.place[u] = -1
	}
}
