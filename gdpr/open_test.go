package gdpr_test

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/gdpr"
	"github.com/recsys-lite/recsys/store"
)

// A shop's own process exports while it has its store open, and goes on writing to it.
func TestExportWhileOpen(t *testing.T) {
	s := newSite(t, "als")
	s.store(func(db *store.DB) {
		export, err := s.Export(background, anna, nil)
		require.NoError(t, err)
		require.Len(t, export.Events, 4)
		require.Len(t, export.Models, 1)
		require.NoError(t, db.AppendEvents(background, []recsys.Event{{UserID: anna, ItemID: "cup", Time: 9001, Qty: 1}}))
		export, err = s.Export(background, anna, nil)
		require.NoError(t, err)
		require.Len(t, export.Events, 5, "what was written a moment ago")
	})
}

// What cannot be finished is not begun: neither rows nor models nor files change.
func TestDeleteWhileOpen(t *testing.T) {
	s := newSite(t, "als")
	quoted, err := json.Marshal(anna)
	require.NoError(t, err)
	s.write("data/export.json", fmt.Appendf(nil, `{"user_id": %s}`, quoted))
	current, err := os.ReadFile(s.path("model_artifacts/als/current"))
	require.NoError(t, err)
	for _, o := range []store.Options{{}, {ReadOnly: true}} {
		db, err := store.Open(background, s.DatabasePath, o)
		require.NoError(t, err)
		var steps []string
		receipt, err := s.Delete(background, anna, gdpr.DeleteOptions{Progress: func(step string) { steps = append(steps, step) }})
		require.ErrorContains(t, err, s.DatabasePath)
		require.ErrorContains(t, err, "open in this process: close")
		require.ErrorContains(t, err, "nothing was changed")
		require.Len(t, steps, 1)
		require.Empty(t, receipt.Rows)
		kept, err := db.UserEvents(background, anna)
		require.NoError(t, err)
		require.Len(t, kept, 4)
		is, err := db.IsForgotten(background, anna)
		require.NoError(t, err)
		require.False(t, is)
		_, err = s.Verify(background, anna)
		require.ErrorContains(t, err, "open in this process: close")
		require.NoError(t, db.Close())
	}
	now, err := os.ReadFile(s.path("model_artifacts/als/current"))
	require.NoError(t, err)
	require.Equal(t, string(current), string(now))
	require.NoFileExists(t, s.path("model_artifacts/als/forgotten.json"))
	require.FileExists(t, s.path("data/export.json"))

	receipt, err := s.Delete(background, anna, gdpr.DeleteOptions{})
	require.NoError(t, err)
	require.EqualValues(t, 4, receipt.Rows["events"], "the receipt of the call that did it")
}
