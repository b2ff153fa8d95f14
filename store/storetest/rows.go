package storetest

import (
	"context"
	"math"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
)

func closeLater(t *testing.T, s recsys.Store) {
	t.Cleanup(func() { require.NoError(t, s.Close()) })
}

func event(user, item string, ts, qty int64) recsys.Event {
	return recsys.Event{UserID: user, ItemID: item, Time: ts, Qty: qty, Type: recsys.DefaultEventType}
}

func testEmpty(t *testing.T, s recsys.Store) {
	closeLater(t, s)
	ctx := context.Background()
	st, err := s.Stats(ctx)
	require.NoError(t, err)
	require.Zero(t, st)
	requireLastSeq(t, s)
	d, err := s.Dataset(ctx, recsys.DatasetOptions{Sequences: true, ItemFeatures: true, SampleRate: .5})
	require.NoError(t, err)
	require.ErrorIs(t, d.Validate(), recsys.ErrEmptyDataset)
	require.Zero(t, d.Users.Len())
	require.Zero(t, d.Items.Len())
	require.NoError(t, d.Interactions.Validate())
	require.NoError(t, d.Sequences.Validate(0))
	items, err := s.Items(ctx)
	require.NoError(t, err)
	require.Empty(t, items)
	events, err := s.UserEvents(ctx, "nobody")
	require.NoError(t, err)
	require.Empty(t, events)
	events, last, err := s.EventsAfter(ctx, 7, 10)
	require.NoError(t, err)
	require.Empty(t, events)
	require.EqualValues(t, 7, last)
	require.NoError(t, s.AppendEvents(ctx, nil))
	require.NoError(t, s.UpsertItems(ctx, nil))
}

// requireLastSeq: a store that knows its counter agrees with EventsAfter.
func requireLastSeq(t *testing.T, s recsys.Store) {
	t.Helper()
	counter, ok := s.(interface {
		LastSeq(ctx context.Context) (int64, error)
	})
	if !ok {
		return
	}
	got, err := counter.LastSeq(t.Context())
	require.NoError(t, err)
	_, want, err := s.EventsAfter(t.Context(), 0, math.MaxInt32)
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func testEvents(t *testing.T, s recsys.Store) {
	closeLater(t, s)
	ctx := context.Background()
	first := []recsys.Event{event("u", "b", 20, 1), event("u", "a", 10, 2), event("v", "a", 5, 1)}
	second := []recsys.Event{{UserID: "u", ItemID: "c", Time: 10, Qty: -1, Type: "return"}, {UserID: "u", ItemID: "d", Time: 0, Qty: 0}}
	require.NoError(t, s.AppendEvents(ctx, first))
	require.NoError(t, s.AppendEvents(ctx, second))
	require.Empty(t, second[1].Type, "the caller's events are not touched")

	got, err := s.UserEvents(ctx, "u")
	require.NoError(t, err)
	require.Equal(t, []recsys.Event{event("u", "d", 0, 0), first[1], second[0], first[0]}, got)

	st, err := s.Stats(ctx)
	require.NoError(t, err)
	require.Equal(t, recsys.Stats{Events: 5, Users: 2, Items: 4, FirstTime: 0, LastTime: 20}, st)
	requireLastSeq(t, s)

	var all []recsys.Event
	seq := int64(0)
	for {
		got, last, err := s.EventsAfter(ctx, seq, 2)
		require.NoError(t, err)
		if len(got) == 0 {
			require.Equal(t, seq, last)
			break
		}
		require.Greater(t, last, seq)
		require.LessOrEqual(t, len(got), 2)
		all, seq = append(all, got...), last
	}
	require.Equal(t, append(append([]recsys.Event{}, first...), second[0], event("u", "d", 0, 0)), all)
	got, last, err := s.EventsAfter(ctx, 0, 0)
	require.NoError(t, err)
	require.Empty(t, got)
	require.Zero(t, last)
	got, _, err = s.EventsAfter(ctx, -5, 100)
	require.NoError(t, err)
	require.Len(t, got, 5)
	_, last, err = s.EventsAfter(ctx, math.MaxInt64, 1)
	require.NoError(t, err)
	require.Equal(t, int64(math.MaxInt64), last)
}

func testInvalid(t *testing.T, s recsys.Store) {
	closeLater(t, s)
	ctx := context.Background()
	good := event("u", "i", 1, 1)
	for name, bad := range map[string]recsys.Event{
		"no user":           event("", "i", 1, 1),
		"no item":           event("u", "", 1, 1),
		"negative time":     event("u", "i", -1, 1),
		"milliseconds":      event("u", "i", 1_600_000_000_000, 1),
		"absurd quantity":   event("u", "i", 1, math.MinInt64),
		"user not UTF-8":    event("\xff", "i", 1, 1),
		"item not UTF-8":    event("u", "a\xc3", 1, 1),
		"type not UTF-8":    {UserID: "u", ItemID: "i", Time: 1, Qty: 1, Type: "\xf0"},
		"quantity too high": event("u", "i", 1, 1_000_000_001),
	} {
		require.ErrorIs(t, s.AppendEvents(ctx, []recsys.Event{good, bad}), recsys.ErrInvalidData, name)
	}
	nan, negative := math.NaN(), -1.
	for name, bad := range map[string]recsys.Item{
		"no id":              {},
		"id not UTF-8":       {ID: "\xff"},
		"title not UTF-8":    {ID: "i", Title: "\xff"},
		"attribute":          {ID: "i", Attributes: map[string]string{"a": "\xff"}},
		"attribute's name":   {ID: "i", Attributes: map[string]string{"\xff": "a"}},
		"price not a number": {ID: "i", Price: &nan},
		"negative price":     {ID: "i", Price: &negative},
	} {
		require.ErrorIs(t, s.UpsertItems(ctx, []recsys.Item{{ID: "ok"}, bad}), recsys.ErrInvalidData, name)
	}
	for name, o := range map[string]recsys.DatasetOptions{
		"rate above 1":  {SampleRate: 1.5},
		"negative rate": {SampleRate: -.1},
		"NaN":           {SampleRate: math.NaN()},
		"scheme":        {Weighting: recsys.Weighting{Scheme: "square"}},
		"half-life":     {Weighting: recsys.Weighting{HalfLife: -1}},
		"type weight":   {Weighting: recsys.Weighting{EventTypes: map[string]float64{"view": -1}}},
		"excluded user": {ExcludeUsers: []string{"\xff"}},
	} {
		_, err := s.Dataset(ctx, o)
		require.ErrorIs(t, err, recsys.ErrInvalidConfig, name)
	}
	st, err := s.Stats(ctx)
	require.NoError(t, err)
	require.Zero(t, st, "a refused call leaves nothing behind")
	events, err := s.UserEvents(ctx, "\xff")
	require.NoError(t, err)
	require.Empty(t, events)
}

func testItems(t *testing.T, s recsys.Store) {
	closeLater(t, s)
	ctx := context.Background()
	price := 9.5
	full := recsys.Item{ID: "10", Title: `O'Neill "x" \ ü`, Category: "a|b", Brand: "B", Price: &price, ImgURL: "http://x/ä.jpg",
		Unavailable: true, Attributes: map[string]string{"color": "rot|grün", `k"'`: "", "💡": "\u0001\n"}}
	require.NoError(t, s.UpsertItems(ctx, []recsys.Item{full, {ID: "9", Title: "old"}, {ID: "9"}, {ID: "b"}}))
	items, err := s.Items(ctx)
	require.NoError(t, err)
	require.Equal(t, []recsys.Item{{ID: "9"}, {ID: "b"}, full}, items)
	require.NoError(t, s.UpsertItems(ctx, []recsys.Item{{ID: "10", Title: "new", Attributes: map[string]string{}}}))
	items, err = s.Items(ctx)
	require.NoError(t, err)
	require.Equal(t, []recsys.Item{{ID: "9"}, {ID: "b"}, {ID: "10", Title: "new"}}, items)
	require.NoError(t, s.AppendEvents(ctx, []recsys.Event{event("u", "sold, not listed", 1, 1)}))
	st, err := s.Stats(ctx)
	require.NoError(t, err)
	require.EqualValues(t, 4, st.Items)
}

// weird are ids that something on the way could trip over.
var weird = []string{" ", "  ", "a b", "a/b", `a\b`, "'", `"`, `a'; DROP TABLE events; --`, "?", "$1", "%", "NULL", "null", "0", "00",
	"10", "9", "-1", "1e3", "nan", "💡", "ä", "a\u0308", "\u200b", "a\nb", "a\tb", "a,b", "a|b", "\r", "\x01", "user_id", "__proto__", strings.Repeat("ü", 512),
	strings.Repeat("x", 12), strings.Repeat("x", 13), "a\x00b", "a\x00c", "\x00"}

func testIDs(t *testing.T, s recsys.Store) {
	closeLater(t, s)
	ctx := context.Background()
	var events []recsys.Event
	var items []recsys.Item
	for i, id := range weird {
		events = append(events, event(id, weird[len(weird)-1-i], 1, 1))
		items = append(items, recsys.Item{ID: id, Title: id, Category: id, Attributes: map[string]string{id: id}})
	}
	require.NoError(t, s.AppendEvents(ctx, events))
	require.NoError(t, s.UpsertItems(ctx, items))
	d, err := s.Dataset(ctx, recsys.DatasetOptions{ItemFeatures: true})
	require.NoError(t, err)
	require.NoError(t, d.Validate())
	requireOrdered(t, d.Users.IDs())
	requireOrdered(t, d.Items.IDs())
	require.Equal(t, len(weird), d.Users.Len())
	for i, id := range weird {
		u, ok := d.Users.Index(id)
		require.True(t, ok, "%q", id)
		cols, _ := d.Interactions.Row(int(u))
		require.Len(t, cols, 1)
		require.Equal(t, events[i].ItemID, d.Items.ID(cols[0]))
		got, err := s.UserEvents(ctx, id)
		require.NoError(t, err)
		require.Equal(t, events[i:i+1], got)
		d, err := s.Dataset(ctx, recsys.DatasetOptions{ExcludeUsers: []string{id}})
		require.NoError(t, err)
		require.Equal(t, len(weird)-1, d.Users.Len(), "%q", id)
	}
	got, err := s.Items(ctx)
	require.NoError(t, err)
	require.Len(t, got, len(weird))
	for _, it := range got {
		require.Equal(t, it.ID, it.Title)
		require.Equal(t, it.ID, it.Attributes[it.ID])
	}
}

func requireOrdered(t *testing.T, ids []string) {
	t.Helper()
	for i := 1; i < len(ids); i++ {
		require.Negative(t, recsys.CompareIDs(ids[i-1], ids[i]), "%q before %q", ids[i-1], ids[i])
	}
}

func testConcurrent(t *testing.T, s recsys.Store) {
	closeLater(t, s)
	// The first failure ends everybody, also readers who wait for what will not come.
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	const writers, calls = 4, 10
	var wg sync.WaitGroup
	report := func(err error) {
		if err != nil {
			cancel(err)
		}
	}
	for w := range writers {
		wg.Go(func() {
			for c := range calls {
				report(s.AppendEvents(ctx, []recsys.Event{event(string(rune('a'+w)), "i", int64(c), 1), event(string(rune('a'+w)), "j", int64(c), 1)}))
				report(s.UpsertItems(ctx, []recsys.Item{{ID: "i"}, {ID: string(rune('A' + w))}}))
			}
		})
		wg.Go(func() {
			// A reader that follows the log sees every event once, whole calls at a time.
			var seq int64
			for seen := 0; seen < 2*writers*calls; {
				events, last, err := s.EventsAfter(ctx, seq, 1000)
				report(err)
				if err != nil {
					return
				}
				if len(events)%2 != 0 {
					t.Errorf("%d events: half a call", len(events))
				}
				seen, seq = seen+len(events), last
				_, err = s.Dataset(ctx, recsys.DatasetOptions{Sequences: true})
				report(err)
			}
		})
	}
	wg.Wait()
	require.NoError(t, context.Cause(ctx))
	st, err := s.Stats(ctx)
	require.NoError(t, err)
	require.Equal(t, recsys.Stats{Events: 2 * writers * calls, Users: writers, Items: 2 + writers, LastTime: calls - 1}, st)
}

func testCancel(t *testing.T, s recsys.Store) {
	closeLater(t, s)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	require.ErrorIs(t, s.AppendEvents(ctx, []recsys.Event{event("u", "i", 1, 1)}), context.Canceled)
	require.ErrorIs(t, s.UpsertItems(ctx, []recsys.Item{{ID: "i"}}), context.Canceled)
	for name, err := range readErrors(ctx, s) {
		require.ErrorIs(t, err, context.Canceled, name)
	}
	st, err := s.Stats(context.Background())
	require.NoError(t, err)
	require.Zero(t, st)
}

func testClosed(t *testing.T, s recsys.Store) {
	ctx := context.Background()
	require.NoError(t, s.Close())
	require.NoError(t, s.Close())
	require.Error(t, s.AppendEvents(ctx, []recsys.Event{event("u", "i", 1, 1)}))
	require.Error(t, s.UpsertItems(ctx, []recsys.Item{{ID: "i"}}))
	for name, err := range readErrors(ctx, s) {
		require.Error(t, err, name)
	}
}

func readErrors(ctx context.Context, s recsys.Store) map[string]error {
	errs := map[string]error{}
	_, errs["Dataset"] = s.Dataset(ctx, recsys.DatasetOptions{})
	_, errs["Items"] = s.Items(ctx)
	_, errs["UserEvents"] = s.UserEvents(ctx, "u")
	_, _, errs["EventsAfter"] = s.EventsAfter(ctx, 0, 1)
	_, errs["Stats"] = s.Stats(ctx)
	return errs
}
