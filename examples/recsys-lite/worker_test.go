package main

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/journal"
	"github.com/recsys-lite/recsys/store"
)

// background runs a command until the test ends; it must stop cleanly.
func background(t *testing.T, args ...string) *lines {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	log := &lines{wait: make(chan string, 1000)}
	done := make(chan int, 1)
	go func() { done <- run(ctx, args, io.Discard, log) }()
	t.Cleanup(func() {
		cancel()
		require.Zero(t, <-done)
	})
	return log
}

// parquetFile turns a CSV of events into a Parquet file, which appears whole.
func parquetFile(t testing.TB, path, csv string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	events := filepath.Join(t.TempDir(), "events.csv")
	require.NoError(t, os.WriteFile(events, []byte(csv), 0o600))
	db, err := store.Open(t.Context(), "", store.Options{})
	require.NoError(t, err)
	defer db.Close()
	_, err = db.ImportEvents(t.Context(), events, store.ImportOptions{Strict: true})
	require.NoError(t, err)
	require.NoError(t, writeParquet(t, db, path+".tmp"))
	require.NoError(t, os.Rename(path+".tmp", path))
}

func count(t testing.TB, path string) int64 {
	t.Helper()
	db, err := store.Open(t.Context(), path, store.Options{})
	require.NoError(t, err)
	defer db.Close()
	st, err := db.Stats(t.Context())
	require.NoError(t, err)
	return st.Events
}

// A user whom nobody knows gets recommendations within one interval of a file, and of a
// journal; the worker's log says what was done.
func TestWorkerFreshness(t *testing.T) {
	shop(t)
	succeeds(t, "train", "als", "--params", `{"factors": 8}`)
	url, _ := serving(t)
	status, _ := get(t, url+"/recommend?user_id=newcomer")
	require.Equal(t, http.StatusNotFound, status)
	log := background(t, "worker", "--interval", "1")
	log.find(t, "worker started")

	parquetFile(t, "data/incremental/events_20260101.parquet", "user_id,item_id,ts\nnewcomer,pen,1767225600\n")
	log.find(t, "file imported")
	line := log.find(t, "msg=tick")
	require.Contains(t, line, "update.new_users=1")
	require.Contains(t, line, "took=")
	require.Eventually(t, func() bool {
		status, _ := get(t, url+"/recommend?user_id=newcomer")
		return status == http.StatusOK
	}, 10*time.Second, 20*time.Millisecond)

	j, err := journal.Open("data/incremental", journal.Options{})
	require.NoError(t, err)
	_, err = j.Append(t.Context(), []recsys.Event{{UserID: "guest", ItemID: "tea", Time: 1767225700, Qty: 1}})
	require.NoError(t, err)
	log.find(t, "journal imported")
	require.Eventually(t, func() bool {
		status, _ := get(t, url+"/recommend?user_id=guest")
		return status == http.StatusOK
	}, 10*time.Second, 20*time.Millisecond)
	require.NoError(t, j.Close())
	text, err := os.ReadFile("logs/worker.log")
	require.NoError(t, err)
	require.Contains(t, string(text), "msg=tick")
}

func TestWorkerOnce(t *testing.T) {
	shop(t)
	succeeds(t, "train", "als", "--params", `{"factors": 8}`)
	require.Equal(t, "nothing new\n", succeeds(t, "worker", "--once"))
	parquetFile(t, "data/incremental/a.parquet", "user_id,item_id,ts\nnewcomer,pen,1767225600\nnewcomer,novelty,1767225601\n")
	out := succeeds(t, "worker", "--once", "--batch-size", "1", "--threads", "1")
	require.Contains(t, out, "1 files with 2 events imported")
	require.Contains(t, out, "1 users refitted (1 new), 1 new items")
	require.Contains(t, succeeds(t, "recommend", "--user-id", "newcomer"), "ink")
	require.Equal(t, "nothing new\n", succeeds(t, "worker", "--once"))
	for _, args := range [][]string{{"--interval", "0"}, {"--batch-size", "0"}, {"--keep", "0"}, {"--patience", "0s"}, {"--json"}} {
		code, _, stderr := recsysLite(t, append([]string{"worker"}, args...)...)
		require.Equal(t, exitUsage, code)
		require.Contains(t, stderr, args[0])
	}
	// Locked by another process: a clear error, at once when asked not to wait.
	db, err := store.Open(t.Context(), "data/recsys.db", store.Options{})
	require.NoError(t, err)
	locked := program(t, "worker", "--once", "--lock-timeout", "0", "--log-dir", "")
	text, err := locked.CombinedOutput()
	require.Error(t, err)
	require.Equal(t, exitFailure, locked.ProcessState.ExitCode())
	require.Contains(t, string(text), "database is locked")
	require.Contains(t, string(text), "recsys.db")
	require.NoError(t, db.Close())
}

func TestWorkerStopsOnSignal(t *testing.T) {
	shop(t)
	succeeds(t, "train", "als", "--params", `{"factors": 8}`)
	cmd := program(t, "worker", "--interval", "60")
	log := &lines{wait: make(chan string, 1000)}
	cmd.Stderr = log
	require.NoError(t, cmd.Start())
	log.find(t, "worker started")
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	log.find(t, "worker stopped")
	require.NoError(t, cmd.Wait())
}

func TestStreamIngest(t *testing.T) {
	shop(t)
	before := count(t, "data/recsys.db")
	parquetFile(t, "in/first.parquet", "user_id,item_id,ts\na,pen,1\n")
	// An hour between looks: only notices of the file system can be fast.
	log := background(t, "stream-ingest", "in", "--db", "data/recsys.db", "--poll-interval", "3600")
	require.Contains(t, log.find(t, "file imported"), "first.parquet")
	parquetFile(t, "in/second.parquet", "user_id,item_id,ts\nb,pen,2\nc,pen,2\n") // renamed into place
	require.Contains(t, log.find(t, "file imported"), "second.parquet")
	whole, err := os.ReadFile("in/second.parquet")
	require.NoError(t, err)
	// The same content again, and a file that arrives in two parts.
	parquetFile(t, "elsewhere/third.parquet", "user_id,item_id,ts\nd,pen,3\n")
	third, err := os.ReadFile("elsewhere/third.parquet")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile("in/copy.parquet", whole, 0o600))
	f, err := os.Create("in/third.parquet")
	require.NoError(t, err)
	_, err = f.Write(third[:20])
	require.NoError(t, err)
	require.NoError(t, f.Sync())
	_, err = f.Write(third[20:])
	require.NoError(t, err)
	require.NoError(t, f.Close())
	require.Contains(t, log.find(t, "file imported"), "third.parquet")
	require.NoError(t, os.WriteFile("in/broken.parquet", []byte("PAR1 this is none PAR1"), 0o600))
	log.find(t, "moved to quarantine")
	require.EqualValues(t, before+4, count(t, "data/recsys.db"))

	for _, args := range [][]string{{"in", "--poll-interval", "0"}, {"events.csv"}, {"in", "--patience", "-1s"}} {
		code, _, _ := recsysLite(t, append([]string{"stream-ingest"}, args...)...)
		require.Equal(t, exitUsage, code)
	}
	code, _, stderr := recsysLite(t, "stream-ingest", "nowhere")
	require.Equal(t, exitFailure, code)
	require.Contains(t, stderr, "nowhere")
}

// Without notices, the poll finds a file; a database that is in use is tried again.
func TestStreamIngestPolls(t *testing.T) {
	shop(t)
	before := count(t, "data/recsys.db")
	require.NoError(t, os.Mkdir("in", 0o755))
	db, err := store.Open(t.Context(), "data/recsys.db", store.Options{})
	require.NoError(t, err)
	cmd := program(t, "stream-ingest", "in", "--poll-interval", "0.05", "--lock-timeout", "0")
	log := &lines{wait: make(chan string, 1000)}
	cmd.Stderr = log
	require.NoError(t, cmd.Start())
	log.find(t, "watching")
	parquetFile(t, "in/x.parquet", "user_id,item_id,ts\na,pen,1\n")
	require.Contains(t, log.find(t, "import failed"), "database is locked")
	require.NoError(t, db.Close())
	log.find(t, "file imported")
	require.NoError(t, cmd.Process.Signal(syscall.SIGINT))
	require.NoError(t, cmd.Wait())
	require.EqualValues(t, before+1, count(t, "data/recsys.db"))
}

// writeParquet writes the events of a database as a Parquet file.
func writeParquet(t testing.TB, db *store.DB, path string) error {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w, err := pqarrow.NewFileWriter(store.EventSchema, f, parquet.NewWriterProperties(), pqarrow.DefaultWriterProps())
	if err != nil {
		return err
	}
	for batch, err := range db.EventBatches(t.Context(), 0, 1000) {
		if err != nil {
			return err
		}
		if err := w.Write(batch); err != nil {
			return err
		}
	}
	return w.Close() // which closes the file
}
