package recsys_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
)

// scored is a model with the scores given, for everybody.
type scored struct {
	cooccurrence
	scores []float32
}

func (m *scored) Recommend(_ context.Context, q recsys.Query) ([]recsys.Scored, error) {
	return recsys.TopK(m.scores, q.K, q.Allowed), nil
}

// shelf has six items with scores 1, .9 … .5. Four users have i0 and i1, three have i2; two
// have i3, one i4, and u9, who asks, has i5 at a price of 10.
func shelf(t *testing.T) (recsys.Snapshot, *scored) {
	var entries []recsys.Entry
	for u, had := range [][]int32{{0, 1, 2}, {0, 1, 2}, {0, 1, 2}, {0, 1}, {3}, {3}, {4}, {}, {}, {5}} {
		for _, i := range had {
			entries = append(entries, recsys.Entry{Row: int32(u), Col: i, Value: 1})
		}
	}
	x, err := recsys.NewCSR(10, 6, entries)
	require.NoError(t, err)
	m := &scored{cooccurrence{x}, []float32{1, .9, .8, .7, .6, .5}}
	s := recsys.Snapshot{Version: "v1", Model: m, Users: ids("u", 10), Items: ids("i", 6), Interactions: x, Catalogue: make([]recsys.Item, 6)}
	for i, price := range []float64{500, 400, 11, 300, 9, 10} {
		s.Catalogue[i] = recsys.Item{ID: s.Items.ID(int32(i)), Price: &price, Attributes: map[string]string{"stock": []string{"0", "many", "-1", "7", "", "1"}[i]}}
	}
	return s, m
}

func reranked(t *testing.T, s recsys.Snapshot, r recsys.Rerank) *recsys.Response {
	e, err := recsys.NewEngine(s)
	require.NoError(t, err)
	got, err := e.Recommend(context.Background(), recsys.Request{UserID: "u9", K: 9, Rerank: &r})
	require.NoError(t, err)
	return got
}

func TestRerankByEachComponent(t *testing.T) {
	s, _ := shelf(t)
	for _, c := range []struct {
		name string
		r    recsys.Rerank
		want []string
	}{
		{"relevance", recsys.Rerank{Strategy: recsys.RerankDiversity, Relevance: 1}, []string{"i0", "i1", "i2", "i3", "i4"}},
		// i0 first; i1 and i2 are had by the same users, so they come last, the less alike first.
		{"diversity", recsys.Rerank{Strategy: recsys.RerankDiversity, Diversity: 1}, []string{"i0", "i3", "i4", "i2", "i1"}},
		{"novelty", recsys.Rerank{Strategy: recsys.RerankNovelty, Novelty: 1}, []string{"i4", "i3", "i2", "i0", "i1"}},
		{"popularity", recsys.Rerank{Strategy: recsys.RerankPopularity, Popularity: 1}, []string{"i0", "i1", "i2", "i3", "i4"}},
		{"price", recsys.Rerank{Strategy: recsys.RerankDiversity, Relevance: .0001, PriceAffinity: 1}, []string{"i2", "i4", "i3", "i1", "i0"}},
		{"stock", recsys.Rerank{Strategy: recsys.RerankDiversity, Relevance: .01, InStock: 1}, []string{"i1", "i3", "i4", "i0", "i2"}},
		{"other strategies' weights", recsys.Rerank{Strategy: recsys.RerankPopularity, Novelty: 1, Diversity: 1}, []string{"i0", "i1", "i2", "i3", "i4"}},
		// Relevance counts i0 … i4 as 1, .75, .5, .25, 0, novelty as 0, 0, .14, .32, .57 of ln 5.
		{"a mixture", recsys.Rerank{Strategy: recsys.RerankNovelty, Relevance: .2, Novelty: .8}, []string{"i4", "i3", "i2", "i0", "i1"}},
		{"another", recsys.Rerank{Strategy: recsys.RerankNovelty, Relevance: .45, Novelty: .55}, []string{"i0", "i1", "i4", "i2", "i3"}},
	} {
		got := reranked(t, s, c.r)
		require.Equal(t, c.want, names(got), c.name)
		require.Equal(t, c.r.Strategy, got.Reranked.Strategy)
		require.Equal(t, float32(1), got.Items[indexOf(got, "i0")].Score, "scores stay the model's")
	}
	require.Equal(t, recsys.Rerank{Strategy: recsys.RerankHybrid, Relevance: .4, Diversity: .2, Novelty: .2, Popularity: .2}, *reranked(t, s, recsys.Rerank{}).Reranked)
	require.Equal(t, recsys.Rerank{Strategy: recsys.RerankDiversity, Relevance: .4, Diversity: .2, InStock: .5},
		*reranked(t, s, recsys.Rerank{Strategy: recsys.RerankDiversity, InStock: .5}).Reranked)
}

func indexOf(r *recsys.Response, id string) int {
	for n := range r.Items {
		if r.Items[n].Item.ID == id {
			return n
		}
	}
	return -1
}

func TestDiversityByCategoriesAndVectors(t *testing.T) {
	// Nobody has two of the items: categories and brands tell them apart.
	s, _ := shelf(t)
	x, err := recsys.NewCSR(10, 6, []recsys.Entry{{Row: 9, Col: 5, Value: 1}})
	require.NoError(t, err)
	s.Interactions = x
	for i, category := range []string{"tea", "tea", "tea", "pot", "cup", "cup"} {
		s.Catalogue[i].Category = category
	}
	s.Catalogue[0].Brand, s.Catalogue[1].Brand = "leaf", "leaf"
	got := reranked(t, s, recsys.Rerank{Strategy: recsys.RerankDiversity, Diversity: 1})
	require.Equal(t, []string{"i0", "i3", "i4", "i2", "i1"}, names(got), "i2 shares the category with i0, i1 the brand too")
	require.Equal(t, map[string]int{"tea": 3, "pot": 1, "cup": 1}, got.Categories)

	// Vectors count before anything else. i0 and i1 point the same way; the last dimension
	// is a bias, which is no direction.
	items := recsys.Matrix{Rows: 6, Cols: 3, Data: []float32{2, 0, 9, 1, 0, 8, 0, 1, 7, .5, .5, 6, .2, -1, 5, 0, 0, 4}}
	s.Model = &biased{factors{recsys.NewMatrix(10, 3), items}}
	got = reranked(t, s, recsys.Rerank{Strategy: recsys.RerankDiversity, Diversity: 1})
	require.Equal(t, []string{"i0", "i2", "i4", "i3", "i1"}, names(got))
}

// biased has a bias as its last dimension.
type biased struct{ factors }

func (m *biased) QueryVector(ctx context.Context, q recsys.Query, dst []float32) error {
	err := m.factors.QueryVector(ctx, q, dst)
	dst[len(dst)-1] = 1
	return err
}

func TestRerankFaultsAreNamed(t *testing.T) {
	s, _ := shelf(t)
	e, err := recsys.NewEngine(s)
	require.NoError(t, err)
	_, err = e.Recommend(context.Background(), recsys.Request{UserID: "u9", K: 1, Rerank: &recsys.Rerank{Strategy: "best", Diversity: 2, InStock: -1}})
	require.ErrorIs(t, err, recsys.ErrInvalidQuery)
	for _, word := range []string{`"best"`, "diversity weight is 2", "in-stock weight is -1"} {
		require.ErrorContains(t, err, word)
	}
	for _, r := range []recsys.Request{{MaxPerBrand: -1}, {MaxPerCategory: -1}} {
		r.UserID, r.K = "u9", 1
		_, err = e.Recommend(context.Background(), r)
		require.ErrorIs(t, err, recsys.ErrInvalidQuery)
	}
}

func TestRulesBoostWhatIsFarDown(t *testing.T) {
	s := market(t, 5, 3000, 8, "")
	e, err := recsys.NewEngine(s)
	require.NoError(t, err)
	ctx := context.Background()
	all, err := e.Recommend(ctx, recsys.Request{UserID: "u1", K: 3000})
	require.NoError(t, err)
	last := all.Items[len(all.Items)-1].Item.ID
	require.NoError(t, e.SetRules(&recsys.Rules{Rules: []recsys.Rule{{Name: "up", Action: recsys.RuleBoost, Strength: 1,
		Match: recsys.Filter{IncludeItems: []string{last}}}}}))
	got, err := e.Recommend(ctx, recsys.Request{UserID: "u1", K: 3000})
	require.NoError(t, err)
	at := indexOf(got, last)
	require.Less(t, at, 50, "it joins the first 200, as if it scored the highest of them")
	require.Equal(t, all.Total, len(got.Items))
}
