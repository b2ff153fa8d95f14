package worker

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/gate"
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
