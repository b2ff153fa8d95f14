package eval

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/rng"
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

// The same predictions, parted by the length of the session and by what comes next.
func TestSessionSegmentsByHand(t *testing.T) {
	s := &Split{
		// Items 0 … 3 are in 4, 2, 1 and 1 sessions, 4 in none. Of the 8 pairs, item 0 has the
		// first fifth, and item 3 and no other begins in the last.
		Train: &recsys.Dataset{Interactions: csr(t, 5, []int32{0, 1}, []int32{0, 1}, []int32{0, 2}, []int32{0, 3})},
		Sessions: sessions(
			[]int32{0, 1},          // rank 1
			[]int32{2, 0},          // 3 leads, then 0
			[]int32{3},             // nothing to predict
			[]int32{0, 1, 4},       // ranks 1, 4 (behind 2, 0 and 1)
			[]int32{0, -1, 1},      // an unknown item, then rank 1
			[]int32{0, 1, 2, 3, 0}, // ranks 1, 1, 1, 2 (behind 4)
		),
	}
	r, err := NextItem(context.Background(), follow{4, 5}, s, NextItemOptions{Ks: []int{1, 2}, Detail: true, Bootstrap: 50})
	require.NoError(t, err)
	d := r.SessionDetail
	type extent struct {
		name                      string
		from, to, of, predictions int
	}
	var got []extent
	for _, p := range d.Sessions {
		got = append(got, extent{p.Name, p.From, p.To, p.Sessions, p.Predictions})
		require.Contains(t, p.Intervals, "mrr@1")
		require.Contains(t, p.Gain, "hr_conservative@2")
	}
	require.Equal(t, []extent{{"short", 2, 2, 2, 2}, {"medium", 3, 3, 2, 4}, {"long", 5, 5, 1, 4}}, got)
	require.InDelta(t, 1./2, d.Sessions[0].Metrics["hr@1"], 1e-12)
	require.InDelta(t, (1+1./2)/2, d.Sessions[0].Metrics["mrr@2"], 1e-12)
	require.InDelta(t, 2./4, d.Sessions[1].Metrics["hr@2"], 1e-12)
	require.InDelta(t, (3+1./2)/4, d.Sessions[2].Metrics["mrr@2"], 1e-12)
	require.InDelta(t, 3./4, d.Sessions[2].Metrics["hr_conservative@2"], 1e-12)
	// Popularity: 0, 1, 2, 3, 4.
	require.InDelta(t, 1./2, d.Sessions[0].Baseline["hr@1"], 1e-12)

	got = nil
	for _, p := range d.Targets {
		got = append(got, extent{p.Name, p.From, p.To, p.Items, p.Predictions})
	}
	require.Equal(t, []extent{{"head", 4, 4, 1, 2}, {"mid", 1, 2, 2, 5}, {"tail", 1, 1, 1, 1}, {"unsold", 0, 0, 1, 2}}, got)
	head, mid, tail, cold := d.Targets[0], d.Targets[1], d.Targets[2], d.Targets[3]
	require.InDelta(t, 2./10, head.Share, 1e-12)
	require.InDelta(t, 0, head.Metrics["hr@1"], 1e-12)
	require.InDelta(t, 1, head.Metrics["hr@2"], 1e-12)
	require.InDelta(t, 1, head.Baseline["hr@1"], 1e-12)
	require.InDelta(t, 1, mid.Metrics["hr@1"], 1e-12, "1 after 0, or after an unknown item, and 2 after 1")
	require.InDelta(t, 1, tail.Metrics["mrr@1"], 1e-12)
	require.InDelta(t, 0, cold.Metrics["hr@2"], 1e-12)
	_, err = json.Marshal(r)
	require.NoError(t, err)

	plain, err := NextItem(context.Background(), follow{4, 5}, s, NextItemOptions{Ks: []int{1, 2}, Bootstrap: 50})
	require.NoError(t, err)
	require.Nil(t, plain.SessionDetail)
	require.Equal(t, plain.Metrics, r.Metrics)
	require.Equal(t, plain.Intervals, r.Intervals)
}

// The parts add up to the whole, whatever the number of workers.
func TestSessionSegmentsAddUp(t *testing.T) {
	const items = 40
	var all [][]int32
	var train [][]int32
	for n := range uint64(80) {
		r := rng.New(3, n)
		var session, owned []int32
		for range 1 + r.Intn(8) {
			session = append(session, int32(r.Intn(items+1)-1))
		}
		for i := range int32(items / 2) {
			if r.Intn(2+int(i)) == 0 {
				owned = append(owned, i)
			}
		}
		all, train = append(all, session), append(train, owned)
	}
	s := &Split{Train: &recsys.Dataset{Interactions: csr(t, items, train...)}, Sessions: sessions(all...)}
	var one []byte
	for _, workers := range []int{1, 3} {
		r, err := NextItem(context.Background(), follow{80, items}, s, NextItemOptions{Detail: true, Bootstrap: 20, Run: recsys.Run{Workers: workers}})
		require.NoError(t, err)
		sessions, predictions, hits, share, targeted := 0, 0, 0., 0., 0.
		for _, p := range r.SessionDetail.Sessions {
			sessions += p.Sessions
			predictions += p.Predictions
			hits += float64(p.Predictions) * p.Metrics["mrr@20"]
		}
		require.Equal(t, []int{r.Users, r.Predictions}, []int{sessions, predictions})
		require.InDelta(t, r.Metrics["mrr@20"], hits/float64(predictions), 1e-12)
		for _, p := range r.SessionDetail.Targets {
			share += p.Share
			targeted += p.Share * p.Baseline["hr_conservative@10"]
		}
		require.InDelta(t, 1, share, 1e-12)
		require.InDelta(t, r.Baseline["hr_conservative@10"], targeted, 1e-12)
		text, err := json.Marshal(r)
		require.NoError(t, err)
		if one == nil {
			one = text
		}
		require.Equal(t, string(one), string(text))
	}
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
