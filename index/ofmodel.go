package index

import (
	"context"
	"fmt"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/rng"
)

// KindAuto lets OfModel choose, see there.
const KindAuto = "auto"

// autoValues is the number of values in the item vectors from which KindAuto looks for
// something better than a scan of them all, which takes some ten microseconds.
const autoValues = 1 << 18

// The cost of answering a query, in vectors of a full scan: measured on the factors of
// Online Retail and of larger synthetic catalogues. A walk through a graph pays for each
// candidate it keeps; an ivf scans shorter runs.
const (
	costPerCandidate = 100
	costPerListed    = 1.6
	// worthwhile is the share of a full scan's cost that an index must not exceed.
	worthwhile = 0.7
	// firstPage is how many items a query asks for at least.
	firstPage = 20
)

// OfModel builds an index over the item vectors of a model that is fitted, for
// [recsys.Snapshot.Index] and for the artifact that the model is stored in. histories is
// what the model's users had (users × items): some of them become the queries that an
// approximate index is tuned by, unless o has queries. Of the kinds, KindAuto takes the one
// that has to look at the fewest vectors for its recall, but an ivf where o says how many
// lists to make or to probe; it returns nil, and no error, where a full scan serves as well:
// in small catalogues, and in those where everything is near to everything.
func OfModel(ctx context.Context, kind string, m recsys.VectorModel, histories *recsys.CSR, o Options) (Index, error) {
	vectors := m.ItemVectors()
	small := vectors.Rows*vectors.Cols < autoValues || vectors.Cols < 2
	switch steered := o.Lists != 0 || o.Search.Probe != 0; {
	case kind != KindAuto:
	case vectors.Rows == 0 || small && !steered:
		return nil, nil
	case steered:
		kind = KindIVF
	}
	if o.Queries.Rows == 0 && kind != KindExact {
		var err error
		if o.Queries, err = queriesOf(ctx, m, histories, o.Seed); err != nil {
			return nil, err
		}
	}
	if kind == KindHNSW || kind == KindAuto {
		o.Search.Threads = 0 // a walk through a graph is one thread's work
	}
	if kind != KindAuto {
		return Build(ctx, kind, vectors, o)
	}
	var best Index
	least := worthwhile * float64(vectors.Rows)
	for _, kind := range []string{KindIVF, KindHNSW} {
		x, err := Build(ctx, kind, vectors, o)
		if err != nil {
			return nil, err
		}
		if c := cost(x); c < least {
			best, least = x, c
		}
	}
	return best, nil
}

// cost is about what a query costs, in vectors of a full scan.
func cost(x Index) float64 {
	switch x := x.(type) {
	case *IVF:
		return costPerListed * (float64(x.Lists()) + float64(x.Len())*float64(x.Probe())/float64(x.Lists()))
	case *HNSW:
		return costPerCandidate * float64(max(x.Ef(), firstPage))
	}
	return float64(x.Len())
}

// queriesOf returns the query vectors of a sample of the users that have a history.
func queriesOf(ctx context.Context, m recsys.VectorModel, histories *recsys.CSR, seed uint64) (recsys.Matrix, error) {
	users, items := m.Shape()
	if histories == nil || histories.Rows != users || histories.Cols != items {
		return recsys.Matrix{}, fmt.Errorf("%w: index: histories that are not the %d users × %d items of the model", recsys.ErrInvalidData, users, items)
	}
	var rows []int
	for u := range users {
		if histories.RowLen(u) > 0 {
			rows = append(rows, u)
		}
	}
	if len(rows) == 0 {
		return recsys.Matrix{}, nil
	}
	if len(rows) > sampleQueries {
		picked := make([]int, sampleQueries)
		for i, at := range sampleRows(len(rows), sampleQueries, rng.New(seed, streamUsers)) {
			picked[i] = rows[at]
		}
		rows = picked
	}
	queries := recsys.NewMatrix(len(rows), m.ItemVectors().Cols)
	for i, u := range rows {
		q := recsys.Query{User: int32(u), K: sampleK}
		q.History.Items, q.History.Weights = histories.Row(u)
		if err := m.QueryVector(ctx, q, queries.Row(i)); err != nil {
			return recsys.Matrix{}, fmt.Errorf("index: query vector of user %d: %w", u, err)
		}
	}
	return queries, nil
}

// Extend adds to x the vectors of the items that m took in (recsys.ItemAdder) since x was
// built. Where the vectors of older items are others than then, build anew instead.
func Extend(ctx context.Context, x recsys.Index, m recsys.VectorModel) error {
	vectors, first := m.ItemVectors(), x.Len()
	if vectors.Cols != x.Dim() || vectors.Rows < first {
		return fmt.Errorf("%w: index: %d vectors of length %d beside a model with %d of length %d", recsys.ErrInvalidData, first, x.Dim(), vectors.Rows, vectors.Cols)
	}
	ids := make([]int32, vectors.Rows-first)
	for i := range ids {
		ids[i] = int32(first + i)
	}
	return x.Add(ctx, ids, vectors.Data[first*vectors.Cols:vectors.Rows*vectors.Cols])
}

// Opener returns a function for model.Opener.Index: it reads the index that an artifact
// holds, to be searched as s says.
func Opener(s Search) func(data []byte) (recsys.Index, error) {
	return func(data []byte) (recsys.Index, error) {
		x, err := Open(data, s)
		if err != nil {
			return nil, err
		}
		return x, nil
	}
}
