package model_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/model"
	"github.com/recsys-lite/recsys/model/internal/cooccur"
)

func TestJournaled(t *testing.T) {
	dir := t.TempDir()
	a := shop(t)
	a.Manifest.Annotations = map[string]json.RawMessage{model.JournalAnnotation: json.RawMessage(`{"a":7,"b":9007199254740993}`)}
	_, err := model.Publish(t.Context(), dir, a)
	require.NoError(t, err)
	opened, err := model.Open(dir, cooccur.Kind)
	require.NoError(t, err)
	require.Equal(t, map[string]int64{"a": 7, "b": 9007199254740993}, opened.Snapshot().Journaled)

	a.Manifest.Annotations[model.JournalAnnotation] = json.RawMessage(`{"a":"seven"}`)
	_, err = model.Publish(t.Context(), dir, a)
	require.ErrorIs(t, err, recsys.ErrInvalidData)
	require.ErrorContains(t, err, `annotation "journal"`)
}
