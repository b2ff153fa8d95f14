package modeltest

import (
	"context"
	"errors"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/model"
)

// A cancel stops the work and leaves the model as it was.
func cancelLaws() []law {
	return []law{
		{"cancel/mid-fit", cancelMidFit},
		{"cancel/before-fit", cancelBeforeFit},
		{"cancel/partial", cancelPartial},
	}
}

// cancelMidFit cancels from the progress hook, at the first step and at a later one.
func cancelMidFit(t rapid.TB, f *fixture) {
	for stopAt := range 3 {
		var hook func(recsys.Progress)
		m := f.fitted(t, f.toy.Dataset, recsys.Run{Progress: func(p recsys.Progress) {
			if hook != nil {
				hook(p)
			}
		}})
		old := f.allScores(t, m)
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		steps, stopped := 0, false
		hook = func(p recsys.Progress) {
			require.LessOrEqual(t, p.Done, p.Total, "progress of stage %q", p.Stage)
			if steps == stopAt && p.Done < p.Total {
				stopped = true
			}
			if steps == stopAt {
				cancel()
			}
			steps++
		}
		err := m.Fit(ctx, newMixed(13, 120, 70, f.kind.Needs).Dataset)
		require.Positive(t, steps, "Fit never reported progress")
		if stopped { // there was work left to stop
			require.ErrorIs(t, err, context.Canceled, "cancelled at step %d", stopAt)
		}
		if err != nil {
			require.ErrorIs(t, err, context.Canceled)
			requireAsBefore(t, f, m, old)
		}
	}
}

func cancelBeforeFit(t rapid.TB, f *fixture) {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errors.New("the shop closes"))
	fresh := f.fresh(t, recsys.Run{})
	require.ErrorIs(t, fresh.Fit(ctx, f.toy.Dataset), context.Canceled)
	_, err := fresh.Recommend(context.Background(), recsys.Query{User: recsys.NoUser, K: 1})
	require.ErrorIs(t, err, recsys.ErrNotFitted, "a cancelled first fit leaves the model unfitted")

	m := f.fitted(t, f.toy.Dataset, recsys.Run{})
	old := f.allScores(t, m)
	require.ErrorIs(t, m.Fit(ctx, newMixed(14, 30, 20, f.kind.Needs).Dataset), context.Canceled)
	requireAsBefore(t, f, m, old)
}

func cancelPartial(t rapid.TB, f *fixture) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	m := f.fitted(t, f.toy.Dataset, recsys.Run{})
	old := f.allScores(t, m)
	newcomer := []int32{int32(f.o.Size)}
	err := m.PartialFitUsers(ctx, newcomer, rowsOf(f.toy.histories[:1], f.o.Size))
	require.ErrorIs(t, err, context.Canceled)
	requireAsBefore(t, f, m, old)
}

func requireAsBefore(t rapid.TB, f *fixture, m model.Model, old [][]float32) {
	t.Helper()
	users, items := m.Shape()
	require.Equal(t, []int{f.o.Size, f.o.Size}, []int{users, items}, "Shape after a fit that failed")
	require.Equal(t, old, f.allScores(t, m), "scores after a fit that failed")
}
