package httpapi

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/recsys-lite/recsys"
)

// documented is an item as encoding/json would write it.
func documented(r *recsys.Recommendation) itemJSON {
	out := itemJSON{ItemID: r.Item.ID, Score: r.Score, Title: optional(&r.Item.Title), Category: optional(&r.Item.Category), Brand: optional(&r.Item.Brand),
		Price: r.Item.Price, ImgURL: optional(&r.Item.ImgURL), Source: string(r.Source), Explanation: optional(&r.Reason)}
	for i := range r.Explanation {
		c := &r.Explanation[i]
		out.Contributions = append(out.Contributions, contributionJSON{c.ItemID, optional(&c.Title), c.Score})
	}
	if len(r.Explanation) > 0 {
		out.Base = &r.Base
	}
	return out
}

func genText() *rapid.Generator[string] {
	return rapid.OneOf(rapid.Just(""), rapid.String(), rapid.SampledFrom([]string{"a\"b\\c", "<&>", "\u2028\u2029", "\x00\x1f\x7f", "é🎁", "\xff\xfe"}))
}

func genNumber() *rapid.Generator[float64] {
	return rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{0, math.Copysign(0, -1), 1e21, 1e20, 1e-6, 9e-7, 1e-10, 123456789, math.MaxFloat64}))
}

func genItem(t *rapid.T) recsys.Recommendation {
	r := recsys.Recommendation{Item: recsys.Item{ID: genText().Draw(t, "id"), Title: genText().Draw(t, "title"), Category: genText().Draw(t, "category"),
		Brand: genText().Draw(t, "brand"), ImgURL: genText().Draw(t, "img")}, Score: rapid.Float32().Draw(t, "score"),
		Source: recsys.SourceModel, Reason: genText().Draw(t, "reason"), Base: rapid.Float32().Draw(t, "base")}
	if rapid.Bool().Draw(t, "priced") {
		price := rapid.OneOf(genNumber(), rapid.Map(rapid.Int64Range(-100, 1<<51), func(cents int64) float64 { return float64(cents) / 100 }),
			rapid.Map(rapid.IntRange(0, 10_000), func(cents int) float64 { return float64(cents) / 100 })).Draw(t, "price")
		r.Item.Price = &price
	}
	for range rapid.IntRange(0, 2).Draw(t, "contributions") {
		r.Explanation = append(r.Explanation, recsys.Contribution{ItemID: genText().Draw(t, "cid"), Title: genText().Draw(t, "ctitle"), Score: rapid.Float32().Draw(t, "cscore")})
	}
	return r
}

// What is written by hand is byte for byte what encoding/json makes of the documented types.
func TestAnswersAreThoseOfEncodingJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		items := rapid.SliceOfN(rapid.Custom(genItem), 0, 3).Draw(t, "items")
		want := rankingAnswer{ModelVersion: genText().Draw(t, "version"), Degraded: rapid.Bool().Draw(t, "degraded"), Recommendations: []itemJSON{}}
		user := genText().Draw(t, "user")
		want.UserID = optional(&user)
		for i := range items {
			want.Recommendations = append(want.Recommendations, documented(&items[i]))
		}
		r := &recsys.Response{Candidates: rapid.IntRange(0, 9).Draw(t, "candidates"), Filtered: rapid.IntRange(0, 9).Draw(t, "filtered"),
			UnknownItems: rapid.IntRange(0, 2).Draw(t, "unknown"), Categories: rapid.MapOfN(genText(), rapid.IntRange(1, 9), 0, 30).Draw(t, "categories"),
			Rules: rapid.SliceOfN(genText(), 0, 2).Draw(t, "rules")}
		p := &params{invalidate: rapid.Bool().Draw(t, "invalidate"), ttl: 42e9}
		p.filter = recsys.Filter{Categories: rapid.SliceOfN(genText(), 0, 2).Draw(t, "fc"), Brands: rapid.SliceOfN(genText(), 0, 2).Draw(t, "fb"),
			IncludeItems: rapid.SliceOfN(genText(), 0, 2).Draw(t, "fi"), ExcludeItems: rapid.SliceOfN(genText(), 0, 2).Draw(t, "fe"),
			Attributes: rapid.MapOfN(genText(), rapid.SliceOfN(genText(), 1, 2), 0, 3).Draw(t, "fa")}
		if rapid.Bool().Draw(t, "bounded") {
			low := genNumber().Draw(t, "low")
			p.filter.MinPrice, p.filter.MaxPrice = &low, &low
		}
		want.Pagination = window{size: 10, page: 2}.pagination(rapid.IntRange(0, 99).Draw(t, "total"))
		want.FilterInfo = filterInfo{OriginalCount: r.Candidates, FilteredCount: r.Filtered, Cache: cacheInfo{TTL: 42, Invalidated: p.invalidate}, Rules: r.Rules,
			FiltersApplied: filtersApplied{Categories: p.filter.Categories, Brands: p.filter.Brands, MinPrice: p.filter.MinPrice, MaxPrice: p.filter.MaxPrice,
				IncludedItems: len(p.filter.IncludeItems), ExcludedItems: len(p.filter.ExcludeItems), UnknownItems: r.UnknownItems, Attributes: p.filter.Attributes},
			Reranking: rerankInfo{CategoryDistribution: r.Categories}}
		if r.Categories == nil {
			want.FilterInfo.Reranking.CategoryDistribution = map[string]int{}
		}
		if rapid.Bool().Draw(t, "reranked") {
			w := recsys.Rerank{Strategy: recsys.RerankNovelty, Relevance: .4, Novelty: genNumber().Draw(t, "novelty")}
			r.Reranked = &w
			strategy := string(w.Strategy)
			want.FilterInfo.Reranking.Strategy, want.FilterInfo.Reranking.Applied = &strategy, true
			want.FilterInfo.Reranking.Weights = rerankWeights{Relevance: w.Relevance, Novelty: w.Novelty}
		}
		if rapid.Bool().Draw(t, "asked why not") {
			w := &recsys.WhyNot{ItemID: genText().Draw(t, "why"), Stages: rapid.SliceOfN(genText(), 0, 2).Draw(t, "stages"), Rank: rapid.IntRange(0, 3).Draw(t, "rank"), Score: rapid.Float32().Draw(t, "wscore")}
			r.WhyNot = w
			want.WhyNot = &whyNotJSON{ItemID: w.ItemID, RemovedBy: w.Stages, Rank: w.Rank}
			if w.Stages == nil {
				want.WhyNot.RemovedBy = []string{}
			}
			if w.Rank > 0 {
				want.WhyNot.Score = &w.Score
			}
		}
		r.ModelVersion, r.Degraded = want.ModelVersion, want.Degraded
		got, hitAt := p.appendRanking(nil, user, items, want.Pagination, r)
		text, err := marshal(want)
		require.NoError(t, err)
		require.Equal(t, string(text), string(got))
		require.Equal(t, hitFalse, string(got[hitAt:hitAt+len(hitFalse)]))
	})
}

func TestNumbersThatJSONLacks(t *testing.T) {
	for _, bits := range []int{32, 64} {
		for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
			text := appendNumber(nil, v, bits)
			require.True(t, json.Valid(text), "%v: %s", v, text)
		}
	}
}
