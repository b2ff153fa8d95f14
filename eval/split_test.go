package eval

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/recsys-lite/recsys"
)

func buy(user, item string, at int64) recsys.Event {
	return recsys.Event{UserID: user, ItemID: item, Time: at, Qty: 1}
}

func give(user, item string, at int64) recsys.Event {
	return recsys.Event{UserID: user, ItemID: item, Time: at, Qty: -1}
}

func events(t require.TestingT, w recsys.Weighting, list ...recsys.Event) *Events {
	e, err := NewEvents(list, nil, w)
	require.NoError(t, err)
	return e
}

// held names the held-out items of a user.
func held(s *Split, user string) []string {
	var out []string
	u, _ := s.Train.Users.Index(user)
	items, _ := s.Test.Row(int(u))
	for _, i := range items {
		out = append(out, s.Train.Items.ID(i))
	}
	return out
}

func TestByTime(t *testing.T) {
	e := events(t, recsys.Weighting{Scheme: recsys.Linear},
		buy("u10", "b", 5), buy("u9", "a", 1), buy("u9", "c", 3), buy("u9", "a", 2),
		buy("u9", "b", 9), buy("u9", "x", 10), buy("u9", "x", 11), // x is new
		buy("new", "a", 9),
		buy("u10", "d", 2), give("u10", "d", 3), // given back before the cut
		buy("u10", "a", 9), give("u10", "a", 12), buy("u10", "c", 10), // given back after it
	)
	s, err := ByTime(e, time.Unix(9, 0))
	require.NoError(t, err)
	require.Equal(t, []string{"u9", "u10"}, s.Train.Users.IDs(), "shorter ids first, new users left out")
	require.Equal(t, []string{"a", "b", "c"}, s.Train.Items.IDs())
	require.Equal(t, []float32{2, 1, 1}, s.Train.Interactions.Values)
	require.Equal(t, int64(5), s.Train.Watermark.Time)
	items, times := s.Train.Sequences.Of(0)
	require.Equal(t, []int32{0, 0, 2}, items)
	require.Equal(t, []int64{1, 2, 3}, times)
	require.Equal(t, []string{"b"}, held(s, "u9"))
	require.Equal(t, []string{"c"}, held(s, "u10"), "what was given back is not held out")
	require.Equal(t, []int32{1, 0}, s.Unknown, "x, once")
	require.Equal(t, 1, s.NewUsers)
	require.Equal(t, []int64{0, 3, 4, 6}, s.Sessions.Indptr, "u9, new, u10: as they come up")
	require.Equal(t, []int32{1, -1, -1, 0, 0, 2}, s.Sessions.Items)

	e.Catalogue = []int32{3} // d
	s, err = ByTime(e, time.Unix(9, 0))
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b", "c", "d"}, s.Train.Items.IDs())

	_, err = ByTime(e, time.Unix(1, 0))
	require.ErrorContains(t, err, "leaves nothing to train on")
	_, err = ByTime(e, time.Unix(99, 0))
	require.ErrorContains(t, err, "leaves nothing to test on")
}

func TestTrainingWeightsDecayFromTheCut(t *testing.T) {
	e := events(t, recsys.Weighting{Scheme: recsys.Linear, HalfLife: 10 * time.Second, EventTypes: map[string]float64{"purchase": 4}},
		buy("u", "a", 10), buy("u", "b", 20), buy("u", "c", 30))
	s, err := ByTime(e, time.Unix(25, 0))
	require.NoError(t, err)
	require.Equal(t, []float32{2, 4}, s.Train.Interactions.Values, "age counts from the last training event, not from the test part")
}

func TestTimeCut(t *testing.T) {
	e := events(t, recsys.Weighting{}, buy("u", "a", 1), buy("u", "b", 2), buy("u", "c", 2), buy("u", "d", 3))
	for share, want := range map[float64]int64{.1: 3, .25: 3, .26: 2, .75: 2} {
		cut, err := TimeCut(e, share)
		require.NoError(t, err)
		require.Equal(t, want, cut.Unix(), "%v", share)
	}
	_, err := TimeCut(e, .8)
	require.ErrorContains(t, err, "no event is older")
	for _, share := range []float64{0, 1, -1, math.NaN()} {
		_, err := TimeCut(e, share)
		require.ErrorIs(t, err, recsys.ErrInvalidConfig)
		_, err = Random(e, share, 1)
		require.ErrorIs(t, err, recsys.ErrInvalidConfig)
	}
	_, err = TimeCut(&Events{}, .5)
	require.ErrorIs(t, err, recsys.ErrEmptyDataset)
}

func TestLeaveLastOut(t *testing.T) {
	e := events(t, recsys.Weighting{},
		buy("u", "c", 3), buy("u", "a", 1), buy("u", "b", 2), give("u", "a", 4),
		buy("one", "a", 7), buy("v", "c", 2), buy("v", "a", 2))
	s, err := LeaveLastOut(e, 1)
	require.NoError(t, err)
	require.Equal(t, []string{"c"}, held(s, "u"))
	require.Equal(t, []string{"a"}, held(s, "v"), "equal times in the order of the table")
	require.Empty(t, held(s, "one"), "a single purchase is left to train on")
	require.Equal(t, 4, len(s.Train.Sequences.Items))
	u, _ := s.Train.Users.Index("u")
	items, _ := s.Train.Interactions.Row(int(u))
	require.Len(t, items, 2, "the return came after the cut and does not leak")

	s, err = LeaveLastOut(e, 2)
	require.NoError(t, err)
	require.Equal(t, []string{"c"}, held(s, "u"))
	u, _ = s.Train.Users.Index("u")
	require.Equal(t, int32(1), s.Unknown[u], "b is nobody's any more")
	_, err = LeaveLastOut(e, 0)
	require.ErrorIs(t, err, recsys.ErrInvalidConfig)
}

func TestExplicit(t *testing.T) {
	s, err := Explicit([]recsys.Event{buy("u", "a", 9), buy("v", "b", 9)}, []recsys.Event{buy("v", "a", 1), buy("w", "a", 1)}, []string{"z"}, recsys.Weighting{})
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b", "z"}, s.Train.Items.IDs())
	require.Equal(t, []string{"a"}, held(s, "v"))
	require.Equal(t, 1, s.NewUsers)
	_, err = Explicit([]recsys.Event{buy("u", "", 9)}, nil, nil, recsys.Weighting{})
	require.ErrorIs(t, err, recsys.ErrInvalidData)
	_, err = Explicit(nil, nil, nil, recsys.Weighting{})
	require.ErrorIs(t, err, recsys.ErrEmptyDataset)
	_, err = Explicit(nil, nil, nil, recsys.Weighting{Scheme: "x"})
	require.ErrorIs(t, err, recsys.ErrInvalidConfig)
}

// Whatever the split: training and test purchases together are all purchases of the users
// that are known, and no pair of a random split is on both sides.
func TestSplitLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) recsys.Event {
			return buy(rapid.SampledFrom([]string{"u", "v", "w"}).Draw(t, "user"),
				rapid.SampledFrom([]string{"a", "b", "c", "dd"}).Draw(t, "item"), rapid.Int64Range(0, 9).Draw(t, "time"))
		}), 2, 30).Draw(t, "events")
		e := events(t, recsys.Weighting{Scheme: recsys.Linear}, list...)
		seed := rapid.Uint64().Draw(t, "seed")
		random, err := Random(e, .4, seed)
		if err == nil {
			again, err := Random(e, .4, seed)
			require.NoError(t, err)
			require.Equal(t, random, again)
			for u := range random.Test.Rows {
				had, _ := random.Train.Interactions.Row(u)
				items, _ := random.Test.Row(u)
				for _, i := range items {
					require.False(t, contains(had, i))
				}
			}
		}
		last, errLast := LeaveLastOut(e, 2)
		timed, errTime := ByTime(e, time.Unix(5, 0))
		for _, s := range []*Split{random, last, timed} {
			if s == nil {
				continue
			}
			require.NoError(t, s.validate())
			require.NoError(t, checkSessions(s.Sessions, s.Train.Items.Len()))
			require.Equal(t, len(list), len(s.Train.Sequences.Items)+len(s.Sessions.Items))
		}
		if errTime == nil {
			for _, at := range timed.Train.Sequences.Times {
				require.Less(t, at, int64(5))
			}
		} else {
			require.ErrorIs(t, errTime, recsys.ErrEmptyDataset)
		}
		if errLast != nil {
			require.ErrorIs(t, errLast, recsys.ErrEmptyDataset)
		}
	})
}
