package index

import (
	"context"
	"math"
	"slices"
	"sync/atomic"

	"github.com/recsys-lite/recsys"
)

// IVF clusters the vectors by k-means and scans the clusters whose centroids have the
// largest inner products with the query (an inverted file: Jégou, Douze, Schmid, "Product
// Quantization for Nearest Neighbor Search", 2011, section IV). The clusters stay as they
// were built: build anew when the vectors have become others.
type IVF struct {
	dim, workers, threads int
	clusters              *clusters
	// probe is what is saved, probeNow what is used.
	probe, probeNow int
	state           atomic.Pointer[ivfState]
	// places says where an id lies, for Add and Remove; nil until the first of them.
	places map[int32]place
}

// ivfState is what one search sees.
type ivfState struct {
	lists []block
	n     int
}

type place struct{ list, row int32 }

func buildIVF(ctx context.Context, ids []int32, vectors recsys.Matrix, o Options) (*IVF, error) {
	lists := o.Lists
	if lists == 0 {
		lists = int(2 * math.Sqrt(float64(vectors.Rows)))
	}
	lists = max(1, min(lists, vectors.Rows))
	c, err := kmeans(ctx, vectors, lists, &o)
	if err != nil {
		return nil, err
	}
	x := &IVF{dim: vectors.Cols, workers: o.Workers, threads: max(o.Search.Threads, 1), clusters: c}
	x.state.Store(&ivfState{lists: make([]block, lists)})
	if err := x.Add(ctx, ids, vectors.Data); err != nil {
		return nil, err
	}
	x.places = nil
	if x.probe = o.Search.Probe; x.probe == 0 {
		if x.probe, err = x.tune(ctx, vectors, &o); err != nil {
			return nil, err
		}
	}
	x.probe = min(x.probe, lists)
	x.probeNow = x.probe
	return x, nil
}

// tune returns the smallest number of lists that hold the wanted share of the best vectors.
func (x *IVF) tune(ctx context.Context, vectors recsys.Matrix, o *Options) (int, error) {
	if vectors.Rows == 0 {
		return 1, nil
	}
	s, err := newSample(ctx, vectors, o)
	if err != nil {
		return 0, err
	}
	listOf := make([]int32, vectors.Rows)
	for l, b := range x.state.Load().lists {
		for _, id := range b.ids {
			listOf[id] = int32(l)
		}
	}
	// found[r] counts the best vectors that lie in the list of rank r.
	found := make([]int, x.clusters.n)
	rank := make([]int, x.clusters.n)
	var order coarse
	for q := range s.queries.Rows {
		order.start(x.clusters, s.queries.Row(q))
		for r, l := range order.first(x.clusters.n) {
			rank[l] = r
		}
		for _, row := range s.best[q*s.k : (q+1)*s.k] {
			found[rank[listOf[row]]]++
		}
	}
	need := o.recall() * float64(len(s.best))
	sum := 0
	for r, n := range found {
		if sum += n; float64(sum) >= need {
			return r + 1, nil
		}
	}
	return x.clusters.n, nil
}

// Dim is the length of a vector.
func (x *IVF) Dim() int { return x.dim }

// Len is the number of vectors held.
func (x *IVF) Len() int { return x.state.Load().n }

// Lists is the number of clusters.
func (x *IVF) Lists() int { return x.clusters.n }

// Threads is the number of goroutines that share one query.
func (x *IVF) Threads() int { return x.threads }

// Probe is the number of lists that a query without a filter scans.
func (x *IVF) Probe() int { return x.probeNow }

// ivfChange is a state in the making: it copies a list before it first writes to it.
type ivfChange struct {
	ivfState
	dim    int
	owned  []bool
	places map[int32]place
}

func (x *IVF) change() *ivfChange {
	old := x.state.Load()
	if x.places == nil {
		x.places = make(map[int32]place, old.n)
		for l := range old.lists {
			for row, id := range old.lists[l].ids {
				x.places[id] = place{int32(l), int32(row)}
			}
		}
	}
	return &ivfChange{ivfState: ivfState{slices.Clone(old.lists), old.n}, dim: x.dim, owned: make([]bool, len(old.lists)), places: x.places}
}

func (c *ivfChange) own(list int32) *block {
	if !c.owned[list] {
		c.lists[list] = c.lists[list].clone(0, c.dim)
		c.owned[list] = true
	}
	return &c.lists[list]
}

func (c *ivfChange) add(list, id int32, v []float32) {
	b := &c.lists[list]
	c.places[id] = place{list, int32(len(b.ids))}
	b.append(id, v)
	c.n++
}

// remove fills the gap with the last vector of the list.
func (c *ivfChange) remove(id int32) {
	at, ok := c.places[id]
	if !ok {
		return
	}
	delete(c.places, id)
	c.n--
	b := &c.lists[at.list]
	last := int32(len(b.ids)) - 1
	if at.row != last {
		b = c.own(at.list)
		moved := b.ids[last]
		b.replace(int(at.row), moved, b.row(int(last), c.dim))
		c.places[moved] = at
	}
	b.drop(c.dim)
}

// Add implements [recsys.Index]. It copies the lists in which it replaces a vector.
func (x *IVF) Add(ctx context.Context, ids []int32, vectors []float32) error {
	if err := checkAdd(x.dim, ids, vectors); err != nil {
		return err
	}
	ids, vectors = distinct(ids, vectors, x.dim)
	list := make([]int32, len(ids))
	if err := x.clusters.assign(ctx, list, vectors, x.workers); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	c := x.change()
	for i, id := range ids {
		v := vectors[i*x.dim : (i+1)*x.dim]
		if at, ok := c.places[id]; ok && at.list == list[i] {
			c.own(at.list).replace(int(at.row), id, v)
			continue
		}
		c.remove(id)
		c.add(list[i], id, v)
	}
	x.state.Store(&c.ivfState)
	return nil
}

// Remove implements [recsys.Index].
func (x *IVF) Remove(ids []int32) {
	c := x.change()
	for _, id := range ids {
		c.remove(id)
	}
	x.state.Store(&c.ivfState)
}
