package ease

import (
	"context"
	"encoding/json"
	"math"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
)

// Two users, one with both items, one with item 0 only, λ = 1:
//
//	XᵀX + λI = ⎡3 1⎤   P = ⎡ .4 −.2⎤   B_01 = .2/.6 = 1/3   B_10 = .2/.4 = 1/2
//	           ⎣1 2⎦       ⎣−.2  .6⎦
func TestByHand(t *testing.T) {
	x, err := recsys.NewCSR(2, 2, []recsys.Entry{{Row: 0, Col: 0, Value: 1}, {Row: 0, Col: 1, Value: 1}, {Row: 1, Col: 0, Value: 1}})
	require.NoError(t, err)
	for _, method := range []Method{Auto, Primal, Dual, Sparse} {
		cfg := DefaultConfig()
		cfg.Regularization, cfg.Method = 1, method
		m := fit(t, cfg, x)
		b := weightsOf(t, m)
		require.InDelta(t, 1.0/3, b.At(0, 1), 1e-6, method)
		require.InDelta(t, 1.0/2, b.At(1, 0), 1e-6, method)
		require.Zero(t, b.At(0, 0), method)
		require.Zero(t, b.At(1, 1), method)
		// −P_01/√(P_00·P_11) = .2/√.24
		for item := range int32(2) {
			similar, err := m.SimilarItems(context.Background(), item, 5, nil)
			require.NoError(t, err)
			require.Len(t, similar, 1)
			require.Equal(t, 1-item, similar[0].Item)
			require.InDelta(t, .2/math.Sqrt(.24), similar[0].Score, 1e-6, method)
		}
	}
}

// Items that everybody has either of speak against one another.
func TestNegativeWeightsAreKept(t *testing.T) {
	var entries []recsys.Entry
	for u := range int32(20) {
		entries = append(entries, recsys.Entry{Row: u, Col: u % 2, Value: 1}, recsys.Entry{Row: u, Col: 2, Value: 1})
	}
	x, err := recsys.NewCSR(20, 3, entries)
	require.NoError(t, err)
	for _, method := range []Method{Primal, Dual} {
		cfg := DefaultConfig()
		cfg.Regularization, cfg.Method = 1, method
		m := fit(t, cfg, x)
		b := weightsOf(t, m)
		require.Less(t, b.At(0, 1), -.5)
		require.Greater(t, b.At(2, 1), .5)
		similar, err := m.SimilarItems(context.Background(), 0, 5, nil)
		require.NoError(t, err)
		require.Len(t, similar, 1, "what speaks against an item is not like it")
		require.EqualValues(t, 2, similar[0].Item)
	}
}

func TestAutoTakesTheCheaperInverse(t *testing.T) {
	for name, c := range map[string]struct {
		s    shape
		want plan
	}{
		"more users than items":     {shape{items: 3_000, users: 6_000, entries: 1e6}, invertItems},
		"MovieLens 100K":            {shape{items: 1_650, users: 943, entries: 80_000}, invertUsers},
		"few users, many items":     {shape{items: 50_000, users: 2_000, entries: 200_000}, invertUsersFactor},
		"as many, dense":            {shape{items: 1_000, users: 990, entries: 900_000}, invertItems},
		"a quarter":                 {shape{items: 8_000, users: 2_000, entries: 100_000}, invertUsersFactor},
		"just more than a quarter ": {shape{items: 8_000, users: 2_001, entries: 100_000}, invertUsers},
	} {
		require.Equal(t, c.want, Auto.plan(c.s), name)
	}
}

// A matrix of 100,000 items takes 37 GiB: the error comes at once, with the figure
// and the ways out.
func TestTooLargeIsRefusedBeforeAllocating(t *testing.T) {
	x := &recsys.CSR{Rows: 50_000, Cols: 100_000, Indptr: []int64{0}}
	for u := range x.Rows {
		for k := range 2 {
			x.Indices = append(x.Indices, int32(2*u+k))
		}
		x.Indptr = append(x.Indptr, int64(len(x.Indices)))
	}
	cfg := DefaultConfig()
	cfg.Method = Primal
	cfg.MaxMemory = 1 << 30
	cfg.Neighbours = 50
	m, err := New(cfg)
	require.NoError(t, err)
	d := &recsys.Dataset{Interactions: x}
	err = m.Fit(context.Background(), d)
	require.ErrorIs(t, err, ErrMemory)
	require.ErrorContains(t, err, "37.5 GiB")
	require.ErrorContains(t, err, "1.0 GiB")
	require.ErrorContains(t, err, `set method to "sparse"`)
	require.NotContains(t, err.Error(), `"dual"`)
	_, err = m.Recommend(context.Background(), recsys.Query{User: recsys.NoUser, K: 1})
	require.ErrorIs(t, err, recsys.ErrNotFitted)

	cfg.Method = Sparse
	m, err = New(cfg)
	require.NoError(t, err)
	require.NoError(t, m.Fit(context.Background(), d))
	got, err := m.Recommend(context.Background(), recsys.Query{User: recsys.NoUser, K: 1, History: recsys.History{Items: []int32{776}}})
	require.NoError(t, err)
	require.EqualValues(t, 777, got[0].Item)
}

func TestAddItemsMindsItsMemory(t *testing.T) {
	x := clustered(1, 100, 40)
	cfg := DefaultConfig()
	cfg.Method, cfg.MaxMemory = Primal, 200_000
	m := fit(t, cfg, x)
	items := recsys.NewItems{Count: 200, Neighbours: &recsys.CSR{Rows: 200, Cols: 40, Indptr: make([]int64, 201), Indices: make([]int32, 200)}}
	for i := range 200 {
		items.Neighbours.Indptr[i+1] = int64(i + 1)
	}
	require.ErrorIs(t, m.AddItems(context.Background(), items), ErrMemory)
	_, n := m.Shape()
	require.Equal(t, 40, n)
	// Items of which nothing is known take no room.
	require.NoError(t, m.AddItems(context.Background(), recsys.NewItems{Count: 200}))
	_, n = m.Shape()
	require.Equal(t, 240, n)
}

func TestBudget(t *testing.T) {
	have, source := budget(123)
	require.EqualValues(t, 123, have)
	require.Equal(t, "max_memory", source)
	have, source = budget(0)
	require.Greater(t, have, 1e6)
	require.Contains(t, source, "leaves free")
}

// A λ that float32 cannot tell from 0 beside the counts is refused, not answered with noise.
func TestTooSmallRegularization(t *testing.T) {
	var entries []recsys.Entry
	for u := range int32(3000) {
		for i := range int32(20) {
			entries = append(entries, recsys.Entry{Row: u, Col: i, Value: 1})
		}
	}
	x, err := recsys.NewCSR(3000, 20, entries)
	require.NoError(t, err)
	for _, method := range []Method{Primal, Sparse} {
		cfg := DefaultConfig()
		cfg.Regularization, cfg.Method = 1e-6, method
		m, err := New(cfg)
		require.NoError(t, err)
		err = m.Fit(context.Background(), &recsys.Dataset{Interactions: x})
		require.ErrorIs(t, err, recsys.ErrInvalidConfig)
		require.ErrorContains(t, err, "raise it")
	}
}

func TestValidateNamesEveryFault(t *testing.T) {
	cfg := Config{Regularization: -1, Method: "magic", Neighbours: 0, Reuse: 2, MaxMemory: -5}
	_, err := New(cfg)
	require.ErrorIs(t, err, recsys.ErrInvalidConfig)
	for _, want := range []string{"regularization is -1", `method is "magic"`, "neighbours is 0", "reuse is 2", "max_memory is -5"} {
		require.ErrorContains(t, err, want)
	}
	cfg = DefaultConfig()
	cfg.Regularization = math.NaN()
	require.ErrorIs(t, cfg.Validate(), recsys.ErrInvalidConfig)
	_, err = Kind.New(json.RawMessage(`{"lambda": 3}`), recsys.Run{})
	require.ErrorContains(t, err, "regularization")
}

// What a fit allocates in all, some of it one after the other, is about what it was estimated
// to need at once.
func TestEstimate(t *testing.T) {
	for _, c := range []struct {
		users, items int
		method       Method
	}{{300, 900, Primal}, {900, 1000, Auto}, {200, 2000, Dual}, {500, 1500, Sparse}} {
		x := clustered(4, c.users, c.items)
		cfg := DefaultConfig()
		cfg.Method, cfg.Workers, cfg.Regularization = c.method, 1, 50
		m, err := New(cfg)
		require.NoError(t, err)
		s := newData(x).shape()
		estimate := cfg.bytes(cfg.Method.plan(s), s)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		require.NoError(t, m.Fit(context.Background(), &recsys.Dataset{Interactions: x}))
		runtime.ReadMemStats(&after)
		took := float64(after.TotalAlloc - before.TotalAlloc)
		// The small inverses of Sparse allocate and free as they go.
		most := 1.5
		if c.method == Sparse {
			most = math.Inf(1)
		}
		require.Greater(t, took, 0.7*estimate, "%s: %s estimated, %s allocated", c.method, gib(estimate), gib(took))
		require.Less(t, took, most*estimate, "%s: %s estimated, %s allocated", c.method, gib(estimate), gib(took))
	}
}
