package eval

import (
	"context"
	"encoding/json"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/recsys-lite/recsys"
)

// bySegment has items 0 … 4 of 5, 3, 2, 1 and 0 users: of 11 interactions, item 0 has the
// first 20 %, item 3 and no other begins in the last. Users have 1, 1, 3, 3 and 3 items.
func bySegment(t require.TestingT) (fixed, *Split) {
	return fixed{
			{0, 4, 3, 2, 1}, // 1 2 | 3 4
			{0, 1, 2, 3, 4}, // 4 3 | 2 1
			{0, 0, 0, 1, 2}, // 4 3
			{0, 0, 1, 2, 3}, // 4 2
			{0, 0, 0, 2, 1}, // 3 4
		}, &Split{
			Name: "segments",
			Train: &recsys.Dataset{Interactions: csr(t, 5,
				[]int32{0}, []int32{0}, []int32{0, 1, 2}, []int32{0, 1, 3}, []int32{0, 1, 2})},
			Test:    csr(t, 5, []int32{1}, []int32{2, 3}, []int32{3}, []int32{2}, []int32{4}),
			Unknown: []int32{1, 0, 0, 0, 0},
		}
}

func TestSegmentsByHand(t *testing.T) {
	m, s := bySegment(t)
	r, err := Run(context.Background(), m, s, Options{Ks: []int{1, 2}, Detail: true})
	require.NoError(t, err)
	d := r.Detail
	require.Len(t, d.Users, 2, "three users have the median number of items, nobody more")
	require.Equal(t, "new", d.Users[0].Name)
	require.Equal(t, 2, d.Users[0].Users)
	require.Equal(t, [2]int{1, 1}, [2]int{d.Users[0].From, d.Users[0].To})
	require.Equal(t, "light", d.Users[1].Name)
	require.Equal(t, [2]int{3, 3}, [2]int{d.Users[1].From, d.Users[1].To})
	// User 0 finds 1 of 2 at rank 1, user 1 item 3 of 2 at rank 2.
	require.InDelta(t, (1./2+0)/2, d.Users[0].Metrics["recall@1"], 1e-12)
	require.InDelta(t, (1./2+1./2)/2, d.Users[0].Metrics["recall@2"], 1e-12)
	// Users 2, 3 and 4 find theirs at rank 2.
	require.InDelta(t, 0, d.Users[1].Metrics["hr@1"], 1e-12)
	require.InDelta(t, 1, d.Users[1].Metrics["hr@2"], 1e-12)
	require.Equal(t, Interval{1, 1}, d.Users[1].Intervals["hr@2"])
	require.Contains(t, d.Users[1].Gain, "ndcg@2")

	var names []string
	for _, g := range d.Items {
		names = append(names, g.Name)
	}
	require.Equal(t, []string{"head", "mid", "tail", "unsold"}, names)
	head, mid, tail, cold := d.Items[0], d.Items[1], d.Items[2], d.Items[3]
	require.Equal(t, []int{1, 2, 1, 1}, []int{head.Items, mid.Items, tail.Items, cold.Items})
	require.Equal(t, []int{0, 3, 2, 2}, []int{head.HeldOut, mid.HeldOut, tail.HeldOut, cold.HeldOut}, "the item of no catalogue is unsold")
	require.Equal(t, [2]int{2, 3}, [2]int{mid.From, mid.To})
	require.InDelta(t, 5./11, mid.TrainShare, 1e-12)
	require.InDelta(t, 3./7, mid.HeldOutShare, 1e-12)
	require.Empty(t, head.Intervals, "nothing of the head is held out")
	// Of mid, user 0 finds item 1 and user 3 item 2; user 1 misses item 2.
	require.InDelta(t, 1./3, mid.Metrics["recall@1"], 1e-12)
	require.InDelta(t, 2./3, mid.Metrics["recall@2"], 1e-12)
	require.InDelta(t, 1, tail.Metrics["recall@2"], 1e-12)
	require.InDelta(t, 1./2, cold.Metrics["recall@2"], 1e-12)
	// Lists at 2: 1 2 | 4 3 | 4 3 | 4 2 | 3 4.
	require.InDelta(t, 3./10, mid.Metrics["share@2"], 1e-12)
	require.InDelta(t, 3./10, tail.Metrics["share@2"], 1e-12)
	require.InDelta(t, 1, mid.Metrics["coverage@2"], 1e-12)
	require.InDelta(t, 0, head.Metrics["coverage@2"], 1e-12)
	// Popularity recommends 1 2 | 1 2 | 3 4 | 2 4 | 3 4.
	require.InDelta(t, 5./10, mid.Baseline["share@2"], 1e-12)

	// Popularities: 1, .6, .4, .2, 0.
	require.InDelta(t, (1+1+2./3+.6+2./3)/5, d.Bias.History, 1e-12)
	require.InDelta(t, (.6+.4+.2+.2+.4)/7, d.Bias.HeldOut, 1e-12)
	require.InDelta(t, (.6+.4+.2+.2+.4+.2)/10, d.Bias.Recommended["popularity@2"], 1e-12)
	require.InDelta(t, .2/d.Bias.History-1, d.Bias.Recommended["lift@2"], 1e-12)
	require.InDelta(t, gini([]int64{5, 3, 2, 1, 0}), d.Bias.Consumption, 1e-12)
	_, err = json.Marshal(r)
	require.NoError(t, err)

	plain, err := Run(context.Background(), m, s, Options{Ks: []int{1, 2}})
	require.NoError(t, err)
	require.Nil(t, plain.Detail)
	require.Equal(t, plain.Metrics, r.Metrics)
	require.Equal(t, plain.Intervals, r.Intervals)
}

// The parts add up to the whole.
func TestSegmentsAddUp(t *testing.T) {
	m, s := large(t, 300)
	var one []byte
	for _, workers := range []int{1, 3} {
		r, err := Run(context.Background(), m, s, Options{Detail: true, Bootstrap: 50, Run: recsys.Run{Workers: workers}})
		require.NoError(t, err)
		users, weighted := 0, 0.
		for _, p := range r.Detail.Users {
			users += p.Users
			weighted += float64(p.Users) * p.Metrics["ndcg@10"]
		}
		require.Equal(t, r.Users, users)
		require.InDelta(t, r.Metrics["ndcg@10"], weighted/float64(users), 1e-12)
		items, heldOut, share, train, reached := 0, 0, 0., 0., 0.
		for _, p := range r.Detail.Items {
			items += p.Items
			heldOut += p.HeldOut
			share += p.Metrics["share@20"]
			train += p.TrainShare
			reached += float64(p.Items) * p.Metrics["coverage@20"]
		}
		require.Equal(t, 300, items)
		require.Equal(t, s.Test.NNZ(), heldOut)
		require.InDelta(t, 1, share, 1e-12)
		require.InDelta(t, 1, train, 1e-12)
		require.InDelta(t, r.Metrics["coverage@20"], reached/300, 1e-12)
		text, err := json.Marshal(r)
		require.NoError(t, err)
		if one == nil {
			one = text
		}
		require.Equal(t, string(one), string(text))
	}
}

// The area under the Lorenz curve gives the Gini index.
func TestLorenz(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		counts := rapid.SliceOfN(rapid.Int64Range(0, 50), 1, 60).Draw(t, "counts")
		curve := lorenz(counts)
		require.Zero(t, curve[0])
		require.True(t, slices.IsSorted(curve))
		if slices.Max(counts) == 0 {
			return
		}
		require.InDelta(t, 1, curve[len(curve)-1], 1e-12)
		area := 0.
		for p := range len(curve) - 1 {
			area += (curve[p] + curve[p+1]) / 2 / float64(len(curve)-1)
		}
		require.InDelta(t, gini(counts), 1-2*area, 2e-3)
	})
	require.InDelta(t, .25, lorenz([]int64{1, 3})[256], 1e-12)
}

func TestLists(t *testing.T) {
	m, s := bySegment(t)
	lists, err := Lists(context.Background(), m, s, Options{Seed: 1}, 1, 2)
	require.NoError(t, err)
	require.Len(t, lists, 2)
	require.Equal(t, "new", lists[0].Segment)
	require.Equal(t, "light", lists[1].Segment)
	again, err := Lists(context.Background(), m, s, Options{Seed: 1}, 1, 2)
	require.NoError(t, err)
	require.Equal(t, lists, again)

	all, err := Lists(context.Background(), m, s, Options{}, 10, 2)
	require.NoError(t, err)
	require.Len(t, all, 5)
	for _, l := range all {
		if l.User != 3 {
			continue
		}
		require.Equal(t, []recsys.Scored{{Item: 4, Score: 3}, {Item: 2, Score: 1}}, l.Ranking, "what the user has is left out")
		require.False(t, l.Hit(4))
		require.True(t, l.Hit(2))
		require.Equal(t, []int32{0, 1, 3}, l.History)
	}
	repeated, err := Lists(context.Background(), m, s, Options{Repeats: true}, 10, 1)
	require.NoError(t, err)
	require.Len(t, repeated, 5)
	_, err = Lists(context.Background(), m, s, Options{}, 1, 0)
	require.ErrorIs(t, err, recsys.ErrInvalidConfig)
	_, err = Lists(context.Background(), m[:2], s, Options{}, 1, 1)
	require.ErrorIs(t, err, recsys.ErrInvalidData)
}

func TestLatest(t *testing.T) {
	require.Equal(t, []int32{1, 7, 3}, latest(recsys.History{Items: []int32{1, 3, 7}, Sequence: []int32{1, 3, 7, 1}}))
	require.Equal(t, []int32{7, 1, 3}, latest(recsys.History{Items: []int32{1, 3, 7}, Sequence: []int32{7}}))
	require.Equal(t, []int32{3, 1, 7}, latest(recsys.History{Items: []int32{1, 3, 7}, Weights: []float32{1, 2, 1}}))
	require.Empty(t, latest(recsys.History{}))
}
