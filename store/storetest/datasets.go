package storetest

import (
	"context"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
)

// cells are the interactions of a dataset by "user/item".
func cells(d *recsys.Dataset) map[string]float32 {
	m := map[string]float32{}
	for u := range d.Interactions.Rows {
		cols, vals := d.Interactions.Row(u)
		for p, c := range cols {
			m[d.Users.ID(int32(u))+"/"+d.Items.ID(c)] = vals[p]
		}
	}
	return m
}

func load(t *testing.T, s recsys.Store, o recsys.DatasetOptions) *recsys.Dataset {
	t.Helper()
	d, err := s.Dataset(context.Background(), o)
	require.NoError(t, err)
	if d.Interactions.NNZ() > 0 {
		require.NoError(t, d.Validate())
	}
	require.Equal(t, o.Weighting, d.Weighting)
	return d
}

func fill(t *testing.T, s recsys.Store, events ...recsys.Event) {
	t.Helper()
	closeLater(t, s)
	require.NoError(t, s.AppendEvents(context.Background(), events))
}

func testDataset(t *testing.T, s recsys.Store) {
	fill(t, s, event("10", "x", 5, 1), event("9", "y", 7, 3), event("10", "x", 6, 2), event("9", "x", 1, 1), event("10", "yy", 1, 1))
	require.NoError(t, s.UpsertItems(context.Background(), []recsys.Item{{ID: "shelf"}, {ID: "x"}}))
	linear := load(t, s, recsys.DatasetOptions{Weighting: recsys.Weighting{Scheme: recsys.Linear}})
	require.Equal(t, []string{"9", "10"}, linear.Users.IDs())
	require.Equal(t, []string{"x", "y", "yy", "shelf"}, linear.Items.IDs())
	require.Equal(t, []int64{0, 2, 4}, linear.Interactions.Indptr)
	require.Equal(t, []int32{0, 1, 0, 2}, linear.Interactions.Indices)
	require.Equal(t, []float32{1, 3, 3, 1}, linear.Interactions.Values)
	require.Equal(t, recsys.Watermark{Seq: 5, Time: 7}, placeOf(linear.Watermark))
	require.Nil(t, linear.Sequences)
	require.Nil(t, linear.ItemFeatures)
	require.Equal(t, []float32{1, 2, 2, 1}, load(t, s, recsys.DatasetOptions{}).Interactions.Values, "log₂(1+quantity)")
	require.Equal(t, []float32{1, 1, 1, 1}, load(t, s, recsys.DatasetOptions{Weighting: recsys.Weighting{Scheme: recsys.Binary}}).Interactions.Values)
}

func testReturns(t *testing.T, s recsys.Store) {
	fill(t, s, event("u", "kept", 1, 3), event("u", "kept", 2, -1), event("u", "returned", 1, 2), event("u", "returned", 2, -2),
		event("gone", "kept", 1, 1), event("gone", "kept", 2, -5), event("only returns", "z", 1, -1), event("zero", "z", 1, 0))
	d := load(t, s, recsys.DatasetOptions{Weighting: recsys.Weighting{Scheme: recsys.Linear}, Sequences: true})
	require.Equal(t, map[string]float32{"u/kept": 2}, cells(d))
	require.Equal(t, []string{"u"}, d.Users.IDs(), "who keeps nothing is no user")
	require.Equal(t, []string{"z", "kept", "returned"}, d.Items.IDs())
	items, times := d.Sequences.Of(0)
	require.Equal(t, []int32{1, 2}, items)
	require.Equal(t, []int64{1, 1}, times)
}

func testTypes(t *testing.T, s recsys.Store) {
	typed := func(user, item, kind string, ts, qty int64) recsys.Event {
		return recsys.Event{UserID: user, ItemID: item, Time: ts, Qty: qty, Type: kind}
	}
	fill(t, s, typed("u", "i", "", 1, 1), typed("u", "i", "view", 2, 4), typed("u", "i", "cart", 3, 1), typed("u", "j", "view", 4, 1),
		typed("v", "k", "bot's", 9, 1), typed("u", "k", "other", 1, 2),
		typed("u", "j", recsys.ImpressionEventType, 8, 40), typed("v", "j", recsys.ClickEventType, 8, 1))
	w := recsys.Weighting{Scheme: recsys.Linear, EventTypes: map[string]float64{"view": .25, "cart": .5, "bot's": 0, "purchase": 2, "absent": 3}}
	d := load(t, s, recsys.DatasetOptions{Weighting: w})
	require.Equal(t, map[string]float32{"u/i": 3.5, "u/j": .25, "u/k": 2}, cells(d))
	require.Equal(t, []string{"u"}, d.Users.IDs())
	require.EqualValues(t, 4, d.Watermark.Time, "events of weight 0 are not loaded")
	d = load(t, s, recsys.DatasetOptions{Weighting: recsys.Weighting{Scheme: recsys.Linear, EventTypes: map[string]float64{"view": 0, "cart": 1}}})
	require.Equal(t, map[string]float32{"u/i": 2, "u/k": 2, "v/k": 1}, cells(d), "what was only shown or clicked on was not had")
	d = load(t, s, recsys.DatasetOptions{Weighting: recsys.Weighting{Scheme: recsys.Linear, EventTypes: map[string]float64{"view": 0, recsys.ImpressionEventType: .5}}})
	require.Equal(t, map[string]float32{"u/i": 2, "u/j": 20, "u/k": 2, "v/k": 1}, cells(d), "unless the weighting says so")
}

func testHalfLife(t *testing.T, s recsys.Store) {
	const day = 86400
	fill(t, s, event("u", "i", 0, 8), event("u", "i", 10*day, 1), event("u", "j", 20*day, 1), event("late", "k", 30*day, 4), event("u", "h", 0, 1))
	w := recsys.Weighting{Scheme: recsys.Linear, HalfLife: 10 * 24 * time.Hour}
	d := load(t, s, recsys.DatasetOptions{Weighting: w})
	require.Equal(t, map[string]float32{"u/i": 1.25, "u/j": .5, "u/h": .125, "late/k": 4}, cells(d))
	d = load(t, s, recsys.DatasetOptions{Weighting: w, ExcludeUsers: []string{"late"}})
	require.Equal(t, map[string]float32{"u/i": 2.5, "u/j": 1, "u/h": .25}, cells(d), "age counts from the latest event loaded")
	d = load(t, s, recsys.DatasetOptions{Weighting: w, Until: time.Unix(10*day+1, 0)})
	require.Equal(t, map[string]float32{"u/i": 5, "u/h": .5}, cells(d))
}

func testWindow(t *testing.T, s recsys.Store) {
	fill(t, s, event("a", "1", 10, 1), event("b", "2", 20, 1), event("c", "3", 30, 1))
	at := func(sec, nano int64) time.Time { return time.Unix(sec, nano) }
	for _, c := range []struct {
		from, until time.Time
		users       []string
	}{
		{time.Time{}, time.Time{}, []string{"a", "b", "c"}},
		{at(20, 0), time.Time{}, []string{"b", "c"}},
		{at(20, 1), time.Time{}, []string{"c"}},
		{time.Time{}, at(20, 0), []string{"a"}},
		{time.Time{}, at(20, 1), []string{"a", "b"}},
		{at(20, 0).UTC(), at(30, 0), []string{"b"}},
		{at(-100, 500), at(11, 0), []string{"a"}},
		{at(31, 0), time.Time{}, nil},
		{at(30, 0), at(10, 0), nil},
	} {
		d := load(t, s, recsys.DatasetOptions{From: c.from, Until: c.until})
		require.ElementsMatch(t, c.users, d.Users.IDs(), "%v to %v", c.from, c.until)
		require.Equal(t, len(c.users), d.Items.Len(), "items without events and catalogue entry are left out")
	}
}

func testSample(t *testing.T, s recsys.Store) {
	var events []recsys.Event
	for u := range 1000 {
		events = append(events, event(fmt.Sprint(u), fmt.Sprint(u%7), int64(u), 1), event(fmt.Sprint(u), "x", int64(u), 1))
	}
	fill(t, s, events...)
	sample := func(rate float64, seed uint64) *recsys.Dataset {
		return load(t, s, recsys.DatasetOptions{SampleRate: rate, Seed: seed})
	}
	for _, rate := range []float64{0, 1} {
		require.Equal(t, 1000, sample(rate, 1).Users.Len())
	}
	third := sample(.3, 1)
	require.InDelta(t, 300, third.Users.Len(), 50)
	require.Equal(t, 2*third.Users.Len(), third.Interactions.NNZ(), "sampled users keep all their events")
	require.Equal(t, third.Users.IDs(), sample(.3, 1).Users.IDs())
	require.NotEqual(t, third.Users.IDs(), sample(.3, 2).Users.IDs())
	half := sample(.5, 1)
	for _, id := range third.Users.IDs() {
		_, ok := half.Users.Index(id)
		require.True(t, ok, "a larger sample holds the smaller one")
	}
	// The documented hash: SHA-256("0000000000000001:0") = e551…, which is .8958 of the range.
	_, ok := sample(.90, 1).Users.Index("0")
	require.True(t, ok)
	_, ok = sample(.89, 1).Users.Index("0")
	require.False(t, ok)
	require.Zero(t, sample(math.SmallestNonzeroFloat64, 1).Users.Len())
}

func testUsers(t *testing.T, s recsys.Store) {
	const day = 86400
	fill(t, s, event("a", "1", 0, 1), event("b", "2", 10*day, 1), event("c", "3", 20*day, 1), event("a", "4", 0, 2))
	require.NoError(t, s.UpsertItems(context.Background(), []recsys.Item{{ID: "unsold"}}))
	d := load(t, s, recsys.DatasetOptions{Users: []string{"a", "nobody", "a"}, Sequences: true})
	require.Equal(t, []string{"a"}, d.Users.IDs())
	require.Equal(t, []string{"1", "4", "unsold"}, d.Items.IDs())
	require.Equal(t, []int32{0, 1}, d.Sequences.Items)
	d = load(t, s, recsys.DatasetOptions{Users: []string{}})
	require.Zero(t, d.Users.Len())
	w := recsys.Weighting{Scheme: recsys.Linear, HalfLife: 10 * 24 * time.Hour}
	d = load(t, s, recsys.DatasetOptions{Users: []string{"a", "b"}, Weighting: w})
	require.Equal(t, map[string]float32{"a/1": .5, "a/4": 1, "b/2": 1}, cells(d))
	d = load(t, s, recsys.DatasetOptions{Users: []string{"a", "b"}, Weighting: w, AgesFrom: time.Unix(20*day, 0)})
	require.Equal(t, map[string]float32{"a/1": .25, "a/4": .5, "b/2": .5}, cells(d))
	d = load(t, s, recsys.DatasetOptions{Users: []string{"b"}, Weighting: w, AgesFrom: time.Unix(1, 0)})
	require.Equal(t, map[string]float32{"b/2": 1}, cells(d), "what is younger has no age")
}

func testSequences(t *testing.T, s recsys.Store) {
	fill(t, s, event("u", "b", 10, 1), event("v", "a", 3, 1), event("u", "a", 5, 2), event("u", "c", 10, 1), event("u", "b", 10, 1), event("u", "a", 7, -1))
	d := load(t, s, recsys.DatasetOptions{Sequences: true})
	items, times := d.Sequences.Of(0)
	require.Equal(t, []int32{0, 1, 2, 1}, items, "by time, then by arrival; repeats stay, returns do not")
	require.Equal(t, []int64{5, 10, 10, 10}, times)
	items, _ = d.Sequences.Of(1)
	require.Equal(t, []int32{0}, items)
}

func testFeatures(t *testing.T, s recsys.Store) {
	fill(t, s, event("u", "sold", 1, 1))
	price := func(v float64) *float64 { return &v }
	require.NoError(t, s.UpsertItems(context.Background(), []recsys.Item{
		{ID: "1", Category: "x|y", Brand: "B", Price: price(1), Attributes: map[string]string{"color": "red|blue", "sku": "1"}},
		{ID: "2", Category: " y | y|", Price: price(1), Attributes: map[string]string{"color": "red", "sku": "2"}},
		{ID: "3", Price: price(50)},
		{ID: "4"},
	}))
	d := load(t, s, recsys.DatasetOptions{ItemFeatures: true})
	f := d.ItemFeatures
	require.Equal(t, []string{"attr.color:red", "brand:B", "category:x", "category:y", "price:1", "price:7"}, f.Names)
	got := map[string][]int32{}
	for i := range f.Matrix.Rows {
		cols, _ := f.Matrix.Row(i)
		got[d.Items.ID(int32(i))] = append([]int32{}, cols...)
	}
	require.Equal(t, map[string][]int32{"1": {0, 1, 2, 3, 4}, "2": {0, 3, 4}, "3": {5}, "4": {}, "sold": {}}, got)
}
