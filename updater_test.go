package recsys_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/als"
	"github.com/recsys-lite/recsys/ease"
	"github.com/recsys-lite/recsys/index"
	"github.com/recsys-lite/recsys/lightfm"
	"github.com/recsys-lite/recsys/model"
	"github.com/recsys-lite/recsys/model/builtin"
	"github.com/recsys-lite/recsys/popularity"
	"github.com/recsys-lite/recsys/sessionknn"
	"github.com/recsys-lite/recsys/store/memstore"
)

func purchase(user, item string, at int64) recsys.Event {
	return recsys.Event{UserID: user, ItemID: item, Time: at, Qty: 1, Type: recsys.DefaultEventType}
}

// quick are hyper-parameters that make a kind fit fast.
var quick = map[string]string{
	"als": `{"factors": 8}`, "bpr": `{"factors": 8, "iterations": 5}`, "lightfm": `{"no_components": 8, "epochs": 2}`,
	"item2vec": `{"vector_size": 8, "epochs": 1}`, "gru4rec": `{"hidden_size": 8, "n_epochs": 1}`,
	"hybrid": `{"members": [{"kind": "als", "params": {"factors": 4}, "weight": 1}, {"kind": "ease", "weight": 1}]}`,
}

// shop is a store with two tastes: even users have even items, odd users odd ones.
func shopOfTastes(t testing.TB, users, items int) *memstore.Store {
	t.Helper()
	s := memstore.New()
	var events []recsys.Event
	for u := range users {
		for i := u % 2; i < items; i += 2 {
			if (u/2+i/2)%5 != 0 {
				events = append(events, purchase(fmt.Sprint("u", u), fmt.Sprint("i", i), int64(1000+u*items+i)))
			}
		}
	}
	require.NoError(t, s.AppendEvents(context.Background(), events))
	var catalogue []recsys.Item
	for i := range items {
		catalogue = append(catalogue, recsys.Item{ID: fmt.Sprint("i", i), Category: []string{"even", "odd"}[i%2]})
	}
	require.NoError(t, s.UpsertItems(context.Background(), catalogue))
	return s
}

func fitted(t testing.TB, s recsys.Store, k model.Kind, o recsys.DatasetOptions) recsys.Snapshot {
	t.Helper()
	ctx := context.Background()
	m, err := k.New(json.RawMessage(quick[k.Name]), recsys.Run{Workers: 1})
	require.NoError(t, err)
	d, err := s.Dataset(ctx, o)
	require.NoError(t, err)
	require.NoError(t, m.Fit(ctx, d))
	catalogue, err := s.Items(ctx)
	require.NoError(t, err)
	a := model.NewArtifact(k.Name, m, d, catalogue)
	a.Manifest.Version = k.Name + "-1"
	return a.Snapshot()
}

func updater(kinds ...model.Kind) *recsys.Updater {
	return &recsys.Updater{Clone: model.Cloner(recsys.Run{Workers: 1}, kinds...)}
}

// TestUpdaterKinds takes every kind through new events, users and items.
func TestUpdaterKinds(t *testing.T) {
	for _, k := range builtin.Kinds() {
		t.Run(k.Name, func(t *testing.T) {
			ctx := context.Background()
			s := shopOfTastes(t, 40, 20)
			old := fitted(t, s, k, recsys.DatasetOptions{Sequences: true})
			before, err := old.Model.(model.Model).State()
			require.NoError(t, err)
			engine, err := recsys.NewEngine(old)
			require.NoError(t, err)
			u := updater(builtin.Kinds()...)
			done, err := u.Tick(ctx, s, engine)
			require.NoError(t, err)
			require.Zero(t, done)

			var events []recsys.Event
			for i := range 4 {
				events = append(events, purchase("new", fmt.Sprint("i", 2*i), int64(9000+i)))
			}
			for u := range 10 { // the even users take to a new item
				events = append(events, purchase(fmt.Sprint("u", 2*u), "novelty", int64(9100+u)))
			}
			events = append(events, purchase("new", "novelty", 9200), recsys.Event{UserID: "u1", ItemID: "i1", Time: 9300, Qty: -1})
			require.NoError(t, s.AppendEvents(ctx, events))
			require.NoError(t, s.UpsertItems(ctx, []recsys.Item{{ID: "i0", Category: "even", Unavailable: true}, {ID: "unsold", Category: "odd"}}))
			done, err = u.Tick(ctx, s, engine)
			require.NoError(t, err)
			_, adds := old.Model.(recsys.ItemAdder)
			want := recsys.Update{Events: 16, Users: 12, NewUsers: 1, NewItems: 2, Catalogue: true}
			if !adds {
				want.NewItems, want.WaitingItems = 0, 2
			}
			require.Equal(t, want, done)

			now, _ := engine.Snapshot()
			require.Equal(t, fmt.Sprintf("%s-1+%d", k.Name, now.Watermark.Seq), now.Version)
			requireHistories(t, s, now, recsys.DatasetOptions{Sequences: true})
			r, err := engine.Recommend(ctx, recsys.Request{UserID: "new", K: 25})
			require.NoError(t, err)
			has := map[string]bool{}
			for _, item := range r.Items {
				has[item.Item.ID] = true
			}
			require.False(t, has["i0"] || has["i2"] || has["novelty"], "unavailable, seen and seen")
			require.Equal(t, adds, has["unsold"])
			if adds {
				r, err = engine.Recommend(ctx, recsys.Request{UserID: "u20", K: 25})
				require.NoError(t, err)
				at := map[string]int{}
				for i, item := range r.Items {
					at[item.Item.ID] = i
				}
				require.Contains(t, at, "novelty")
				if k.Name != "gru4rec" && k.Name != "popularity" { // hardly trained here, and not personal
					require.Less(t, at["novelty"], at["unsold"], "what one's own kind likes goes before what nobody has")
				}
			}

			after, err := old.Model.(model.Model).State()
			require.NoError(t, err)
			require.Equal(t, before, after, "the snapshot that was served stays as it was")
			done, err = u.Tick(ctx, s, engine)
			require.NoError(t, err)
			require.Zero(t, done)
		})
	}
}

// requireHistories compares a snapshot with a fresh dataset of the store, by ids.
func requireHistories(t require.TestingT, st recsys.Store, s recsys.Snapshot, o recsys.DatasetOptions) {
	d, err := st.Dataset(context.Background(), o)
	require.NoError(t, err)
	type history struct {
		weights map[string]float32
		steps   []string
	}
	of := func(users, items *recsys.IDMap, x *recsys.CSR, q *recsys.Sequences) map[string]history {
		all := map[string]history{}
		for u, id := range users.IDs() {
			h := history{weights: map[string]float32{}}
			cols, values := x.Row(u)
			for p, c := range cols {
				h.weights[items.ID(c)] = values[p]
			}
			if q != nil {
				steps, times := q.Of(u)
				for p, i := range steps {
					h.steps = append(h.steps, fmt.Sprint(items.ID(i), "@", times[p]))
				}
			}
			if len(h.weights) > 0 { // who gave everything back is in no dataset
				all[id] = h
			}
		}
		return all
	}
	if _, adds := s.Model.(recsys.ItemAdder); adds {
		require.Equal(t, of(d.Users, d.Items, d.Interactions, d.Sequences), of(s.Users, s.Items, s.Interactions, s.Sequences))
		require.Subset(t, s.Items.IDs(), d.Items.IDs())
	}
	require.Equal(t, d.Watermark.Seq, s.Watermark.Seq)
	require.NoError(t, s.Interactions.Validate())
}

// TestUpdaterLaw: after any events in any number of updates, with any batch size, the histories
// are those of a fresh dataset.
func TestUpdaterLaw(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		ctx := context.Background()
		draw := rapid.Custom(func(r *rapid.T) recsys.Event {
			return recsys.Event{UserID: rapid.StringMatching(`[a-e]`).Draw(r, "user"), ItemID: rapid.StringMatching(`[0-9]`).Draw(r, "item"),
				Time: rapid.Int64Range(0, 100).Draw(r, "time"), Qty: rapid.Int64Range(-2, 3).Draw(r, "qty"),
				Type: rapid.SampledFrom([]string{"", "view", "nothing"}).Draw(r, "type")}
		})
		s := memstore.New()
		require.NoError(r, s.AppendEvents(ctx, append(rapid.SliceOfN(draw, 0, 20).Draw(r, "events"), purchase("a", "0", 1))))
		o := recsys.DatasetOptions{Sequences: rapid.Bool().Draw(r, "sequences"),
			Weighting: recsys.Weighting{EventTypes: map[string]float64{"view": .5, "nothing": 0}}}
		d, err := s.Dataset(ctx, o)
		require.NoError(r, err)
		if d.Interactions.NNZ() == 0 {
			return
		}
		k := rapid.SampledFrom([]model.Kind{popularity.Kind, ease.Kind}).Draw(r, "kind") // fitted anew, and growing
		m, err := k.New(nil, recsys.Run{})
		require.NoError(r, err)
		require.NoError(r, m.Fit(ctx, d))
		snap := model.NewArtifact(k.Name, m, d, []recsys.Item{}).Snapshot()
		u := updater(k)
		u.BatchSize = rapid.IntRange(1, 6).Draw(r, "batch")
		for range rapid.IntRange(1, 3).Draw(r, "updates") {
			events := rapid.SliceOfN(draw, 0, 20).Draw(r, "more")
			require.NoError(r, s.AppendEvents(ctx, events))
			next, done, err := u.Update(ctx, s, snap)
			require.NoError(r, err)
			require.Equal(r, len(events), done.Events)
			snap = next
		}
		// A dataset's watermark is that of the selected events, and these may end earlier.
		_, last, err := s.EventsAfter(ctx, 0, 1000)
		require.NoError(r, err)
		require.Equal(r, last, snap.Watermark.Seq)
		d, err = s.Dataset(ctx, o)
		require.NoError(r, err)
		snap.Watermark.Seq = d.Watermark.Seq
		requireHistories(r, s, snap, o)
	})
}

func TestUpdaterIndexAndFeatures(t *testing.T) {
	ctx := context.Background()
	s := shopOfTastes(t, 40, 20)
	old := fitted(t, s, lightfm.Kind, recsys.DatasetOptions{ItemFeatures: true})
	vectors := old.Model.(recsys.VectorModel)
	x, err := index.OfModel(ctx, index.KindExact, vectors, old.Interactions, index.Options{})
	require.NoError(t, err)
	old.Index = x
	require.NoError(t, s.UpsertItems(ctx, []recsys.Item{{ID: "fresh", Category: "even"}, {ID: "strange", Category: "never heard of"}}))
	next, done, err := updater(lightfm.Kind).Update(ctx, s, old)
	require.NoError(t, err)
	require.Equal(t, recsys.Update{NewItems: 2, Catalogue: true}, done)
	require.Equal(t, 22, next.Index.Len())
	fresh, ok := next.Items.Index("fresh")
	require.True(t, ok)
	cols, _ := next.ItemFeatures.Matrix.Row(int(fresh))
	require.Len(t, cols, 1)
	require.Equal(t, "category:even", next.ItemFeatures.Names[cols[0]])
	strange, _ := next.Items.Index("strange")
	require.Zero(t, next.ItemFeatures.Matrix.RowLen(int(strange)))

	engine, err := recsys.NewEngine(next)
	require.NoError(t, err)
	exact, err := engine.Recommend(ctx, recsys.Request{UserID: "u0", K: 22})
	require.NoError(t, err)
	approximate, err := engine.Recommend(ctx, recsys.Request{UserID: "u0", K: 22, Approximate: true})
	require.NoError(t, err)
	require.Equal(t, len(exact.Items), len(approximate.Items))
	for i := range exact.Items {
		require.Equal(t, exact.Items[i].Item.ID, approximate.Items[i].Item.ID)
	}
}

// Models that are fitted quickly are fitted anew: what many buy now ranks first now.
func TestUpdaterRefits(t *testing.T) {
	ctx := context.Background()
	for _, k := range []model.Kind{popularity.Kind, sessionknn.Kind} {
		s := shopOfTastes(t, 40, 20)
		old := fitted(t, s, k, recsys.DatasetOptions{Sequences: true})
		var events []recsys.Event
		for u := range 40 {
			events = append(events, purchase(fmt.Sprint("fan", u), "i19", 90_000), purchase(fmt.Sprint("fan", u), "i0", 90_001))
		}
		require.NoError(t, s.AppendEvents(ctx, events))
		next, _, err := updater(k).Update(ctx, s, old)
		require.NoError(t, err)
		engine, err := recsys.NewEngine(next)
		require.NoError(t, err)
		r, err := engine.Recommend(ctx, recsys.Request{Session: []string{"i19"}, K: 1})
		require.NoError(t, err)
		require.Equal(t, "i0", r.Items[0].Item.ID, k.Name)
	}
}

func TestUpdaterUserFeatures(t *testing.T) {
	ctx := context.Background()
	s := shopOfTastes(t, 40, 20)
	old := fitted(t, s, als.Kind, recsys.DatasetOptions{})
	old.UserFeatures = &recsys.Features{Names: []string{"country=AT"}, Matrix: &recsys.CSR{Rows: 40, Cols: 1, Indptr: make([]int64, 41), Indices: []int32{}}}
	require.NoError(t, s.AppendEvents(ctx, []recsys.Event{purchase("z1", "i1", 1), purchase("z2", "i1", 1), purchase("u1", "i1", 1)}))
	next, _, err := updater(als.Kind).Update(ctx, &peopled{s}, old)
	require.NoError(t, err)
	require.Equal(t, []string{"country=AT", "country=DE"}, next.UserFeatures.Names)
	z1, _ := next.Users.Index("z1")
	z2, _ := next.Users.Index("z2")
	cols, _ := next.UserFeatures.Matrix.Row(int(z1))
	require.Equal(t, []int32{1}, cols)
	cols, _ = next.UserFeatures.Matrix.Row(int(z2))
	require.Equal(t, []int32{0}, cols)
	_, err = recsys.NewEngine(next)
	require.NoError(t, err)
}

// peopled knows z1 to be in Germany and everybody else in Austria.
type peopled struct{ *memstore.Store }

func (p *peopled) Dataset(ctx context.Context, o recsys.DatasetOptions) (*recsys.Dataset, error) {
	asked := o.UserFeatures
	o.UserFeatures = false
	d, err := p.Store.Dataset(ctx, o)
	if err != nil || !asked {
		return d, err
	}
	m := &recsys.CSR{Rows: d.Users.Len(), Cols: 2, Indptr: []int64{0}}
	for _, id := range d.Users.IDs() {
		col := int32(1)
		if id == "z1" {
			col = 0
		}
		m.Indices = append(m.Indices, col)
		m.Indptr = append(m.Indptr, int64(len(m.Indices)))
	}
	d.UserFeatures = &recsys.Features{Names: []string{"country=DE", "country=AT"}, Matrix: m}
	return d, nil
}

// failing breaks off at the nth call.
type failing struct {
	recsys.Store
	calls, at int
}

func (f *failing) Dataset(ctx context.Context, o recsys.DatasetOptions) (*recsys.Dataset, error) {
	if f.calls++; f.calls == f.at {
		return nil, context.DeadlineExceeded
	}
	return f.Store.Dataset(ctx, o)
}

func TestUpdaterFails(t *testing.T) {
	ctx := context.Background()
	s := shopOfTastes(t, 40, 20)
	old := fitted(t, s, als.Kind, recsys.DatasetOptions{})
	require.NoError(t, s.AppendEvents(ctx, []recsys.Event{purchase("u1", "new", 1), purchase("u2", "i2", 1), purchase("u3", "i3", 1)}))
	u := updater(als.Kind)
	u.BatchSize = 1
	for at := 1; at <= 3; at++ {
		next, done, err := u.Update(ctx, &failing{Store: s, at: at}, old)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorContains(t, err, `"als-1"`)
		require.Zero(t, done)
		require.Equal(t, old, next)
	}
	_, _, err := new(recsys.Updater).Update(ctx, s, old)
	require.ErrorIs(t, err, recsys.ErrInvalidConfig)
	_, _, err = updater(popularity.Kind).Update(ctx, s, old)
	require.ErrorIs(t, err, model.ErrUnknownKind)
	_, err = u.Tick(ctx, s, new(recsys.Engine))
	require.ErrorIs(t, err, recsys.ErrNoModel)
	require.ErrorIs(t, u.Run(ctx, s, new(recsys.Engine), 0), recsys.ErrInvalidConfig)
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	_, _, err = u.Update(cancelled, s, old)
	require.ErrorIs(t, err, context.Canceled)
}

// waitFor is a log handler that ends a run when something was updated.
type waitFor struct {
	slog.Handler
	seen func()
}

func (w waitFor) Handle(_ context.Context, r slog.Record) error {
	if r.Message == "updated" {
		w.seen()
	}
	return nil
}

func TestUpdaterRun(t *testing.T) {
	s := shopOfTastes(t, 40, 20)
	engine, err := recsys.NewEngine(fitted(t, s, als.Kind, recsys.DatasetOptions{}))
	require.NoError(t, err)
	require.NoError(t, s.AppendEvents(t.Context(), []recsys.Event{purchase("guest", "i3", 9999)}))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	u := updater(als.Kind)
	u.Log = slog.New(waitFor{slog.Default().Handler(), cancel})
	require.ErrorIs(t, u.Run(ctx, s, engine, time.Millisecond), context.Canceled)
	_, err = engine.Recommend(t.Context(), recsys.Request{UserID: "guest", K: 3})
	require.NoError(t, err)
}

// A store that lost its last events would give their numbers again.
func TestUpdaterNoticesAStoreThatWasSetBack(t *testing.T) {
	old, now := shopOfTastes(t, 10, 10), shopOfTastes(t, 10, 10)
	require.NoError(t, now.AppendEvents(t.Context(), []recsys.Event{purchase("u1", "i0", 9000), purchase("u1", "i2", 9001)}))
	s := fitted(t, now, als.Kind, recsys.DatasetOptions{})
	require.NoError(t, old.AppendEvents(t.Context(), []recsys.Event{purchase("new", "i0", 9002)}))
	same, done, err := updater(als.Kind).Update(t.Context(), old, s)
	require.ErrorIs(t, err, recsys.ErrSetBack)
	require.ErrorContains(t, err, fmt.Sprintf("number %d, the model knows events up to %d", s.Watermark.Seq-1, s.Watermark.Seq))
	require.Zero(t, done)
	require.Equal(t, s, same)
}

func TestUpdateReadsAllPagesOfAStore(t *testing.T) {
	ctx := context.Background()
	st := memstore.New()
	require.NoError(t, st.AppendEvents(ctx, []recsys.Event{{UserID: "a", ItemID: "i", Time: 1, Qty: 1}, {UserID: "b", ItemID: "j", Time: 1, Qty: 1}}))
	d, err := st.Dataset(ctx, recsys.DatasetOptions{})
	require.NoError(t, err)
	s := recsys.Snapshot{Version: "v", Kind: "counted", Model: &cooccurrence{d.Interactions}, Users: d.Users, Items: d.Items, Interactions: d.Interactions, Watermark: d.Watermark}
	for range 5 {
		require.NoError(t, st.AppendEvents(ctx, []recsys.Event{{UserID: "a", ItemID: "i", Time: 2, Qty: 1}}))
	}
	u := &recsys.Updater{Clone: func(_ string, m recsys.Model) (recsys.Model, error) { return m, nil }}
	_, done, err := u.Update(ctx, paged{st}, s)
	require.NoError(t, err)
	require.Equal(t, 5, done.Events)
}
