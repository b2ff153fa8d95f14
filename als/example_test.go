package als_test

import (
	"context"
	"fmt"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/als"
)

// Three customers buy tea things, three buy tools; a guest has put one tool in the basket.
func Example() {
	items := []string{"teapot", "teacup", "tea", "hammer", "saw", "nails"}
	baskets := [][]int32{{0, 1}, {0, 2}, {1, 2}, {3, 4}, {3, 5}, {4, 5}}
	var entries []recsys.Entry
	for user, basket := range baskets {
		for _, item := range basket {
			entries = append(entries, recsys.Entry{Row: int32(user), Col: item, Value: 1})
		}
	}
	purchases, err := recsys.NewCSR(len(baskets), len(items), entries)
	if err != nil {
		panic(err)
	}

	cfg := als.DefaultConfig()
	cfg.Factors = 2 // a small shop has few patterns to learn
	model, err := als.New(cfg)
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	if err := model.Fit(ctx, &recsys.Dataset{Interactions: purchases}); err != nil {
		panic(err)
	}

	seen := recsys.FullBitset(len(items))
	seen.Clear(3)
	guest := recsys.Query{
		User:    recsys.NoUser,
		History: recsys.History{Items: []int32{3}},
		K:       2,
		Allowed: seen,
	}
	top, err := model.Recommend(ctx, guest)
	if err != nil {
		panic(err)
	}
	for _, s := range top {
		fmt.Println(items[s.Item])
	}
	// Unordered output:
	// saw
	// nails
}
