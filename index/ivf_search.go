package index

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/f32"
	"github.com/recsys-lite/recsys/internal/topk"
)

var coarses = sync.Pool{New: func() any { return new(coarse) }}

// perResult is the least number of vectors that a search looks at for each that it returns.
const perResult = 16

// Search implements [recsys.Index]. It scans Probe lists; under a filter more of them, until
// it has seen as many allowed vectors as Probe lists hold vectors, or a multiple of that
// where the first lists hold fewer allowed ones than the filter would leave by chance: what
// the query is near to is then not allowed. If k allowed vectors exist, it goes on until it
// has them.
func (x *IVF) Search(ctx context.Context, query []float32, k int, allowed *recsys.Bitset) ([]recsys.Scored, error) {
	if err := checkSearch(x.dim, query, k); err != nil {
		return nil, err
	}
	state := x.state.Load()
	k = min(k, state.n)
	if k == 0 {
		return []recsys.Scored{}, ctx.Err()
	}
	order := coarses.Get().(*coarse)
	defer coarses.Put(order)
	order.start(x.clusters, query)
	h := topk.New(k)
	seen, enough := 0, float64(k)*perResult
	for from, to := 0, x.probeNow; ; from, to = to, to+max(to/4, 1) {
		to = min(to, len(state.lists))
		visit := order.first(to)[from:]
		n, err := scanBlocks(ctx, h, k, len(visit), 4, x.threads, query, allowed, func(i int) *block { return &state.lists[visit[i]] })
		if err != nil {
			return nil, err
		}
		if seen += n; from == 0 && allowed != nil {
			held := 0
			for _, l := range visit {
				held += len(state.lists[l].ids)
			}
			byChance := float64(held) * float64(min(allowed.Count(), state.n)) / float64(state.n)
			enough = max(enough, float64(held)*max(1, byChance/float64(max(seen, 1))))
		}
		if float64(seen) >= enough || to == len(state.lists) {
			return ranked(h), nil
		}
	}
}

// coarse is the order in which a query visits lists.
type coarse struct {
	scores []float32
	all    []int32
}

func (o *coarse) start(c *clusters, query []float32) {
	o.scores = slices.Grow(o.scores[:0], c.n)[:c.n]
	f32.Gemv(o.scores, c.centroids, query)
	o.all = o.all[:0]
}

// first returns the n most promising lists, in order, equal scores by the lower number.
func (o *coarse) first(n int) []int32 {
	if len(o.all) == 0 && n*8 < len(o.scores) {
		h := topk.New(n)
		h.Scan(o.scores, 0, nil)
		lists, _ := h.Sorted()
		return lists
	}
	if len(o.all) == 0 {
		for l := range o.scores {
			o.all = append(o.all, int32(l))
		}
		slices.SortFunc(o.all, func(a, b int32) int {
			if c := cmp.Compare(o.scores[b], o.scores[a]); c != 0 {
				return c
			}
			return cmp.Compare(a, b)
		})
	}
	return o.all[:n]
}
