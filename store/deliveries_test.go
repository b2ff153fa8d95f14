package store_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/store"
)

func TestDeliver(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "shop.db"), store.Options{})
	_, err := db.Forget(background, "gone")
	require.NoError(t, err)
	first := []recsys.Delivery{
		{Key: "1", Events: []recsys.Event{buy("ann", "tea", 1, 1), buy("gone", "tea", 1, 1)}},
		{Key: "2", Dead: []recsys.DeadLetter{{Reason: "no JSON", Body: []byte("{")}, {Reason: "no text \xff", Body: []byte{0xff, 0}}}},
		{Key: "1", Events: []recsys.Event{buy("ann", "tea", 1, 1)}},
	}
	got, err := db.Deliver(background, "q", first)
	require.NoError(t, err)
	require.Equal(t, recsys.Delivered{Events: 1, Forgotten: 1, Repeated: 1, Dead: 2}, got)
	got, err = db.Deliver(background, "q", first)
	require.NoError(t, err)
	require.Equal(t, recsys.Delivered{Repeated: 3}, got)
	got, err = db.Deliver(background, "other", first[:1])
	require.NoError(t, err)
	require.Equal(t, recsys.Delivered{Events: 1, Forgotten: 1}, got, "keys are a source's own")
	first[0].Fresh = true
	got, err = db.Deliver(background, "q", first[:1])
	require.NoError(t, err)
	require.Equal(t, recsys.Delivered{Events: 1, Forgotten: 1}, got)
	require.Len(t, events(t, db), 3)

	dead, err := db.DeadLetters(background)
	require.NoError(t, err)
	require.Len(t, dead, 2)
	require.Equal(t, "q", dead[0].Source)
	require.Equal(t, "no JSON", dead[0].Reason)
	require.Equal(t, []byte("{"), dead[0].Body)
	require.Equal(t, "no text \ufffd", dead[1].Reason)
	require.Equal(t, []byte{0xff, 0}, dead[1].Body)
	require.False(t, dead[0].Time.IsZero())

	_, err = db.Deliver(background, "q", []recsys.Delivery{{Key: "3", Events: []recsys.Event{buy("ann", "tea", 1, 1)}},
		{Key: "4", Events: []recsys.Event{buy("", "tea", 1, 1)}}})
	require.ErrorIs(t, err, recsys.ErrInvalidData)
	require.Len(t, events(t, db), 3, "all or nothing")
	_, err = db.Deliver(background, "", first)
	require.ErrorIs(t, err, recsys.ErrInvalidData)
}

func TestAppendJournaled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.db")
	db := open(t, path, store.Options{})
	all := []recsys.Event{buy("a", "x", 1, 1), buy("b", "x", 2, 1), buy("c", "x", 3, 1), buy("d", "x", 4, 1)}
	add := func(journal string, seqs []int64, events []recsys.Event, want int) {
		t.Helper()
		n, err := db.AppendJournaled(background, journal, seqs, events)
		require.NoError(t, err)
		require.Equal(t, want, n)
	}
	add("j", []int64{1, 2}, all[:2], 2)
	add("j", []int64{1, 2}, all[:2], 0)
	add("j", []int64{1, 2, 4}, all[:3], 1)
	add("k", []int64{1}, all[3:], 1)
	add("k", nil, nil, 0)
	require.NoError(t, db.Close())
	db = open(t, path, store.Options{})
	add("j", []int64{3, 4, 7}, []recsys.Event{all[0], all[1], all[3]}, 1)
	require.Equal(t, append(all, all[3]), events(t, db))
	marks, err := db.Journals(background, 10)
	require.NoError(t, err)
	require.Equal(t, map[string]int64{"j": 7, "k": 1}, marks)
	marked := func(limit int, want map[string]int64) {
		t.Helper()
		marks, err := db.Journals(background, limit)
		require.NoError(t, err)
		require.Equal(t, want, marks)
	}
	marked(0, marks)
	require.NoError(t, db.KeepJournals(background, []string{"k", "never seen"}))
	marked(0, map[string]int64{"k": 1})
	marked(1, map[string]int64{"k": 1})
	marked(2, marks)
	require.NoError(t, db.KeepJournals(background, nil))
	marked(0, map[string]int64{})
	marked(1, map[string]int64{"j": 7})
	add("k", []int64{2}, all[3:], 1)
	marked(0, map[string]int64{"k": 2})
	require.NoError(t, db.KeepJournals(background, []string{"j"}))
	marked(0, map[string]int64{"j": 7})
	_, err = db.AppendJournaled(background, "j", []int64{9, 8}, all[:2])
	require.ErrorIs(t, err, recsys.ErrInvalidData)
	_, err = db.AppendJournaled(background, "j", []int64{9}, []recsys.Event{buy("u", "", 1, 1)})
	require.ErrorIs(t, err, recsys.ErrInvalidData)
}

// TestSchema1 opens a file that the release before the tables of version 2 wrote.
func TestSchema1(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.db")
	db := open(t, path, store.Options{})
	require.NoError(t, db.AppendEvents(background, []recsys.Event{buy("a", "x", 1, 1)}))
	require.NoError(t, db.Close())
	for _, q := range []string{"DROP TABLE journals", "DROP TABLE queue_seen", "DROP TABLE dead_letters", "DROP TABLE users", "DROP TABLE event_marks", "UPDATE schema_version SET version = 1"} {
		sql(t, path, q)
	}
	_, err := store.Open(background, path, store.Options{ReadOnly: true})
	require.ErrorIs(t, err, store.ErrSchema)
	require.ErrorContains(t, err, "open the file once for writing")
	db = open(t, path, store.Options{})
	_, err = db.Deliver(background, "q", []recsys.Delivery{{Key: "1", Events: []recsys.Event{buy("b", "x", 2, 1)}}})
	require.NoError(t, err)
	require.Len(t, events(t, db), 2)
}
