package recsys_test

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/recsys-lite/recsys"
)

const day = 86400

// visits makes a snapshot of users with their visits, one per day, of items.
func visits(t require.TestingT, items int, users ...[][]int32) recsys.Snapshot {
	s := &recsys.Sequences{Indptr: []int64{0}}
	var entries []recsys.Entry
	for u, of := range users {
		for d, visit := range of {
			for _, i := range visit {
				s.Items = append(s.Items, i)
				s.Times = append(s.Times, int64(1000+d*2*day))
				entries = append(entries, recsys.Entry{Row: int32(u), Col: i, Value: 1})
			}
		}
		s.Indptr = append(s.Indptr, int64(len(s.Items)))
	}
	x, err := recsys.NewCSR(len(users), items, entries)
	require.NoError(t, err)
	return recsys.Snapshot{Version: "v1", Model: &cooccurrence{x}, Users: ids("u", len(users)), Items: ids("i", items), Interactions: x, Sequences: s}
}

func TestBoughtTogetherByHand(t *testing.T) {
	// i0 and i1 share four visits of three users, i0 and i2 two visits of one user.
	s := visits(t, 5,
		[][]int32{{0, 1}, {1, 0, 0}, {0, 2}, {2, 0}},
		[][]int32{{0, 1, 3}},
		[][]int32{{1, 0}, {3}},
		[][]int32{{4}, {1}})
	e, err := recsys.NewEngine(s)
	require.NoError(t, err)
	ctx := context.Background()
	r, err := e.BoughtTogether(ctx, recsys.TogetherRequest{ItemIDs: []string{"i0"}, K: 5, MinSupport: 2, MinBuyers: 1})
	require.NoError(t, err)
	// Nine visits; i0 is in six, i1 in five, i2 in two.
	require.Equal(t, []string{"i2", "i1"}, names(r))
	require.Equal(t, &recsys.Together{Lift: 2. * 9 / (6 * 2), Support: 2, Buyers: 1}, r.Items[0].Together)
	require.Equal(t, &recsys.Together{Lift: 4. * 9 / (6 * 5), Support: 4, Buyers: 3}, r.Items[1].Together)
	require.InDelta(t, 1.2*math.Exp(-.5), r.Items[1].Score, 1e-6)
	require.Equal(t, recsys.SourceTogether, r.Items[0].Source)

	r, err = e.BoughtTogether(ctx, recsys.TogetherRequest{ItemIDs: []string{"i0", "absent"}, K: 5, MinSupport: 2, MinBuyers: 2})
	require.NoError(t, err)
	require.Equal(t, []string{"i1"}, names(r), "one buyer's visits stay private")
	r, err = e.BoughtTogether(ctx, recsys.TogetherRequest{ItemIDs: []string{"i0"}, K: 5})
	require.NoError(t, err)
	require.Empty(t, r.Items, "five visits of five buyers by default")

	for _, bad := range []recsys.TogetherRequest{{K: 1}, {ItemIDs: []string{"i0"}}, {ItemIDs: []string{"i0"}, K: 1, MinBuyers: -1}, {ItemIDs: make([]string, 101), K: 1}} {
		_, err = e.BoughtTogether(ctx, bad)
		require.ErrorIs(t, err, recsys.ErrInvalidQuery)
	}
	_, err = e.BoughtTogether(ctx, recsys.TogetherRequest{ItemIDs: []string{"absent"}, K: 1})
	require.ErrorIs(t, err, recsys.ErrUnknownItem)
}

// No answer tells of fewer buyers than demanded, counted anew from the visits.
func TestBoughtTogetherIsAnonymous(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		visit := rapid.SliceOfN(rapid.Int32Range(0, 5), 1, 4)
		users := rapid.SliceOfN(rapid.SliceOfN(visit, 1, 4), 1, 12).Draw(t, "users")
		s := visits(t, 6, users...)
		e, err := recsys.NewEngine(s)
		require.NoError(t, err)
		least := rapid.IntRange(1, 5).Draw(t, "least")
		r, err := e.BoughtTogether(context.Background(), recsys.TogetherRequest{ItemIDs: []string{"i0"}, K: 6, MinSupport: 1, MinBuyers: least})
		require.NoError(t, err)
		answered := map[string]*recsys.Together{}
		for _, i := range r.Items {
			answered[i.Item.ID] = i.Together
		}
		for other := int32(1); other < 6; other++ {
			support, buyers, visits, mine, others := 0, 0, 0, 0, 0
			for _, of := range users {
				both := 0
				for _, visit := range of {
					has := map[int32]bool{}
					for _, i := range visit {
						has[i] = true
					}
					visits++
					if has[0] {
						mine++
					}
					if has[other] {
						others++
					}
					if has[0] && has[other] {
						both++
					}
				}
				support += both
				buyers += min(both, 1)
			}
			got := answered[s.Items.ID(other)]
			if buyers < least || support*visits <= mine*others {
				require.Nil(t, got)
				continue
			}
			require.NotNil(t, got)
			require.Equal(t, support, got.Support)
			require.Equal(t, buyers, got.Buyers)
		}
	})
}

func TestRecentIsNewestFirst(t *testing.T) {
	s := visits(t, 4, [][]int32{{0}, {1, 2}, {0}}, [][]int32{{3}})
	e, err := recsys.NewEngine(s)
	require.NoError(t, err)
	ctx := context.Background()
	r, err := e.Recent(ctx, "u0", 2)
	require.NoError(t, err)
	require.Equal(t, []string{"i0", "i1"}, names(r))
	require.EqualValues(t, 1000+4*day, r.Items[0].Time)
	require.Equal(t, recsys.SourceRecent, r.Items[0].Source)
	require.Equal(t, 3, r.Total)
	e.Record(recsys.LiveEvents{Journal: "a", First: 1, Events: []recsys.Event{{UserID: "u0", ItemID: "i3", Qty: 1, Time: 1000 + 9*day}}})
	r, err = e.Recent(ctx, "u0", 9)
	require.NoError(t, err)
	require.Equal(t, []string{"i3", "i0", "i1", "i2"}, names(r))

	_, err = e.Recent(ctx, "u0", 0)
	require.ErrorIs(t, err, recsys.ErrInvalidQuery)
	_, err = e.Recent(ctx, "nobody", 1)
	require.ErrorIs(t, err, recsys.ErrUnknownUser)
	s.Sequences = nil
	require.NoError(t, e.Swap(s))
	_, err = e.Recent(ctx, "u1", 1)
	require.ErrorIs(t, err, recsys.ErrUnsupported)
}
