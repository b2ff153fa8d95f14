package recsys_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/recsys-lite/recsys"
)

func rules(t require.TestingT, text string) *recsys.Rules {
	r, err := recsys.ParseRules([]byte(text))
	require.NoError(t, err)
	return r
}

func TestRulesSteerARanking(t *testing.T) {
	s := shop(t, "v1")
	for i := range s.Catalogue {
		s.Catalogue[i].Category = []string{"tea", "tea", "tea", "pot", "pot", "cup"}[i]
		s.Catalogue[i].Attributes = map[string]string{"n": s.Catalogue[i].ID[1:]}
	}
	e, err := recsys.NewEngine(s)
	require.NoError(t, err)
	ask := func(r recsys.Request) *recsys.Response {
		r.UserID, r.K, r.Seen = "u0", 6, recsys.SeenAllow
		got, err := e.Recommend(context.Background(), r)
		require.NoError(t, err)
		return got
	}
	require.Equal(t, []string{"i0", "i1", "i2", "i3", "i4", "i5"}, names(ask(recsys.Request{})))
	for _, c := range []struct {
		name, rule string
		want       []string
	}{
		{"hide", `"action": "hide", "match": {"categories": ["tea"]}`, []string{"i3", "i4", "i5"}},
		{"bury", `"action": "bury", "match": {"include_items": ["i1", "absent"]}`, []string{"i0", "i2", "i3", "i4", "i5", "i1"}},
		{"boost", `"action": "boost", "strength": 1, "match": {"attributes": {"n": ["5"]}}`, []string{"i0", "i1", "i5", "i2", "i3", "i4"}},
		{"demote", `"action": "boost", "strength": -1, "match": {"attributes": {"n": ["0", "1"]}}`, []string{"i2", "i0", "i1", "i3", "i4", "i5"}},
		{"pin an item", `"action": "pin", "position": 2, "match": {"include_items": ["i5"]}`, []string{"i0", "i5", "i1", "i2", "i3", "i4"}},
		{"pin in the order listed", `"action": "pin", "position": 1, "match": {"include_items": ["i5", "i3"]}`, []string{"i5", "i3", "i0", "i1", "i2", "i4"}},
		{"pin the best of a category", `"action": "pin", "position": 1, "count": 2, "match": {"categories": ["pot"]}`, []string{"i3", "i4", "i0", "i1", "i2", "i5"}},
		{"pin beyond the end", `"action": "pin", "position": 99, "match": {"include_items": ["i0"]}`, []string{"i1", "i2", "i3", "i4", "i5", "i0"}},
		{"elsewhere", `"action": "hide", "placements": ["home"], "match": {"categories": ["tea"]}`, []string{"i0", "i1", "i2", "i3", "i4", "i5"}},
		{"over", `"action": "hide", "until": "2020-01-01T00:00:00Z", "match": {"categories": ["tea"]}`, []string{"i0", "i1", "i2", "i3", "i4", "i5"}},
		{"to come", `"action": "hide", "from": "2999-01-01T00:00:00Z", "match": {"categories": ["tea"]}`, []string{"i0", "i1", "i2", "i3", "i4", "i5"}},
	} {
		require.NoError(t, e.SetRules(rules(t, `{"rules": [{"name": "r", `+c.rule+`}]}`)))
		got := ask(recsys.Request{WhyNot: "i0"})
		require.Equal(t, c.want, names(got), c.name)
		require.Equal(t, len(c.want), got.Total, c.name)
		require.Nil(t, got.Reranked, c.name)
		if c.name == "hide" {
			require.Equal(t, []string{"r"}, got.Rules)
			require.Equal(t, []string{"rule:r"}, got.WhyNot.Stages)
		}
	}
	require.NoError(t, e.SetRules(rules(t, `{"rules": [{"name": "r", "action": "hide", "placements": ["home"], "match": {"categories": ["tea"]}}]}`)))
	require.Equal(t, []string{"i3", "i4", "i5"}, names(ask(recsys.Request{Placement: "home"})))

	// A pin takes its place under a cap before what stands above it, and obeys the filter.
	require.NoError(t, e.SetRules(rules(t, `{"rules": [{"name": "r", "action": "pin", "position": 2, "match": {"include_items": ["i2"]}}]}`)))
	require.Equal(t, []string{"i3", "i2", "i5"}, names(ask(recsys.Request{MaxPerCategory: 1})))
	got := ask(recsys.Request{Filter: recsys.Filter{Categories: []string{"pot"}}})
	require.Equal(t, []string{"i3", "i4"}, names(got))
	require.NoError(t, e.SetRules(nil))
	require.Equal(t, []string{"i0", "i1", "i2", "i3", "i4", "i5"}, names(ask(recsys.Request{})))
}

func TestFaultyRulesAreNamed(t *testing.T) {
	for text, want := range map[string]string{
		`{"rules": [{"name": "x", "acton": "pin"}]}`:         "acton",
		"{\"rules\": [\n{\"name\": \"x\",\n\"action\": 3}]}": "line 3",
		`{"rules": []} {}`: "follows the closing brace",
		`{"rules": [{"name": "x", "action": "lift", "match": {"brands": ["b"]}}]}`:                                                                 `rule 1 ("x"): action "lift": it must be boost, bury, pin or hide`,
		`{"rules": [{"name": "x", "action": "hide"}]}`:                                                                                             "match says nothing",
		`{"rules": [{"action": "hide", "match": {"brands": ["b"]}}]}`:                                                                              "no name",
		`{"rules": [{"name": "x", "action": "boost", "match": {"brands": ["b"]}}]}`:                                                                "strength 0",
		`{"rules": [{"name": "x", "action": "boost", "strength": 2, "match": {"brands": ["b"]}}]}`:                                                 "strength 2",
		`{"rules": [{"name": "x", "action": "hide", "strength": 1, "match": {"brands": ["b"]}}]}`:                                                  "strength belongs to a boost",
		`{"rules": [{"name": "x", "action": "pin", "match": {"brands": ["b"]}}]}`:                                                                  "position 0",
		`{"rules": [{"name": "x", "action": "pin", "position": 1, "count": 101, "match": {"brands": ["b"]}}]}`:                                     "at most 100",
		`{"rules": [{"name": "x", "action": "bury", "position": 1, "match": {"brands": ["b"]}}]}`:                                                  "belong to a pin",
		`{"rules": [{"name": "x", "action": "bury", "placements": [""], "match": {"brands": ["b"]}}]}`:                                             "placement is empty",
		`{"rules": [{"name": "x", "action": "bury", "match": {"min_price": 3, "max_price": 1}}]}`:                                                  "min_price = 3",
		`{"rules": [{"name": "x", "action": "bury", "match": {"min_price": 3}, "from": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"}]}`: "not before until",
		`{"rules": [{"name": "x", "action": "bury", "match": {"min_price": 3}}, {"name": "x", "action": "bury", "match": {"min_price": 3}}]}`:      "rule 1 has that name already",
	} {
		_, err := recsys.ParseRules([]byte(text))
		require.ErrorIs(t, err, recsys.ErrInvalidConfig, text)
		require.ErrorContains(t, err, want)
	}
	e := new(recsys.Engine)
	require.NoError(t, e.SetRules(rules(t, `{"rules": [{"name": "x", "action": "bury", "match": {"min_price": 3}}]}`)))
	require.ErrorIs(t, e.SetRules(&recsys.Rules{Rules: []recsys.Rule{{}}}), recsys.ErrInvalidConfig)
}

func FuzzParseRules(f *testing.F) {
	f.Add(`{"rules": [{"name": "x", "action": "pin", "position": 1, "match": {"brands": ["b"]}, "from": "2026-01-02T00:00:00Z"}]}`)
	f.Add(`{"rules": null}`)
	f.Fuzz(func(t *testing.T, text string) {
		r, err := recsys.ParseRules([]byte(text))
		if err == nil {
			require.NoError(t, new(recsys.Engine).SetRules(r))
		}
	})
}

// Rules change the order of a ranking, but pages still cut it into pieces without gaps, and
// nothing but what is hidden is lost.
func TestPagesUnderRules(t *testing.T) {
	const users, items = 20, 900
	s := market(t, users, items, 8, "hnsw")
	e, err := recsys.NewEngine(s)
	require.NoError(t, err)
	rapid.Check(t, func(t *rapid.T) {
		var r recsys.Rules
		now := time.Now()
		hour := now.Add(time.Hour)
		for n := range rapid.IntRange(1, 4).Draw(t, "rules") {
			rule := recsys.Rule{Name: string(rune('a' + n)), Until: &hour, Match: drawFilter(t, items),
				Action: rapid.SampledFrom([]recsys.RuleAction{recsys.RuleBoost, recsys.RuleBury, recsys.RulePin, recsys.RuleHide}).Draw(t, "action")}
			rule.Match.Brands = append(rule.Match.Brands, "brand 1")
			switch rule.Action {
			case recsys.RuleBoost:
				rule.Strength = rapid.SampledFrom([]float64{-.5, .3, 1}).Draw(t, "strength")
			case recsys.RulePin:
				rule.Position, rule.Count = rapid.IntRange(1, 300).Draw(t, "position"), rapid.IntRange(1, 9).Draw(t, "count")
			}
			r.Rules = append(r.Rules, rule)
		}
		require.NoError(t, e.SetRules(&r))
		q := recsys.Request{UserID: "u3", K: items, Approximate: rapid.Bool().Draw(t, "approximate"), MaxPerCategory: rapid.SampledFrom([]int{0, 20}).Draw(t, "cap")}
		whole, err := e.Recommend(context.Background(), q)
		require.NoError(t, err)
		require.Len(t, whole.Items, whole.Total)
		if q.MaxPerCategory == 0 {
			require.Equal(t, whole.Filtered, whole.Total)
		}
		var paged []recsys.Recommendation
		for q.K = rapid.SampledFrom([]int{50, 170, 333}).Draw(t, "size"); q.Offset < whole.Total; q.Offset += q.K {
			page, err := e.Recommend(context.Background(), q)
			require.NoError(t, err)
			require.Equal(t, whole.Total, page.Total)
			paged = append(paged, page.Items...)
		}
		require.Equal(t, whole.Items, paged)
		distinct := map[string]bool{}
		for _, i := range paged {
			require.False(t, distinct[i.Item.ID], "%s twice", i.Item.ID)
			distinct[i.Item.ID] = true
		}
		requireCaps(t, whole, q.MaxPerCategory, 0)
	})
}
