package recsys_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/index"
)

// factors is a model of vectors: user u's vector is query, for everybody else the mean of the
// history's.
type factors struct{ users, items recsys.Matrix }

func (m *factors) Shape() (int, int)                                           { return m.users.Rows, m.items.Rows }
func (m *factors) Fit(context.Context, *recsys.Dataset) error                  { return nil }
func (m *factors) PartialFitUsers(context.Context, []int32, *recsys.CSR) error { return nil }
func (m *factors) ItemVectors() recsys.Matrix                                  { return m.items }

func (m *factors) QueryVector(ctx context.Context, q recsys.Query, dst []float32) error {
	if err := q.Validate(m.Shape()); err != nil {
		return err
	}
	clear(dst)
	if q.User != recsys.NoUser {
		copy(dst, m.users.Row(int(q.User)))
		return ctx.Err()
	}
	for _, i := range q.History.Items {
		for d, v := range m.items.Row(int(i)) {
			dst[d] += v
		}
	}
	return ctx.Err()
}

func (m *factors) Scores(ctx context.Context, q recsys.Query, dst []float32) error {
	query := make([]float32, m.items.Cols)
	if err := m.QueryVector(ctx, q, query); err != nil {
		return err
	}
	for i := range dst {
		dst[i] = 0
		for d, v := range m.items.Row(i) {
			dst[i] += v * query[d]
		}
	}
	return nil
}

func (m *factors) Recommend(ctx context.Context, q recsys.Query) ([]recsys.Scored, error) {
	scores := make([]float32, m.items.Rows)
	if err := m.Scores(ctx, q, scores); err != nil {
		return nil, err
	}
	return recsys.TopK(scores, q.K, q.Allowed), nil
}

func (m *factors) SimilarItems(ctx context.Context, item int32, k int, allowed *recsys.Bitset) ([]recsys.Scored, error) {
	allowed = allowed.Clone()
	allowed.Clear(item)
	return m.Recommend(ctx, recsys.Query{User: recsys.NoUser, K: k, Allowed: allowed, History: recsys.History{Items: []int32{item}}})
}

// market is a snapshot of random vectors and histories. Item i's attribute "of1000" is i mod
// 1000, and so on: filters of any selectivity. Its category and brand are small numbers; every
// seventh item has neither, every fifth no price, every eleventh is not available.
func market(t testing.TB, users, items, dim int, kind string) recsys.Snapshot {
	r := rand.New(rand.NewPCG(7, uint64(items)))
	random := func(rows int) recsys.Matrix {
		m := recsys.NewMatrix(rows, dim)
		for i := range m.Data {
			m.Data[i] = float32(r.NormFloat64())
		}
		return m
	}
	m := &factors{random(users), random(items)}
	catalogue := make([]recsys.Item, items)
	names := ids("i", items)
	for i := range catalogue {
		c := &catalogue[i]
		c.ID = names.ID(int32(i))
		c.Title = "item " + strconv.Itoa(i)
		if i%7 != 0 {
			c.Category, c.Brand = fmt.Sprint("category ", i*i%13), fmt.Sprint("brand ", i%5)
		}
		if i%5 != 0 {
			p := float64(r.IntN(10000)) / 100
			c.Price = &p
		}
		c.Unavailable = i%11 == 0
		c.Attributes = map[string]string{}
		for _, of := range []int{10, 100, 1000} {
			c.Attributes[fmt.Sprint("of", of)] = strconv.Itoa(i % of)
		}
	}
	var entries []recsys.Entry
	s := &recsys.Sequences{Indptr: []int64{0}}
	for u := range users {
		for e := range 20 {
			// Squares prefer low numbers: some items are popular.
			i := int32(float64(items) * r.Float64() * r.Float64())
			entries = append(entries, recsys.Entry{Row: int32(u), Col: i, Value: 1})
			s.Items = append(s.Items, i)
			s.Times = append(s.Times, int64(1_600_000_000+u*3600+e*86400))
		}
		s.Indptr = append(s.Indptr, int64(len(s.Items)))
	}
	x, err := recsys.NewCSR(users, items, entries)
	require.NoError(t, err)
	out := recsys.Snapshot{Version: "v1", Kind: "factors", Model: m, Users: ids("u", users), Items: names,
		Catalogue: catalogue, Interactions: x, Sequences: s}
	if kind != "" {
		out.Index, err = index.Build(context.Background(), kind, m.items, index.Options{Seed: 1})
		require.NoError(t, err)
	}
	return out
}
