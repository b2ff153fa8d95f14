package index

import (
	"math"
	"slices"
	"sync"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/f32"
)

// near is a node with its inner product with what is searched.
type near struct {
	score float32
	node  int32
}

// before orders by score, equal ones by the lower node.
func (a near) before(b near) bool { return a.score > b.score || a.score == b.score && a.node < b.node }

func byNearness(a, b near) int {
	if a.before(b) {
		return -1
	}
	if b.before(a) {
		return 1
	}
	return 0
}

// nearHeap has the best of its entries at the root, or the worst.
type nearHeap struct {
	a     []near
	worst bool
}

func (h *nearHeap) above(x, y near) bool {
	if h.worst {
		return y.before(x)
	}
	return x.before(y)
}

func (h *nearHeap) push(x near) {
	h.a = append(h.a, x)
	i := len(h.a) - 1
	for i > 0 {
		p := (i - 1) / 2
		if !h.above(x, h.a[p]) {
			break
		}
		h.a[i] = h.a[p]
		i = p
	}
	h.a[i] = x
}

func (h *nearHeap) pop() near {
	root, n := h.a[0], len(h.a)-1
	x := h.a[n]
	h.a = h.a[:n]
	if n > 0 {
		h.sink(x)
	}
	return root
}

// sink puts x in the place of the root.
func (h *nearHeap) sink(x near) {
	i, n := 0, len(h.a)
	for {
		c := 2*i + 1
		if c >= n {
			break
		}
		if c+1 < n && h.above(h.a[c+1], h.a[c]) {
			c++
		}
		if !h.above(h.a[c], x) {
			break
		}
		h.a[i] = h.a[c]
		i = c
	}
	h.a[i] = x
}

// walker is the memory of a walk through a graph.
type walker struct {
	// seen[n] = stamp says that the walk has scored n.
	seen   []uint32
	stamp  uint32
	fresh  []int32
	back   []int32
	scores []float32
	open   nearHeap
	best   nearHeap
}

var walkers = sync.Pool{New: func() any { return &walker{best: nearHeap{worst: true}} }}

// start forgets the last walk.
func (w *walker) start(g *graph) {
	if n := g.nodes(); len(w.seen) < n {
		w.seen, w.stamp = make([]uint32, n+n/8), 0
	}
	if w.stamp++; w.stamp == 0 {
		clear(w.seen)
		w.stamp = 1
	}
	w.open.a, w.best.a = w.open.a[:0], w.best.a[:0]
}

// score returns the inner products of nodes with v, in the walker's memory.
func (w *walker) score(g *graph, v []float32, nodes []int32) []float32 {
	w.scores = slices.Grow(w.scores[:0], len(nodes))[:len(nodes)]
	f32.GemvRows(w.scores, g.vectors, nodes, v)
	return w.scores
}

// descend walks greedily from the entry down to a level and returns where it arrives.
func (w *walker) descend(g *graph, v []float32, level int) near {
	at := near{node: g.entry}
	at.score = w.score(g, v, []int32{at.node})[0]
	for l := int(g.levels[g.entry]); l > level; l-- {
		for moved := true; moved; {
			moved = false
			nodes := g.links(at.node, l)
			for i, s := range w.score(g, v, nodes) {
				if c := (near{s, nodes[i]}); c.before(at) {
					at, moved = c, true
				}
			}
		}
	}
	return at
}

// noLimit lets a walk score as many nodes as it comes by.
const noLimit = math.MaxInt

// walk collects in w.best the ef allowed nodes of a level of largest inner product with v that a best-first
// walk from the given nodes comes by. Nodes that are removed or not allowed (nil: all are)
// are passed through. It gives up and returns false when it has scored limit nodes.
func (w *walker) walk(g *graph, v []float32, level, ef int, from []near, allowed *recsys.Bitset, limit int) bool {
	w.start(g)
	for _, c := range from {
		w.seen[c.node] = w.stamp
		w.take(g, c, ef, allowed)
	}
	for len(w.open.a) > 0 {
		c := w.open.pop()
		if len(w.best.a) == ef && w.best.a[0].before(c) {
			return true
		}
		w.fresh = w.fresh[:0]
		for _, n := range g.links(c.node, level) {
			if w.seen[n] != w.stamp {
				w.seen[n] = w.stamp
				w.fresh = append(w.fresh, n)
			}
		}
		if limit -= len(w.fresh); limit < 0 {
			return false
		}
		for i, s := range w.score(g, v, w.fresh) {
			w.take(g, near{s, w.fresh[i]}, ef, allowed)
		}
	}
	return true
}

// take notes a node that the walk has come by.
func (w *walker) take(g *graph, c near, ef int, allowed *recsys.Bitset) {
	full := len(w.best.a) == ef
	if full && !c.before(w.best.a[0]) {
		return
	}
	w.open.push(c)
	if g.gone(c.node) || allowed != nil && !allowed.Has(g.ids[c.node]) {
		return
	}
	if full {
		w.best.sink(c)
	} else {
		w.best.push(c)
	}
}

// pick chooses up to most links among candidates, which stand in order: one whose
// product with a chosen one is larger than that with the node itself is put back, for it can
// be reached from there (Malkov, Yashunin, 2016, algorithm 4). Those put back fill the places
// that are left; without them many nodes would have too few links to be found. The result
// is in the walker's memory.
func (w *walker) pick(g *graph, candidates []near, most int) []int32 {
	w.fresh, w.back = w.fresh[:0], w.back[:0]
	for _, c := range candidates {
		if len(w.fresh) == most {
			return w.fresh
		}
		if f32.FindGreater(w.score(g, g.vector(c.node), w.fresh), c.score) < 0 {
			w.fresh = append(w.fresh, c.node)
		} else {
			w.back = append(w.back, c.node)
		}
	}
	return append(w.fresh, w.back[:min(len(w.back), most-len(w.fresh))]...)
}
