package store_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/store"
)

func TestForget(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.db")
	db := open(t, path, store.Options{})
	user := "anna' OR true --"
	require.NoError(t, db.AppendEvents(background, []recsys.Event{buy("ben", "i", 1, 1), buy(user, "i", 1, 1), buy(user, "j", 1, 1)}))
	lifted, err := db.LiftTombstone(background, user)
	require.NoError(t, err)
	require.False(t, lifted)
	removed, err := db.Forget(background, user)
	require.NoError(t, err)
	require.EqualValues(t, 2, removed["events"])
	removed, err = db.Forget(background, user)
	require.NoError(t, err)
	require.Zero(t, removed["events"])
	require.Equal(t, []recsys.Event{buy("ben", "i", 1, 1)}, events(t, db))
	require.NoError(t, db.Close())

	db = open(t, path, store.Options{})
	require.NoError(t, db.AppendEvents(background, []recsys.Event{buy(user, "i", 2, 1), buy("cleo", "i", 2, 1)}))
	_, last, err := db.EventsAfter(background, 3, 10)
	require.NoError(t, err)
	require.EqualValues(t, 4, last, "the numbers of deleted events are not given again")
	file, out := write(t, "e.csv", "user_id,item_id,ts\n"+user+",i,3\ndora,i,3\n"), filepath.Join(t.TempDir(), "r.csv")
	r, err := db.ImportEvents(background, file, store.ImportOptions{RejectsPath: out})
	require.NoError(t, err)
	require.Equal(t, map[string]int64{"the user was forgotten": 1}, r.Reasons)
	require.Equal(t, []string{file, "1", "the user was forgotten", ""}, rejects(t, out)[0])
	require.Equal(t, []recsys.Event{buy("ben", "i", 1, 1), buy("cleo", "i", 2, 1), buy("dora", "i", 3, 1)}, events(t, db))

	lifted, err = db.LiftTombstone(background, user)
	require.NoError(t, err)
	require.True(t, lifted)
	require.NoError(t, db.AppendEvents(background, []recsys.Event{buy(user, "i", 5, 1)}))
	require.Len(t, events(t, db), 4)
	_, err = db.Forget(background, "")
	require.ErrorIs(t, err, recsys.ErrInvalidData)
}

func TestSettings(t *testing.T) {
	db := open(t, "", store.Options{})
	_, err := db.Forget(background, "u") // makes the key, which is nobody's business
	require.NoError(t, err)
	require.NoError(t, db.SetSetting(background, "retention_days", "180"))
	require.NoError(t, db.SetSetting(background, "it's", `"x"`))
	require.NoError(t, db.SetSetting(background, "retention_days", "90"))
	got, err := db.Settings(background)
	require.NoError(t, err)
	require.Equal(t, map[string]string{"retention_days": "90", "it's": `"x"`}, got)
	require.NoError(t, db.SetSetting(background, "it's", ""))
	got, err = db.Settings(background)
	require.NoError(t, err)
	require.Equal(t, map[string]string{"retention_days": "90"}, got)
	for _, name := range []string{"", "tombstone_key", "\xff"} {
		require.ErrorIs(t, db.SetSetting(background, name, "x"), recsys.ErrInvalidConfig)
	}
}

func TestAudit(t *testing.T) {
	db := open(t, "", store.Options{})
	want := []store.AuditEntry{}
	for i, op := range []string{"DATA_EXPORT", "DATA_DELETION"} {
		e := store.AuditEntry{Time: time.Unix(int64(100-i), 0), Operation: op, Subject: strings.Repeat("s'", i), Outcome: "success"}
		require.NoError(t, db.AppendAudit(background, e))
		want = append(want, e)
	}
	got, err := db.Audit(background)
	require.NoError(t, err)
	require.Equal(t, want, got)
	require.ErrorIs(t, db.AppendAudit(background, store.AuditEntry{Operation: "\xff"}), recsys.ErrInvalidData)
}
