package worker

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/model"
	"github.com/recsys-lite/recsys/store"
)

func (s *shop) status() *Status {
	s.Helper()
	st, err := ReadStatus(s.path("model"))
	require.NoError(s, err)
	return st
}

func TestStatus(t *testing.T) {
	s := newShop(t)
	require.Nil(t, s.status(), "none has run yet")
	cfg := config(s.dir)
	var fail error
	cfg.Chores = []Chore{{Name: "retention", Due: func(time.Time) bool { return fail != nil }, Do: func(context.Context, *store.DB) error { return fail }}}
	w, err := New(cfg)
	require.NoError(t, err)
	s.drop("x.parquet", parquetOf(t, []recsys.Event{purchase("ann", "i1", 5000), purchase("ann", "new", 5001)}))
	s.drop("damaged 'ann'.parquet", []byte("PAR1 nothing of the kind, but long enough PAR1"))
	s.journal(purchase("ben", "i3", 6000))
	before := time.Now().Truncate(time.Millisecond)
	r := s.tick(w)
	first := s.status()
	require.False(t, first.LastTick.Before(before))
	require.False(t, first.LastTick.After(time.Now()))
	require.Equal(t, int64(3), first.Events)
	require.Equal(t, 2, first.Users)
	require.Equal(t, 1, first.NewItems)
	require.Equal(t, r.Version, first.Version)
	require.Empty(t, first.Error)
	require.Zero(t, first.IntervalS)
	require.Equal(t, &Published{r.Version, first.LastTick}, first.Published)
	require.Equal(t, 1, first.Quarantined.Files)
	require.Equal(t, "damaged 'ann'.parquet", first.Quarantined.File)
	require.Contains(t, first.Quarantined.Reason, "not a complete Parquet file")
	require.WithinDuration(t, time.Now(), first.Quarantined.At, time.Minute)
	info, err := os.Stat(filepath.Join(s.path("model"), model.WorkerFile))
	require.NoError(t, err)
	require.EqualValues(t, 0o644, info.Mode().Perm(), "a server of another user reads it")

	// A tick that fails says so, without what its message quotes, and what was published last
	// stays; another worker goes on from there.
	fail = errors.New("cannot write \"user ann\" or 'ann'\nand more of ann")
	_, err = w.Tick(t.Context())
	require.ErrorIs(t, err, fail)
	failed := s.status()
	require.Equal(t, "retention: cannot write “…” or “…”", failed.Error)
	require.Empty(t, failed.Version)
	require.Zero(t, failed.Events)
	require.Equal(t, first.Published, failed.Published)
	require.NoError(t, os.RemoveAll(s.path("incremental/quarantine")))
	s.tick(s.worker())
	last := s.status()
	require.Empty(t, last.Error)
	require.Equal(t, first.Published, last.Published)
	require.Nil(t, last.Quarantined, "somebody has looked after it")

	// To be told to stop is no failure.
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = w.Tick(stopped)
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, last, s.status())
	// Versions of models are none of its business.
	_, err = model.Prune(s.path("model"), 1)
	require.NoError(t, err)
	require.Equal(t, last, s.status())
	s.events += 3
	s.check()
}

func TestStatusOfRun(t *testing.T) {
	s := newShop(t)
	cfg := config(s.dir)
	next := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	cfg.Retrain.Schedule = fixed{next}
	w, err := New(cfg)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	w.step = func(name string) {
		if name == "status" {
			cancel()
		}
	}
	require.ErrorIs(t, w.Run(ctx, 1500*time.Millisecond), context.Canceled)
	require.Equal(t, 1.5, s.status().IntervalS)
	require.Equal(t, next, s.status().NextRetrain)

	w.cfg.Retrain.Gate.Bootstrap = 50
	r, err := w.Retrain(t.Context())
	require.NoError(t, err)
	got := s.status()
	require.WithinDuration(t, time.Now(), got.Retrain.At, time.Minute)
	require.Equal(t, &RetrainStatus{At: got.Retrain.At, Version: r.Version, Promoted: r.Decision.Promoted, Reason: r.Decision.Reason}, got.Retrain)
	w.cfg.Opener.Kinds = nil
	_, err = w.Retrain(t.Context())
	require.Error(t, err)
	require.NotEmpty(t, s.status().Retrain.Error)
	require.Empty(t, s.status().Retrain.Version)
}

// A model directory that is not there yet gets the file, for the server that waits for a model.
func TestStatusWithoutModel(t *testing.T) {
	s := newShop(t)
	cfg := config(s.dir)
	cfg.ModelDir = s.path("none/yet")
	w, err := New(cfg)
	require.NoError(t, err)
	s.tick(w)
	st, err := ReadStatus(cfg.ModelDir)
	require.NoError(t, err)
	require.NotZero(t, st.LastTick)
	_, err = model.Current(cfg.ModelDir)
	require.ErrorIs(t, err, model.ErrNoArtifact)
}

func TestStatusIsDamaged(t *testing.T) {
	s := newShop(t)
	path := filepath.Join(s.path("model"), model.WorkerFile)
	for _, text := range []string{"", "{", "null", `{"last_tick":"yesterday"}`, `[]`, strings.Repeat(" ", maxStatus) + "{}"} {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		st, err := ReadStatus(s.path("model"))
		if text == "null" {
			require.NoError(t, err)
			require.Zero(t, st.LastTick)
			continue
		}
		require.ErrorContains(t, err, path)
	}
	w := s.worker()
	s.tick(w) // replaces it
	require.NotZero(t, s.status().LastTick)
	// Where it cannot be written, ticks go on.
	require.NoError(t, os.Remove(path))
	require.NoError(t, os.MkdirAll(filepath.Join(path, "in the way"), 0o700))
	s.drop("x.parquet", parquetOf(t, []recsys.Event{purchase("ann", "i1", 5000)}))
	require.NotEmpty(t, s.tick(w).Version)
	s.events++
	s.check()
	_, err := ReadStatus(s.path("model"))
	require.Error(t, err)
}
