package sessionknn

import (
	"context"
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/rng"
	"github.com/recsys-lite/recsys/model"
)

var ctx = context.Background()

// dataset turns each user's events, one per second, into a dataset.
func dataset(t testing.TB, items int, users ...[]int32) *recsys.Dataset {
	t.Helper()
	s := &recsys.Sequences{Indptr: []int64{0}}
	var entries []recsys.Entry
	for u, events := range users {
		for _, i := range events {
			s.Times = append(s.Times, int64(len(s.Items)))
			s.Items = append(s.Items, i)
		}
		for _, i := range distinct(events) {
			entries = append(entries, recsys.Entry{Row: int32(u), Col: i, Value: 1})
		}
		s.Indptr = append(s.Indptr, int64(len(s.Items)))
	}
	x, err := recsys.NewCSR(len(users), items, entries)
	require.NoError(t, err)
	return &recsys.Dataset{Interactions: x, Sequences: s}
}

func fit(t testing.TB, d *recsys.Dataset, change func(*Config)) *Model {
	t.Helper()
	cfg := DefaultConfig()
	cfg.HalfLife = 0
	if change != nil {
		change(&cfg)
	}
	m, err := New(cfg)
	require.NoError(t, err)
	require.NoError(t, m.Fit(ctx, d))
	return m
}

func session0(events ...int32) recsys.Query {
	return recsys.Query{User: recsys.NoUser, K: 10, History: recsys.History{Sequence: events}}
}

func scores(t testing.TB, m *Model, q recsys.Query) []float32 {
	t.Helper()
	_, items := m.Shape()
	dst := make([]float32, items)
	require.NoError(t, m.Scores(ctx, q, dst))
	return dst
}

// Sessions A = {0,1,2}, B = {1,3}, C = {0,2}, newest last; 3 sessions, items 0, 1, 2 in two
// each, item 3 in one, item 4 in none. The session at hand is 0, 0, 1: item 1 weighs 1 and
// item 0, last seen one event earlier, 1/2.
func TestHandComputed(t *testing.T) {
	m := fit(t, dataset(t, 5, []int32{0, 1, 2}, []int32{1, 3, 1}, []int32{0, 2}), nil)
	a := 1.5 / math.Sqrt(3) * 1    // shares both; the latest is item 1
	b := 1 / math.Sqrt(2) * 1      // shares item 1
	c := .5 / math.Sqrt(2) * 1 / 2 // shares item 0 only: λ = 1/2
	two, one := 1+math.Log(1.5), 1+math.Log(3)
	want := []float64{(a + c) * two, (a + b) * two, (a + c) * two, b * one, 0}
	require.InDeltaSlice(t, want, scores(t, m, session0(0, 0, 1)), 1e-6)

	got, err := m.Recommend(ctx, session0(0, 0, 1))
	require.NoError(t, err)
	require.Equal(t, []int32{1, 3, 0, 2, 4}, order(got), "every item comes back, equal scores by index")

	m = fit(t, dataset(t, 5, []int32{0, 1, 2}, []int32{1, 3, 1}, []int32{0, 2}), func(c *Config) {
		c.Decay, c.IDFWeight, c.Neighbours = Linear, 0, 1
	})
	a = (1 + 2./3) / math.Sqrt(3) // the one neighbour; item 0 weighs 1 − 1/3
	require.InDeltaSlice(t, []float64{a, a, a, 0, 0}, scores(t, m, session0(0, 0, 1)), 1e-6)
}

func TestBasketHasNoOrder(t *testing.T) {
	m := fit(t, dataset(t, 4, []int32{0, 1, 2}, []int32{1, 3}), func(c *Config) { c.IDFWeight = 0 })
	q := recsys.Query{User: recsys.NoUser, History: recsys.History{Items: []int32{0, 1}, Weights: []float32{1, 3}}}
	a, b := 4/math.Sqrt(3), 3/math.Sqrt(2)
	require.InDeltaSlice(t, []float64{a, a + b, a, b}, scores(t, m, q), 1e-6)
}

func TestHalfLifeAndSampleFavourRecentSessions(t *testing.T) {
	const day = 24 * 60 * 60
	d := dataset(t, 4, []int32{0, 1}, []int32{0, 2})
	d.Sequences.Times = []int64{0, 0, day, day}
	m := fit(t, d, func(c *Config) { c.HalfLife, c.IDFWeight = 1, 0 })
	s := scores(t, m, session0(0))
	require.InDelta(t, 2*s[1], s[2], 1e-6, "one half-life apart")

	m = fit(t, d, func(c *Config) { c.SampleSize = 1 })
	s = scores(t, m, session0(0))
	require.Zero(t, s[1], "only the most recent session of item 0 is a candidate")
	require.Positive(t, s[2])
}

func TestEventsOfAMomentHaveNoOrder(t *testing.T) {
	m := fit(t, dataset(t, 6, []int32{0, 4}, []int32{1, 5}, []int32{2, 3}), nil)
	q := session0(2, 0, 1)
	q.History.Times = []int64{0, 60, 60}
	s := scores(t, m, q)
	require.Equal(t, s[4], s[5], "0 and 1 came together")
	require.InDelta(t, s[4]/9, s[3], 1e-6, "two events came after 2: w and λ are 1/3")
	q.History.Times = nil
	s = scores(t, m, q)
	require.InDelta(t, s[5]/4, s[4], 1e-6, "without times the order counts")
}

func TestOnlyTheLastSessionAndItemsCount(t *testing.T) {
	m := fit(t, dataset(t, 4, []int32{0, 2}, []int32{1, 3}), func(c *Config) { c.MaxItems = 1 })
	q := session0(0, 1)
	require.Zero(t, scores(t, m, q)[2], "max_items keeps item 1 alone")
	m = fit(t, dataset(t, 4, []int32{0, 2}, []int32{1, 3}), nil)
	require.Positive(t, scores(t, m, q)[2])
	q.History.Times = []int64{0, 1801}
	require.Zero(t, scores(t, m, q)[2], "after half an hour item 0 is another session")
	q.History.Times = []int64{0, 1800}
	require.Positive(t, scores(t, m, q)[2])
}

func TestKnownUserWithoutHistory(t *testing.T) {
	m := fit(t, dataset(t, 4, []int32{0, 2}, []int32{1, 3}), nil)
	q := recsys.Query{User: 1}
	require.Positive(t, scores(t, m, q)[3])
	require.Zero(t, scores(t, m, q)[2])
	q.History.Sequence = []int32{0}
	require.Positive(t, scores(t, m, q)[2], "a history that comes along is what counts")
	require.Zero(t, scores(t, m, q)[3])
	require.Equal(t, make([]float32, 4), scores(t, m, recsys.Query{User: recsys.NoUser}))
}

// Every even user had every even item and every odd user every odd one; each user's own
// number is withheld and must come first.
func TestCheckerboard(t *testing.T) {
	const n = 20
	users := make([][]int32, n)
	for u := range users {
		for i := u % 2; i < n; i += 2 {
			if i != u {
				users[u] = append(users[u], int32(i))
			}
		}
	}
	m := fit(t, dataset(t, n, users...), nil)
	for u, events := range users {
		allowed := recsys.FullBitset(n)
		for _, i := range events {
			allowed.Clear(i)
		}
		q := session0(events...)
		q.Allowed, q.K = allowed, 1
		top, err := m.Recommend(ctx, q)
		require.NoError(t, err)
		require.Equal(t, []int32{int32(u)}, order(top))
	}
}

func TestExplainSumsToScore(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		events := rapid.SliceOfN(rapid.Int32Range(0, 9), 1, 8)
		m := fit(t, dataset(t, 10, rapid.SliceOfN(events, 1, 12).Draw(r, "train")...), func(c *Config) {
			c.SampleSize = rapid.IntRange(1, 5).Draw(r, "sample")
			c.Neighbours = rapid.IntRange(1, 5).Draw(r, "k")
		})
		q := session0(events.Draw(r, "session")...)
		for i, want := range scores(t, m, q) {
			parts, base, err := m.Explain(ctx, q, int32(i))
			require.NoError(t, err)
			require.Zero(t, base)
			require.Len(t, parts, len(distinct(q.History.Sequence)))
			sum := float32(0)
			for _, p := range parts {
				sum += p.Score
			}
			require.InDelta(t, want, sum, 1e-4)
		}
	})
}

func TestSimilarItems(t *testing.T) {
	m := fit(t, dataset(t, 5, []int32{0, 1}, []int32{0, 1, 2}, []int32{0, 3}), nil)
	got, err := m.SimilarItems(ctx, 0, 10, nil)
	require.NoError(t, err)
	require.Equal(t, []int32{1, 2, 3, 4}, order(got))
	require.InDelta(t, 2/math.Sqrt(3*2), got[0].Score, 1e-6)
	require.InDelta(t, 1/math.Sqrt(3), got[1].Score, 1e-6)
	m = fit(t, dataset(t, 2, []int32{0, 1}, []int32{1}), func(c *Config) { c.SampleSize = 1 })
	got, err = m.SimilarItems(ctx, 0, 1, nil)
	require.NoError(t, err)
	require.Zero(t, got[0].Score, "the session with item 0 is not among the recent ones of item 1")
	_, err = m.SimilarItems(ctx, 5, 10, nil)
	require.ErrorIs(t, err, recsys.ErrInvalidQuery)
}

func TestErasureLeavesNoTrace(t *testing.T) {
	with := fit(t, dataset(t, 5, []int32{0, 1}, []int32{0, 4, 2}, []int32{0, 3}), nil)
	none, err := recsys.NewCSR(1, 5, nil)
	require.NoError(t, err)
	require.NoError(t, with.PartialFitUsers(ctx, []int32{1}, none))
	s, err := with.State()
	require.NoError(t, err)
	items, err := s.Int32s("session_items", -1)
	require.NoError(t, err)
	require.NotContains(t, items.Int32, int32(4))
	owners, err := s.Int32s("session_owner", -1)
	require.NoError(t, err)
	require.NotContains(t, owners.Int32, int32(1))
	require.Zero(t, scores(t, with, recsys.Query{User: 1})[4])
}

func TestPartialFitUsersForgetsWhatARowLacks(t *testing.T) {
	m := fit(t, dataset(t, 5, []int32{0, 1}, []int32{2, 3}), nil)
	// User 1 gave item 3 back; user 2 is new.
	rows, err := recsys.NewCSR(2, 5, []recsys.Entry{{Row: 0, Col: 2, Value: 1}, {Row: 0, Col: 4, Value: 1}, {Row: 1, Col: 0, Value: 1}})
	require.NoError(t, err)
	require.NoError(t, m.PartialFitUsers(ctx, []int32{1, 2}, rows))
	users, _ := m.Shape()
	require.Equal(t, 3, users)
	require.Zero(t, scores(t, m, session0(2))[3])
	require.Positive(t, scores(t, m, session0(2))[2], "the rest of the session stays")
}

func TestAddItems(t *testing.T) {
	m := fit(t, dataset(t, 3, []int32{0, 1}, []int32{2}), nil)
	had, err := recsys.NewCSR(3, 2, []recsys.Entry{{Row: 0, Col: 0, Value: 1}})
	require.NoError(t, err)
	near, err := recsys.NewCSR(3, 3, []recsys.Entry{{Row: 1, Col: 2, Value: 5}})
	require.NoError(t, err)
	require.NoError(t, m.AddItems(ctx, recsys.NewItems{Count: 3, Interactions: had, Neighbours: near}))
	_, items := m.Shape()
	require.Equal(t, 6, items)
	s := scores(t, m, session0(1))
	require.Positive(t, s[3], "user 0 had it in the session with item 1")
	require.Zero(t, s[4])
	require.Positive(t, scores(t, m, session0(2))[4], "a neighbour of item 2")
	require.Zero(t, scores(t, m, session0(2))[5], "nothing is known of it")
	require.ErrorIs(t, m.AddItems(ctx, recsys.NewItems{Count: 1, Interactions: had}), recsys.ErrInvalidData)
}

func TestStateRestoresTheModel(t *testing.T) {
	r := rng.New(1)
	users := make([][]int32, 50)
	for u := range users {
		for range 1 + r.Intn(9) {
			users[u] = append(users[u], int32(r.Intn(30)))
		}
	}
	m := fit(t, dataset(t, 30, users...), func(c *Config) { c.Neighbours, c.SampleSize = 7, 5 })
	s, err := m.State()
	require.NoError(t, err)
	loaded, err := Kind.Load(s, recsys.Run{})
	require.NoError(t, err)
	again, err := loaded.State()
	require.NoError(t, err)
	require.Equal(t, s, again)
	for _, u := range users {
		require.Equal(t, scores(t, m, session0(u...)), scores(t, loaded.(*Model), session0(u...)))
	}
}

// Every single number of a stored model is spoilt in turn: Load refuses or gives a model that
// answers.
func TestLoadRefusesContradictions(t *testing.T) {
	m := fit(t, dataset(t, 4, []int32{0, 1}, []int32{2, 3}), nil)
	s, err := m.State()
	require.NoError(t, err)
	for x := range s.Tensors {
		for at := range s.Tensors[x].Len() {
			for _, bad := range []int64{-2, -1, 1, 3, 1 << 30} {
				spoilt := model.State{Params: s.Params, Tensors: append([]model.Tensor(nil), s.Tensors...)}
				tensor := &spoilt.Tensors[x]
				tensor.Int32 = append([]int32(nil), tensor.Int32...)
				tensor.Int64 = append([]int64(nil), tensor.Int64...)
				tensor.Float32 = append([]float32(nil), tensor.Float32...)
				switch {
				case len(tensor.Int32) > 0:
					tensor.Int32[at] = int32(bad)
				case len(tensor.Int64) > 0:
					tensor.Int64[at] = bad
				default:
					tensor.Float32[at] = float32(bad)
				}
				got, err := Kind.Load(spoilt, recsys.Run{})
				if err != nil {
					require.ErrorIs(t, err, model.ErrCorrupt)
					continue
				}
				_, err = got.Recommend(ctx, session0(0))
				require.NoError(t, err)
			}
		}
		missing := model.State{Params: s.Params, Tensors: append(append([]model.Tensor(nil), s.Tensors[:x]...), s.Tensors[x+1:]...)}
		_, err = Kind.Load(missing, recsys.Run{})
		require.ErrorIs(t, err, model.ErrCorrupt)
	}
}

func TestErrors(t *testing.T) {
	m, err := New(DefaultConfig())
	require.NoError(t, err)
	_, err = m.Recommend(ctx, session0(0))
	require.ErrorIs(t, err, recsys.ErrNotFitted)
	d := dataset(t, 2, []int32{0, 1})
	d.Sequences = nil
	require.ErrorIs(t, m.Fit(ctx, d), recsys.ErrInvalidData)
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	require.ErrorIs(t, m.Fit(stopped, dataset(t, 2, []int32{0, 1})), context.Canceled)

	_, err = Kind.New(json.RawMessage(`{"neighbours":0,"decay":"cubic","half_life":-1}`), recsys.Run{})
	require.ErrorIs(t, err, recsys.ErrInvalidConfig)
	for _, name := range []string{"neighbours", "decay", "half_life"} {
		require.ErrorContains(t, err, name)
	}
	_, err = Kind.New(json.RawMessage(`{"k":5}`), recsys.Run{})
	require.ErrorContains(t, err, "known are")
}

func order(s []recsys.Scored) []int32 {
	out := make([]int32, len(s))
	for x := range s {
		out[x] = s[x].Item
	}
	return out
}
