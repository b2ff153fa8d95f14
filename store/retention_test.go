package store_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/store"
)

func TestDeleteBefore(t *testing.T) {
	db := open(t, "", store.Options{})
	e, err := db.DeleteBefore(background, time.Unix(100, 0), false)
	require.NoError(t, err)
	require.Zero(t, e)
	future := time.Now().Add(1000 * time.Hour).Unix()
	require.NoError(t, db.AppendEvents(background, []recsys.Event{buy("old", "i", 10, 1), buy("both", "i", 99, 1), buy("both", "i", 100, 1), buy("new", "i", future, 1)}))
	want := store.Expired{Events: 2, Users: 1, Oldest: 10}
	for _, dry := range []bool{true, true, false} {
		e, err = db.DeleteBefore(background, time.Unix(100, 0), dry)
		require.NoError(t, err)
		require.Equal(t, want, e, "the time itself is not before it")
	}
	require.Equal(t, []recsys.Event{buy("both", "i", 100, 1), buy("new", "i", future, 1)}, events(t, db))
	e, err = db.DeleteBefore(background, time.Unix(50, 0), false)
	require.NoError(t, err)
	require.Equal(t, store.Expired{Oldest: 100}, e, "a clock that went back deletes nothing more")
	require.NoError(t, db.AppendEvents(background, []recsys.Event{buy("x", "i", 200, 1)}))
	_, last, err := db.EventsAfter(background, 4, 10)
	require.NoError(t, err)
	require.EqualValues(t, 5, last, "numbers of expired events are not given again")
	_, err = db.DeleteBefore(background, time.Unix(-1, 0), true)
	require.ErrorIs(t, err, recsys.ErrInvalidConfig)
}

func TestMentions(t *testing.T) {
	db := open(t, "", store.Options{})
	require.NoError(t, db.AppendEvents(background, []recsys.Event{buy("12", "i", 1, 1), buy("12", "j", 1, 1), buy("120", "i", 1, 1)}))
	require.NoError(t, db.UpsertItems(background, []recsys.Item{{ID: "12", Title: "a 12 pack"}, {ID: "2012", Attributes: map[string]string{"by": "12"}}}))
	require.NoError(t, db.UpsertUsers(background, []recsys.User{{ID: "12"}, {ID: "zoë", Attributes: map[string]string{"zoë": "\t12\t"}}}))
	found, err := db.Mentions(background, "12")
	require.NoError(t, err)
	require.ElementsMatch(t, []store.Mention{
		{"events", "user_id", 2, true}, {"items", "item_id", 1, true}, {"items", "title", 1, false}, {"items", "attributes", 1, false},
		{"users", "attributes", 1, false}, {"users", "user_id", 1, true}}, found)
	_, err = db.Forget(background, "12")
	require.NoError(t, err)
	found, err = db.Mentions(background, "12")
	require.NoError(t, err)
	require.Len(t, found, 4, "what is of others stays")
	found, err = db.Mentions(background, "nobody")
	require.NoError(t, err)
	require.Empty(t, found)
}

func TestCopy(t *testing.T) {
	dir := t.TempDir()
	path, to := filepath.Join(dir, "shop.db"), filepath.Join(dir, "copy.db")
	db := open(t, path, store.Options{})
	require.NoError(t, db.AppendEvents(background, []recsys.Event{buy("u", "i", 1, 1)}))
	_, _, err := store.Copy(background, path, to, store.Options{LockTimeout: -1})
	require.ErrorContains(t, err, "open in this process")
	require.NoError(t, db.Close())
	size, sum, err := store.Copy(background, path, to, store.Options{})
	require.NoError(t, err)
	require.Positive(t, size)
	require.Len(t, sum, 64)
	_, _, err = store.Copy(background, path, to, store.Options{})
	require.ErrorContains(t, err, "there already")
	require.Equal(t, events(t, open(t, to, store.Options{ReadOnly: true})), []recsys.Event{buy("u", "i", 1, 1)})
	_, _, err = store.Copy(background, filepath.Join(dir, "absent"), filepath.Join(dir, "x"), store.Options{})
	require.Error(t, err)
}
