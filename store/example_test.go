package store_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/store"
)

// Import a file of purchases, twice, and load what models are fitted on.
func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "shop")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "events.csv")
	if err := os.WriteFile(file, []byte("user_id,item_id,ts,qty\nanna,tea,1609459200,3\nanna,cup,2021-01-02,1\nben,tea,yesterday,1\n"), 0o600); err != nil {
		log.Fatal(err)
	}
	db, err := store.Open(ctx, filepath.Join(dir, "shop.db"), store.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	for range 2 {
		report, err := db.ImportEvents(ctx, file, store.ImportOptions{})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(report.Inserted, report.Reasons, report.AlreadyApplied)
	}
	data, err := db.Dataset(ctx, recsys.DatasetOptions{})
	if err != nil {
		log.Fatal(err)
	}
	items, weights := data.Interactions.Row(0)
	for p, i := range items {
		fmt.Println(data.Users.ID(0), data.Items.ID(i), weights[p])
	}
	// Output:
	// 2 map[unreadable ts:1] false
	// 2 map[] true
	// anna cup 1
	// anna tea 2
}
