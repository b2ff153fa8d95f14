// Package indextest holds the tests that every recsys.Index must pass.
package indextest

import (
	"context"
	"encoding"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/f32"
	"github.com/recsys-lite/recsys/internal/rng"
)

// Kind is a kind of index under test.
type Kind struct {
	// Build returns an index over the rows of vectors, whose numbers are their ids.
	Build func(ctx context.Context, vectors recsys.Matrix, workers int) (recsys.Index, error)
	// Open reads back what MarshalBinary gave; nil for a kind that cannot be saved.
	Open func(data []byte) (recsys.Index, error)
	// Exact says that answers are those of a full scan with f32.Dot, to the last bit.
	Exact bool
	// Recall is the least recall@10 on the test data, also under filters; 0 for an exact index.
	Recall float64
	// Tolerance is how far a score may be from the inner product, relative to it.
	Tolerance float64
}

// Run runs all tests.
func Run(t *testing.T, k Kind) {
	s := suite{k}
	for _, c := range []struct {
		name string
		test func(t *testing.T)
	}{
		{"Answers", s.answers},
		{"Filters", s.filters},
		{"LengthsOfFilters", s.filterLengths},
		{"Edges", s.edges},
		{"Refusals", s.refusals},
		{"Cancel", s.cancel},
		{"Changes", s.changes},
		{"FromNothing", s.fromNothing},
		{"Concurrency", s.concurrency},
		{"Workers", s.workers},
		{"RoundTrip", s.roundTrip},
	} {
		t.Run(c.name, c.test)
	}
}

type suite struct{ Kind }

func (s suite) build(t *testing.T, vectors recsys.Matrix, workers int) recsys.Index {
	t.Helper()
	x, err := s.Build(t.Context(), vectors, workers)
	require.NoError(t, err)
	return x
}

// bytes saves an index that can be saved.
func bytes(t *testing.T, x recsys.Index) []byte {
	t.Helper()
	m, ok := x.(encoding.BinaryMarshaler)
	require.True(t, ok, "%T does not save", x)
	data, err := m.MarshalBinary()
	require.NoError(t, err)
	return data
}

// Clustered returns n vectors around n/50 centres, of lengths that differ, every seventh of
// them the double of the one before, so that scores tie.
func Clustered(n, dim int, seed uint64) recsys.Matrix {
	r := rng.New(seed)
	centres := recsys.NewMatrix(max(n/50, 1), dim)
	r.Fill(centres.Data, 1)
	m := recsys.NewMatrix(n, dim)
	for i := range n {
		if i%7 == 6 {
			copy(m.Row(i), m.Row(i-1))
			continue
		}
		row := m.Row(i)
		r.Fill(row, 0.5)
		f32.Add(row, centres.Row(r.Intn(centres.Rows)))
		f32.Scale(0.5+r.Float32(), row)
	}
	return m
}

// held is what an index should contain.
type held map[int32][]float32

func rowsOf(m recsys.Matrix) held {
	h := held{}
	for i := range m.Rows {
		h[int32(i)] = m.Row(i)
	}
	return h
}

// best answers a query by a full scan.
func (h held) best(query []float32, k int, allowed *recsys.Bitset) []recsys.Scored {
	top := int32(-1)
	for id := range h {
		top = max(top, id)
	}
	scores := make([]float32, top+1)
	in := recsys.NewBitset(len(scores))
	for id, v := range h {
		scores[id] = f32.Dot(v, query)
		if allowed == nil || allowed.Has(id) {
			in.Set(id)
		}
	}
	return recsys.TopK(scores, k, in)
}

// check searches x and compares the answer with a full scan. It returns how many of the k
// best were found, and how many there are.
func (s suite) check(t *testing.T, x recsys.Index, h held, query []float32, k int, allowed *recsys.Bitset) (hits, of int) {
	t.Helper()
	want := h.best(query, k, allowed)
	got, err := x.Search(t.Context(), query, k, allowed)
	require.NoError(t, err)
	if s.Exact {
		if len(want) == 0 {
			require.Empty(t, got)
		} else {
			require.Equal(t, want, got)
		}
		return len(want), len(want)
	}
	require.Len(t, got, len(want), "if k allowed vectors exist, k come back")
	seen := map[int32]bool{}
	for i, g := range got {
		v, ok := h[g.Item]
		require.True(t, ok, "id %d is not in the index", g.Item)
		require.False(t, seen[g.Item], "id %d comes twice", g.Item)
		seen[g.Item] = true
		require.True(t, allowed == nil || allowed.Has(g.Item), "id %d is not allowed", g.Item)
		require.InDelta(t, f32.Dot(v, query), g.Score, s.Tolerance*(1+float64(f32.SquaredNorm(query))), "score of id %d", g.Item)
		if i > 0 {
			before := got[i-1]
			require.True(t, before.Score > g.Score || before.Score == g.Score && before.Item < g.Item, "order at %d: %v, %v", i, before, g)
		}
		if last := want[len(want)-1].Score; g.Score >= last-float32(s.Tolerance*(1+float64(f32.SquaredNorm(query)))) {
			hits++
		}
	}
	return hits, len(want)
}

// recall fails the test if too few of the best were found.
func (s suite) recall(t *testing.T, hits, of int, where string) {
	t.Helper()
	if share := float64(hits) / float64(max(of, 1)); of > 0 && share < s.Recall {
		t.Errorf("%s: recall %.3f, at least %.3f is asked for", where, share, s.Recall)
	}
}

// queries are sums of two vectors, and one of zeros, to which all are equally good.
func queries(m recsys.Matrix, n int, seed uint64) [][]float32 {
	r := rng.New(seed)
	out := [][]float32{make([]float32, m.Cols)}
	for range n {
		q := make([]float32, m.Cols)
		f32.Add(q, m.Row(r.Intn(m.Rows)))
		f32.Add(q, m.Row(r.Intn(m.Rows)))
		out = append(out, q)
	}
	return out
}

// random returns a filter that allows about a share of n ids.
func random(n int, share float64, r *rng.Rand) *recsys.Bitset {
	b := recsys.NewBitset(n)
	for i := range int32(n) {
		if r.Float64() < share {
			b.Set(i)
		}
	}
	return b
}

func name(parts ...any) string { return fmt.Sprint(parts...) }
