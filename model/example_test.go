package model_test

import (
	"context"
	"fmt"
	"os"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/model"
	"github.com/recsys-lite/recsys/popularity"
)

// One process fits a model and publishes it, another one opens and serves it.
func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "model_artifacts")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)

	users, _ := recsys.NewIDMap([]string{"ann", "bob"})
	items, _ := recsys.NewIDMap([]string{"tea", "cup"})
	bought, _ := recsys.NewCSR(2, 2, []recsys.Entry{{Row: 0, Col: 1, Value: 1}, {Row: 1, Col: 0, Value: 1}, {Row: 1, Col: 1, Value: 3}})
	data := &recsys.Dataset{Users: users, Items: items, Interactions: bought}
	m, err := popularity.Kind.New(nil, recsys.Run{})
	if err != nil {
		panic(err)
	}
	if err := m.Fit(ctx, data); err != nil {
		panic(err)
	}
	catalogue := []recsys.Item{{ID: "tea", Title: "Green tea"}, {ID: "cup", Title: "Blue cup"}}
	if _, err := model.Publish(ctx, dir, model.NewArtifact(popularity.Kind.Name, m, data, catalogue)); err != nil {
		panic(err)
	}

	a, err := model.Open(dir, popularity.Kind)
	if err != nil {
		panic(err)
	}
	top, err := a.Model.Recommend(ctx, recsys.Query{User: recsys.NoUser, K: 1})
	if err != nil {
		panic(err)
	}
	fmt.Println(a.Manifest.Kind, "recommends", a.Catalogue[top[0].Item].Title)
	// Output:
	// popularity recommends Blue cup
}
