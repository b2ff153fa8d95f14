package worker

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/als"
	"github.com/recsys-lite/recsys/internal/rng"
	"github.com/recsys-lite/recsys/model"
	"github.com/recsys-lite/recsys/store"
)

// BenchmarkTick is a tick with a file of 10,000 events by as many of 50,000 users, for a model of
// 20,000 items, 64 factors and two million events: reading the file, the users' histories from
// the database, refitting, and publishing.
func BenchmarkTick(b *testing.B) {
	const users, items, each, touched = 50_000, 20_000, 40, 10_000
	dir := b.TempDir()
	require.NoError(b, os.Mkdir(filepath.Join(dir, "incremental"), 0o700))
	db, err := store.Open(b.Context(), filepath.Join(dir, "shop.db"), store.Options{})
	require.NoError(b, err)
	r := rng.New(1)
	item := func() string { return fmt.Sprint("i", min(r.Uint64()%items, r.Uint64()%items)) } // some are had more often
	for lo := 0; lo < users; lo += 10_000 {
		var events []recsys.Event
		for u := lo; u < lo+10_000; u++ {
			for i := range each {
				events = append(events, purchase(fmt.Sprint("u", u), item(), int64(1000*i)))
			}
		}
		require.NoError(b, db.AppendEvents(b.Context(), events))
	}
	catalogue := make([]recsys.Item, items)
	for i := range catalogue {
		catalogue[i] = recsys.Item{ID: fmt.Sprint("i", i), Title: fmt.Sprint("Item ", i), Category: fmt.Sprint(i % 40)}
	}
	require.NoError(b, db.UpsertItems(b.Context(), catalogue))
	d, err := db.Dataset(b.Context(), recsys.DatasetOptions{Sequences: true})
	require.NoError(b, err)
	require.NoError(b, db.Close())
	m, err := als.Kind.New(json.RawMessage(`{"factors": 64, "iterations": 1}`), recsys.Run{})
	require.NoError(b, err)
	require.NoError(b, m.Fit(b.Context(), d))
	_, err = model.Publish(b.Context(), filepath.Join(dir, "model"), model.NewArtifact("als", m, d, catalogue))
	require.NoError(b, err)

	cfg := config(dir)
	cfg.Options, cfg.Opener.Run = store.Options{}, recsys.Run{}
	w, err := New(cfg)
	require.NoError(b, err)
	_, err = w.Tick(context.Background()) // reads the model, as a worker does once
	require.NoError(b, err)
	n := 0
	for b.Loop() {
		b.StopTimer()
		events := make([]recsys.Event, touched)
		for i := range events {
			events[i] = purchase(fmt.Sprint("u", (n*touched+i)%users), item(), int64(100_000+n))
		}
		n++
		require.NoError(b, os.WriteFile(filepath.Join(dir, "incremental", fmt.Sprint(n, ".parquet")), parquetOf(b, events), 0o600))
		b.StartTimer()
		done, err := w.Tick(context.Background())
		require.NoError(b, err)
		require.Equal(b, touched, done.Update.Users)
	}
}
