package index

import (
	"math"
)

// MarshalBinary saves the index for [Open].
func (x *HNSW) MarshalBinary() ([]byte, error) {
	g := x.state.Load()
	w := newWriter(KindHNSW, x.dim, g.nodes()*(x.dim+2+g.most(0)))
	w.count(g.most(1))
	w.count(x.construct)
	w.count(x.ef)
	w.uint64(x.seed)
	w.count(g.nodes())
	w.uint32(uint32(g.entry))
	for n, id := range g.ids {
		if g.gone(int32(n)) {
			id = -1
		}
		w.uint32(uint32(id))
	}
	w.float32s(g.vectors)
	w.buf = append(w.buf, g.levels...)
	for level := 0; ; level++ {
		any := false
		for n := range int32(g.nodes()) {
			if int(g.levels[n]) >= level {
				any = true
				nodes := g.links(n, level)
				w.buf = append(w.buf, byte(len(nodes)))
				w.int32s(nodes)
			}
		}
		if !any {
			return w.finish(), nil
		}
	}
}

func openHNSW(r *reader, s Search) (*HNSW, error) {
	most := r.setting("the number of links", 2, maxLinks)
	x := &HNSW{dim: r.dim, construct: r.setting("the number of candidates for links", 1, maxSetting)}
	x.ef = r.setting("the number of candidates", 1, maxSetting)
	x.seed = r.uint64()
	n := r.count(4 + 4*r.dim + 2)
	entry := int32(r.uint32())
	ids := r.int32s(n)
	vectors := r.vectors(n)
	levels := r.take(n)
	if r.err != nil {
		return nil, r.err
	}
	c := (&graph{dim: r.dim, entry: entry, run: true, base: newLinks(2 * most), upper: newLinks(most)}).change()
	r.graph(c, ids, vectors, levels)
	if err := r.end(); err != nil {
		return nil, err
	}
	if x.efNow = x.ef; s.Ef != 0 {
		x.efNow = s.Ef
	}
	x.state.Store(&c.graph)
	return x, nil
}

// graph reads links into a graph of the given nodes and checks that they lead to nodes on
// their level.
func (r *reader) graph(c *graphChange, ids []int32, vectors []float32, levels []byte) {
	upper := 0
	live := make([]int32, 0, len(ids))
	for n, level := range levels {
		if level > maxLevel {
			r.fail("node %d is on level %d, the highest is %d", n, level, maxLevel)
			return
		}
		if upper += int(level); ids[n] >= 0 {
			live = append(live, ids[n])
		}
	}
	if upper > len(r.rest) || upper > math.MaxInt32 {
		r.fail("%d lists of links in %d bytes", upper, len(r.rest))
		return
	}
	r.checkIDs(live)
	c.vectors = make([]float32, 0, len(vectors))
	for n, level := range levels {
		node := c.append(ids[n], vectors[n*r.dim:(n+1)*r.dim], int(level))
		if ids[n] < 0 {
			c.remove(node)
		}
	}
	top := -1
	for _, level := range levels {
		top = max(top, int(level))
	}
	if e := int64(c.entry); len(ids) == 0 && e != -1 || len(ids) > 0 && (e < 0 || e >= int64(len(ids)) || int(levels[e]) != top) {
		r.fail("the entry is node %d of %d", e, len(ids))
		return
	}
	for level := range top + 1 {
		for n := range int32(len(ids)) {
			if int(levels[n]) >= level {
				r.links(c, n, level)
			}
		}
	}
	c.sync()
}

func (r *reader) links(c *graphChange, node int32, level int) {
	size := r.take(1)
	if size == nil {
		return
	}
	if int(size[0]) > c.most(level) {
		r.fail("node %d has %d links on level %d", node, size[0], level)
		return
	}
	nodes := r.int32s(int(size[0]))
	for _, to := range nodes {
		if to < 0 || int(to) >= c.nodes() || int(c.levels[to]) < level {
			r.fail("node %d links to %d, which is not on level %d", node, to, level)
			return
		}
	}
	c.setLinks(node, level, nodes)
}
