package index

import (
	"slices"

	"github.com/recsys-lite/recsys"
)

// graph is what one search in an HNSW sees. Nodes are numbered as they came. Their links lead
// to nodes of large inner product, not of small distance: what a query finds is what its
// own links would be (Morozov, Babenko, "Non-metric Similarity Graphs for Maximum Inner
// Product Search", 2018). On factor models, whose vectors differ much in length, this needs
// a tenth of the work of the detour over distances (Bachrach et al., 2014).
type graph struct {
	dim     int
	ids     []int32   // by node
	vectors []float32 // nodes × dim
	levels  []uint8
	// above is the row in upper of a node's links on level 1; those of higher levels follow.
	above []int32
	// base holds the links on level 0, upper those above.
	base, upper links
	// removed has the bits of nodes that are only there to lead on.
	removed []uint64
	live    int
	// entry is the first node on the highest level, or −1.
	entry int32
	// run says that node and id are the same number.
	run bool
}

func (g *graph) nodes() int               { return len(g.ids) }
func (g *graph) vector(n int32) []float32 { return g.vectors[int(n)*g.dim : (int(n)+1)*g.dim] }
func (g *graph) gone(n int32) bool        { return g.removed[n>>6]>>(uint(n)&63)&1 != 0 }

func (g *graph) links(n int32, level int) []int32 {
	if level == 0 {
		return g.base.row(n)
	}
	return g.upper.row(g.above[n] + int32(level) - 1)
}

// most is the number of links that a node may have.
func (g *graph) most(level int) int {
	if level == 0 {
		return g.base.width - 1
	}
	return g.upper.width - 1
}

// liveRows appends the nodes of [lo, hi) that are not removed and whose ids are allowed.
func (g *graph) liveRows(rows []int32, lo, hi int, allowed *recsys.Bitset) []int32 {
	if allowed == nil {
		for n := lo; n < hi; n++ {
			rows = append(rows, int32(n))
		}
	} else {
		b := block{ids: g.ids, run: g.run}
		rows = b.allowedRows(rows, lo, hi, allowed)
	}
	if g.live == g.nodes() {
		return rows
	}
	return slices.DeleteFunc(rows, g.gone)
}

// graphChange is a graph in the making.
type graphChange struct {
	graph
	baseLinks, upperLinks linksChange
}

func (g *graph) change() *graphChange {
	c := &graphChange{graph: *g, baseLinks: g.base.change(), upperLinks: g.upper.change()}
	c.removed = slices.Clone(g.removed)
	c.sync()
	return c
}

// sync shows the changed links to those who read the graph.
func (c *graphChange) sync() { c.base, c.upper = c.baseLinks.links, c.upperLinks.links }

// append adds a node without links.
func (c *graphChange) append(id int32, v []float32, level int) int32 {
	n := int32(c.nodes())
	c.run = (n == 0 || c.run) && id == n
	c.ids = append(c.ids, id)
	c.vectors = append(c.vectors, v...)
	c.levels = append(c.levels, uint8(level))
	c.above = append(c.above, int32(c.upper.rows))
	c.baseLinks.grow(1)
	c.upperLinks.grow(level)
	if int(n)>>6 == len(c.removed) {
		c.removed = append(c.removed, 0)
	}
	c.live++
	c.sync()
	return n
}

func (c *graphChange) remove(n int32) {
	c.removed[n>>6] |= 1 << (uint(n) & 63)
	c.live--
}

// own makes a node's links fit to be set.
func (c *graphChange) own(n int32, level int) {
	if level == 0 {
		c.baseLinks.own(n)
	} else {
		c.upperLinks.own(c.above[n] + int32(level) - 1)
	}
}

func (c *graphChange) setLinks(n int32, level int, nodes []int32) {
	if level == 0 {
		c.baseLinks.set(n, nodes)
	} else {
		c.upperLinks.set(c.above[n]+int32(level)-1, nodes)
	}
}
