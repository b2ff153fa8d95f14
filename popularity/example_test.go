package popularity_test

import (
	"context"
	"fmt"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/popularity"
)

func Example() {
	// Three users; item 2 was bought by all of them, item 0 by two.
	bought, _ := recsys.NewCSR(3, 4, []recsys.Entry{
		{Row: 0, Col: 2, Value: 1}, {Row: 0, Col: 0, Value: 1},
		{Row: 1, Col: 2, Value: 1}, {Row: 1, Col: 0, Value: 5},
		{Row: 2, Col: 2, Value: 1}, {Row: 2, Col: 3, Value: 1},
	})
	m, err := popularity.New(popularity.DefaultConfig())
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	if err := m.Fit(ctx, &recsys.Dataset{Interactions: bought}); err != nil {
		panic(err)
	}
	top, err := m.Recommend(ctx, recsys.Query{User: recsys.NoUser, K: 3})
	if err != nil {
		panic(err)
	}
	for _, s := range top {
		fmt.Printf("item %d: %v users\n", s.Item, s.Score)
	}
	// Output:
	// item 2: 3 users
	// item 0: 2 users
	// item 3: 1 users
}
