package embedding_test

import (
	"context"
	"fmt"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/als"
	"github.com/recsys-lite/recsys/model"
)

func Example_update() {
	ctx := context.Background()
	shop := open(ctx)
	engine := serve(ctx, shop)
	updater := &recsys.Updater{Clone: model.Cloner(recsys.Run{}, als.Kind)}

	// Somebody new buys tea.
	check(shop.AppendEvents(ctx, []recsys.Event{{UserID: "zoe", ItemID: "tea", Time: 1_700_009_000, Qty: 1}}))
	done, err := updater.Tick(ctx, shop, engine)
	check(err)
	fmt.Println(done.Events, "event,", done.NewUsers, "new user")
	answer, err := engine.Recommend(ctx, recsys.Request{UserID: "zoe", K: 1})
	check(err)
	fmt.Println(answer.Items[0].Item.ID)
	// Output:
	// 1 event, 1 new user
	// pot
}
