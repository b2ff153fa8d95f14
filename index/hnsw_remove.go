package index

import (
	"slices"

	"github.com/recsys-lite/recsys/internal/par"
)

// Remove implements [recsys.Index]. Removed vectors go on leading walks through the graph
// until they are more than a quarter of it; then links are laid around them.
func (x *HNSW) Remove(ids []int32) {
	g := x.state.Load()
	x.index(g)
	c := g.change()
	for _, id := range ids {
		if n, ok := x.nodes[id]; ok {
			delete(x.nodes, id)
			c.remove(n)
		}
	}
	x.publish(c)
}

// publish makes c the state, after a clean-up if it is due.
func (x *HNSW) publish(c *graphChange) {
	c.sync()
	g := &c.graph
	if gone := g.nodes() - g.live; gone*4 > g.nodes() {
		g = g.compact(x.workers)
		x.nodes = nil
		x.index(g)
	}
	x.state.Store(g)
}

// compact returns the graph without the removed nodes. Who had links to some gets links to
// those they led to, as in FreshDiskANN (Singh et al., 2021, algorithm 4).
func (g *graph) compact(workers int) *graph {
	c := (&graph{dim: g.dim, entry: -1, run: true, base: newLinks(g.most(0)), upper: newLinks(g.most(1))}).change()
	number := make([]int32, g.nodes())
	old := make([]int32, 0, g.live)
	for n := range number {
		number[n] = -1
		if node := int32(n); !g.gone(node) {
			number[n] = int32(len(old))
			old = append(old, node)
		}
	}
	c.reserve(len(old))
	for _, n := range old {
		node := c.append(g.ids[n], g.vector(n), int(g.levels[n]))
		if c.entry < 0 || c.levels[node] > c.levels[c.entry] {
			c.entry = node
		}
	}
	par.Do((len(old)+batch-1)/batch, workers, func(part int) {
		w := walkers.Get().(*walker)
		defer walkers.Put(w)
		for i := part * batch; i < min((part+1)*batch, len(old)); i++ {
			for level := range int(g.levels[old[i]]) + 1 {
				nodes := g.around(w, old[i], level)
				for j, n := range nodes {
					nodes[j] = number[n]
				}
				c.setLinks(int32(i), level, nodes)
			}
		}
	})
	c.sync()
	return &c.graph
}

// around returns the links of a node that is kept, with ways around removed ones.
func (g *graph) around(w *walker, node int32, level int) []int32 {
	direct := g.links(node, level)
	if !slices.ContainsFunc(direct, g.gone) {
		return slices.Clone(direct)
	}
	w.start(g)
	w.seen[node] = w.stamp
	var kept []int32
	queue := slices.Clone(direct)
	for enough := 8 * g.most(level); len(queue) > 0 && len(kept) < enough; queue = queue[1:] {
		n := queue[0]
		if w.seen[n] == w.stamp {
			continue
		}
		w.seen[n] = w.stamp
		if g.gone(n) {
			queue = append(queue, g.links(n, level)...)
		} else {
			kept = append(kept, n)
		}
	}
	return slices.Clone(w.pick(g, g.rank(w, nil, node, kept), g.most(level)))
}
