package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/store"
)

// anna is easily found in a file, and not a part of another id.
const anna = "anna-of-the-green-gables@example.com"

// TestRewrite: the bytes of a deleted user leave the file, and nothing else does.
func TestRewrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop [1]'*.db")
	db := open(t, path, store.Options{})
	file := parquetFile(t, "e.parquet", fmt.Sprintf(`SELECT CASE WHEN i %% 1000 = 7 THEN '%s' ELSE 'user ' || hash(i %% 5000) END AS user_id, 'item ' || i %% 300 AS item_id, i AS ts FROM range(300000) t(i)`, anna))
	_, err := db.ImportEvents(background, file, store.ImportOptions{})
	require.NoError(t, err)
	require.NoError(t, db.UpsertUsers(background, []recsys.User{{ID: anna, Country: "CA"}, {ID: "bert", Attributes: map[string]string{"tier": "gold"}}}))
	require.NoError(t, db.UpsertItems(background, []recsys.Item{{ID: "i", Title: "T"}}))
	require.NoError(t, db.Close())
	require.NoError(t, os.Chmod(path, 0o640))
	require.Positive(t, countIn(t, path, anna[:20]), "the test would find her (DuckDB may cut an id where it compresses it)")

	db = open(t, path, store.Options{})
	removed, err := db.Forget(background, anna)
	require.NoError(t, err)
	require.EqualValues(t, 300, removed["events"])
	require.EqualValues(t, 1, removed["users"])
	want := events(t, db)
	tidy := func() bool {
		is, err := store.Tidy(background, path, store.Options{})
		require.NoError(t, err)
		return is
	}
	_, _, err = store.Rewrite(background, path, store.Options{LockTimeout: -1})
	require.ErrorContains(t, err, "open in this process")
	require.ErrorContains(t, store.Rewritable(background, path, store.Options{LockTimeout: -1}), "open in this process")
	require.NoError(t, db.Close())
	require.NoError(t, store.Rewritable(background, path, store.Options{}))
	requireOnly(t, path)
	require.False(t, tidy(), "deleted rows are still in the file")
	require.NoError(t, os.WriteFile(path+".rewrite-1", []byte(anna), 0o600), "what a crash left")

	before, after, err := store.Rewrite(background, path, store.Options{})
	require.NoError(t, err)
	require.Positive(t, before)
	require.Positive(t, after)
	requireOnly(t, path)
	require.Zero(t, countIn(t, path, anna[:12]))
	require.True(t, tidy())
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = f.WriteString(anna)
	require.NoError(t, errors.Join(err, f.Close()))
	require.False(t, tidy(), "something stands behind the last block")
	_, _, err = store.Rewrite(background, path, store.Options{})
	require.NoError(t, err)
	require.True(t, tidy())
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.EqualValues(t, 0o640, info.Mode().Perm())
	db = open(t, path, store.Options{})
	require.Equal(t, want, events(t, db))
	items, err := db.Items(background)
	require.NoError(t, err)
	require.Equal(t, []recsys.Item{{ID: "i", Title: "T"}}, items)
	_, known, err := db.User(background, anna)
	require.NoError(t, err)
	require.False(t, known)
	bert, known, err := db.User(background, "bert")
	require.NoError(t, err)
	require.True(t, known)
	require.Equal(t, recsys.User{ID: "bert", Attributes: map[string]string{"tier": "gold"}}, bert)
	require.NoError(t, db.AppendEvents(background, []recsys.Event{buy(anna, "i", 1, 1), buy("zoe", "i", 1, 1)}), "the tombstone has come along")
	stats, err := db.Stats(background)
	require.NoError(t, err)
	require.EqualValues(t, 300_000-300+1, stats.Events)
	r, err := db.ImportEvents(background, file, store.ImportOptions{})
	require.NoError(t, err)
	require.True(t, r.AlreadyApplied, "and so has the ledger")
}

// TestRewritable: it says beforehand what would keep Rewrite from running, and changes nothing.
func TestRewritable(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "shop.db")
	require.NoError(t, store.Rewritable(background, path, store.Options{}), "what is not there yet")
	require.NoFileExists(t, path)
	require.NoError(t, open(t, path, store.Options{}).Close())
	require.NoError(t, store.Rewritable(background, path, store.Options{}))
	requireOnly(t, path)
	require.NoError(t, os.Chmod(dir, 0o500))
	defer os.Chmod(dir, 0o700)
	if f, err := os.Create(filepath.Join(dir, "x")); err == nil {
		f.Close()
		t.Skip("this user may write anywhere")
	}
	require.ErrorIs(t, store.Rewritable(background, path, store.Options{}), os.ErrPermission)
}

func countIn(t *testing.T, path, text string) int {
	t.Helper()
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	return bytes.Count(content, []byte(text))
}

func TestForgetEverywhere(t *testing.T) {
	db := open(t, "", store.Options{})
	require.NoError(t, db.UpsertUsers(background, []recsys.User{{ID: "anna"}, {ID: "ann"}}))
	dir := filepath.Join(t.TempDir(), "export of anna")
	require.NoError(t, os.Mkdir(dir, 0o700))
	path := filepath.Join(dir, "e.csv")
	require.NoError(t, os.WriteFile(path, []byte("user_id,item_id,ts\nann,i,1\n"), 0o600))
	_, err := db.ImportEvents(background, path, store.ImportOptions{})
	require.NoError(t, err)
	is, err := db.IsForgotten(background, "anna")
	require.NoError(t, err)
	require.False(t, is)
	removed, err := db.Forget(background, "anna")
	require.NoError(t, err)
	require.Equal(t, map[string]int64{"events": 0, "users": 1, "dead_letters": 0, "imported_files": 1}, removed)
	is, err = db.IsForgotten(background, "anna")
	require.NoError(t, err)
	require.True(t, is)
	all, err := db.Tombstones(background)
	require.NoError(t, err)
	require.Len(t, all, 1)
	require.NoError(t, db.UpsertUsers(background, []recsys.User{{ID: "anna"}}))
	_, known, err := db.User(background, "anna")
	require.NoError(t, err)
	require.False(t, known)
	r, err := db.ImportUsers(background, write(t, "users.csv", "user_id,country,tier,note\nanna,DE,gold,x\nben, FR ,gold,\nben,AT,gold,\n,DE,,\ncleo,AT,gold,y\n"), store.ImportOptions{})
	require.NoError(t, err)
	require.Equal(t, map[string]int64{"the user was forgotten": 1, "missing user_id": 1, "the user_id occurs again below": 1}, r.Reasons)
	require.NoError(t, db.AppendEvents(background, []recsys.Event{buy("ben", "i", 1, 1), buy("cleo", "i", 1, 1)}))
	d, err := db.Dataset(background, recsys.DatasetOptions{UserFeatures: true})
	require.NoError(t, err)
	require.Equal(t, []string{"country=AT", "tier=gold"}, d.UserFeatures.Names, "what two users share")
	require.Equal(t, []int64{0, 0, 2, 4}, d.UserFeatures.Matrix.Indptr)
	require.NoError(t, d.Validate())
}
