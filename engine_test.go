package recsys_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/store/memstore"
)

// cooccurrence scores an item by how many users share it with the history: enough of a model
// to test the engine around it.
type cooccurrence struct{ x *recsys.CSR }

func (m *cooccurrence) Shape() (int, int)                          { return m.x.Rows, m.x.Cols }
func (m *cooccurrence) Fit(context.Context, *recsys.Dataset) error { return nil }
func (m *cooccurrence) PartialFitUsers(context.Context, []int32, *recsys.CSR) error {
	return nil
}

func (m *cooccurrence) Scores(_ context.Context, q recsys.Query, dst []float32) error {
	items := q.History.Items
	if q.User != recsys.NoUser {
		items, _ = m.x.Row(int(q.User))
	}
	clear(dst)
	have := map[int32]bool{}
	for _, i := range items {
		have[i] = true
	}
	for u := range m.x.Rows {
		row, _ := m.x.Row(u)
		shared := float32(0)
		for _, i := range row {
			if have[i] {
				shared++
			}
		}
		for _, i := range row {
			dst[i] += shared
		}
	}
	return nil
}

func (m *cooccurrence) Recommend(ctx context.Context, q recsys.Query) ([]recsys.Scored, error) {
	if err := q.Validate(m.Shape()); err != nil {
		return nil, err
	}
	scores := make([]float32, m.x.Cols)
	if err := m.Scores(ctx, q, scores); err != nil {
		return nil, err
	}
	return recsys.TopK(scores, q.K, q.Allowed), nil
}

func (m *cooccurrence) SimilarItems(ctx context.Context, item int32, k int, allowed *recsys.Bitset) ([]recsys.Scored, error) {
	allowed = allowed.Clone()
	allowed.Clear(item)
	return m.Recommend(ctx, recsys.Query{User: recsys.NoUser, K: k, Allowed: allowed, History: recsys.History{Items: []int32{item}}})
}

func ids(prefix string, n int) *recsys.IDMap {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("%s%d", prefix, i)
	}
	m, err := recsys.NewIDMap(names)
	if err != nil {
		panic(err)
	}
	return m
}

// shop has six items and four users: u0 and u1 buy i0…i2, u2 buys i3 and i4, u3 is known and
// has nothing. i5 was never bought.
func shop(t require.TestingT, version string) recsys.Snapshot {
	x, err := recsys.NewCSR(4, 6, []recsys.Entry{
		{0, 0, 1}, {0, 1, 1}, {1, 0, 1}, {1, 1, 1}, {1, 2, 1}, {2, 3, 1}, {2, 4, 1},
	})
	require.NoError(t, err)
	items := ids("i", 6)
	catalogue := make([]recsys.Item, 6)
	for i := range catalogue {
		catalogue[i] = recsys.Item{ID: items.ID(int32(i)), Title: "title of " + items.ID(int32(i))}
	}
	return recsys.Snapshot{Version: version, Kind: "cooccurrence", Model: &cooccurrence{x},
		Users: ids("u", 4), Items: items, Catalogue: catalogue, Interactions: x}
}

func names(r *recsys.Response) (out []string) {
	for _, i := range r.Items {
		out = append(out, i.Item.ID)
	}
	return out
}

func TestEngineRanksForAKnownUser(t *testing.T) {
	e, err := recsys.NewEngine(shop(t, "v1"))
	require.NoError(t, err)
	r, err := e.Recommend(context.Background(), recsys.Request{UserID: "u0", K: 2})
	require.NoError(t, err)
	require.Equal(t, "v1", r.ModelVersion)
	require.Equal(t, []string{"i2", "i3"}, names(r), "what the user has is left out")
	require.Equal(t, recsys.SourceModel, r.Items[0].Source)
	require.Equal(t, "title of i2", r.Items[0].Item.Title)

	r, err = e.Recommend(context.Background(), recsys.Request{UserID: "u0", K: 2, Seen: recsys.SeenAllow})
	require.NoError(t, err)
	require.Equal(t, []string{"i0", "i1"}, names(r))
	r, err = e.Recommend(context.Background(), recsys.Request{UserID: "u0", K: 9, Seen: recsys.SeenOnly})
	require.NoError(t, err)
	require.Equal(t, []string{"i0", "i1"}, names(r))
}

func TestEngineFoldsInWhatTheModelDoesNotKnow(t *testing.T) {
	e, err := recsys.NewEngine(shop(t, "v1"))
	require.NoError(t, err)
	ctx := context.Background()

	r, err := e.Recommend(ctx, recsys.Request{UserID: "stranger", K: 1, Events: []recsys.Event{{UserID: "stranger", ItemID: "i3", Qty: 1}}})
	require.NoError(t, err)
	require.Equal(t, []string{"i4"}, names(r))
	require.Equal(t, recsys.SourceFoldIn, r.Items[0].Source)

	r, err = e.Recommend(ctx, recsys.Request{K: 1, Session: []string{"i4", "not in the catalogue"}})
	require.NoError(t, err)
	require.Equal(t, []string{"i3"}, names(r))
	require.Equal(t, recsys.SourceSession, r.Items[0].Source)

	r, err = e.Recommend(ctx, recsys.Request{UserID: "u2", K: 1, Events: []recsys.Event{{ItemID: "i2", Qty: 1}}})
	require.NoError(t, err)
	require.Equal(t, []string{"i0"}, names(r), "a purchase counts at once")

	r, err = e.Recommend(ctx, recsys.Request{UserID: "u2", K: 9, Seen: recsys.SeenOnly, Events: []recsys.Event{{ItemID: "i3", Qty: -5}}})
	require.NoError(t, err)
	require.Equal(t, []string{"i4"}, names(r), "a returned item is no longer the user's")
}

func TestEngineFallsBackToPopularItems(t *testing.T) {
	e, err := recsys.NewEngine(shop(t, "v1"))
	require.NoError(t, err)
	ctx := context.Background()
	for _, user := range []string{"stranger", "u3", ""} {
		_, err = e.Recommend(ctx, recsys.Request{UserID: user, K: 3})
		require.ErrorIs(t, err, recsys.ErrUnknownUser)
		r, err := e.Recommend(ctx, recsys.Request{UserID: user, K: 3, Fallback: true})
		require.NoError(t, err)
		require.Equal(t, []string{"i0", "i1", "i2"}, names(r))
		require.Equal(t, recsys.SourcePopular, r.Items[0].Source)
	}
}

func TestEngineLeavesOutUnavailableItems(t *testing.T) {
	s := shop(t, "v1")
	s.Catalogue[2].Unavailable = true
	e, err := recsys.NewEngine(s)
	require.NoError(t, err)
	r, err := e.Recommend(context.Background(), recsys.Request{UserID: "u0", K: 9})
	require.NoError(t, err)
	require.Equal(t, []string{"i3", "i4", "i5"}, names(r))
	similar, err := e.Similar(context.Background(), recsys.SimilarRequest{ItemID: "i0", K: 9})
	require.NoError(t, err)
	require.Equal(t, []string{"i1", "i3", "i4", "i5"}, names(similar))
}

func TestEnginePagesCutOneRanking(t *testing.T) {
	e, err := recsys.NewEngine(shop(t, "v1"))
	require.NoError(t, err)
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(1, 4).Draw(t, "size")
		request := recsys.Request{UserID: "u0", K: 100, Seen: recsys.Seen(rapid.SampledFrom([]string{"", "allow", "only"}).Draw(t, "seen"))}
		whole, err := e.Recommend(context.Background(), request)
		require.NoError(t, err)
		var paged []string
		for request.K, request.Offset = size, 0; ; request.Offset += size {
			page, err := e.Recommend(context.Background(), request)
			require.NoError(t, err)
			if len(page.Items) == 0 {
				break
			}
			paged = append(paged, names(page)...)
		}
		require.Equal(t, names(whole), paged)
	})
}

func TestEngineErrors(t *testing.T) {
	ctx := context.Background()
	_, err := new(recsys.Engine).Recommend(ctx, recsys.Request{UserID: "u0", K: 1})
	require.ErrorIs(t, err, recsys.ErrNoModel)
	_, err = new(recsys.Engine).Similar(ctx, recsys.SimilarRequest{ItemID: "i0", K: 1})
	require.ErrorIs(t, err, recsys.ErrNoModel)

	e, err := recsys.NewEngine(shop(t, "v1"))
	require.NoError(t, err)
	for _, r := range []recsys.Request{{UserID: "u0"}, {UserID: "u0", K: -1}, {UserID: "u0", K: 1, Offset: -1}, {UserID: "u0", K: 1, Seen: "maybe"}, {UserID: "\xff", K: 1}} {
		_, err = e.Recommend(ctx, r)
		require.ErrorIs(t, err, recsys.ErrInvalidQuery, "%+v", r)
	}
	_, err = e.Similar(ctx, recsys.SimilarRequest{ItemID: "i0"})
	require.ErrorIs(t, err, recsys.ErrInvalidQuery)
	_, err = e.Similar(ctx, recsys.SimilarRequest{ItemID: "absent", K: 1})
	require.ErrorIs(t, err, recsys.ErrUnknownItem)
	require.ErrorContains(t, err, `"absent"`)

	for name, spoil := range map[string]func(*recsys.Snapshot){
		"everything":          func(s *recsys.Snapshot) { *s = recsys.Snapshot{} },
		"other users":         func(s *recsys.Snapshot) { s.Users = ids("u", 3) },
		"no row pointers":     func(s *recsys.Snapshot) { s.Interactions = &recsys.CSR{Rows: s.Users.Len(), Cols: s.Items.Len()} },
		"an item too many":    func(s *recsys.Snapshot) { s.Interactions = oneEntry(s, int32(s.Items.Len())) },
		"a sequence of one":   func(s *recsys.Snapshot) { s.Sequences = oneStep(s, int32(s.Items.Len()), 1) },
		"no times":            func(s *recsys.Snapshot) { s.Sequences = oneStep(s, 0) },
		"a catalogue shifted": func(s *recsys.Snapshot) { s.Catalogue = append(slices.Clone(s.Catalogue[1:]), s.Catalogue[0]) },
		"features of nobody":  func(s *recsys.Snapshot) { s.ItemFeatures = &recsys.Features{} },
	} {
		broken := shop(t, "v2")
		spoil(&broken)
		require.ErrorIs(t, e.Swap(broken), recsys.ErrInvalidData, name)
		_, _, err = (&recsys.Updater{Clone: func(string, recsys.Model) (recsys.Model, error) { return nil, nil }}).Update(ctx, memstore.New(), broken)
		require.ErrorIs(t, err, recsys.ErrInvalidData, name)
	}
	unweighable := shop(t, "v2")
	unweighable.Weighting.Scheme = "square"
	require.ErrorIs(t, e.Swap(unweighable), recsys.ErrInvalidConfig)
	s, ok := e.Snapshot()
	require.True(t, ok)
	require.Equal(t, "v1", s.Version, "a refused snapshot leaves the old one")
}

// oneEntry is histories with one item of the first user.
func oneEntry(s *recsys.Snapshot, item int32) *recsys.CSR {
	m := &recsys.CSR{Rows: s.Users.Len(), Cols: s.Items.Len(), Indptr: make([]int64, s.Users.Len()+1), Indices: []int32{item}}
	for u := range s.Users.Len() {
		m.Indptr[u+1] = 1
	}
	return m
}

// oneStep is the same as a sequence.
func oneStep(s *recsys.Snapshot, item int32, times ...int64) *recsys.Sequences {
	m := oneEntry(s, item)
	return &recsys.Sequences{Indptr: m.Indptr, Items: m.Indices, Times: times}
}

func TestEngineSwapsUnderLoadWithoutMixedAnswers(t *testing.T) {
	a, b := shop(t, "a"), shop(t, "b")
	for i := range b.Catalogue {
		b.Catalogue[i].Title = "b"
	}
	e, err := recsys.NewEngine(a)
	require.NoError(t, err)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 2000 {
				r, err := e.Recommend(context.Background(), recsys.Request{UserID: "u0", K: 3})
				if err != nil || len(r.Items) != 3 {
					panic(errors.Join(err, fmt.Errorf("%d items", len(r.Items))))
				}
				for _, i := range r.Items {
					if (i.Item.Title == "b") != (r.ModelVersion == "b") {
						panic("an answer mixes two snapshots")
					}
				}
			}
		})
	}
	for range 200 {
		require.NoError(t, e.Swap(b))
		require.NoError(t, e.Swap(a))
	}
	wg.Wait()
}
