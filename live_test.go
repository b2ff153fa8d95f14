package recsys_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
)

func bought(user string, items ...string) (out []recsys.Event) {
	for n, item := range items {
		out = append(out, recsys.Event{UserID: user, ItemID: item, Qty: 1, Time: int64(1000 + n)})
	}
	return out
}

func TestRecordedEventsCountAtOnce(t *testing.T) {
	e, err := recsys.NewEngine(shop(t, "v1"))
	require.NoError(t, err)
	ctx := context.Background()
	ask := func(user string) ([]string, recsys.Source) {
		r, err := e.Recommend(ctx, recsys.Request{UserID: user, K: 1, Fallback: true})
		require.NoError(t, err)
		return names(r), r.Items[0].Source
	}
	before, other := e.Revision("new"), e.Revision("u0")
	e.Record(recsys.LiveEvents{Journal: "a", First: 7, Events: bought("new", "i3")})
	require.NotEqual(t, before, e.Revision("new"))
	require.Equal(t, other, e.Revision("u0"), "nobody else's answers change")
	items, source := ask("new")
	require.Equal(t, []string{"i4"}, items)
	require.Equal(t, recsys.SourceFoldIn, source)

	// What a snapshot contains is dropped, what it does not contain stays.
	s := shop(t, "v2")
	s.Journaled = map[string]int64{"a": 6, "b": 99}
	require.NoError(t, e.Swap(s))
	_, source = ask("new")
	require.Equal(t, recsys.SourceFoldIn, source)
	s.Journaled = map[string]int64{"a": 7}
	require.NoError(t, e.Swap(s))
	_, source = ask("new")
	require.Equal(t, recsys.SourcePopular, source)
	e.Record(recsys.LiveEvents{Journal: "a", First: 7, Events: bought("new", "i3")})
	_, source = ask("new")
	require.Equal(t, recsys.SourcePopular, source, "a replay of what the model contains")
}

// weighing answers with the weights of the history, so that a test can see them.
type weighing struct{ cooccurrence }

func (m *weighing) Recommend(_ context.Context, q recsys.Query) (out []recsys.Scored, err error) {
	for p, i := range q.History.Items {
		out = append(out, recsys.Scored{Item: i, Score: q.History.Weights[p]})
	}
	return out, nil
}

func TestRecordedEventsCountOnce(t *testing.T) {
	s := shop(t, "v1")
	s.Model = &weighing{cooccurrence{s.Interactions}}
	s.Weighting.Scheme = recsys.Linear
	e, err := recsys.NewEngine(s)
	require.NoError(t, err)
	for range 3 {
		e.Record(recsys.LiveEvents{Journal: "a", First: 1, Events: bought("new", "i0", "i0")})
	}
	e.Record(recsys.LiveEvents{Journal: "b", First: 1, Events: bought("new", "i0")})
	e.Record(recsys.LiveEvents{Journal: "b", First: 2, Events: []recsys.Event{{UserID: "new", ItemID: "i1", Qty: 1, Type: "impression"}}})
	r, err := e.Recommend(context.Background(), recsys.Request{UserID: "new", K: 1, Seen: recsys.SeenAllow})
	require.NoError(t, err)
	require.Equal(t, []string{"i0"}, names(r), "an impression counts for nothing")
	require.EqualValues(t, 3, r.Items[0].Score)
}

func TestForgottenUsersAreUnknown(t *testing.T) {
	e, err := recsys.NewEngine(shop(t, "v1"))
	require.NoError(t, err)
	e.Record(recsys.LiveEvents{Journal: "a", First: 1, Events: bought("u0", "i3")})
	before := e.Revision("u0")
	e.SetForgotten(func(id string) bool { return id == "u0" })
	require.NotEqual(t, before, e.Revision("u0"))
	ctx := context.Background()
	_, err = e.Recommend(ctx, recsys.Request{UserID: "u0", K: 3, Events: bought("u0", "i4")})
	require.ErrorIs(t, err, recsys.ErrUnknownUser)
	_, err = e.Recent(ctx, "u0", 3)
	require.ErrorIs(t, err, recsys.ErrUnknownUser)
	r, err := e.Recommend(ctx, recsys.Request{UserID: "u0", K: 6, Fallback: true, WhyNot: "i5"})
	require.NoError(t, err)
	require.Equal(t, []string{"i0", "i1", "i2", "i3", "i4", "i5"}, names(r), "nothing is left out as seen")
	require.Equal(t, recsys.SourcePopular, r.Items[0].Source)
	_, err = e.Recommend(ctx, recsys.Request{UserID: "u1", K: 3})
	require.NoError(t, err)
	e.Record(recsys.LiveEvents{Journal: "a", First: 2, Events: bought("u0", "i4")})
	e.SetForgotten(nil)
	r, err = e.Recommend(ctx, recsys.Request{UserID: "u0", K: 3})
	require.NoError(t, err)
	require.Equal(t, recsys.SourceModel, r.Items[0].Source, "recorded events are gone for good")
}

// Events are recorded and snapshots that contain them swapped in, while requests must see each
// event exactly once at any time.
func TestRecordedEventsAreNeitherLostNorCountedTwiceBySwaps(t *testing.T) {
	const events = 300
	build := func(contained int64) recsys.Snapshot {
		s := shop(t, fmt.Sprint(contained))
		entries := []recsys.Entry{{Row: 0, Col: 0, Value: float32(contained)}, {Row: 1, Col: 1, Value: 1}}
		x, err := recsys.NewCSR(4, 6, entries[min(1, max(0, int(1-contained))):])
		require.NoError(t, err)
		s.Interactions, s.Model = x, &weighing{cooccurrence{x}}
		s.Weighting.Scheme = recsys.Linear
		s.Journaled = map[string]int64{"a": contained}
		return s
	}
	e, err := recsys.NewEngine(build(1))
	require.NoError(t, err)
	for n := range int64(3000) { // so that a Swap takes its time to drop what it contains
		e.Record(recsys.LiveEvents{Journal: "b", First: n, Events: bought(fmt.Sprint("other ", n), "i0")})
	}
	var wg sync.WaitGroup
	for n := int64(2); n <= events; n++ {
		e.Record(recsys.LiveEvents{Journal: "a", First: n, Events: bought("u0", "i0")})
		if n%10 == 0 {
			s := build(n - 3)
			wg.Go(func() { require.NoError(t, e.Swap(s)) })
		}
		for range 20 {
			r, err := e.Recommend(context.Background(), recsys.Request{UserID: "u0", K: 1, Seen: recsys.SeenAllow})
			require.NoError(t, err)
			require.EqualValues(t, n, r.Items[0].Score, "after %d events", n)
		}
		if n%10 == 5 {
			wg.Wait() // swaps come one after the other
		}
	}
	wg.Wait()
}

func TestRecordForgetsTheOldestBeyondItsMemory(t *testing.T) {
	e, err := recsys.NewEngine(shop(t, "v1"))
	require.NoError(t, err)
	long := make([]byte, 1<<20)
	for i := range long {
		long[i] = 'x'
	}
	e.Record(recsys.LiveEvents{Journal: "a", First: 1, Events: bought("first", "i3")})
	for n := range int64(70) {
		e.Record(recsys.LiveEvents{Journal: "a", First: 2 + n, Events: bought(fmt.Sprint(n)+string(long), "i3")})
	}
	_, err = e.Recommend(context.Background(), recsys.Request{UserID: "first", K: 1})
	require.ErrorIs(t, err, recsys.ErrUnknownUser)
	_, err = e.Recommend(context.Background(), recsys.Request{UserID: "69" + string(long), K: 1})
	require.NoError(t, err)

	for n := range int64(5000) {
		e.Record(recsys.LiveEvents{Journal: "a", First: 100 + n, Events: bought("robot", fmt.Sprint("i", min(n/1000, 4)))})
	}
	r, err := e.Recent(context.Background(), "robot", 10)
	require.NoError(t, err)
	require.Equal(t, []string{"i4"}, names(r), "one user cannot take all of it")
}
