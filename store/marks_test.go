package store_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/store"
)

// A copy shares the marks up to its own and none after, however much is added to it.
func TestMarks(t *testing.T) {
	dir := t.TempDir()
	path, aside := filepath.Join(dir, "shop.db"), filepath.Join(dir, "aside.db")
	mark := func(db *store.DB) string {
		t.Helper()
		m, err := db.Mark(background)
		require.NoError(t, err)
		require.Len(t, m, 16)
		requireReached(t, db, m, true)
		return m
	}
	db := open(t, path, store.Options{})
	empty := mark(db)
	require.NoError(t, db.AppendEvents(background, []recsys.Event{buy("a", "x", 1, 1), buy("b", "x", 9, 1)}))
	before := mark(db)
	require.NotEqual(t, empty, before)
	requireReached(t, db, empty, true)
	require.NoError(t, db.Close())
	_, _, err := store.Copy(background, path, aside, store.Options{})
	require.NoError(t, err)

	db = open(t, path, store.Options{})
	_, err = db.DeleteBefore(background, time.Unix(5, 0), false)
	require.NoError(t, err)
	require.NoError(t, db.AppendEvents(background, nil))
	require.Equal(t, before, mark(db), "no number was given")
	file := write(t, "e.csv", "user_id,item_id,ts\nc,x,3\n")
	_, err = db.ImportEvents(background, file, store.ImportOptions{})
	require.NoError(t, err)
	lost := mark(db)
	d, err := db.Dataset(background, recsys.DatasetOptions{})
	require.NoError(t, err)
	require.Equal(t, recsys.Watermark{Seq: 3, Time: 9, Mark: lost}, d.Watermark)
	require.NoError(t, db.Close())
	_, _, err = store.Rewrite(background, path, store.Options{})
	require.NoError(t, err)
	requireReached(t, open(t, path, store.Options{}), lost, true)

	older := open(t, aside, store.Options{})
	requireReached(t, older, before, true)
	requireReached(t, older, lost, false)
	_, err = older.ImportEvents(background, file, store.ImportOptions{})
	require.NoError(t, err)
	require.NoError(t, older.AppendEvents(background, []recsys.Event{buy("d", "x", 1, 1)}))
	requireReached(t, older, lost, false)
	requireReached(t, open(t, "", store.Options{}), empty, false)
	requireReached(t, older, "", false)
	requireReached(t, older, "no mark of ours", false)
}

func requireReached(t *testing.T, db *store.DB, mark string, want bool) {
	t.Helper()
	reached, err := db.Reached(background, mark)
	require.NoError(t, err)
	require.Equal(t, want, reached)
}

// A file of the release before has no marks, and gets one: what is made of it can be told apart
// from now on.
func TestSchema2(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.db")
	db := open(t, path, store.Options{})
	require.NoError(t, db.AppendEvents(background, []recsys.Event{buy("a", "x", 1, 1)}))
	require.NoError(t, db.Close())
	sql(t, path, "DROP TABLE event_marks", "UPDATE schema_version SET version = 2",
		"ALTER TABLE journals DROP COLUMN waiting", "INSERT INTO journals VALUES ('j', 7, 1)")
	old, err := os.ReadFile(path)
	require.NoError(t, err)
	saved := filepath.Join(t.TempDir(), "saved.db")
	_, err = store.Salvage(background, path, saved, store.Options{})
	require.NoError(t, err)
	salvaged := open(t, saved, store.Options{})
	journals, err := salvaged.Journals(background, 0)
	require.NoError(t, err)
	require.Equal(t, map[string]int64{"j": 7}, journals, "without its mark, the journal's events would be taken twice")
	require.NoError(t, salvaged.KeepJournals(background, nil))
	journals, err = salvaged.Journals(background, 0)
	require.NoError(t, err)
	require.Empty(t, journals)
	db = open(t, path, store.Options{})
	mark, err := db.Mark(background)
	require.NoError(t, err)
	requireReached(t, db, mark, true)
	journals, err = db.Journals(background, 0)
	require.NoError(t, err)
	require.Equal(t, map[string]int64{"j": 7}, journals, "it may have files")
	require.NoError(t, db.Close())
	require.NoError(t, os.WriteFile(path, old, 0o600))
	requireReached(t, open(t, path, store.Options{}), mark, false)
}
