package embedding_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/als"
	"github.com/recsys-lite/recsys/gdpr"
	"github.com/recsys-lite/recsys/gdpr/duckdb"
	"github.com/recsys-lite/recsys/model"
	"github.com/recsys-lite/recsys/store"
)

// site is where the shop in dir keeps what may name a user.
func site(dir string) *gdpr.Site {
	s := &gdpr.Site{
		DataDir: dir, LogDir: filepath.Join(dir, "logs"),
		ModelDirs: []string{filepath.Join(dir, "model")}, Kinds: []model.Kind{als.Kind},
	}
	duckdb.Connect(s, filepath.Join(dir, "shop.db"), store.Options{})
	return s
}

func Example_erase() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "shop")
	check(err)
	defer os.RemoveAll(dir)
	db, err := store.Open(ctx, filepath.Join(dir, "shop.db"), store.Options{})
	check(err)
	check(db.AppendEvents(ctx, purchases()))
	m, data := train(ctx, db)
	check(db.Close())
	models := filepath.Join(dir, "model")
	_, err = model.Publish(ctx, models, model.NewArtifact("als", m, data, nil))
	check(err)
	stored, err := model.Open(models, als.Kind)
	check(err)
	engine, err := recsys.NewEngine(stored.Snapshot())
	check(err)
	forgotten := gdpr.OpenForgotten(models, func(err error) { fmt.Println(err) })
	engine.SetForgotten(forgotten.Contains)

	receipt, err := site(dir).Delete(ctx, "u7", gdpr.DeleteOptions{})
	check(err)
	fmt.Println("events:", receipt.Rows["events"], "artifacts:", len(receipt.Artifacts), "left:", len(receipt.Found))
	_, err = engine.Recommend(ctx, recsys.Request{UserID: "u7", K: 1})
	fmt.Println("unknown now:", errors.Is(err, recsys.ErrUnknownUser))
	// Output:
	// events: 3 artifacts: 1 left: 0
	// unknown now: true
}
