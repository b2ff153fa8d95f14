package index

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/f32"
	"github.com/recsys-lite/recsys/internal/par"
)

// batch is the number of nodes inserted at a time. They look for neighbours in the graph as
// it was before, and among each other, so the result does not depend on the workers.
const batch = 256

func buildHNSW(ctx context.Context, ids []int32, vectors recsys.Matrix, o Options) (*HNSW, error) {
	x := &HNSW{dim: vectors.Cols, workers: o.Workers, seed: o.Seed, construct: o.EfConstruction, report: o.Run}
	if x.construct == 0 {
		x.construct = 100
	}
	most := o.Links
	if most == 0 {
		most = 16
	}
	x.state.Store(&graph{dim: x.dim, entry: -1, run: true, base: newLinks(2 * most), upper: newLinks(most)})
	if err := x.Add(ctx, ids, vectors.Data); err != nil {
		return nil, err
	}
	x.nodes, x.report = nil, recsys.Run{}
	if x.ef = o.Search.Ef; x.ef == 0 {
		if err := x.tune(ctx, vectors, &o); err != nil {
			return nil, err
		}
	}
	x.efNow = x.ef
	return x, nil
}

// tune sets ef to about the smallest value that reaches the wanted recall.
func (x *HNSW) tune(ctx context.Context, vectors recsys.Matrix, o *Options) error {
	x.ef = sampleK
	if vectors.Rows == 0 {
		return nil
	}
	s, err := newSample(ctx, vectors, o)
	if err != nil {
		return err
	}
	g := x.state.Load()
	reaches := func(ef int) (bool, error) {
		hits := make([]int, s.queries.Rows)
		err := par.Chunks(ctx, s.queries.Rows, 8, o.Workers, func(_, lo, hi int) error {
			try := &HNSW{dim: x.dim, efNow: ef}
			try.state.Store(g)
			for q := lo; q < hi; q++ {
				found, err := try.Search(ctx, s.queries.Row(q), s.k, nil)
				if err != nil {
					return err
				}
				hits[q] = s.hits(q, found)
			}
			return nil
		})
		sum := 0
		for _, n := range hits {
			sum += n
		}
		return float64(sum) >= o.recall()*float64(len(s.best)), err
	}
	// A search that sees as many candidates as there are vectors is a scan.
	low, high := 0, s.k
	for ; high < vectors.Rows; low, high = high, 2*high {
		if ok, err := reaches(high); err != nil {
			return err
		} else if ok {
			break
		}
	}
	high = min(high, max(vectors.Rows, s.k))
	for high-low > max(1, high/16) {
		middle := (low + high) / 2
		if ok, err := reaches(middle); err != nil {
			return err
		} else if ok {
			high = middle
		} else {
			low = middle
		}
	}
	x.ef = min(high, maxSetting)
	return nil
}

// Add implements [recsys.Index].
func (x *HNSW) Add(ctx context.Context, ids []int32, vectors []float32) error {
	if err := checkAdd(x.dim, ids, vectors); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil || len(ids) == 0 {
		return err
	}
	ids, vectors = distinct(ids, vectors, x.dim)
	g := x.state.Load()
	x.index(g)
	c := g.change()
	for _, id := range ids {
		if n, ok := x.nodes[id]; ok {
			c.remove(n)
		}
	}
	if c.live == 0 {
		// Nothing is kept, so no walk needs what was.
		c = (&graph{dim: x.dim, entry: -1, run: true, base: newLinks(g.most(0)), upper: newLinks(g.most(1))}).change()
	}
	c.reserve(len(ids))
	first := c.nodes()
	for lo := 0; lo < len(ids); lo += batch {
		hi := min(lo+batch, len(ids))
		from := int32(c.nodes())
		for i := lo; i < hi; i++ {
			c.append(ids[i], vectors[i*x.dim:(i+1)*x.dim], x.level(ids[i], c.most(1)))
		}
		if err := c.connect(ctx, from, x.construct, x.workers); err != nil {
			return err
		}
		x.report.Report(recsys.Progress{Stage: "graph", Done: hi, Total: len(ids), Loss: math.NaN()})
	}
	for i, id := range ids {
		x.nodes[id] = int32(first + i)
	}
	x.publish(c)
	return nil
}

// reserve makes room for nodes that are to come.
func (c *graphChange) reserve(n int) {
	// A reallocation copies all vectors, so there is room for some more after it.
	if room := cap(c.vectors) - len(c.vectors); room < n*c.dim && len(c.vectors) > 0 {
		c.vectors = slices.Grow(c.vectors, (n+c.nodes()/8)*c.dim)
		return
	}
	c.vectors = slices.Grow(c.vectors, n*c.dim)
}

// index fills nodes from g.
func (x *HNSW) index(g *graph) {
	if x.nodes != nil {
		return
	}
	x.nodes = make(map[int32]int32, g.live)
	for n, id := range g.ids {
		if !g.gone(int32(n)) {
			x.nodes[id] = int32(n)
		}
	}
}

// link is one that a new node asks for at another.
type link struct {
	level        int32
	node, source int32
}

// connect gives the nodes from first on their links.
func (c *graphChange) connect(ctx context.Context, first int32, construct, workers int) error {
	n := c.nodes() - int(first)
	// Inner products among the new nodes.
	mutual := make([]float32, n*n)
	vectors := c.vectors[int(first)*c.dim:]
	f32.GemmNT(mutual, vectors, vectors, n, n, c.dim)
	chosen := make([][][]int32, n) // by node and level
	err := par.Chunks(ctx, n, 4, workers, func(_, lo, hi int) error {
		w := walkers.Get().(*walker)
		defer walkers.Put(w)
		for i := lo; i < hi; i++ {
			chosen[i] = c.neighbours(w, first, i, mutual[i*n:(i+1)*n], construct)
		}
		return nil
	})
	if err != nil {
		return err
	}
	var asked []link
	for i := range chosen {
		node := first + int32(i)
		for level, nodes := range chosen[i] {
			c.own(node, level)
			c.setLinks(node, level, nodes)
			for _, to := range nodes {
				asked = append(asked, link{int32(level), to, node})
			}
		}
	}
	if err := c.linkBack(ctx, asked, workers); err != nil {
		return err
	}
	for i := range n {
		node := first + int32(i)
		if c.entry < 0 || c.levels[node] > c.levels[c.entry] {
			c.entry = node
		}
	}
	return nil
}

// neighbours chooses the links of the i-th new node on each of its levels.
func (c *graphChange) neighbours(w *walker, first int32, i int, mutual []float32, construct int) [][]int32 {
	node := first + int32(i)
	v := c.vector(node)
	top := int(c.levels[node])
	out := make([][]int32, top+1)
	var from []near
	if c.entry >= 0 {
		from = []near{w.descend(&c.graph, v, top)}
	}
	for level := top; level >= 0; level-- {
		var candidates []near
		if c.entry >= 0 && level <= int(c.levels[c.entry]) {
			w.walk(&c.graph, v, level, construct, from, nil, noLimit)
			candidates = slices.Clone(w.best.a)
			if len(candidates) > 0 {
				from = slices.Clone(candidates)
			}
		}
		for j, s := range mutual {
			other := first + int32(j)
			if j != i && int(c.levels[other]) >= level {
				candidates = append(candidates, near{s, other})
			}
		}
		slices.SortFunc(candidates, byNearness)
		candidates = candidates[:min(len(candidates), construct)]
		out[level] = slices.Clone(w.pick(&c.graph, candidates, c.most(level)))
	}
	return out
}

// linkBack adds the links that new nodes ask for, and where a node then has too many picks
// among them anew.
func (c *graphChange) linkBack(ctx context.Context, asked []link, workers int) error {
	slices.SortFunc(asked, func(a, b link) int {
		return cmp.Or(cmp.Compare(a.level, b.level), cmp.Compare(a.node, b.node), cmp.Compare(a.source, b.source))
	})
	var starts []int
	for i, a := range asked {
		if i == 0 || a.level != asked[i-1].level || a.node != asked[i-1].node {
			starts = append(starts, i)
			c.own(a.node, int(a.level))
		}
	}
	c.sync()
	return par.Chunks(ctx, len(starts), 16, workers, func(_, lo, hi int) error {
		w := walkers.Get().(*walker)
		defer walkers.Put(w)
		var nodes []int32
		var candidates []near
		for g := lo; g < hi; g++ {
			end := len(asked)
			if g+1 < len(starts) {
				end = starts[g+1]
			}
			group := asked[starts[g]:end]
			node, level := group[0].node, int(group[0].level)
			nodes = append(nodes[:0], c.links(node, level)...)
			for _, a := range group {
				if !slices.Contains(nodes, a.source) {
					nodes = append(nodes, a.source)
				}
			}
			if len(nodes) > c.most(level) {
				candidates = c.rank(w, candidates[:0], node, nodes)
				nodes = append(nodes[:0], w.pick(&c.graph, candidates, c.most(level))...)
			}
			c.setLinks(node, level, nodes)
		}
		return nil
	})
}

// rank appends nodes by their inner product with a node.
func (g *graph) rank(w *walker, dst []near, node int32, nodes []int32) []near {
	for i, s := range w.score(g, g.vector(node), nodes) {
		dst = append(dst, near{s, nodes[i]})
	}
	slices.SortFunc(dst, byNearness)
	return dst
}
