package embedding_test

import (
	"context"
	"fmt"
	"log"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/als"
	"github.com/recsys-lite/recsys/model"
	"github.com/recsys-lite/recsys/store/memstore"
)

// purchases is a small shop: whoever buys coffee buys filters, whoever buys tea buys a pot.
func purchases() []recsys.Event {
	var events []recsys.Event
	for n := range 40 {
		basket := []string{"coffee", "filter", "mug"}
		if n%2 == 1 {
			basket = []string{"tea", "pot", "mug"}
		}
		for at, item := range basket[:2+n%4/2] {
			events = append(events, recsys.Event{UserID: fmt.Sprintf("u%d", n), ItemID: item, Time: 1_700_000_000 + int64(n*100+at), Qty: 1})
		}
	}
	return events
}

// open returns a store with the purchases.
func open(ctx context.Context) recsys.Store {
	db := memstore.New()
	check(db.AppendEvents(ctx, purchases()))
	return db
}

// train fits ALS on what the store holds.
func train(ctx context.Context, db recsys.Store) (*als.Model, *recsys.Dataset) {
	data, err := db.Dataset(ctx, recsys.DatasetOptions{Sequences: true})
	check(err)
	cfg := als.DefaultConfig()
	cfg.Factors = 4
	m, err := als.New(cfg)
	check(err)
	check(m.Fit(ctx, data))
	return m, data
}

// serve returns an engine that serves the store's events.
func serve(ctx context.Context, db recsys.Store) *recsys.Engine {
	m, data := train(ctx, db)
	engine, err := recsys.NewEngine(model.NewArtifact("als", m, data, nil).Snapshot())
	check(err)
	return engine
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
