package lightfm_test

import (
	"context"
	"fmt"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/lightfm"
)

// Items 0 to 3 are tea things, items 4 to 7 tools, and customers buy the one or the other.
// Items 3 and 7 are new: nobody has bought them yet, but their category is known.
func Example() {
	var bought, category []recsys.Entry
	for user := int32(0); user < 20; user++ {
		for _, item := range []int32{0, 1, 2} {
			bought = append(bought, recsys.Entry{Row: user, Col: item + 4*(user%2), Value: 1})
		}
	}
	for item := int32(0); item < 8; item++ {
		category = append(category, recsys.Entry{Row: item, Col: item / 4, Value: 1})
	}
	x, err := recsys.NewCSR(20, 8, bought)
	if err != nil {
		panic(err)
	}
	categories, err := recsys.NewCSR(8, 2, category)
	if err != nil {
		panic(err)
	}
	cfg := lightfm.DefaultConfig()
	cfg.NoComponents = 8
	m, err := lightfm.New(cfg)
	if err != nil {
		panic(err)
	}
	err = m.Fit(context.Background(), &recsys.Dataset{
		Interactions: x,
		ItemFeatures: &recsys.Features{Names: []string{"tea", "tools"}, Matrix: categories},
	})
	if err != nil {
		panic(err)
	}
	fresh := recsys.NewBitset(8)
	fresh.Set(3)
	fresh.Set(7)
	for user := range int32(2) {
		top, err := m.Recommend(context.Background(), recsys.Query{User: user, K: 1, Allowed: fresh})
		if err != nil {
			panic(err)
		}
		fmt.Println("user", user, "new item", top[0].Item)
	}
	// Output:
	// user 0 new item 3
	// user 1 new item 7
}
