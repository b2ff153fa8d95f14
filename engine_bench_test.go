package recsys_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
)

// A shop of 50,000 users and 20,000 items with a million interactions, vectors of 64.
func BenchmarkSwap(b *testing.B) {
	s := market(b, 50_000, 20_000, 64, "")
	e := new(recsys.Engine)
	for b.Loop() {
		require.NoError(b, e.Swap(s))
	}
}

func BenchmarkRecommend(b *testing.B) {
	s := market(b, 50_000, 20_000, 64, "")
	e, err := recsys.NewEngine(s)
	require.NoError(b, err)
	ctx := context.Background()
	low, high := 20., 80.
	many := recsys.Request{Explain: false}
	for i := range 200 {
		many.Filter.ExcludeItems = append(many.Filter.ExcludeItems, s.Items.ID(int32(i)))
	}
	for _, c := range []struct {
		name string
		r    recsys.Request
	}{
		{"plain", recsys.Request{}},
		{"category", recsys.Request{Filter: recsys.Filter{Categories: []string{"category 4"}}}},
		{"category+price", recsys.Request{Filter: recsys.Filter{Categories: []string{"category 4", "category 1"}, MinPrice: &low, MaxPrice: &high}}},
		{"price", recsys.Request{Filter: recsys.Filter{MinPrice: &low, MaxPrice: &high}}},
		{"attribute 0.1%", recsys.Request{Filter: recsys.Filter{Attributes: map[string][]string{"of1000": {"7"}}}}},
		{"exclude 200", many},
		{"diversity", recsys.Request{Rerank: &recsys.Rerank{Strategy: recsys.RerankDiversity}}},
		{"hybrid", recsys.Request{Rerank: &recsys.Rerank{}}},
		{"caps", recsys.Request{MaxPerCategory: 2}},
		{"two caps", recsys.Request{MaxPerCategory: 2, MaxPerBrand: 3}},
		{"fallback", recsys.Request{UserID: "nobody", Fallback: true}},
	} {
		b.Run(c.name, func(b *testing.B) {
			c.r.K = 10
			if c.r.UserID == "" {
				c.r.UserID = "u77"
			}
			_, err := e.Recommend(ctx, c.r)
			require.NoError(b, err)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := e.Recommend(ctx, c.r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("bought together", func(b *testing.B) {
		r := recsys.TogetherRequest{ItemIDs: []string{"i0"}, K: 10, MinSupport: 1, MinBuyers: 1}
		_, err := e.BoughtTogether(ctx, r)
		require.NoError(b, err)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := e.BoughtTogether(ctx, r); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("model alone", func(b *testing.B) {
		q := recsys.Query{User: 77, K: 10, Allowed: recsys.FullBitset(20_000)}
		for b.Loop() {
			if _, err := s.Model.Recommend(ctx, q); err != nil {
				b.Fatal(err)
			}
		}
	})
}
