package memstore_test

import (
	"context"
	"fmt"
	"log"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/store/memstore"
)

// A return reduces what was bought, and nothing is left of a basket that went back.
func Example() {
	ctx := context.Background()
	s := memstore.New()
	err := s.AppendEvents(ctx, []recsys.Event{
		{UserID: "anna", ItemID: "tea", Time: 1, Qty: 3},
		{UserID: "anna", ItemID: "tea", Time: 2, Qty: -2},
		{UserID: "anna", ItemID: "cup", Time: 1, Qty: 1},
		{UserID: "anna", ItemID: "cup", Time: 2, Qty: -1},
	})
	if err != nil {
		log.Fatal(err)
	}
	d, err := s.Dataset(ctx, recsys.DatasetOptions{Weighting: recsys.Weighting{Scheme: recsys.Linear}})
	if err != nil {
		log.Fatal(err)
	}
	items, weights := d.Interactions.Row(0)
	for p, i := range items {
		fmt.Println(d.Items.ID(i), weights[p])
	}
	// Output: tea 1
}
