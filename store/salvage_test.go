package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/store"
)

// bigDB is a database of several row groups.
func bigDB(t *testing.T) (path string, rows int64) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "shop.db")
	db := open(t, path, store.Options{})
	file := parquetFile(t, "e.parquet", `SELECT 'user ' || hash(i) AS user_id, 'item ' || hash(i + 1) AS item_id, i AS ts FROM range(500000) t(i)`)
	_, err := db.ImportEvents(background, file, store.ImportOptions{})
	require.NoError(t, err)
	require.NoError(t, db.UpsertItems(background, []recsys.Item{{ID: "cup", Title: "Cup"}}))
	require.NoError(t, db.SetSetting(background, "retention_days", "90"))
	_, err = db.Forget(background, "nobody")
	require.NoError(t, err)
	require.NoError(t, db.Close())
	return path, 500_000
}

func flip(t *testing.T, path string, at int64) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	require.NoError(t, err)
	b := make([]byte, 64)
	_, err = f.ReadAt(b, at)
	require.NoError(t, err)
	for i := range b {
		b[i] ^= 0x55
	}
	_, err = f.WriteAt(b, at)
	require.NoError(t, errors.Join(err, f.Close()))
}

// A file with a damaged block gives up the rest.
func TestSalvageFlippedBytes(t *testing.T) {
	path, rows := bigDB(t)
	info, err := os.Stat(path)
	require.NoError(t, err)
	flip(t, path, info.Size()/4)
	r, err := store.Inspect(background, path, store.Options{})
	require.NoError(t, err)
	require.NotEmpty(t, r.Damaged, "the damage is noticed")
	out := filepath.Join(t.TempDir(), "saved.db")
	all, err := store.Salvage(background, path, out, store.Options{})
	require.NoError(t, err)
	saved := map[string]store.Salvaged{}
	for _, s := range all {
		saved[s.Table] = s
	}
	require.Positive(t, saved["events"].Rows)
	require.Less(t, saved["events"].Rows, rows)
	require.Positive(t, saved["events"].Lost)
	require.Contains(t, saved["events"].Reason, "hecksum")
	require.EqualValues(t, 1, saved["items"].Rows)
	requireOnly(t, out)
	db := open(t, out, store.Options{})
	stats, err := db.Stats(background)
	require.NoError(t, err)
	require.Equal(t, saved["events"].Rows, stats.Events)
	settings, err := db.Settings(background)
	require.NoError(t, err)
	require.Equal(t, map[string]string{"retention_days": "90"}, settings)
	forgotten, err := db.IsForgotten(background, "nobody")
	require.NoError(t, err)
	require.True(t, forgotten)
	require.NoError(t, db.AppendEvents(background, []recsys.Event{buy("u", "i", 1, 1)}), "the new file goes on")
	_, err = store.Inspect(background, out, store.Options{})
	require.Error(t, err, "it is open")
	require.NoError(t, db.Close())
	r, err = store.Inspect(background, out, store.Options{})
	require.NoError(t, err)
	require.Empty(t, r.Damaged)
	_, err = store.Salvage(background, path, out, store.Options{})
	require.ErrorIs(t, err, os.ErrExist)
}

// A file that was cut, or whose beginning is gone, gives a clear error or what is left.
func TestSalvageTruncated(t *testing.T) {
	path, rows := bigDB(t)
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	for _, keep := range []int{0, 100, 4096, 20000, len(whole) / 2, len(whole) - 1000} {
		require.NoError(t, os.WriteFile(path, whole[:keep], 0o600))
		out := filepath.Join(t.TempDir(), "saved.db")
		all, err := store.Salvage(background, path, out, store.Options{})
		if err != nil {
			require.ErrorContains(t, err, "restore a backup")
			continue
		}
		for _, s := range all {
			require.LessOrEqual(t, s.Rows, rows)
		}
	}
	require.NoError(t, os.WriteFile(path, whole, 0o600))
	flip(t, path, 4096+8)
	flip(t, path, 8192+8)
	_, err = store.Salvage(background, path, filepath.Join(t.TempDir(), "x.db"), store.Options{})
	require.ErrorContains(t, err, "restore a backup")
}

func TestRestore(t *testing.T) {
	dir := t.TempDir()
	path, backup := filepath.Join(dir, "shop.db"), filepath.Join(dir, "backup.db")
	db := open(t, path, store.Options{})
	require.NoError(t, db.AppendEvents(background, []recsys.Event{buy(anna, "i", 1, 1), buy("bert", "i", 1, 1)}))
	require.NoError(t, db.Close())
	_, _, err := store.Copy(background, path, backup, store.Options{})
	require.NoError(t, err)
	db = open(t, path, store.Options{})
	_, err = db.Forget(background, anna)
	require.NoError(t, err)
	require.NoError(t, db.AppendEvents(background, []recsys.Event{buy("late", "i", 1, 1)}))
	require.NoError(t, db.Close())
	n, err := store.Restore(background, backup, path, store.Options{})
	require.NoError(t, err)
	require.EqualValues(t, 1, n, "who was forgotten stays so")
	require.Zero(t, countIn(t, path, anna[:12]))
	db = open(t, path, store.Options{})
	require.Equal(t, []recsys.Event{buy("bert", "i", 1, 1)}, events(t, db))
	forgotten, err := db.IsForgotten(background, anna)
	require.NoError(t, err)
	require.True(t, forgotten)
	require.NoError(t, db.Close())
	other := filepath.Join(dir, "other.db")
	n, err = store.Restore(background, backup, other, store.Options{})
	require.NoError(t, err)
	require.Zero(t, n)
	require.Len(t, events(t, open(t, other, store.Options{ReadOnly: true})), 2)
	left, err := filepath.Glob(filepath.Join(dir, "*restore*"))
	require.NoError(t, err)
	require.Empty(t, left)
}
