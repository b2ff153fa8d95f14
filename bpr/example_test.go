package bpr_test

import (
	"context"
	"fmt"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/bpr"
)

// Two sorts of customers: some buy tea and cups (items 0 to 3), some buy nails and glue
// (items 4 to 7). A guest with two things of the one sort in the basket gets the rest of it.
func Example() {
	var bought []recsys.Entry
	for user := int32(0); user < 20; user++ {
		for item := int32(0); item < 8; item++ {
			if item/4 == user%2 && item%4 != user/2%4 {
				bought = append(bought, recsys.Entry{Row: user, Col: item, Value: 1})
			}
		}
	}
	x, err := recsys.NewCSR(20, 8, bought)
	if err != nil {
		panic(err)
	}
	cfg := bpr.DefaultConfig()
	cfg.Factors = 8
	m, err := bpr.New(cfg)
	if err != nil {
		panic(err)
	}
	if err := m.Fit(context.Background(), &recsys.Dataset{Interactions: x}); err != nil {
		panic(err)
	}
	basket := recsys.History{Items: []int32{5, 7}}
	unseen := recsys.FullBitset(8)
	for _, i := range basket.Items {
		unseen.Clear(i)
	}
	top, err := m.Recommend(context.Background(), recsys.Query{User: recsys.NoUser, History: basket, K: 2, Allowed: unseen})
	if err != nil {
		panic(err)
	}
	for _, s := range top {
		fmt.Println("item", s.Item)
	}
	// Unordered output:
	// item 4
	// item 6
}
