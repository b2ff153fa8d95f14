package index_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/als"
	"github.com/recsys-lite/recsys/index"
	"github.com/recsys-lite/recsys/internal/f32"
	"github.com/recsys-lite/recsys/model"
)

// fitted returns a small model with what it was fitted on: user u has the items u, 2u, 3u ….
func fitted(t *testing.T, users, items int) (*als.Model, *recsys.Dataset) {
	t.Helper()
	var entries []recsys.Entry
	for u := range users {
		for n := 1; n <= 5; n++ {
			entries = append(entries, recsys.Entry{Row: int32(u), Col: int32(u * n % items), Value: 1})
		}
	}
	x, err := recsys.NewCSR(users, items, entries)
	require.NoError(t, err)
	names := func(prefix string, n int) *recsys.IDMap {
		ids := make([]string, n)
		for i := range ids {
			ids[i] = prefix + string(rune('a'+i/676)) + string(rune('a'+i/26%26)) + string(rune('a'+i%26))
		}
		m, err := recsys.NewIDMap(ids)
		require.NoError(t, err)
		return m
	}
	d := &recsys.Dataset{Users: names("u", users), Items: names("i", items), Interactions: x}
	cfg := als.DefaultConfig()
	cfg.Factors, cfg.Iterations = 8, 2
	m, err := als.New(cfg)
	require.NoError(t, err)
	require.NoError(t, m.Fit(context.Background(), d))
	return m, d
}

func TestAModelComesBackWithItsIndex(t *testing.T) {
	ctx := context.Background()
	m, d := fitted(t, 60, 200)
	for _, kind := range []string{index.KindExact, index.KindIVF, index.KindHNSW} {
		a := model.NewArtifact("als", m, d, nil)
		x, err := index.OfModel(ctx, kind, m, d.Interactions, index.Options{})
		require.NoError(t, err)
		a.Index = x
		dir := t.TempDir() + "/als"
		_, err = model.Write(ctx, dir, a)
		require.NoError(t, err)

		back, err := model.Opener{Kinds: []model.Kind{als.Kind}, Index: index.Opener(index.Search{})}.Open(dir)
		require.NoError(t, err)
		require.Equal(t, 200, back.Snapshot().Index.Len())
		require.NotContains(t, back.Attachments, model.IndexAttachment)
		e, err := recsys.NewEngine(back.Snapshot())
		require.NoError(t, err)
		exact, err := e.Recommend(ctx, recsys.Request{UserID: d.Users.ID(7), K: 10})
		require.NoError(t, err)
		found, err := e.Recommend(ctx, recsys.Request{UserID: d.Users.ID(7), K: 10, Approximate: true})
		require.NoError(t, err)
		require.Len(t, found.Items, 10)
		same := 0
		for i := range found.Items {
			if found.Items[i].Item.ID == exact.Items[i].Item.ID {
				same++
			}
		}
		require.GreaterOrEqual(t, same, 8, kind)

		// Who opens it without the hook is served exactly, and loses nothing by writing it again.
		plain, err := model.Open(dir, als.Kind)
		require.NoError(t, err)
		require.Nil(t, plain.Snapshot().Index)
		require.NotEmpty(t, plain.Attachments[model.IndexAttachment])

		// A damaged index is one of a damaged artifact, though its checksum holds.
		plain.Attachments[model.IndexAttachment] = plain.Attachments[model.IndexAttachment][:40]
		_, err = model.Write(ctx, dir+"-cut", plain)
		require.NoError(t, err)
		_, err = model.Opener{Kinds: []model.Kind{als.Kind}, Index: index.Opener(index.Search{})}.Open(dir + "-cut")
		require.ErrorIs(t, err, model.ErrCorrupt)
	}
}

func TestAnIndexFollowsNewItems(t *testing.T) {
	ctx := context.Background()
	m, d := fitted(t, 60, 200)
	x, err := index.OfModel(ctx, index.KindHNSW, m, d.Interactions, index.Options{})
	require.NoError(t, err)
	who, err := recsys.NewCSR(2, 60, []recsys.Entry{{Row: 0, Col: 3, Value: 1}, {Row: 1, Col: 5, Value: 2}})
	require.NoError(t, err)
	require.NoError(t, m.AddItems(ctx, recsys.NewItems{Count: 2, Interactions: who}))

	a := model.NewArtifact("als", m, d, nil)
	a.Index = x
	require.NoError(t, index.Extend(ctx, x, m))
	require.Equal(t, 202, x.Len())
	require.NoError(t, index.Extend(ctx, x, m), "nothing new")
	require.Equal(t, 202, x.Len())
	only := recsys.NewBitset(202)
	only.Set(201)
	top, err := x.Search(ctx, m.ItemVectors().Row(201), 1, only)
	require.NoError(t, err)
	require.EqualValues(t, 201, top[0].Item)

	smaller, _ := fitted(t, 60, 100)
	require.ErrorIs(t, index.Extend(ctx, x, smaller), recsys.ErrInvalidData)
}

func TestAutoBuildsOnlyWhatGains(t *testing.T) {
	ctx := context.Background()
	m, d := fitted(t, 60, 200)
	x, err := index.OfModel(ctx, index.KindAuto, m, d.Interactions, index.Options{})
	require.NoError(t, err)
	require.Nil(t, x, "a scan of 200 items is as good")
	x, err = index.OfModel(ctx, index.KindAuto, m, d.Interactions, index.Options{Lists: 7, Search: index.Search{Probe: 2}})
	require.NoError(t, err)
	require.Equal(t, 7, x.(*index.IVF).Lists(), "who gives lists wants an ivf")
	require.Equal(t, 2, x.(*index.IVF).Probe())

	// A hundred clusters of 120, all as long: a query need not look far.
	const n, dim = 12_000, 32
	large, nobody := vectorsOnly{recsys.NewMatrix(n, dim)}, &recsys.CSR{Cols: n, Indptr: []int64{0}}
	r := rand.New(rand.NewPCG(1, 2))
	for i := range n {
		row := large.items.Row(i)
		for d := range row {
			row[d] = float32(r.NormFloat64()) * .1
		}
		row[i%100*dim/100] += 3
		row[i%100%7] -= 2
	}
	x, err = index.OfModel(ctx, index.KindAuto, large, nobody, index.Options{})
	require.NoError(t, err)
	require.NotNil(t, x)
	_, err = index.OfModel(ctx, index.KindAuto, large, nobody, index.Options{Queries: recsys.NewMatrix(3, dim+1)})
	require.ErrorIs(t, err, recsys.ErrInvalidConfig)

	// Of the same with norms that fall off an exact ranking reads few.
	for i := range n {
		f32.Scale(1/float32(1+i/100), large.items.Row(i))
	}
	x, err = index.OfModel(ctx, index.KindAuto, large, nobody, index.Options{})
	require.NoError(t, err)
	require.Equal(t, f32.FastCodes(), x == nil)

	// Noise: the best may be anywhere.
	for i := range large.items.Data {
		large.items.Data[i] = float32(r.NormFloat64())
	}
	x, err = index.OfModel(ctx, index.KindAuto, large, nobody, index.Options{})
	require.NoError(t, err)
	require.Nil(t, x)
	_, err = index.OfModel(ctx, index.KindAuto, large, d.Interactions, index.Options{})
	require.ErrorIs(t, err, recsys.ErrInvalidData)
}

// vectorsOnly is as much of a model as an index looks at when there are no users.
type vectorsOnly struct{ items recsys.Matrix }

func (v vectorsOnly) ItemVectors() recsys.Matrix                                  { return v.items }
func (v vectorsOnly) Shape() (int, int)                                           { return 0, v.items.Rows }
func (v vectorsOnly) Fit(context.Context, *recsys.Dataset) error                  { return nil }
func (v vectorsOnly) PartialFitUsers(context.Context, []int32, *recsys.CSR) error { return nil }
func (v vectorsOnly) Scores(context.Context, recsys.Query, []float32) error       { return nil }
func (v vectorsOnly) QueryVector(context.Context, recsys.Query, []float32) error  { return nil }
func (v vectorsOnly) Recommend(context.Context, recsys.Query) ([]recsys.Scored, error) {
	return nil, nil
}
