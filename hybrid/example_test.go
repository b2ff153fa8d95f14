package hybrid_test

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/ease"
	"github.com/recsys-lite/recsys/hybrid"
	"github.com/recsys-lite/recsys/popularity"
)

func Example() {
	blend := hybrid.Kind(ease.Kind, popularity.Kind)
	// Newcomers get what is popular, users of more than one item what goes with theirs.
	m, err := blend.New(json.RawMessage(`{
		"members": [
			{"kind": "ease", "params": {"regularization": 1}, "weight": [0.1, 1]},
			{"kind": "popularity", "weight": [1, 0.1]}],
		"by_history": [1]}`), recsys.Run{})
	if err != nil {
		panic(err)
	}
	bought, _ := recsys.NewCSR(5, 4, []recsys.Entry{
		{Row: 0, Col: 0, Value: 1}, {Row: 0, Col: 1, Value: 1}, {Row: 0, Col: 2, Value: 1},
		{Row: 1, Col: 0, Value: 1}, {Row: 1, Col: 1, Value: 1}, {Row: 1, Col: 2, Value: 1},
		{Row: 2, Col: 3, Value: 1}, {Row: 3, Col: 3, Value: 1}, {Row: 4, Col: 3, Value: 1},
	})
	ctx := context.Background()
	if err := m.Fit(ctx, &recsys.Dataset{Interactions: bought}); err != nil {
		panic(err)
	}
	for _, history := range [][]int32{nil, {0, 1}} {
		unseen := recsys.FullBitset(4)
		for _, i := range history {
			unseen.Clear(i)
		}
		top, err := m.Recommend(ctx, recsys.Query{User: recsys.NoUser, History: recsys.History{Items: history}, K: 1, Allowed: unseen})
		if err != nil {
			panic(err)
		}
		fmt.Println(history, "gets", top[0].Item)
	}
	// Output:
	// [] gets 3
	// [0 1] gets 2
}
