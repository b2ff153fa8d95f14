package ease_test

import (
	"context"
	"fmt"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/ease"
)

func Example() {
	// Tea (0) and a tea pot (1) go together, and so do coffee (2) and a coffee mill (3);
	// everybody has sugar (4).
	bought, _ := recsys.NewCSR(5, 5, []recsys.Entry{
		{Row: 0, Col: 0, Value: 1}, {Row: 0, Col: 1, Value: 1}, {Row: 0, Col: 4, Value: 1},
		{Row: 1, Col: 0, Value: 1}, {Row: 1, Col: 1, Value: 1}, {Row: 1, Col: 4, Value: 1},
		{Row: 2, Col: 2, Value: 1}, {Row: 2, Col: 3, Value: 1}, {Row: 2, Col: 4, Value: 1},
		{Row: 3, Col: 2, Value: 1}, {Row: 3, Col: 3, Value: 1}, {Row: 3, Col: 4, Value: 1},
		{Row: 4, Col: 2, Value: 1}, {Row: 4, Col: 4, Value: 1},
	})
	cfg := ease.DefaultConfig()
	cfg.Regularization = 1
	m, err := ease.New(cfg)
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	if err := m.Fit(ctx, &recsys.Dataset{Interactions: bought}); err != nil {
		panic(err)
	}
	// A guest with coffee and sugar in the basket: no training is needed.
	guest := recsys.Query{User: recsys.NoUser, K: 1, History: recsys.History{Items: []int32{2, 4}}}
	guest.Allowed = recsys.FullBitset(5)
	guest.Allowed.Clear(2)
	guest.Allowed.Clear(4)
	top, err := m.Recommend(ctx, guest)
	if err != nil {
		panic(err)
	}
	why, _, err := m.Explain(ctx, guest, top[0].Item)
	if err != nil {
		panic(err)
	}
	fmt.Printf("item %d: %.2f\n", top[0].Item, top[0].Score)
	for _, part := range why {
		fmt.Printf("  for item %d: %+.2f\n", part.Item, part.Score)
	}
	// Output:
	// item 3: 0.56
	//   for item 2: +0.33
	//   for item 4: +0.23
}
