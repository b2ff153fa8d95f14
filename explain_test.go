package recsys_test

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/als"
	"github.com/recsys-lite/recsys/ease"
	"github.com/recsys-lite/recsys/index"
	"github.com/recsys-lite/recsys/item2vec"
	"github.com/recsys-lite/recsys/itemknn"
	"github.com/recsys-lite/recsys/model"
	"github.com/recsys-lite/recsys/sessionknn"
)

// Contributions and base sum to the score of the answer: for stored users, for users with
// events that the model was not fitted on, for sessions, and for an index's answers.
func TestExplanationsSumToTheScore(t *testing.T) {
	data := market(t, 60, 150, 4, "")
	for kind, params := range map[*model.Kind]string{
		&als.Kind: `{"factors": 16, "iterations": 4}`, &ease.Kind: `{}`, &itemknn.Kind: `{}`,
		&item2vec.Kind: `{"vector_size": 16, "epochs": 2}`, &sessionknn.Kind: `{}`,
	} {
		t.Run(kind.Name, func(t *testing.T) {
			ctx := context.Background()
			m, err := kind.New([]byte(params), recsys.Run{Workers: 1})
			require.NoError(t, err)
			require.NoError(t, m.Fit(ctx, &recsys.Dataset{Users: data.Users, Items: data.Items, Interactions: data.Interactions, Sequences: data.Sequences}))
			s := data
			s.Model = m
			vectors, ok := m.(recsys.VectorModel)
			if ok {
				s.Index, err = index.Build(ctx, "ivf", vectors.ItemVectors(), index.Options{})
				require.NoError(t, err)
			}
			e, err := recsys.NewEngine(s)
			require.NoError(t, err)
			e.Record(recsys.LiveEvents{Journal: "a", First: 1, Events: []recsys.Event{
				{UserID: "u7", ItemID: "i50", Qty: 2, Time: 1}, {UserID: "u8", ItemID: "i60", Qty: 1, Time: 1_700_000_000}}})
			explained := 0
			for _, r := range []recsys.Request{
				{UserID: "u3"}, {UserID: "u3", Session: []string{"i9", "i9", "i40"}}, {UserID: "u7"}, {UserID: "u8"},
				{Session: []string{"i5", "i60", "i7"}}, {UserID: "stranger", Events: bought("stranger", "i3", "i8")},
				{UserID: "u4", Seen: recsys.SeenOnly}, {UserID: "u5", Approximate: true}, {UserID: "u7", Approximate: true},
			} {
				r.K, r.Explain = 20, true
				got, err := e.Recommend(ctx, r)
				require.NoError(t, err)
				for _, i := range got.Items {
					require.NotEmpty(t, i.Reason)
					if i.Source == recsys.SourcePopular {
						require.Empty(t, i.Explanation)
						continue
					}
					sum, last := float64(i.Base), float32(math.Inf(1))
					for _, c := range i.Explanation {
						require.NotEmpty(t, c.Title)
						require.LessOrEqual(t, c.Score, last, "the most first")
						last = c.Score
						sum += float64(c.Score)
					}
					require.InDelta(t, i.Score, sum, 1e-5*max(1, math.Abs(float64(i.Score))), "%s for %+v", i.Item.ID, r)
					explained++
				}
			}
			require.Greater(t, explained, 60)
		})
	}
}

// What the model keeps of a user may be older than the history: the explanation is of what
// was scored.
func TestTheStoredUserIsExplained(t *testing.T) {
	ctx := context.Background()
	s := market(t, 60, 150, 4, "")
	m, err := als.New(als.DefaultConfig())
	require.NoError(t, err)
	require.NoError(t, m.Fit(ctx, &recsys.Dataset{Users: s.Users, Items: s.Items, Interactions: s.Interactions}))
	newer := *s.Interactions
	newer.Values = slices.Clone(newer.Values)
	for p := range newer.Values {
		newer.Values[p] *= float32(1 + p%5)
	}
	s.Model, s.Interactions = m, &newer
	e, err := recsys.NewEngine(s)
	require.NoError(t, err)
	r, err := e.Recommend(ctx, recsys.Request{UserID: "u3", K: 5, Explain: true})
	require.NoError(t, err)
	for _, i := range r.Items {
		sum := float64(i.Base)
		for _, c := range i.Explanation {
			sum += float64(c.Score)
		}
		require.InDelta(t, i.Score, sum, 1e-5)
		require.NotZero(t, i.Base)
	}
}

func TestWhyNotNamesTheStages(t *testing.T) {
	s := shop(t, "v1")
	price := 3.
	s.Catalogue[3] = recsys.Item{ID: "i3", Category: "pot", Brand: "b", Price: &price}
	s.Catalogue[4] = recsys.Item{ID: "i4", Category: "pot", Unavailable: true}
	s.Catalogue[5] = recsys.Item{ID: "i5", Category: "pot"}
	e, err := recsys.NewEngine(s)
	require.NoError(t, err)
	require.NoError(t, e.SetRules(rules(t, `{"rules": [{"name": "not that", "action": "hide", "placements": ["home"], "match": {"include_items": ["i2"]}}]}`)))
	low := 4.
	for _, c := range []struct {
		item    string
		request recsys.Request
		stages  []string
		rank    int
	}{
		{"i2", recsys.Request{}, nil, 1},
		{"absent", recsys.Request{}, []string{"unknown"}, 0},
		{"i0", recsys.Request{}, []string{"seen"}, 0},
		{"i3", recsys.Request{Seen: recsys.SeenOnly}, []string{"not-seen"}, 0},
		{"i4", recsys.Request{Filter: recsys.Filter{Categories: []string{"tea"}}}, []string{"unavailable", "filter:category"}, 0},
		{"i3", recsys.Request{Filter: recsys.Filter{Brands: []string{"c"}, MinPrice: &low, Attributes: map[string][]string{"colour": {"red"}},
			ExcludeItems: []string{"i3"}, IncludeItems: []string{"i5"}}},
			[]string{"filter:brand", "filter:min_price", "filter:attr.colour", "filter:include_items", "filter:exclude_items"}, 0},
		{"i5", recsys.Request{}, []string{"rank"}, 3},
		{"i5", recsys.Request{MaxPerCategory: 1}, []string{"cap"}, 0},
		{"i2", recsys.Request{Placement: "home"}, []string{"rule:not that"}, 0},
		{"i5", recsys.Request{UserID: "nobody", Fallback: true}, []string{"user:unknown", "rank"}, 5},
	} {
		c.request.WhyNot, c.request.K = c.item, 1
		if c.request.UserID == "" {
			c.request.UserID = "u0"
		}
		r, err := e.Recommend(context.Background(), c.request)
		require.NoError(t, err)
		require.Equal(t, c.item, r.WhyNot.ItemID)
		require.Equal(t, c.stages, r.WhyNot.Stages, c.item)
		require.Equal(t, c.rank, r.WhyNot.Rank, c.item)
	}
}
