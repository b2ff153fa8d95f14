package tune

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/ease"
	"github.com/recsys-lite/recsys/eval"
	"github.com/recsys-lite/recsys/internal/rng"
)

// shop is events of two groups of users with tastes of their own, over 100 days.
func shop(t testing.TB, users int) *eval.Events {
	var events []recsys.Event
	r := rng.New(4)
	for u := range users {
		for range 12 {
			events = append(events, recsys.Event{UserID: fmt.Sprint("u", u), ItemID: fmt.Sprint("i", 2*r.Intn(20)+u%2), Time: int64(r.Intn(100)) * 86400, Qty: 1})
		}
	}
	e, err := eval.NewEvents(events, nil, recsys.Weighting{})
	require.NoError(t, err)
	return e
}

func TestParseMetric(t *testing.T) {
	m, err := ParseMetric("NDCG@20", Users)
	require.NoError(t, err)
	require.Equal(t, "ndcg@20", m.String())
	_, err = ParseMetric("hr_conservative@5", NextItem)
	require.NoError(t, err)
	for _, bad := range []string{"", "ndcg", "ndcg@", "ndcg@0", "ndcg@-1", "ndcg@x", "auc@10", "coverage@10", "@10"} {
		_, err := ParseMetric(bad, Users)
		require.ErrorIs(t, err, recsys.ErrInvalidConfig, bad)
		require.ErrorContains(t, err, "ndcg, ndcg_full, recall", bad)
	}
	_, err = ParseMetric("ndcg@20", NextItem)
	require.ErrorContains(t, err, "hr, mrr")
	_, err = ParseMetric("ndcg@20", "magic")
	require.ErrorContains(t, err, "magic")
}

// The search sees nothing at or after the begin of the test part.
func TestDivideByTime(t *testing.T) {
	e := shop(t, 200)
	p, err := Divide(e, 0.2, 0.1)
	require.NoError(t, err)
	require.True(t, p.ValidationCut.Before(p.TestCut))
	require.Less(t, slices.Max(p.Validation.Train.Sequences.Times), p.ValidationCut.Unix())
	require.Less(t, slices.Max(p.Validation.Sessions.Times), p.TestCut.Unix())
	require.GreaterOrEqual(t, slices.Min(p.Validation.Sessions.Times), p.ValidationCut.Unix())
	require.Less(t, slices.Max(p.Test.Train.Sequences.Times), p.TestCut.Unix())
	require.GreaterOrEqual(t, slices.Min(p.Test.Sessions.Times), p.TestCut.Unix())

	p, err = Divide(e, 0.2, 0)
	require.NoError(t, err)
	require.Nil(t, p.Test)
	_, err = Divide(e, 0, 0.1)
	require.ErrorIs(t, err, recsys.ErrInvalidConfig)
	_, err = Divide(e, 0.1, 1)
	require.ErrorIs(t, err, recsys.ErrInvalidConfig)
	_, err = Divide(e, 0.999, 0.99)
	require.Error(t, err)
}

func TestFitting(t *testing.T) {
	ctx := context.Background()
	p, err := Divide(shop(t, 400), 0.2, 0.1)
	require.NoError(t, err)
	f := &Fitting{Kind: ease.Kind, Split: p.Validation, Metric: Metric{"ndcg", 10}, Share: 0.25, Seed: 1}
	require.NoError(t, f.Check())
	require.Equal(t, 2, f.Stages())
	s, err := New(Options{Space: f.Free(), Stages: f.Stages()})
	require.NoError(t, err)
	require.NoError(t, s.Run(ctx, 8, f.Measure, nil))
	best, err := s.Best()
	require.NoError(t, err)
	require.Contains(t, string(s.Trials()[0].Complete), `"regularization":500`)

	// The value is what an evaluation by hand gives.
	r, m, err := f.Evaluate(ctx, best.Params, p.Validation, []int{10})
	require.NoError(t, err)
	require.Equal(t, best.Value(), r.Metrics["ndcg@10"])
	require.Greater(t, best.Value(), r.Baseline["ndcg@10"])
	test, _, err := f.Evaluate(ctx, best.Params, p.Test, []int{10})
	require.NoError(t, err)
	require.NotEqual(t, test.Metrics, r.Metrics)
	lists, err := f.Lists(ctx, m, p.Validation, 1, 10)
	require.NoError(t, err)
	require.NotEmpty(t, lists)
	require.Len(t, lists[0].Ranking, 10)

	// The part of the users is about a quarter, and has nothing of the others.
	part := f.part
	users := 0
	for u := range part.Train.Interactions.Rows {
		if part.Train.Interactions.RowLen(u) == 0 {
			require.Zero(t, part.Test.RowLen(u))
			items, _ := part.Train.Sequences.Of(u)
			require.Empty(t, items)
			continue
		}
		users++
		own, _ := part.Train.Interactions.Row(u)
		all, _ := p.Validation.Train.Interactions.Row(u)
		require.Equal(t, all, own)
	}
	require.InDelta(t, 100, users, 30)
	require.NoError(t, part.Train.Validate())
}

func TestFittingChecks(t *testing.T) {
	p, err := Divide(shop(t, 100), 0.2, 0)
	require.NoError(t, err)
	f := &Fitting{Kind: ease.Kind, Split: p.Validation, Metric: Metric{"ndcg", 10}, Share: 0.25}
	require.Equal(t, 1, f.Stages(), "too few users for a part")
	f.Fixed = json.RawMessage(`{"regularization":50}`)
	require.Empty(t, f.Free())
	params, err := f.Params(json.RawMessage(`{"regularization":70}`))
	require.NoError(t, err)
	require.JSONEq(t, `{"regularization":70}`, string(params), "a trial's go over the fixed ones")
	f.Fixed = json.RawMessage(`{"regularisation":5}`)
	require.ErrorContains(t, f.Check(), "regularisation")
	f.Fixed, f.Share = nil, 1
	require.ErrorContains(t, f.Check(), "share")
	f.Share, f.Protocol = 0, NextItem
	require.ErrorContains(t, f.Check(), "hr, mrr")
	f.Metric = Metric{"mrr", 20}
	out, err := f.Measure(context.Background(), json.RawMessage(`{}`), 0)
	require.NoError(t, err)
	require.Positive(t, out.Value)
}

func TestCheckWithoutAKind(t *testing.T) {
	require.ErrorIs(t, new(Fitting).Check(), recsys.ErrInvalidConfig)
}
