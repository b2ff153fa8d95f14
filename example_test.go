package recsys_test

import (
	"context"
	"fmt"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/itemknn"
)

// teaShop is an engine over six customers of a tea shop.
func teaShop() *recsys.Engine {
	items := []recsys.Item{
		{ID: "assam", Title: "Assam tea", Category: "tea", Brand: "Leaf"},
		{ID: "sencha", Title: "Sencha tea", Category: "tea", Brand: "Leaf"},
		{ID: "pot", Title: "Tea pot", Category: "china", Attributes: map[string]string{"colour": "blue"}},
		{ID: "cup", Title: "Tea cup", Category: "china", Attributes: map[string]string{"colour": "red"}},
		{ID: "tin", Title: "Tea tin", Category: "storage", Brand: "Leaf"},
	}
	itemIDs, _ := recsys.NewIDMap([]string{"assam", "sencha", "pot", "cup", "tin"})
	users, _ := recsys.NewIDMap([]string{"ann", "bob", "cid", "dee", "eve", "fay"})
	var entries []recsys.Entry
	sequences := &recsys.Sequences{Indptr: []int64{0}}
	for u, had := range [][]int32{{0, 2}, {0, 2, 3}, {1, 3}, {0, 2, 4}, {2, 3, 0}, {0, 2, 1}} {
		for _, i := range had {
			entries = append(entries, recsys.Entry{Row: int32(u), Col: i, Value: 1})
			sequences.Items, sequences.Times = append(sequences.Items, i), append(sequences.Times, int64(1_790_000_000+u))
		}
		sequences.Indptr = append(sequences.Indptr, int64(len(sequences.Items)))
	}
	x, _ := recsys.NewCSR(6, 5, entries)
	m, _ := itemknn.New(itemknn.DefaultConfig())
	data := &recsys.Dataset{Users: users, Items: itemIDs, Interactions: x, Sequences: sequences}
	if err := m.Fit(context.Background(), data); err != nil {
		panic(err)
	}
	e, err := recsys.NewEngine(recsys.Snapshot{Version: "tea-1", Kind: "itemknn", Model: m, Users: users, Items: itemIDs,
		Catalogue: items, Interactions: x, Sequences: sequences})
	if err != nil {
		panic(err)
	}
	return e
}

// An answer for a basket, with a filter and the reasons.
func ExampleEngine_Recommend() {
	answer, err := teaShop().Recommend(context.Background(), recsys.Request{
		Session: []string{"assam"}, K: 2, Explain: true,
		Filter: recsys.Filter{Categories: []string{"china", "storage"}},
	})
	if err != nil {
		panic(err)
	}
	fmt.Println("of", answer.Total)
	for _, r := range answer.Items {
		fmt.Printf("%s (%s): %s\n", r.Item.Title, r.Source, r.Reason)
	}
	// Output:
	// of 3
	// Tea pot (session): Because you had Assam tea.
	// Tea cup (session): Because you had Assam tea.
}

// A purchase that the model was not fitted on counts from the next request on.
func ExampleEngine_Record() {
	engine, ctx := teaShop(), context.Background()
	engine.Record(recsys.LiveEvents{Journal: "shop-1", First: 1, Events: []recsys.Event{{UserID: "new", ItemID: "sencha", Qty: 1}}})
	answer, err := engine.Recommend(ctx, recsys.Request{UserID: "new", K: 1})
	if err != nil {
		panic(err)
	}
	fmt.Println(answer.Items[0].Item.Title, answer.Items[0].Source)
	// Output:
	// Tea cup fold-in
}

// What four or more customers bought in one visit.
func ExampleEngine_BoughtTogether() {
	answer, err := teaShop().BoughtTogether(context.Background(), recsys.TogetherRequest{ItemIDs: []string{"assam"}, K: 3, MinSupport: 4, MinBuyers: 4})
	if err != nil {
		panic(err)
	}
	for _, r := range answer.Items {
		fmt.Printf("%s: %d customers, lift %.1f\n", r.Item.Title, r.Together.Buyers, r.Together.Lift)
	}
	// Output:
	// Tea pot: 5 customers, lift 1.2
}

// Rules are the shop's own wishes, kept in a JSON file.
func ExampleParseRules() {
	rules, err := recsys.ParseRules([]byte(`{"rules": [
		{"name": "new tin", "action": "pin", "position": 1, "match": {"include_items": ["tin"]}, "placements": ["home"]},
		{"name": "red is over", "action": "bury", "match": {"attributes": {"colour": ["red"]}}}
	]}`))
	if err != nil {
		panic(err)
	}
	engine := teaShop()
	if err := engine.SetRules(rules); err != nil {
		panic(err)
	}
	answer, err := engine.Recommend(context.Background(), recsys.Request{UserID: "ann", K: 3, Placement: "home"})
	if err != nil {
		panic(err)
	}
	for _, r := range answer.Items {
		fmt.Println(r.Item.Title, r.Source)
	}
	// Output:
	// Tea tin pinned
	// Sencha tea model
	// Tea cup model
}
