package recsys_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/index"
)

// hasty is an index that looks at twice as many items as it is asked for, so that its first
// results depend on how many those are.
type hasty struct{ recsys.Index }

func (x hasty) Search(ctx context.Context, query []float32, k int, allowed *recsys.Bitset) ([]recsys.Scored, error) {
	some := recsys.NewBitset(allowed.Len())
	n := 0
	for i := range allowed.All() {
		if n++; n <= 2*k {
			some.Set(i)
		}
	}
	return x.Index.Search(ctx, query, k, some)
}

// Whatever a request asks for, its pages cut one ranking: no item twice, none lost, the total
// right, the same page twice the same.
func TestPagesCutOneRankingWhateverIsAsked(t *testing.T) {
	const users, items = 40, 1500
	ctx := context.Background()
	for _, kind := range []string{"", "ivf", "hnsw", "hasty"} {
		t.Run("index="+kind, func(t *testing.T) {
			s := market(t, users, items, 8, "")
			switch kind {
			case "":
			case "hasty":
				exact, err := index.Build(ctx, "exact", s.Model.(*factors).items, index.Options{})
				require.NoError(t, err)
				s.Index = hasty{exact}
			default:
				var err error
				s.Index, err = index.Build(ctx, kind, s.Model.(*factors).items, index.Options{})
				require.NoError(t, err)
			}
			e, err := recsys.NewEngine(s)
			require.NoError(t, err)
			rapid.Check(t, func(t *rapid.T) {
				r := recsys.Request{UserID: rapid.SampledFrom([]string{"u1", "u30", "nobody"}).Draw(t, "user"), Fallback: true, Approximate: kind != "",
					Category: rapid.SampledFrom([]string{"", "category 4"}).Draw(t, "category"), Filter: drawFilter(t, items)}
				if rapid.Bool().Draw(t, "rerank") {
					r.Rerank = &recsys.Rerank{Strategy: rapid.SampledFrom([]recsys.RerankStrategy{
						"", recsys.RerankDiversity, recsys.RerankNovelty, recsys.RerankPopularity}).Draw(t, "strategy"),
						PriceAffinity: rapid.Float64Range(0, 1).Draw(t, "price")}
				}
				r.MaxPerCategory = rapid.SampledFrom([]int{0, 0, 2, 40}).Draw(t, "per category")
				r.MaxPerBrand = rapid.SampledFrom([]int{0, 0, 3, 50}).Draw(t, "per brand")
				r.K = items + 5
				whole, err := e.Recommend(ctx, r)
				require.NoError(t, err)
				require.Equal(t, whole.Total, len(whole.Items))
				if r.MaxPerBrand == 0 && r.MaxPerCategory == 0 {
					require.Equal(t, whole.Filtered, whole.Total)
				}
				requireCaps(t, whole, r.MaxPerCategory, r.MaxPerBrand)
				distinct := map[string]bool{}
				for _, i := range whole.Items {
					require.False(t, distinct[i.Item.ID], "%s twice", i.Item.ID)
					distinct[i.Item.ID] = true
				}

				size := rapid.SampledFrom([]int{1, 7, 64, 199, 350}).Draw(t, "size")
				at := rapid.IntRange(0, max(whole.Total-1, 0)).Draw(t, "at") / size
				for _, page := range []int{0, at, at + 1} {
					r.K, r.Offset = size, page*size
					cut, err := e.Recommend(ctx, r)
					require.NoError(t, err)
					require.Equal(t, whole.Total, cut.Total)
					lo := min(r.Offset, whole.Total)
					require.Equal(t, whole.Items[lo:min(lo+size, whole.Total)], cut.Items, "page %d of %d", page, size)
				}
			})
		})
	}
}

func requireCaps(t require.TestingT, r *recsys.Response, perCategory, perBrand int) {
	categories, brands := map[string]int{}, map[string]int{}
	for _, i := range r.Items {
		categories[i.Item.Category]++
		brands[i.Item.Brand]++
	}
	for name, n := range categories {
		require.False(t, name != "" && perCategory > 0 && n > perCategory, "%d items of category %q", n, name)
		if name != "" {
			require.Equal(t, r.Categories[name], n)
		}
	}
	for name, n := range brands {
		require.False(t, name != "" && perBrand > 0 && n > perBrand, "%d items of brand %q", n, name)
	}
}
