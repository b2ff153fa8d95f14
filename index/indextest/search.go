package indextest

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/f32"
	"github.com/recsys-lite/recsys/internal/rng"
)

// The answers are those of a full scan, or enough of them, at odd sizes too.
func (s suite) answers(t *testing.T) {
	for _, shape := range []struct{ n, dim int }{{1, 1}, {2, 3}, {100, 7}, {1025, 16}, {3000, 33}} {
		m := Clustered(shape.n, shape.dim, 1)
		x := s.build(t, m, 2)
		require.Equal(t, shape.dim, x.Dim())
		require.Equal(t, shape.n, x.Len())
		h, hits, of := rowsOf(m), 0, 0
		for _, q := range queries(m, 30, 2) {
			a, b := s.check(t, x, h, q, 10, nil)
			hits, of = hits+a, of+b
		}
		s.check(t, x, h, queries(m, 1, 3)[1], shape.n/2+1, nil)
		s.recall(t, hits, of, name(shape.n, " × ", shape.dim))
	}
}

// If k allowed vectors exist, k come back, however few or badly placed they are.
func (s suite) filters(t *testing.T) {
	m := Clustered(4000, 16, 4)
	x, h := s.build(t, m, 2), rowsOf(m)
	r := rng.New(5)
	for _, share := range []float64{0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 0.6, 0.9, 0.99, 1} {
		hits, of := 0, 0
		for _, q := range queries(m, 8, 6) {
			for _, k := range []int{1, 10, 150} {
				a, b := s.check(t, x, h, q, k, random(m.Rows, share, r))
				hits, of = hits+a, of+b
			}
		}
		s.recall(t, hits, of, name("random filter of ", share))
		hits, of = 0, 0
		for _, q := range queries(m, 8, 7) {
			// Only what the query likes least: the search starts in the wrong place.
			worst := make([]float32, m.Rows)
			f32.Gemv(worst, m.Data, q)
			f32.Scale(-1, worst)
			b := recsys.NewBitset(m.Rows)
			for _, w := range recsys.TopK(worst, int(share*float64(m.Rows)), nil) {
				b.Set(w.Item)
			}
			found, all := s.check(t, x, h, q, 10, b)
			hits, of = hits+found, of+all
		}
		s.recall(t, hits, of, name("the worst ", share))
	}
}

// Ids beyond a filter are not allowed; what a filter has beyond the ids does no harm.
func (s suite) filterLengths(t *testing.T) {
	m := Clustered(1500, 8, 8)
	x, h := s.build(t, m, 1), rowsOf(m)
	for _, n := range []int{0, 1, 63, 64, 65, 1000, 1023, 1024, 1025, 1499, 1500, 1501, 5000} {
		for _, q := range queries(m, 2, 9) {
			s.check(t, x, h, q, 12, recsys.FullBitset(n))
			s.check(t, x, h, q, 12, recsys.NewBitset(n))
		}
	}
}

func (s suite) edges(t *testing.T) {
	m := Clustered(300, 5, 10)
	x, h := s.build(t, m, 1), rowsOf(m)
	q := m.Row(3)
	for _, k := range []int{0, 1, 299, 300, 301, math.MaxInt32} {
		s.check(t, x, h, q, k, nil)
	}
	got, err := x.Search(t.Context(), q, 0, nil)
	require.NoError(t, err)
	require.Empty(t, got)
	// The caller's memory stays the caller's.
	require.NoError(t, x.Add(t.Context(), []int32{300}, q))
	h[300] = append([]float32(nil), q...)
	clear(q)
	h[3] = append([]float32(nil), h[300]...)
	s.check(t, x, h, h[300], 5, nil)
	require.NoError(t, x.Add(t.Context(), nil, nil))
	x.Remove(nil)
	require.Equal(t, 301, x.Len())
}

// What cannot be is refused with an error that says so, and changes nothing.
func (s suite) refusals(t *testing.T) {
	ctx := t.Context()
	m := Clustered(200, 4, 11)
	x, h := s.build(t, m, 1), rowsOf(m)
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for what, err := range map[string]error{
		"too few values":  x.Add(ctx, []int32{1, 2}, make([]float32, 7)),
		"too many values": x.Add(ctx, []int32{1}, make([]float32, 8)),
		"no values":       x.Add(ctx, []int32{1}, nil),
		"no ids":          x.Add(ctx, nil, make([]float32, 4)),
		"negative id":     x.Add(ctx, []int32{5, -1}, make([]float32, 8)),
		"NaN":             x.Add(ctx, []int32{1, 2}, []float32{0, 0, 0, 0, 1, nan, 1, 1}),
		"infinity":        x.Add(ctx, []int32{1}, []float32{1, inf, 1, 1}),
		"-infinity":       x.Add(ctx, []int32{1}, []float32{1, -inf, 1, 1}),
		"overflow":        x.Add(ctx, []int32{1}, []float32{1, 1e30, 1, 1}),
	} {
		require.ErrorIs(t, err, recsys.ErrInvalidData, what)
	}
	search := func(q []float32, k int) error {
		_, err := x.Search(ctx, q, k, nil)
		return err
	}
	for what, err := range map[string]error{
		"short query":    search(make([]float32, 3), 1),
		"long query":     search(make([]float32, 8), 1),
		"no query":       search(nil, 1),
		"negative k":     search(make([]float32, 4), -1),
		"NaN query":      search([]float32{nan, 0, 0, 0}, 1),
		"infinite query": search([]float32{0, 0, 0, inf}, 1),
		"huge query":     search([]float32{0, 0, 0, 1e30}, 1),
	} {
		require.ErrorIs(t, err, recsys.ErrInvalidQuery, what)
	}
	x.Remove([]int32{-1, 200, math.MaxInt32})
	require.Equal(t, 200, x.Len())
	s.check(t, x, h, m.Row(0), 20, nil)

	for what, bad := range map[string]recsys.Matrix{
		"NaN":           {Rows: 1, Cols: 2, Data: []float32{nan, 0}},
		"missing data":  {Rows: 2, Cols: 2, Data: make([]float32, 3)},
		"negative rows": {Rows: -1, Cols: 2},
	} {
		_, err := s.Build(ctx, bad, 1)
		require.ErrorIs(t, err, recsys.ErrInvalidData, what)
	}
	_, err := s.Build(ctx, recsys.Matrix{}, 1)
	require.ErrorIs(t, err, recsys.ErrInvalidConfig, "no dimension")
}

func (s suite) cancel(t *testing.T) {
	m := Clustered(500, 6, 12)
	x, h := s.build(t, m, 2), rowsOf(m)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	_, err := x.Search(ctx, m.Row(0), 3, nil)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, x.Add(ctx, []int32{0, 900}, make([]float32, 12)), context.Canceled)
	_, err = s.Build(ctx, m, 2)
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, 500, x.Len())
	for _, q := range queries(m, 5, 13) {
		s.check(t, x, h, q, 10, nil)
	}
	// It goes on working after that.
	require.NoError(t, x.Add(t.Context(), []int32{900}, m.Row(1)))
	h[900] = m.Row(1)
	s.check(t, x, h, m.Row(1), 10, nil)
}
