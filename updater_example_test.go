package recsys_test

import (
	"context"
	"fmt"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/ease"
	"github.com/recsys-lite/recsys/model"
	"github.com/recsys-lite/recsys/store/memstore"
)

// A shop that serves from its own process brings its engine up to date: what Tick does once,
// Run does every interval.
func ExampleUpdater() {
	ctx := context.Background()
	shop := memstore.New()
	buy := func(user, item string) {
		_ = shop.AppendEvents(ctx, []recsys.Event{{UserID: user, ItemID: item, Time: 1_700_000_000, Qty: 1}})
	}
	for _, user := range []string{"ann", "ben", "cleo"} {
		buy(user, "tea")
		buy(user, "pot")
	}
	buy("dora", "ink")
	data, _ := shop.Dataset(ctx, recsys.DatasetOptions{})
	m, _ := ease.New(ease.DefaultConfig())
	_ = m.Fit(ctx, data)
	engine, _ := recsys.NewEngine(model.NewArtifact("ease", m, data, nil).Snapshot())

	buy("emil", "tea") // nobody knows him yet
	updater := &recsys.Updater{Clone: model.Cloner(recsys.Run{}, ease.Kind)}
	done, err := updater.Tick(ctx, shop, engine)
	fmt.Println(done.Events, "event,", done.NewUsers, "new user", err)
	answer, err := engine.Recommend(ctx, recsys.Request{UserID: "emil", K: 1})
	fmt.Println(answer.Items[0].Item.ID, err)
	// Output:
	// 1 event, 1 new user <nil>
	// pot <nil>
}
