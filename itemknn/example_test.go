package itemknn_test

import (
	"context"
	"fmt"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/itemknn"
)

func Example() {
	// Tea (0) and a tea pot (1) were bought together by two users; one of them and two others
	// bought sugar (2).
	bought, _ := recsys.NewCSR(4, 3, []recsys.Entry{
		{Row: 0, Col: 0, Value: 1}, {Row: 0, Col: 1, Value: 1},
		{Row: 1, Col: 0, Value: 1}, {Row: 1, Col: 1, Value: 1}, {Row: 1, Col: 2, Value: 1},
		{Row: 2, Col: 2, Value: 1},
		{Row: 3, Col: 2, Value: 1},
	})
	cfg := itemknn.DefaultConfig()
	cfg.Similarity, cfg.Shrink, cfg.Alpha = itemknn.Cosine, 0, 0.5
	m, err := itemknn.New(cfg)
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	if err := m.Fit(ctx, &recsys.Dataset{Interactions: bought}); err != nil {
		panic(err)
	}
	similar, err := m.SimilarItems(ctx, 0, 2, nil)
	if err != nil {
		panic(err)
	}
	for _, s := range similar {
		fmt.Printf("item %d: %.2f\n", s.Item, s.Score)
	}
	// Output:
	// item 1: 1.00
	// item 2: 0.41
}
