package index

import (
	"context"
	"math"
	"sync/atomic"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/f32"
	"github.com/recsys-lite/recsys/internal/rng"
	"github.com/recsys-lite/recsys/internal/topk"
)

// HNSW walks from vector to near vector through a hierarchy of graphs (Malkov, Yashunin,
// "Efficient and robust approximate nearest neighbor search using Hierarchical Navigable
// Small World graphs", 2016). The level of a vector follows from its id and the seed.
type HNSW struct {
	dim, workers int
	seed         uint64
	construct    int
	// ef is what is saved, efNow what is used.
	ef, efNow int
	report    recsys.Run
	state     atomic.Pointer[graph]
	// nodes gives the node of an id, for Add and Remove; nil until the first of them.
	nodes map[int32]int32
}

// Dim is the length of a vector.
func (x *HNSW) Dim() int { return x.dim }

// Len is the number of vectors held.
func (x *HNSW) Len() int { return x.state.Load().live }

// Ef is the number of candidates that a query keeps in sight.
func (x *HNSW) Ef() int { return x.efNow }

// level draws the highest level of an id: each is rarer than the one below by the number of
// links.
func (x *HNSW) level(id int32, links int) int {
	u := 1 - rng.New(x.seed, streamLevels, uint64(id)).Float64()
	return min(int(-math.Log(u)/math.Log(float64(links))), maxLevel)
}

// maxLevel is out of reach: with two links per node one in 2³² gets there.
const maxLevel = 32

// Search implements [recsys.Index]. Under a filter the walk goes on until it has Ef allowed
// candidates. Where that would cost more than a scan of all allowed vectors, which is exact,
// or turns out to, because what the query is near to is not allowed, the scan takes over.
func (x *HNSW) Search(ctx context.Context, query []float32, k int, allowed *recsys.Bitset) ([]recsys.Scored, error) {
	if err := checkSearch(x.dim, query, k); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	g := x.state.Load()
	k = min(k, g.live)
	if k == 0 {
		return []recsys.Scored{}, nil
	}
	h := topk.New(k)
	if !x.walk(g, h, query, k, allowed) {
		h.Reset()
		if err := g.scan(ctx, h, query, allowed); err != nil {
			return nil, err
		}
	}
	return ranked(h), nil
}

// perCandidate is about how many vectors a walk scores for each candidate it keeps.
const perCandidate = 16

// walk offers what a walk finds to h. It returns false when a scan is the better way, or
// the only one, because not enough was found.
func (x *HNSW) walk(g *graph, h *topk.Heap, query []float32, k int, allowed *recsys.Bitset) bool {
	ef := max(x.efNow, k)
	scan, cost, limit := float64(g.live), float64(ef)*perCandidate, noLimit
	if allowed != nil {
		scan = min(scan, float64(allowed.Count()))
		cost *= float64(g.live) / max(scan, 1)
		limit = int(min(2*cost, math.MaxInt32))
	}
	if scan <= cost {
		return false
	}
	w := walkers.Get().(*walker)
	defer walkers.Put(w)
	if !w.walk(g, query, 0, ef, []near{w.descend(g, query, 0)}, allowed, limit) {
		return false
	}
	for _, c := range w.best.a {
		h.Push(g.ids[c.node], c.score)
	}
	return h.Len() == k
}

// scan offers all allowed vectors to h.
func (g *graph) scan(ctx context.Context, h *topk.Heap, query []float32, allowed *recsys.Bitset) error {
	s := scanners.Get().(*scanner)
	defer scanners.Put(s)
	for lo := 0; lo < g.nodes(); lo += piece {
		if err := ctx.Err(); err != nil {
			return err
		}
		rows := g.liveRows(s.rows[:0], lo, min(lo+piece, g.nodes()), allowed)
		f32.GemvRows(s.scores[:len(rows)], g.vectors, rows, query)
		offerRows(h, s.scores[:len(rows)], rows, g.ids)
	}
	return nil
}
