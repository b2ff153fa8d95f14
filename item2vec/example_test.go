package item2vec_test

import (
	"context"
	"fmt"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/item2vec"
)

func Example() {
	// Items 0–2 are bought together, and so are items 3–5.
	var entries []recsys.Entry
	for u := range int32(20) {
		for i := range int32(3) {
			entries = append(entries, recsys.Entry{Row: u, Col: u%2*3 + i, Value: 1})
		}
	}
	bought, _ := recsys.NewCSR(20, 6, entries)
	m, err := item2vec.New(item2vec.DefaultConfig())
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	if err := m.Fit(ctx, &recsys.Dataset{Interactions: bought}); err != nil {
		panic(err)
	}
	similar, err := m.SimilarItems(ctx, 4, 2, nil)
	if err != nil {
		panic(err)
	}
	fmt.Println("like item 4:", min(similar[0].Item, similar[1].Item), max(similar[0].Item, similar[1].Item))
	// Output:
	// like item 4: 3 5
}
