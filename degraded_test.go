package recsys_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
)

// sluggish takes its time, and obeys its context as a model does.
type sluggish struct{ cooccurrence }

func (m *sluggish) Recommend(ctx context.Context, q recsys.Query) ([]recsys.Scored, error) {
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(10 * time.Second):
		return m.cooccurrence.Recommend(ctx, q)
	}
}

func TestTheDeadlineDegradesInsteadOfFailing(t *testing.T) {
	s := shop(t, "v1")
	s.Model = &sluggish{cooccurrence{s.Interactions}}
	e, err := recsys.NewEngine(s)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	r, err := e.Recommend(ctx, recsys.Request{UserID: "u0", K: 3, Explain: true})
	require.NoError(t, err)
	require.NoError(t, ctx.Err(), "there is time left to write the answer")
	require.True(t, r.Degraded)
	require.Equal(t, []string{"i2", "i3", "i4"}, names(r))
	require.Equal(t, recsys.SourcePopular, r.Items[0].Source)

	withdrawn, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = e.Recommend(withdrawn, recsys.Request{UserID: "u0", K: 3})
	require.ErrorIs(t, err, context.Canceled)
}

// dawdling vectors take all the time that there is before the scan, if that is less than a second.
type dawdling struct{ factors }

func (m *dawdling) QueryVector(ctx context.Context, q recsys.Query, dst []float32) error {
	if end, ok := ctx.Deadline(); ok && time.Until(end) < time.Second {
		<-ctx.Done()
	}
	return m.factors.QueryVector(ctx, q, dst)
}

func TestAScanThatIsCutShortIsFilledUp(t *testing.T) {
	s := market(t, 5, 3000, 8, "ivf")
	for _, approximate := range []bool{false, true} {
		s.Model = &dawdling{*s.Model.(*factors)}
		e, err := recsys.NewEngine(s)
		require.NoError(t, err)
		for _, limit := range []time.Duration{50 * time.Millisecond, 10 * time.Second} {
			ctx, cancel := context.WithTimeout(context.Background(), limit)
			r, err := e.Recommend(ctx, recsys.Request{UserID: "u3", K: 10, Approximate: approximate})
			cancel()
			require.NoError(t, err)
			require.Len(t, r.Items, 10)
			require.Equal(t, limit == 50*time.Millisecond, r.Degraded)
		}
		s.Model = &s.Model.(*dawdling).factors
	}
}
