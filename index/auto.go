package index

import (
	"context"
	"math"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/sketch"
	"github.com/recsys-lite/recsys/internal/topk"
)

// autoValues is the number of values in the item vectors from which KindAuto looks for
// something better than an exact ranking, which then takes some microseconds.
const autoValues = 1 << 18

// What a query costs, in vectors of a full scan that lie in the third-level cache: measured on
// clustered vectors and on factors, 10,000 to 200,000 of 64 and of 128. An exact ranking pays for
// each bound that it reads in the sketch and for each product; an ivf scans short runs, and a walk
// through a graph pays for each candidate it keeps, both more than a full scan as they find less of
// what they need in the cache.
const (
	costPerBound     = 0.3
	costPerProduct   = 6
	costPerListed    = 3
	costPerCandidate = 150
	// worthwhile is the share of an exact ranking's cost that an index must not exceed.
	worthwhile = 0.7
	// firstPage is how many items a query asks for at least.
	firstPage = 20
)

// cheapest builds the approximate index that costs least, or returns nil if none costs clearly less
// than an exact ranking. The queries of o, if any, are those of users who have the items had.
func cheapest(ctx context.Context, vectors recsys.Matrix, had [][]int32, o Options) (Index, error) {
	if err := o.validate(KindIVF, vectors.Cols); err != nil {
		return nil, err
	}
	exact, err := exactCost(ctx, vectors, had, &o)
	if err != nil {
		return nil, err
	}
	var best Index
	least := worthwhile * exact
	for _, kind := range []struct {
		name string
		from float64 // no index of the kind costs less
	}{
		{KindIVF, costPerListed * 2 * math.Sqrt(float64(vectors.Rows))},
		{KindHNSW, costPerCandidate * firstPage},
	} {
		if kind.from >= least {
			continue
		}
		x, err := Build(ctx, kind.name, vectors, o)
		if err != nil {
			return nil, err
		}
		if c := cost(x); c < least {
			best, least = x, c
		}
	}
	return best, nil
}

// cost is about what a query costs.
func cost(x Index) float64 {
	switch x := x.(type) {
	case *IVF:
		return costPerListed * (float64(x.Lists()) + float64(x.Len())*float64(x.Probe())/float64(x.Lists()))
	case *HNSW:
		return costPerCandidate * float64(max(x.Ef(), firstPage))
	}
	return float64(x.Len())
}

// exactCost is about what the exact ranking of an engine costs for a query of o, or for one that is
// made up, where the items that its user had are left out.
func exactCost(ctx context.Context, vectors recsys.Matrix, had [][]int32, o *Options) (float64, error) {
	full := float64(vectors.Rows)
	s := sketch.Worthwhile(vectors.Data[:vectors.Rows*vectors.Cols], vectors.Cols)
	if s == nil {
		return full, nil
	}
	queries := o.Queries
	if queries.Rows == 0 {
		queries = histories(vectors, o.Seed)
	}
	queries.Rows = min(queries.Rows, sampleQueries)
	var search sketch.Search
	var h topk.Heap
	allowed, sum := recsys.FullBitset(vectors.Rows), 0.
	for i := range queries.Rows {
		if !search.Set(s, queries.Row(i)) {
			sum += full
			continue
		}
		var mine []int32
		if i < len(had) {
			mine = had[i]
		}
		for _, item := range mine {
			allowed.Clear(item)
		}
		h.ResetTo(sampleK)
		if err := search.Run(&h, allowed.Words(), ctx.Err); err != nil {
			return 0, err
		}
		for _, item := range mine {
			allowed.Set(item)
		}
		sum += costPerBound*float64(search.Read) + costPerProduct*float64(search.Multiplied)
	}
	return min(full, sum/float64(queries.Rows)), nil
}
