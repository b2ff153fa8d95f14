package recsys_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/als"
	"github.com/recsys-lite/recsys/bpr"
	"github.com/recsys-lite/recsys/ease"
	"github.com/recsys-lite/recsys/item2vec"
	"github.com/recsys-lite/recsys/itemknn"
	"github.com/recsys-lite/recsys/lightfm"
	"github.com/recsys-lite/recsys/model"
)

// requireUnknown checks that a request may name an item, and nothing comes of it.
func requireUnknown(t *testing.T, e *recsys.Engine, id string) {
	t.Helper()
	ctx := context.Background()
	plain, err := e.Recommend(ctx, recsys.Request{UserID: "u42", K: 50})
	require.NoError(t, err)
	r, err := e.Recommend(ctx, recsys.Request{UserID: "u42", K: 50, Session: []string{id}, Filter: recsys.Filter{ExcludeItems: []string{id}}, WhyNot: id})
	require.NoError(t, err)
	require.Equal(t, plain.Items, r.Items)
	require.Equal(t, 1, r.UnknownItems)
	require.Equal(t, []string{"unknown"}, r.WhyNot.Stages)
	r, err = e.Recommend(ctx, recsys.Request{UserID: "u42", K: 50, Filter: recsys.Filter{IncludeItems: []string{id}}})
	require.NoError(t, err)
	require.Equal(t, 1, r.UnknownItems)
	_, err = e.BoughtTogether(ctx, recsys.TogetherRequest{ItemIDs: []string{id}, K: 5})
	require.ErrorIs(t, err, recsys.ErrUnknownItem)
	_, err = e.Similar(ctx, recsys.SimilarRequest{ItemID: id, K: 5})
	require.ErrorIs(t, err, recsys.ErrUnknownItem)
}

// TestUpdaterFirstSale: an item finds its buyers as soon as it has some, whether the catalogue
// had it at the fit, got it later, or gets it with the first sale.
func TestUpdaterFirstSale(t *testing.T) {
	for _, k := range []model.Kind{als.Kind, bpr.Kind, ease.Kind, item2vec.Kind, itemknn.Kind, lightfm.Kind} {
		var want []string
		for when, name := range []string{"with its first sale", "by an update before", "at the fit"} {
			ctx := context.Background()
			s := shopOfTastes(t, 60, 20)
			late := []recsys.Item{{ID: "late", Title: "A late one"}}
			if when == 2 {
				require.NoError(t, s.UpsertItems(ctx, late))
			}
			now := fitted(t, s, k, recsys.DatasetOptions{Sequences: true})
			u := updater(k)
			u.BatchSize = 3
			update := func(want recsys.Update) {
				t.Helper()
				next, done, err := u.Update(ctx, s, now)
				require.NoError(t, err)
				require.Equal(t, want, done, "%s, known %s", k.Name, name)
				now = next
				requireHistories(t, s, now, recsys.DatasetOptions{Sequences: true})
			}
			require.NoError(t, s.UpsertItems(ctx, late))
			if when == 1 {
				update(recsys.Update{NewItems: 1, Catalogue: true})
			}
			var events []recsys.Event
			for u := range 10 { // of the even taste
				events = append(events, purchase(fmt.Sprint("u", 2*u), "late", int64(9000+u)))
			}
			require.NoError(t, s.AppendEvents(ctx, events))
			update(recsys.Update{Events: 10, Users: 10, NewItems: 1, Catalogue: true})
			engine, err := recsys.NewEngine(now)
			require.NoError(t, err)
			r, err := engine.Recommend(ctx, recsys.Request{UserID: "u40", K: 25})
			require.NoError(t, err)
			var got []string
			for _, item := range r.Items {
				got = append(got, item.Item.ID)
			}
			require.Contains(t, got[:3], "late", "%s, known %s: the other even users take to it", k.Name, name)
			if want == nil {
				want = got
			}
			require.ElementsMatch(t, want, got, "%s, known %s", k.Name, name)
			item, err := engine.Item("late")
			require.NoError(t, err)
			require.Equal(t, late[0], item)

			// What comes later finds it known, and the index that it had stays out of the way.
			require.NoError(t, s.AppendEvents(ctx, []recsys.Event{purchase("u40", "late", 9900), purchase("u40", "i1", 9901)}))
			update(recsys.Update{Events: 2, Users: 1})
			require.NoError(t, s.UpsertItems(ctx, []recsys.Item{{ID: "i0", Title: "Zero"}}))
			update(recsys.Update{Catalogue: true})
			engine, err = recsys.NewEngine(now)
			require.NoError(t, err)
			for _, r := range []recsys.Request{{UserID: "u42", K: 50}, {Fallback: true, K: 50}} {
				answer, err := engine.Recommend(ctx, r)
				require.NoError(t, err)
				for _, item := range answer.Items {
					require.NotContains(t, item.Item.ID, "retired")
				}
			}
			for i, id := range now.Items.IDs() {
				require.Equal(t, strings.HasPrefix(id, "retired"), now.Retired(int32(i)))
				_, err := engine.Item(id)
				require.Equal(t, now.Retired(int32(i)), errors.Is(err, recsys.ErrUnknownItem), id)
				if now.Retired(int32(i)) {
					requireUnknown(t, engine, id)
				}
			}
			r, err = engine.Recommend(ctx, recsys.Request{UserID: "u42", K: 50, WhyNot: "late"})
			require.NoError(t, err)
			require.Empty(t, r.WhyNot.Stages, "its present index is ranked")
			require.Positive(t, r.WhyNot.Rank)
		}
	}
}

// TestUpdaterFirstSaleOfAnItemGivenBack: the step of a user who gave the item back stays one with
// the item when somebody else's purchase makes it join anew.
func TestUpdaterFirstSaleOfAnItemGivenBack(t *testing.T) {
	ctx := context.Background()
	s := shopOfTastes(t, 60, 20)
	require.NoError(t, s.UpsertItems(ctx, []recsys.Item{{ID: "late"}}))
	require.NoError(t, s.AppendEvents(ctx, []recsys.Event{{UserID: "u1", ItemID: "late", Time: 5, Qty: 1}, {UserID: "u1", ItemID: "late", Time: 6, Qty: -1}}))
	now := fitted(t, s, ease.Kind, recsys.DatasetOptions{Sequences: true})
	require.NoError(t, s.AppendEvents(ctx, []recsys.Event{{UserID: "u2", ItemID: "late", Time: 7, Qty: 1}}))
	u := updater(ease.Kind)
	next, done, err := u.Update(ctx, s, now)
	require.NoError(t, err)
	require.Equal(t, 1, done.NewItems)
	late, ok := next.Items.Index("late")
	require.True(t, ok)
	for _, id := range []string{"u1", "u2"} {
		user, ok := next.Users.Index(id)
		require.True(t, ok)
		items, _ := next.Sequences.Of(int(user))
		require.Contains(t, items, late, id)
		for _, item := range items {
			require.False(t, next.Retired(item), id)
		}
	}
}
