package modeltest

import (
	"context"
	"math"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/model"
)

// What ItemAdder promises.
func newItemLaws() []law {
	return []law{
		{"new-items/grow", newItemsGrow},
		{"new-items/twin", newItemTwin},
		{"new-items/later", newItemsLater},
		{"new-items/invalid", newItemsInvalid},
	}
}

type adder interface {
	model.Model
	recsys.ItemAdder
}

func (f *fixture) adder(t rapid.TB) adder {
	t.Helper()
	m, ok := f.fitted(t, f.toy.Dataset, recsys.Run{}).(adder)
	if !ok {
		t.Skip("no ItemAdder")
	}
	return m
}

// twins describes two new items, of the even and of the odd colour, that every user of the
// colour had, by everything a shop can know of them.
func (f *fixture) twins() recsys.NewItems {
	n := f.o.Size
	buyers := make([]recsys.History, 2)
	beside := make([]recsys.History, 2)
	for colour := range 2 {
		for u := colour; u < n; u += 2 {
			buyers[colour].Items = append(buyers[colour].Items, int32(u))
			// Item u was had by all users of the colour but u himself.
			beside[colour].Items = append(beside[colour].Items, int32(u))
			beside[colour].Weights = append(beside[colour].Weights, float32(n/2-1))
		}
	}
	items := recsys.NewItems{Count: 2, Interactions: rowsOf(buyers, n), Neighbours: rowsOf(beside, n)}
	if f.toy.ItemFeatures != nil {
		items.Features = &recsys.CSR{Rows: 2, Cols: 2, Indptr: []int64{0, 1, 2}, Indices: []int32{0, 1}}
	}
	return items
}

func newItemsGrow(t rapid.TB, f *fixture) {
	m := f.adder(t)
	n := f.o.Size
	old := make([][]float32, n)
	for u := range n {
		old[u] = scores(t, m, recsys.Query{User: int32(u), History: f.toy.histories[u]})
	}
	require.NoError(t, m.AddItems(context.Background(), recsys.NewItems{Count: 0}), "no items")
	require.NoError(t, m.AddItems(context.Background(), f.twins()))
	users, items := m.Shape()
	require.Equal(t, []int{n, n + 2}, []int{users, items}, "Shape after two items more")
	for u := range n {
		now := scores(t, m, recsys.Query{User: int32(u), History: f.toy.histories[u]})
		require.Equal(t, old[u], now[:n], "user %d: scores of the old items", u)
		for _, s := range now[n:] {
			require.False(t, math.IsNaN(float64(s)) || math.IsInf(float64(s), 0), "a new item scores %v", s)
		}
	}
	if vm, ok := m.(recsys.VectorModel); ok {
		require.Equal(t, n+2, vm.ItemVectors().Rows, "ItemVectors")
	}
	// Items of which nothing is known do no harm.
	require.NoError(t, m.AddItems(context.Background(), recsys.NewItems{Count: 1}))
	requireNumbers(t, scores(t, m, recsys.Query{User: 0, History: f.toy.histories[0]}), "beside an unknown item")
}

// newItemTwin: an item that all users of a colour had ranks with the items of that colour.
func newItemTwin(t rapid.TB, f *fixture) {
	m := f.adder(t)
	require.NoError(t, m.AddItems(context.Background(), f.twins()))
	n, good := f.o.Size, 0
	for u := range n {
		s := scores(t, m, recsys.Query{User: int32(u), History: f.toy.histories[u]})
		own := s[n+u%2]
		beats := own > s[n+1-u%2]
		for i := 1 - u%2; beats && i < n; i += 2 {
			beats = own > s[i]
		}
		if beats {
			good++
		}
	}
	requireShare(t, good, n, f.o.NewFloor, "users for whom the new item of their colour beats all of the other")
}

// newItemsLater: a model with added items can be stored, updated and refitted as any other.
func newItemsLater(t rapid.TB, f *fixture) {
	ctx := context.Background()
	m := f.adder(t)
	require.NoError(t, m.AddItems(ctx, f.twins()))
	n := f.o.Size
	h := recsys.History{Items: []int32{0, 2, int32(n)}, Sequence: []int32{0, 2, int32(n)}}
	state, err := m.State()
	require.NoError(t, err)
	loaded, err := f.kind.Load(state, recsys.Run{})
	require.NoError(t, err)
	q := recsys.Query{User: recsys.NoUser, History: h}
	require.Equal(t, scores(t, m, q), scores(t, loaded, q), "after State and Load")

	require.NoError(t, m.PartialFitUsers(ctx, []int32{int32(n)}, rowsOf([]recsys.History{h}, n+2)))
	users, items := m.Shape()
	require.Equal(t, []int{n + 1, n + 2}, []int{users, items})
	require.NoError(t, m.Fit(ctx, f.toy.Dataset))
	users, items = m.Shape()
	require.Equal(t, []int{n, n}, []int{users, items}, "Shape after the next fit")
}

func newItemsInvalid(t rapid.TB, f *fixture) {
	m := f.adder(t)
	n := f.o.Size
	before := scores(t, m, recsys.Query{User: 0, History: f.toy.histories[0]})
	good := f.twins()
	for name, bad := range map[string]recsys.NewItems{
		"negative count":          {Count: -1},
		"count and rows disagree": {Count: 3, Interactions: good.Interactions, Neighbours: good.Neighbours},
		"users disagree":          {Count: 2, Interactions: &recsys.CSR{Rows: 2, Cols: n + 7, Indptr: []int64{0, 0, 0}}},
		"items disagree":          {Count: 2, Neighbours: &recsys.CSR{Rows: 2, Cols: n + 7, Indptr: []int64{0, 0, 0}}},
		"broken rows":             {Count: 1, Interactions: &recsys.CSR{Rows: 1, Cols: n, Indptr: []int64{0, 1}, Indices: []int32{int32(n)}}},
		"broken neighbours":       {Count: 1, Neighbours: &recsys.CSR{Rows: 1, Cols: n, Indptr: []int64{0, 1}, Indices: []int32{-1}}},
	} {
		requireBadInput(t, m.AddItems(context.Background(), bad), name)
		_, items := m.Shape()
		require.Equal(t, n, items, "%s: the model grew", name)
	}
	require.Equal(t, before, scores(t, m, recsys.Query{User: 0, History: f.toy.histories[0]}))
}
