package quickstart_test

import (
	"context"
	"fmt"
	"log"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/als"
	"github.com/recsys-lite/recsys/model"
	"github.com/recsys-lite/recsys/store"
)

func Example() {
	ctx := context.Background()
	db, err := store.Open(ctx, "", store.Options{}) // "shop.db" keeps it on disk
	check(err)
	defer db.Close()
	_, err = db.ImportItems(ctx, "../data/online-retail/items.csv", store.ImportOptions{})
	check(err)
	_, err = db.ImportEvents(ctx, "../data/online-retail/events.parquet", store.ImportOptions{})
	check(err)
	data, err := db.Dataset(ctx, recsys.DatasetOptions{})
	check(err)
	catalogue, err := db.Items(ctx)
	check(err)
	m, err := als.New(als.DefaultConfig())
	check(err)
	check(m.Fit(ctx, data))
	engine, err := recsys.NewEngine(model.NewArtifact("als", m, data, catalogue).Snapshot())
	check(err)
	answer, err := engine.Recommend(ctx, recsys.Request{Session: []string{"22423"}, K: 3})
	check(err)
	for _, r := range answer.Items {
		fmt.Println(r.Item.ID, r.Item.Title)
	}
	// Output:
	// 22699 ROSES REGENCY TEACUP AND SAUCER
	// 22697 GREEN REGENCY TEACUP AND SAUCER
	// 22698 PINK REGENCY TEACUP AND SAUCER
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
