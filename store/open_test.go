package store_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/store"
	"github.com/recsys-lite/recsys/store/internal/duck"
)

func contextAfter(d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(background, d)
}

// sql runs statements on a database file past the store.
func sql(t *testing.T, path string, statements ...string) {
	t.Helper()
	db, err := duck.Open(path, nil)
	require.NoError(t, err)
	defer db.Close()
	c, err := db.Connect()
	require.NoError(t, err)
	defer c.Close()
	for _, s := range statements {
		_, err := c.Exec(background, s)
		require.NoError(t, err, s)
	}
}

func TestReopen(t *testing.T) {
	for _, name := range []string{"shop.db", "a b#c%d?e'f\"g:h.db", "ä 💡"} {
		path := filepath.Join(t.TempDir(), name)
		db, err := store.Open(background, path, store.Options{})
		require.NoError(t, err)
		require.NoError(t, db.AppendEvents(background, []recsys.Event{buy("u", "i", 1, 1)}))
		require.NoError(t, db.Close())
		requireOnly(t, path)
		reader := open(t, path, store.Options{ReadOnly: true})
		require.Len(t, events(t, reader), 1)
		d, err := reader.Dataset(background, recsys.DatasetOptions{})
		require.NoError(t, err)
		require.Equal(t, 1, d.Interactions.NNZ())
		require.ErrorContains(t, reader.AppendEvents(background, []recsys.Event{buy("u", "i", 1, 1)}), "reading only")
		_, err = reader.ImportEvents(background, write(t, "e.csv", "user_id,item_id,ts\n"), store.ImportOptions{})
		require.ErrorContains(t, err, "reading only")
		require.NoError(t, reader.Close())
		requireOnly(t, path)
	}
}

func TestOpenTwice(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.db")
	a := open(t, path, store.Options{})
	link := filepath.Join(t.TempDir(), "link.db")
	require.NoError(t, os.Symlink(path, link))
	b := open(t, link, store.Options{})
	require.Equal(t, a.Path(), b.Path())
	require.NoError(t, a.AppendEvents(background, []recsys.Event{buy("u", "i", 1, 1)}))
	require.Len(t, events(t, b), 1)
	_, err := store.Open(background, path, store.Options{Threads: 1, MemoryLimit: 64 << 20})
	require.ErrorContains(t, err, "already open in this process")
	require.NoError(t, a.Close())
	require.Len(t, events(t, b), 1, "one DB stays open when another is closed")
	require.NoError(t, b.Close())
	requireOnly(t, path)
}

// TestReadWhatIsOpen: a DB for reading shares the file that this process writes to, and does
// not become one for writing by it; one for reading is no DB to write to.
func TestReadWhatIsOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.db")
	writer := open(t, path, store.Options{})
	reader := open(t, path, store.Options{ReadOnly: true})
	require.NoError(t, writer.AppendEvents(background, []recsys.Event{buy("u", "i", 1, 1)}))
	require.Len(t, events(t, reader), 1)
	require.ErrorContains(t, reader.AppendEvents(background, []recsys.Event{buy("u", "i", 1, 1)}), "reading only")
	_, err := reader.ImportEvents(background, write(t, "e.csv", "user_id,item_id,ts\n"), store.ImportOptions{})
	require.ErrorContains(t, err, "reading only")
	require.NoError(t, writer.Close())
	require.Len(t, events(t, reader), 1)
	require.NoError(t, reader.Close())
	requireOnly(t, path)

	reader = open(t, path, store.Options{ReadOnly: true})
	_, err = store.Open(background, path, store.Options{})
	require.ErrorContains(t, err, "already open in this process for reading")
	require.NoError(t, reader.Close())
}

func TestOpenRefused(t *testing.T) {
	dir := t.TempDir()
	text := write(t, "notes.txt", strings.Repeat("not a database ", 1000))
	for path, says := range map[string]string{
		dir:                                     "directory",
		filepath.Join(dir, "absent", "shop.db"): "absent",
		text:                                    "notes.txt",
		"a\x00b":                                "zero byte",
	} {
		_, err := store.Open(background, path, store.Options{})
		require.ErrorContains(t, err, says)
	}
	_, err := store.Open(background, filepath.Join(dir, "absent.db"), store.Options{ReadOnly: true})
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = store.Open(background, "", store.Options{Threads: -1})
	require.Error(t, err)
	content, err := os.ReadFile(text)
	require.NoError(t, err)
	require.Equal(t, strings.Repeat("not a database ", 1000), string(content), "a foreign file is left as it is")
}

func TestNewerSchema(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.db")
	require.NoError(t, open(t, path, store.Options{}).Close())
	sql(t, path, `UPDATE schema_version SET version = 99`)
	_, err := store.Open(background, path, store.Options{})
	require.ErrorIs(t, err, store.ErrSchema)
	require.ErrorContains(t, err, "version 99")
}

func TestForeignTables(t *testing.T) {
	path := filepath.Join(t.TempDir(), "other.db")
	sql(t, path, `CREATE TABLE invoices (n INTEGER)`)
	_, err := store.Open(background, path, store.Options{})
	require.ErrorIs(t, err, store.ErrSchema)
	require.ErrorContains(t, err, "invoices")
	path = filepath.Join(t.TempDir(), "other.db")
	sql(t, path, `CREATE TABLE events (happened DATE)`)
	_, err = store.Open(background, path, store.Options{})
	require.ErrorIs(t, err, store.ErrSchema)
}

// TestMigrate opens a file as the Python program recsys-lite left it.
func TestMigrate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "recsys.db")
	sql(t, path,
		`CREATE TABLE events (user_id VARCHAR, item_id VARCHAR, ts BIGINT, qty INTEGER)`,
		`CREATE TABLE items (item_id VARCHAR PRIMARY KEY, category VARCHAR, brand VARCHAR, price DOUBLE, img_url VARCHAR)`,
		`INSERT INTO events VALUES ('u', 'b', 9, 2), ('u', 'a', 5, 1), (NULL, 'a', 5, 1), ('v', 'a', -1, 1), ('v', 'a', 7, -1)`,
		`INSERT INTO items VALUES ('a', 'C', NULL, 1.5, 'http://x'), ('b', NULL, 'B', -1, NULL)`,
		`CHECKPOINT`)
	_, err := store.Open(background, path, store.Options{ReadOnly: true})
	require.ErrorIs(t, err, store.ErrSchema)
	for range 2 {
		db := open(t, path, store.Options{})
		require.Equal(t, []recsys.Event{buy("u", "b", 9, 2), buy("u", "a", 5, 1), buy("v", "a", 7, -1)}, events(t, db))
		items, err := db.Items(background)
		require.NoError(t, err)
		price := 1.5
		require.Equal(t, []recsys.Item{{ID: "a", Category: "C", Price: &price, ImgURL: "http://x"}, {ID: "b", Brand: "B"}}, items)
		require.NoError(t, db.Close())
	}
	db := open(t, path, store.Options{})
	require.NoError(t, db.AppendEvents(background, []recsys.Event{buy("w", "a", 1, 1)}))
	_, last, err := db.EventsAfter(background, 3, 10)
	require.NoError(t, err)
	require.EqualValues(t, 4, last)
}

// TestRunbook keeps what the runbook shows of the schema true.
func TestRunbook(t *testing.T) {
	path := filepath.Join(t.TempDir(), "recsys.db")
	db := open(t, path, store.Options{})
	require.NoError(t, db.AppendEvents(background, []recsys.Event{buy("u", "i", 1, 2)}))
	require.NoError(t, db.Close())
	raw, err := duck.Open(path, nil)
	require.NoError(t, err)
	defer raw.Close()
	c, err := raw.Connect()
	require.NoError(t, err)
	defer c.Close()
	var columns []string
	require.NoError(t, c.Query(background, `SELECT column_name FROM information_schema.columns WHERE table_name = 'events'`, nil, func(k *duck.Chunk) error {
		for r := range k.Len() {
			columns = append(columns, k.String(0, r))
		}
		return nil
	}))
	require.Subset(t, columns, []string{"user_id", "item_id", "ts", "qty"})
	require.NoError(t, c.Query(background, `SELECT count(*) FROM events`, nil, func(k *duck.Chunk) error {
		require.EqualValues(t, 1, k.Int64(0)[0])
		return nil
	}))
}

// TestSpillSwept: what a killed process spilled goes; what is not DuckDB's stays.
func TestSpillSwept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop [1].db")
	for _, own := range []bool{true, false} {
		require.NoError(t, os.MkdirAll(path+".tmp", 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(path+".tmp", "duckdb_temp_storage-0.tmp"), []byte("anna"), 0o600))
		if !own {
			require.NoError(t, os.WriteFile(filepath.Join(path+".tmp", "notes"), nil, 0o600))
		}
		require.NoError(t, open(t, path, store.Options{}).Close())
		left, err := os.ReadDir(path + ".tmp")
		if own {
			require.ErrorIs(t, err, os.ErrNotExist)
			continue
		}
		require.NoError(t, err)
		require.Len(t, left, 1)
	}
}

// TestSpill imports and loads with less memory than it takes.
func TestSpill(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	path := filepath.Join(t.TempDir(), "shop.db")
	db := open(t, path, store.Options{MemoryLimit: 64 << 20, Threads: 2})
	file := parquetFile(t, "e.parquet", "SELECT 'user ' || hash(i) % 200000 AS user_id, 'item ' || hash(i + 1) % 100000 AS item_id, i AS ts FROM range(1000000) t(i)")
	r, err := db.ImportEvents(background, file, store.ImportOptions{})
	require.NoError(t, err)
	require.EqualValues(t, 1_000_000, r.Inserted)
	d, err := db.Dataset(background, recsys.DatasetOptions{Sequences: true})
	require.NoError(t, err)
	require.NoError(t, d.Validate())
	require.Len(t, d.Sequences.Items, 1_000_000)
	require.NoError(t, db.Close())
	requireOnly(t, path)
}
