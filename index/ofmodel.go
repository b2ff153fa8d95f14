package index

import (
	"context"
	"fmt"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/rng"
)

// KindAuto lets OfModel choose, see there.
const KindAuto = "auto"

// OfModel builds an index over the item vectors of a model that is fitted, for
// [recsys.Snapshot.Index] and for the artifact that the model is stored in. histories is
// what the model's users had (users × items): some of them become the queries that an
// approximate index is tuned by, unless o has queries. KindAuto takes the approximate kind that
// costs least for its recall if that is clearly less than an exact ranking by an engine, which by
// the norms of the vectors and a sketch of them leaves most unread; an ivf where o says how many
// lists to make or to probe. Else it returns nil, and no error: an exact ranking serves as well,
// in small catalogues, where norms fall off as those of factors do, and where everything is near
// to everything.
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
	var users []int
	if o.Queries.Rows == 0 && kind != KindExact {
		var err error
		if o.Queries, users, err = queriesOf(ctx, m, histories, o.Seed); err != nil {
			return nil, err
		}
	}
	if kind == KindHNSW || kind == KindAuto {
		o.Search.Threads = 0 // a walk through a graph is one thread's work
	}
	if kind != KindAuto {
		return Build(ctx, kind, vectors, o)
	}
	had := make([][]int32, len(users))
	for i, u := range users {
		had[i], _ = histories.Row(u)
	}
	return cheapest(ctx, vectors, had, o)
}

// queriesOf returns the query vectors of a sample of the users that have a history, and these users.
func queriesOf(ctx context.Context, m recsys.VectorModel, histories *recsys.CSR, seed uint64) (recsys.Matrix, []int, error) {
	users, items := m.Shape()
	if histories == nil || histories.Rows != users || histories.Cols != items {
		return recsys.Matrix{}, nil, fmt.Errorf("%w: index: histories that are not the %d users × %d items of the model", recsys.ErrInvalidData, users, items)
	}
	var rows []int
	for u := range users {
		if histories.RowLen(u) > 0 {
			rows = append(rows, u)
		}
	}
	if len(rows) == 0 {
		return recsys.Matrix{}, nil, nil
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
			return recsys.Matrix{}, nil, fmt.Errorf("index: query vector of user %d: %w", u, err)
		}
	}
	return queries, rows, nil
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
