package eval

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/rng"
)

// large is a measurement of several blocks, with random scores.
func large(t require.TestingT, users int) (fixed, *Split) {
	const items = 300
	m := make(fixed, users)
	var train, test []recsys.Entry
	for u := range m {
		m[u] = make([]float32, items)
		r := rng.New(7, uint64(u))
		r.Fill(m[u], 1)
		for i := range int32(items) {
			switch r.Intn(20) {
			case 0:
				train = append(train, recsys.Entry{Row: int32(u), Col: i, Value: 1})
			case 1:
				test = append(test, recsys.Entry{Row: int32(u), Col: i, Value: 1})
				m[u][i]++
			}
		}
	}
	x, err := recsys.NewCSR(users, items, train)
	require.NoError(t, err)
	y, err := recsys.NewCSR(users, items, test)
	require.NoError(t, err)
	return m, &Split{Train: &recsys.Dataset{Interactions: x}, Test: y}
}

func TestWorkersDoNotMatter(t *testing.T) {
	m, s := large(t, 400)
	var results [][]byte
	for _, workers := range []int{1, 2, 5} {
		var done int
		r, err := Run(context.Background(), m, s, Options{Bootstrap: 100, Run: recsys.Run{Workers: workers, Progress: func(p recsys.Progress) {
			require.Greater(t, p.Done, done)
			done = p.Done
			require.Equal(t, 400, p.Total)
		}}})
		require.NoError(t, err)
		require.Equal(t, 400, done)
		text, err := json.Marshal(r)
		require.NoError(t, err)
		results = append(results, text)
	}
	require.Equal(t, string(results[0]), string(results[1]))
	require.Equal(t, string(results[0]), string(results[2]))
}

// vectors is the same model twice: as scores, and as vectors of length items.
type vectors struct {
	recsys.Model
	fixed
}

func (v vectors) Shape() (users, items int) { return v.fixed.Shape() }

func (v vectors) Scores(context.Context, recsys.Query, []float32) error {
	return errors.New("a model of vectors is scored by them")
}

func (v vectors) ItemVectors() recsys.Matrix {
	_, n := v.Shape()
	m := recsys.NewMatrix(n, n)
	for i := range n {
		m.Row(i)[i] = 1
	}
	return m
}

func (v vectors) QueryVector(_ context.Context, q recsys.Query, dst []float32) error {
	copy(dst, v.fixed[q.User])
	return nil
}

func TestVectorsScoreTheSame(t *testing.T) {
	m, s := large(t, 150)
	a, err := Run(context.Background(), m, s, Options{Bootstrap: -1})
	require.NoError(t, err)
	b, err := Run(context.Background(), vectors{fixed: m}, s, Options{Bootstrap: -1})
	require.NoError(t, err)
	require.Equal(t, a.Metrics, b.Metrics)
}

// Blocks allocate nothing per user.
func TestAllocations(t *testing.T) {
	allocations := func(users int) float64 {
		m, s := large(t, users)
		return testing.AllocsPerRun(2, func() {
			_, err := Run(context.Background(), m, s, Options{Bootstrap: 10, Repeats: true, Run: recsys.Run{Workers: 1}})
			require.NoError(t, err)
		})
	}
	few, many := allocations(100), allocations(1000)
	require.Less(t, many-few, 90., "nine hundred more users")
}

// asked notes the queries.
type asked struct {
	fixed
	queries *[]recsys.Query
}

func (a asked) Scores(_ context.Context, q recsys.Query, dst []float32) error {
	*a.queries = append(*a.queries, q)
	clear(dst)
	return nil
}

func TestQueryCarriesUserAndHistory(t *testing.T) {
	e := events(t, recsys.Weighting{Scheme: recsys.Linear}, buy("u", "b", 1), buy("u", "a", 2), buy("u", "b", 3), buy("u", "c", 9), buy("v", "c", 1))
	s, err := LeaveLastOut(e, 1)
	require.NoError(t, err)
	want := recsys.Query{User: 0, K: 20, History: recsys.History{
		Items: []int32{0, 1}, Weights: []float32{1, 2}, Sequence: []int32{1, 0, 1}, Times: []int64{1, 2, 3}}}
	for _, foldIn := range []bool{false, true} {
		var queries []recsys.Query
		_, err = Run(context.Background(), asked{fixed{make([]float32, 3), make([]float32, 3)}, &queries}, s, Options{FoldIn: foldIn})
		require.NoError(t, err)
		if foldIn {
			want.User = recsys.NoUser
		}
		require.Equal(t, []recsys.Query{want}, queries)
	}
}

func TestRunRefuses(t *testing.T) {
	ctx := context.Background()
	m, s := byHand(t)
	_, err := Run(ctx, m, s, Options{Ks: []int{0}, Recall: "x"})
	require.ErrorIs(t, err, recsys.ErrInvalidConfig)
	require.ErrorContains(t, err, "cut-off 0")
	require.ErrorContains(t, err, "held-out and reachable", "all faults at once")
	_, err = Run(ctx, m[:2], s, Options{})
	require.ErrorContains(t, err, "fit it on Split.Train")
	_, err = Run(ctx, fixed{{}}, s, Options{})
	require.ErrorIs(t, err, recsys.ErrNotFitted)
	_, err = Run(ctx, m, nil, Options{})
	require.ErrorIs(t, err, recsys.ErrInvalidData)
	_, err = Run(ctx, m, &Split{Train: s.Train, Test: csr(t, 6)}, Options{})
	require.ErrorIs(t, err, recsys.ErrInvalidData)
	_, err = Run(ctx, m, &Split{Train: s.Train, Test: csr(t, 6, nil, []int32{0}, nil)}, Options{})
	require.ErrorIs(t, err, recsys.ErrEmptyDataset, "the only held-out item was seen")
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	_, err = Run(stopped, m, s, Options{})
	require.ErrorIs(t, err, context.Canceled)
}

// A model that cannot recommend anything scores nothing, and does not break the measurement.
func TestNothingToRecommend(t *testing.T) {
	_, s := byHand(t)
	n := float32(math.NaN())
	r, err := Run(context.Background(), fixed{{n, n, n, n, n, n}, {n, n, n, n, n, n}, {n, n, n, n, n, n}}, s, Options{Bootstrap: 10})
	require.NoError(t, err)
	for name, v := range r.Metrics {
		require.Zero(t, v, name)
	}
	_, err = json.Marshal(r)
	require.NoError(t, err)
}

func TestSkipColdLeavesOutWhatNobodyHad(t *testing.T) {
	x, err := recsys.NewCSR(2, 3, []recsys.Entry{{Row: 0, Col: 0, Value: 1}, {Row: 1, Col: 1, Value: 1}})
	require.NoError(t, err)
	y, err := recsys.NewCSR(2, 3, []recsys.Entry{{Row: 0, Col: 1, Value: 1}, {Row: 0, Col: 2, Value: 1}, {Row: 1, Col: 2, Value: 1}})
	require.NoError(t, err)
	s := &Split{Train: &recsys.Dataset{Interactions: x}, Test: y, Unknown: []int32{1, 0}}
	m := fixed{{0, 2, 1}, {0, 1, 2}}
	for skip, want := range map[bool]struct {
		users  int
		recall float64
	}{false: {2, (1./3 + 1) / 2}, true: {1, 1}} {
		r, err := Run(context.Background(), m, s, Options{Ks: []int{1}, SkipCold: skip, Bootstrap: -1})
		require.NoError(t, err)
		require.Equal(t, want.users, r.Users)
		require.InDelta(t, want.recall, r.Metrics["recall@1"], 1e-12)
		require.Equal(t, 1, r.UnknownItems)
	}
}
