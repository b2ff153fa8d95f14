package eval

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
)

// follow scores what followed the last item: i+1 above all, and nothing else differs.
type follow struct{ users, items int }

func (f follow) Shape() (users, items int) { return f.users, f.items }

func (f follow) Scores(_ context.Context, q recsys.Query, dst []float32) error {
	clear(dst)
	if n := len(q.History.Sequence); n > 0 {
		dst[(int(q.History.Sequence[n-1])+1)%f.items] = 1
	}
	return nil
}

func sessions(of ...[]int32) *recsys.Sequences {
	s := &recsys.Sequences{Indptr: []int64{0}}
	for _, items := range of {
		for _, i := range items {
			s.Items, s.Times = append(s.Items, i), append(s.Times, int64(len(s.Items)))
		}
		s.Indptr = append(s.Indptr, int64(len(s.Items)))
	}
	return s
}

func TestNextItemByHand(t *testing.T) {
	s := &Split{
		Train: &recsys.Dataset{Interactions: csr(t, 5, []int32{0, 1, 2, 3, 4}, []int32{4})},
		// Predictions: 1 after 0 (rank 1); 4 after 1: all but item 2 are tied, the rank is 5
		// by index and 5 among all; 0 after 4 (rank 1). Then 0 after 3: item 4 leads and 0 is the first of the rest,
		// rank 2, or 5 with ties against it; an unknown item; 1 after 0, the unknown one left out.
		Sessions: sessions([]int32{0, 1, 4, 0}, []int32{2}, []int32{3, 0, -1, 1}, []int32{0, 1}),
	}
	o := NextItemOptions{Ks: []int{2, 5}, MaxSessions: 3, Bootstrap: 50}
	r, err := NextItem(context.Background(), follow{2, 5}, s, o)
	require.NoError(t, err)
	require.Equal(t, []int{2, 6, 1}, []int{r.Users, r.Predictions, r.UnknownItems})
	for name, want := range map[string]float64{
		"hr@2": 4. / 6, "hr@5": 5. / 6,
		"mrr@2": (1 + 1 + 1./2 + 1) / 6, "mrr@5": (1 + 1./5 + 1 + 1./2 + 1) / 6,
		"hr_conservative@2": 3. / 6, "hr_conservative@5": 5. / 6,
		"mrr_conservative@2": 3. / 6, "mrr_conservative@5": (1 + 1./5 + 1 + 1./5 + 1) / 6,
	} {
		require.InDelta(t, want, r.Metrics[name], 1e-12, name)
	}
	// Popularity ranks 4 first, then 0 1 2 3, four ways tied.
	require.InDelta(t, (1+1./2+1./2)/6, r.Baseline["mrr@2"], 1e-12)

	o.MaxSessions = 0
	r, err = NextItem(context.Background(), follow{2, 5}, s, o)
	require.NoError(t, err)
	require.Equal(t, 7, r.Predictions)
}

// A saturated model gives every item one score. It must not look good.
func TestSaturatedModelIsCaught(t *testing.T) {
	s := &Split{Train: &recsys.Dataset{Interactions: csr(t, 50, []int32{0})}, Sessions: sessions([]int32{1, 0, 0})}
	r, err := NextItem(context.Background(), fixedSession{50}, s, NextItemOptions{})
	require.NoError(t, err)
	require.Equal(t, 1., r.Metrics["hr@10"], "item 0 wins every tie")
	require.Zero(t, r.Metrics["hr_conservative@20"])
}

type fixedSession struct{ items int }

func (f fixedSession) Shape() (users, items int) { return 1, f.items }

func (f fixedSession) Scores(_ context.Context, _ recsys.Query, dst []float32) error {
	for i := range dst {
		dst[i] = 1
	}
	return nil
}

func TestNextItemRefuses(t *testing.T) {
	ctx := context.Background()
	train := &recsys.Dataset{Interactions: csr(t, 5, []int32{0})}
	m := follow{1, 5}
	for name, s := range map[string]*Split{
		"nothing":     nil,
		"no sessions": {Train: train},
		"bad item":    {Train: train, Sessions: sessions([]int32{0, 5})},
		"worse item":  {Train: train, Sessions: sessions([]int32{0, -2})},
	} {
		_, err := NextItem(ctx, m, s, NextItemOptions{})
		require.ErrorIs(t, err, recsys.ErrInvalidData, name)
	}
	s := &Split{Train: train, Sessions: sessions([]int32{0}, nil)}
	_, err := NextItem(ctx, m, s, NextItemOptions{})
	require.ErrorIs(t, err, recsys.ErrEmptyDataset)
	_, err = NextItem(ctx, m, s, NextItemOptions{MaxSessions: -1, Ks: []int{-3}})
	require.ErrorIs(t, err, recsys.ErrInvalidConfig)
	_, err = NextItem(ctx, follow{2, 5}, s, NextItemOptions{})
	require.ErrorContains(t, err, "fit it on Split.Train")
}
