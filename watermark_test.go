package recsys_test

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/als"
	"github.com/recsys-lite/recsys/store/memstore"
)

// marked is a store that names the states of its log.
type marked struct {
	*memstore.Store
	states []string
}

func (m *marked) Mark(context.Context) (string, error) { return m.states[len(m.states)-1], nil }

func (m *marked) Reached(_ context.Context, mark string) (bool, error) {
	return slices.Contains(m.states, mark), nil
}

// A store with marks tells also when it has caught up with the numbers that it had lost.
func TestUpdaterGoesByTheMarks(t *testing.T) {
	st := &marked{shopOfTastes(t, 10, 10), []string{"first", "fitted"}}
	s := fitted(t, st, als.Kind, recsys.DatasetOptions{})
	s.Watermark.Mark = "fitted"
	u := updater(als.Kind)
	require.NoError(t, st.AppendEvents(t.Context(), []recsys.Event{purchase("u1", "i0", 9000)}))
	st.states = append(st.states, "updated")
	next, done, err := u.Update(t.Context(), st, s)
	require.NoError(t, err)
	require.True(t, done.Changed())
	require.Equal(t, recsys.Watermark{Seq: s.Watermark.Seq + 1, Time: 9000, Mark: "updated"}, next.Watermark)

	require.NoError(t, st.AppendEvents(t.Context(), []recsys.Event{purchase("u1", "i2", 9001)}))
	st.states = []string{"first", "fitted", "other", "more"}
	same, done, err := u.Update(t.Context(), st, next)
	require.ErrorIs(t, err, recsys.ErrSetBack)
	require.ErrorContains(t, err, "train anew")
	require.Zero(t, done)
	require.Equal(t, next, same)
	_, _, err = u.Update(t.Context(), st, s)
	require.NoError(t, err, "what was fitted before the loss goes on")
	s.Watermark.Mark = ""
	_, _, err = u.Update(t.Context(), st, s)
	require.NoError(t, err, "nor does a snapshot of a release without marks stop")
}
