package worker

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/als"
	"github.com/recsys-lite/recsys/internal/rng"
	"github.com/recsys-lite/recsys/model"
	"github.com/recsys-lite/recsys/store"
)

const benchUsers, benchItems, benchTouched = 50_000, 20_000, 10_000

// drop puts a file in with the nth 10,000 users.
func drop(b testing.TB, dir string, n int) {
	r := rng.New(uint64(n))
	events := make([]recsys.Event, benchTouched)
	for i := range events {
		events[i] = purchase(fmt.Sprint("u", (n*benchTouched+i)%benchUsers), fmt.Sprint("i", r.Uint64()%benchItems), int64(100_000+n))
	}
	path := filepath.Join(dir, "incremental", fmt.Sprint(n, ".parquet"))
	require.NoError(b, os.WriteFile(path+".tmp", parquetOf(b, events), 0o600))
	require.NoError(b, os.Rename(path+".tmp", path))
}

func benchConfig(dir string) Config {
	cfg := config(dir)
	cfg.Options, cfg.Opener.Run = store.Options{}, recsys.Run{}
	return cfg
}

// bigShop is a directory with two million events and an ALS model of them.
func bigShop(b *testing.B) string {
	const users, items, each = benchUsers, benchItems, 40
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

	return dir
}

// BenchmarkTick is a tick with a file of 10,000 events by as many of 50,000 users, for a model of
// 20,000 items, 64 factors and two million events: reading the file, the users' histories from
// the database, refitting, and publishing.
func BenchmarkTick(b *testing.B) {
	dir := bigShop(b)
	w, err := New(benchConfig(dir))
	require.NoError(b, err)
	_, err = w.Tick(context.Background()) // reads the model, as a worker does once
	require.NoError(b, err)
	n := 0
	for b.Loop() {
		b.StopTimer()
		drop(b, dir, n)
		n++
		b.StartTimer()
		done, err := w.Tick(context.Background())
		require.NoError(b, err)
		require.Equal(b, benchTouched, done.Update.Users)
	}
}

// BenchmarkServing asks for recommendations every 2 ms, first alone and then while a worker in
// another process makes five such ticks and each result is swapped in; it reports both 99th
// percentiles.
func BenchmarkServing(b *testing.B) {
	dir := bigShop(b)
	opener := benchConfig(dir).Opener
	opener.Run.Workers = 1
	a, err := opener.Open(filepath.Join(dir, "model"))
	require.NoError(b, err)
	engine, err := recsys.NewEngine(a.Snapshot())
	require.NoError(b, err)
	p99 := func(until <-chan struct{}) float64 {
		var times []time.Duration
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-until:
				slices.Sort(times)
				return float64(times[len(times)*99/100])
			case <-tick.C:
			}
			start := time.Now()
			_, err := engine.Recommend(context.Background(), recsys.Request{UserID: fmt.Sprint("u", len(times)*7919%benchUsers), K: 10})
			times = append(times, time.Since(start))
			require.NoError(b, err)
		}
	}
	for b.Loop() {
		quiet := make(chan struct{})
		time.AfterFunc(4*time.Second, func() { close(quiet) })
		idle := p99(quiet)
		cmd := exec.Command(os.Args[0], "-test.run", "^$")
		cmd.Env = append(os.Environ(), loopVar+"="+dir)
		out, err := cmd.StdoutPipe()
		require.NoError(b, err)
		require.NoError(b, cmd.Start())
		done := make(chan struct{})
		go func() {
			defer close(done)
			for lines := bufio.NewScanner(out); lines.Scan(); { // a version each
				a, err := opener.Open(filepath.Join(dir, "model"))
				if err == nil {
					err = engine.Swap(a.Snapshot())
				}
				if err != nil {
					b.Error(err)
				}
			}
		}()
		busy := p99(done)
		require.NoError(b, cmd.Wait())
		b.ReportMetric(idle, "idle-p99-ns")
		b.ReportMetric(busy, "busy-p99-ns")
		b.ReportMetric(busy/idle, "busy/idle")
	}
}
