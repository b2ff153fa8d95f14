package store_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/store"
	"github.com/recsys-lite/recsys/store/internal/duck"
)

// The benchmarks compare with what DuckDB alone takes for the core of the same work, in the
// same run, one after the other: the ratio is what counts. RECSYS_BENCH_ROWS sets the size.

func benchRows(b *testing.B) int {
	rows := 5_000_000
	if text := os.Getenv("RECSYS_BENCH_ROWS"); text != "" {
		var err error
		rows, err = strconv.Atoi(text)
		require.NoError(b, err)
	}
	return rows
}

const benchThreads = 2

// benchFile writes events of 50,000 users and 20,000 items, the same ones every time.
func benchFile(b *testing.B) string {
	path := filepath.Join(b.TempDir(), "events.parquet")
	db, c := bare(b, "")
	defer db.Close()
	defer c.Close()
	run(b, c, fmt.Sprintf(`COPY (SELECT 'user_' || hash(i) %% 50000 AS user_id,
		'item_' || floor(20000 * pow(hash(i + 7000000) %% 1000000 / 1e6, 2))::INTEGER AS item_id,
		1600000000 + i AS ts, (1 + hash(i * 3) %% 3)::INTEGER AS qty FROM range(%d) t(i)) TO '%s'`, benchRows(b), path))
	return path
}

func bare(b *testing.B, path string) (*duck.DB, *duck.Conn) {
	db, err := duck.Open(path, map[string]string{"threads": strconv.Itoa(benchThreads), "memory_limit": strconv.Itoa(store.DefaultMemoryLimit) + "B",
		"autoload_known_extensions": "false", "autoinstall_known_extensions": "false"})
	require.NoError(b, err)
	c, err := db.Connect()
	require.NoError(b, err)
	return db, c
}

func run(b *testing.B, c *duck.Conn, statements ...string) {
	for _, s := range statements {
		_, err := c.Exec(background, s)
		require.NoError(b, err, s)
	}
}

// BenchmarkImport compares ImportEvents with INSERT … SELECT FROM read_parquet into a table
// of the same four columns, each from opening a new file to closing it.
func BenchmarkImport(b *testing.B) {
	file := benchFile(b)
	var ours, theirs time.Duration
	for b.Loop() {
		dir := b.TempDir()
		began := time.Now()
		db, c := bare(b, filepath.Join(dir, "bare.db"))
		run(b, c, `CREATE TABLE events (user_id VARCHAR, item_id VARCHAR, ts BIGINT, qty INTEGER)`,
			`INSERT INTO events SELECT user_id, item_id, ts, qty FROM read_parquet('`+file+`')`, `CHECKPOINT`)
		c.Close()
		db.Close()
		theirs += time.Since(began)

		began = time.Now()
		shop, err := store.Open(background, filepath.Join(dir, "shop.db"), store.Options{Threads: benchThreads})
		require.NoError(b, err)
		r, err := shop.ImportEvents(background, file, store.ImportOptions{})
		require.NoError(b, err)
		require.EqualValues(b, benchRows(b), r.Inserted)
		require.NoError(b, shop.Close())
		ours += time.Since(began)
		require.NoError(b, os.RemoveAll(dir))
	}
	b.ReportMetric(ours.Seconds()/float64(b.N), "s/import")
	b.ReportMetric(theirs.Seconds()/float64(b.N), "s/bare")
	b.ReportMetric(ours.Seconds()/theirs.Seconds(), "×bare")
}

// BenchmarkDataset compares Dataset with the bare GROUP BY user_id, item_id over the same
// table, and measures the memory that the dataset keeps.
func BenchmarkDataset(b *testing.B) {
	file := benchFile(b)
	path := filepath.Join(b.TempDir(), "shop.db")
	shop, err := store.Open(background, path, store.Options{Threads: benchThreads})
	require.NoError(b, err)
	_, err = shop.ImportEvents(background, file, store.ImportOptions{})
	require.NoError(b, err)
	require.NoError(b, shop.Close())
	var ours, theirs time.Duration
	var bytes float64
	for b.Loop() {
		db, c := bare(b, path)
		began := time.Now()
		run(b, c, `SELECT user_id, item_id, sum(qty) FROM events GROUP BY user_id, item_id`)
		theirs += time.Since(began)
		c.Close()
		db.Close()

		shop, err := store.Open(background, path, store.Options{Threads: benchThreads})
		require.NoError(b, err)
		before := heap()
		began = time.Now()
		d, err := shop.Dataset(background, recsys.DatasetOptions{})
		require.NoError(b, err)
		ours += time.Since(began)
		bytes = float64(heap()-before) / float64(d.Interactions.NNZ())
		require.NoError(b, shop.Close())
		runtime.KeepAlive(d)
	}
	b.ReportMetric(ours.Seconds()/float64(b.N), "s/dataset")
	b.ReportMetric(theirs.Seconds()/float64(b.N), "s/bare")
	b.ReportMetric(ours.Seconds()/theirs.Seconds(), "×bare")
	b.ReportMetric(bytes, "B/interaction")
}

func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
