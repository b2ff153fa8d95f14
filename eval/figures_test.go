package eval_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/eval"
	"github.com/recsys-lite/recsys/internal/datasets"
	"github.com/recsys-lite/recsys/popularity"
)

// split makes the published split of a data set.
func split(t testing.TB, d *recsys.Dataset, test [][]int32) *eval.Split {
	var held []recsys.Entry
	for u, items := range test {
		for _, i := range items {
			held = append(held, recsys.Entry{Row: int32(u), Col: i, Value: 1})
		}
	}
	x, err := recsys.NewCSR(d.Interactions.Rows, d.Interactions.Cols, held)
	require.NoError(t, err)
	return &eval.Split{Name: "published", Train: d, Test: x}
}

func popular(t testing.TB, d *recsys.Dataset) *popularity.Model {
	m, err := popularity.New(popularity.DefaultConfig())
	require.NoError(t, err)
	require.NoError(t, m.Fit(context.Background(), d))
	return m
}

// Popularity has no freedom: the published numbers are arithmetic.
func TestPublishedPopularity(t *testing.T) {
	t.Run("ML-1M, RGCF, TOIS 2025", func(t *testing.T) {
		d := datasets.ML1M(t)
		r, err := eval.Run(context.Background(), popular(t, d.Full), split(t, d.Full, d.Test), eval.Options{Ks: []int{10}})
		require.NoError(t, err)
		for name, want := range map[string]float64{"recall@10": .0773, "ndcg@10": .1213, "hr@10": .4894, "mrr@10": .2432} {
			require.InDelta(t, want, r.Metrics[name], .00005, name)
		}
		require.Equal(t, r.Baseline, r.Metrics, "the baseline inside is the model popularity")
	})
	t.Run("ML-100K, MCRec", func(t *testing.T) {
		d := datasets.ML100K(t)
		r, err := eval.Run(context.Background(), popular(t, d.Full), split(t, d.Full, d.Test), eval.Options{Ks: []int{10}})
		require.NoError(t, err)
		for name, want := range map[string]float64{"precision@10": .1906, "recall@10": .1180, "ndcg_full@10": .1361} {
			require.InDelta(t, want, r.Metrics[name], .0002, name)
		}
	})
	t.Run("explicit files give the same as ready data", func(t *testing.T) {
		d := datasets.ML100K(t)
		s, err := eval.Explicit(d.TrainEvents, d.TestEvents, nil, recsys.Weighting{})
		require.NoError(t, err)
		r, err := eval.Run(context.Background(), popular(t, s.Train), s, eval.Options{Ks: []int{10}, Bootstrap: -1})
		require.NoError(t, err)
		require.InDelta(t, .1361, r.Metrics["ndcg_full@10"], .0002)
		require.NotZero(t, r.UnknownItems)
	})
}

// The time split of Online Retail. An independent numpy program found a recall@20 of .037
// without and .060 with repeats.
func TestOnlineRetailPopularity(t *testing.T) {
	d := datasets.OnlineRetail(t)
	events := append(append([]recsys.Event(nil), d.TrainEvents...), d.TestEvents...)
	e, err := eval.NewEvents(events, nil, recsys.Weighting{})
	require.NoError(t, err)
	s, err := eval.ByTime(e, datasets.OnlineRetailCut)
	require.NoError(t, err)
	require.Equal(t, d.Train.Interactions, s.Train.Interactions, "the split of events is the one that datasets made")
	require.Equal(t, d.Train.Sequences, s.Train.Sequences)
	for repeats, want := range map[bool]float64{false: .037, true: .060} {
		r, err := eval.Run(context.Background(), popular(t, s.Train), s, eval.Options{Ks: []int{20}, Repeats: repeats, Bootstrap: 200})
		require.NoError(t, err)
		require.InDelta(t, want, r.Metrics["recall@20"], .0005)
		require.Equal(t, d.Unknown, r.UnknownItems)
		i := r.Intervals["recall@20"]
		require.True(t, i[0] < want && want < i[1], "%v", i)
	}
}

// replay answers a session's history by the list published for it.
type replay struct {
	users, items int
	lists        map[string][]int32
}

func key(h recsys.History) string { return fmt.Sprint(h.Sequence, h.Times) }

func (r *replay) Shape() (users, items int) { return r.users, r.items }

func (r *replay) Scores(_ context.Context, q recsys.Query, dst []float32) error {
	list, ok := r.lists[key(q.History)]
	if !ok {
		return fmt.Errorf("no list was published for %s", key(q.History))
	}
	clear(dst)
	for rank, i := range list {
		dst[i] = float32(len(list) - rank)
	}
	return nil
}

// The lists that four recommenders gave are published: their known HR@20 and MRR@20 check the
// next-item protocol itself.
func TestPublishedSessionLists(t *testing.T) {
	y := datasets.Yoochoose(t)
	s := &eval.Split{Name: "published", Train: y.Train, Sessions: y.Test}
	for name, want := range map[string][2]float64{
		"ar": {.5917, .3160}, "sr": {.5607, .3275}, "vsknn": {.6098, .3342}, "gru4rec": {.5711, .3289},
	} {
		t.Run(strings.ToUpper(name), func(t *testing.T) {
			r := &replay{lists: map[string][]int32{}}
			r.users, r.items = y.Train.Interactions.Rows, y.Train.Interactions.Cols
			for _, ref := range datasets.YoochooseReference(t, name) {
				items, times := y.Test.Of(ref.Session)
				r.lists[key(recsys.History{Sequence: items[:ref.Position+1], Times: times[:ref.Position+1]})] = ref.Items
			}
			got, err := eval.NextItem(context.Background(), r, s, eval.NextItemOptions{Ks: []int{20}, MaxSessions: 99})
			require.NoError(t, err)
			require.Equal(t, 387, got.Predictions)
			require.InDelta(t, want[0], got.Metrics["hr@20"], .00005)
			require.InDelta(t, want[1], got.Metrics["mrr@20"], .00005)
			require.Equal(t, got.Metrics["hr@20"], got.Metrics["hr_conservative@20"], "no ties within a list")
		})
	}
}
