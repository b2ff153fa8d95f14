package worker

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/als"
	"github.com/recsys-lite/recsys/gate"
	"github.com/recsys-lite/recsys/index"
	"github.com/recsys-lite/recsys/model"
)

// fixed is a schedule of given times.
type fixed []time.Time

func (f fixed) Next(t time.Time) time.Time {
	for _, at := range f {
		if at.After(t) {
			return at
		}
	}
	return time.Time{}
}

func TestRetrain(t *testing.T) {
	s := newShop(t)
	w := s.worker()
	s.drop("x.parquet", parquetOf(t, []recsys.Event{purchase("ann", "i1", 5000), purchase("ann", "new", 5001)}))
	s.tick(w)
	s.events += 2
	updated, err := model.Current(s.path("model"))
	require.NoError(t, err)
	indexed := false
	w.cfg.Retrain.Index = func(_ context.Context, a *model.Artifact) error {
		indexed = true
		return nil
	}
	w.cfg.Retrain.Gate.Bootstrap = 50
	r, err := w.Retrain(t.Context())
	require.NoError(t, err)
	require.True(t, indexed)
	require.Equal(t, updated, r.Decision.CurrentVersion)
	a := s.check()
	d, err := gate.Of(&a.Manifest)
	require.NoError(t, err)
	require.Equal(t, r.Decision, d)
	current, err := model.Current(s.path("model"))
	require.NoError(t, err)
	if d.Promoted {
		require.Equal(t, r.Version, current)
	} else {
		require.Equal(t, updated, current)
	}
	// A user came while it was fitted: the next tick brings it.
	s.drop("y.parquet", parquetOf(t, []recsys.Event{purchase("ben", "i1", 6000)}))
	s.tick(w)
	s.events++
	s.check()

	none, err := New(Config{ModelDir: s.path("none"), DB: s.path("shop.db"), Keep: 1})
	require.NoError(t, err)
	_, err = none.Retrain(t.Context())
	require.ErrorIs(t, err, model.ErrNoArtifact)
	w.cfg.Opener.Kinds = nil
	_, err = w.Retrain(t.Context())
	require.ErrorIs(t, err, model.ErrUnknownKind)
}

// A retraining is on the sample of users that the training was on, and says so.
func TestRetrainKeepsTheSample(t *testing.T) {
	s := newShop(t)
	a, err := model.Open(s.path("model"), als.Kind)
	require.NoError(t, err)
	want := model.Training{SampleRate: .5, Seed: 7}
	require.NoError(t, a.Manifest.Annotate(model.TrainingAnnotation, want))
	a.Manifest.Version = ""
	_, err = model.Publish(t.Context(), s.path("model"), a)
	require.NoError(t, err)
	db := s.db()
	d, err := db.Dataset(t.Context(), recsys.DatasetOptions{SampleRate: .5, Seed: 7})
	require.NoError(t, err)
	require.NoError(t, db.Close())
	w := s.worker()
	w.cfg.Retrain.Gate.Bootstrap = 50
	r, err := w.Retrain(t.Context())
	require.NoError(t, err)
	m, err := model.Verify(filepath.Join(s.path("model"), "versions", r.Version))
	require.NoError(t, err)
	got, err := m.Training()
	require.NoError(t, err)
	require.Equal(t, want, got)
	require.Equal(t, d.Users.Len(), m.Users)
}

// Refit publishes what Retrain would fit, unjudged, with an index only where one is asked for.
func TestRefit(t *testing.T) {
	s := newShop(t)
	w := s.worker()
	old, err := model.ReadManifest(s.path("model"))
	require.NoError(t, err)
	require.False(t, old.HasIndex())
	s.journal(purchase("ann", "new", 5000))
	s.tick(w)
	s.events++
	w.cfg.Retrain.Index = func(ctx context.Context, a *model.Artifact) (err error) {
		a.Index, err = index.OfModel(ctx, index.KindExact, a.Model.(recsys.VectorModel), a.Interactions, index.Options{})
		return err
	}
	version, err := w.Refit(t.Context(), old)
	require.NoError(t, err)
	a := s.check()
	require.Equal(t, version, a.Manifest.Version)
	require.JSONEq(t, string(old.Params), string(a.Manifest.Params))
	require.True(t, a.Manifest.HasIndex())
	d, err := gate.Of(&a.Manifest)
	require.NoError(t, err)
	require.Nil(t, d)
	require.Len(t, a.Snapshot().Journaled, 1)
	m, err := als.Kind.New(old.Params, recsys.Run{Workers: 1})
	require.NoError(t, err)
	db := s.db()
	data, err := db.Dataset(t.Context(), recsys.DatasetOptions{Sequences: true})
	require.NoError(t, err)
	require.NoError(t, db.Close())
	require.NoError(t, m.Fit(t.Context(), data))
	want, err := m.State()
	require.NoError(t, err)
	got, err := a.Model.State()
	require.NoError(t, err)
	require.Equal(t, want, got)

	unknown := *old
	unknown.Kind = "no kind"
	_, err = w.Refit(t.Context(), &unknown)
	require.ErrorIs(t, err, model.ErrUnknownKind)
	require.ErrorContains(t, err, `"no kind"`)
	require.ErrorContains(t, err, "knows als: pass")

	w.cfg.ModelDir = filepath.Join(s.path("shop.db"), "model")
	_, err = w.Refit(t.Context(), old)
	require.ErrorContains(t, err, "refit "+w.cfg.ModelDir+": ", "what cannot be published")
}

// A clock that is set back does not put a retraining off.
func TestDue(t *testing.T) {
	hour := func(h int) time.Time { return time.Date(2026, 1, 5, h, 0, 0, 0, time.UTC) }
	d := newDue(fixed{hour(2), hour(10)}, hour(3))
	require.False(t, d.now(hour(9)))
	require.NotNil(t, d.timer(hour(9)))
	d.timer(hour(1)) // set back by hours
	require.True(t, d.now(hour(2)))
	require.False(t, d.now(hour(3)))
	require.True(t, d.now(hour(11)))
	require.Nil(t, d.timer(hour(11)), "there is no next one")
	require.Nil(t, newDue(nil, hour(1)).timer(hour(1)))
}
