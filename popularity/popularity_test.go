package popularity

import (
	"context"
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/model"
)

func dataset(t require.TestingT, users, items int, entries ...recsys.Entry) *recsys.Dataset {
	x, err := recsys.NewCSR(users, items, entries)
	require.NoError(t, err)
	return &recsys.Dataset{Interactions: x}
}

func fit(t require.TestingT, cfg Config, d *recsys.Dataset) *Model {
	m, err := New(cfg)
	require.NoError(t, err)
	require.NoError(t, m.Fit(context.Background(), d))
	return m
}

func scores(t require.TestingT, m *Model) []float32 {
	_, items := m.Shape()
	out := make([]float32, items)
	require.NoError(t, m.Scores(context.Background(), recsys.Query{User: recsys.NoUser}, out))
	return out
}

func TestCountsDistinctUsersNotWeights(t *testing.T) {
	m := fit(t, DefaultConfig(), dataset(t, 2, 3,
		recsys.Entry{Row: 0, Col: 1, Value: 80995}, recsys.Entry{Row: 0, Col: 2, Value: 1}, recsys.Entry{Row: 1, Col: 2, Value: 1}))
	require.Equal(t, []float32{0, 1, 2}, scores(t, m))
}

// Item 0 was bought by two users three half-lives ago, item 1 by one user now, who also
// bought it long before: 2·1/8 against 1.
func TestHalfLifeByHand(t *testing.T) {
	d := dataset(t, 3, 2,
		recsys.Entry{Row: 0, Col: 0, Value: 1}, recsys.Entry{Row: 1, Col: 0, Value: 1}, recsys.Entry{Row: 2, Col: 1, Value: 1})
	d.Sequences = &recsys.Sequences{Indptr: []int64{0, 1, 2, 4}, Items: []int32{0, 0, 1, 1}, Times: []int64{day, day, day, 31 * day}}
	cfg := DefaultConfig()
	cfg.HalfLife = 10
	m := fit(t, cfg, d)
	require.Equal(t, []float32{0.25, 1}, scores(t, m))
	top, err := m.Recommend(context.Background(), recsys.Query{User: 0, K: 1})
	require.NoError(t, err)
	require.Equal(t, []recsys.Scored{{Item: 1, Score: 1}}, top)

	d.Sequences = nil
	require.ErrorContains(t, m.Fit(context.Background(), d), "load the dataset with sequences")
	d.Sequences = &recsys.Sequences{Indptr: []int64{0, 0, 0, 0}}
	require.ErrorIs(t, m.Fit(context.Background(), d), recsys.ErrInvalidData)
	require.Equal(t, []float32{0.25, 1}, scores(t, m), "a failed fit leaves the model as it was")
}

func TestAddItemsAndUsers(t *testing.T) {
	ctx := context.Background()
	m := fit(t, DefaultConfig(), dataset(t, 2, 1, recsys.Entry{Row: 1, Col: 0, Value: 1}))
	rows, err := recsys.NewCSR(1, 1, nil)
	require.NoError(t, err)
	require.NoError(t, m.PartialFitUsers(ctx, []int32{2}, rows))
	byUser, err := recsys.NewCSR(2, 3, []recsys.Entry{{Row: 1, Col: 0, Value: 1}, {Row: 1, Col: 2, Value: 4}})
	require.NoError(t, err)
	require.NoError(t, m.AddItems(ctx, recsys.NewItems{Count: 2, Interactions: byUser}))
	users, items := m.Shape()
	require.Equal(t, []int{3, 3}, []int{users, items})
	require.Equal(t, []float32{1, 0, 2}, scores(t, m))
	require.ErrorIs(t, m.AddItems(ctx, recsys.NewItems{Count: 1, Interactions: byUser}), recsys.ErrInvalidData)
	require.ErrorIs(t, m.PartialFitUsers(ctx, []int32{9}, rows), recsys.ErrInvalidData)
}

func TestConfig(t *testing.T) {
	_, err := Kind.New(json.RawMessage(`{"half_life": -1}`), recsys.Run{})
	require.ErrorIs(t, err, recsys.ErrInvalidConfig)
	_, err = Kind.New(json.RawMessage(`{"halflife": 3}`), recsys.Run{})
	require.ErrorContains(t, err, "known are half_life")
	_, err = New(Config{HalfLife: math.NaN()})
	require.ErrorIs(t, err, recsys.ErrInvalidConfig)
}

func TestLoadRefusesNonsense(t *testing.T) {
	state, err := fit(t, Config{HalfLife: 0}, dataset(t, 1, 2, recsys.Entry{Value: 1})).State()
	require.NoError(t, err)
	for name, spoil := range map[string]func(s *model.State){
		"params":    func(s *model.State) { s.Params = json.RawMessage(`{"x":1}`) },
		"half-life": func(s *model.State) { s.Params = json.RawMessage(`{"half_life":-2}`) },
		"missing":   func(s *model.State) { s.Tensors = s.Tensors[:1] },
		"length":    func(s *model.State) { s.Tensors[0].Shape = []int{7} },
		"users":     func(s *model.State) { s.Tensors[1].Int64 = []int64{-1} },
		"score":     func(s *model.State) { s.Tensors[0].Float32 = []float32{1, float32(math.NaN())} },
	} {
		s := model.State{Params: state.Params, Tensors: append([]model.Tensor(nil), state.Tensors...)}
		spoil(&s)
		_, err := Kind.Load(s, recsys.Run{})
		require.ErrorIs(t, err, model.ErrCorrupt, name)
	}
	loaded, err := Kind.Load(state, recsys.Run{})
	require.NoError(t, err)
	again, err := loaded.State()
	require.NoError(t, err)
	require.Equal(t, state, again)
}

// The score of an item is its column count, and a very long half-life changes nothing.
func TestLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		users, items := rapid.IntRange(1, 8).Draw(t, "users"), rapid.IntRange(1, 8).Draw(t, "items")
		var entries []recsys.Entry
		s := &recsys.Sequences{Indptr: make([]int64, users+1)}
		for u := range users {
			for i := range items {
				if rapid.Bool().Draw(t, "has") || u+i == 0 {
					entries = append(entries, recsys.Entry{Row: int32(u), Col: int32(i), Value: rapid.Float32Range(0.1, 9).Draw(t, "w")})
					s.Items, s.Times = append(s.Items, int32(i)), append(s.Times, int64(len(s.Items)))
				}
			}
			s.Indptr[u+1] = int64(len(s.Items))
		}
		d := dataset(t, users, items, entries...)
		d.Sequences = s
		plain := scores(t, fit(t, DefaultConfig(), d))
		columns := d.Interactions.Transpose()
		for i, v := range plain {
			require.Equal(t, float32(columns.RowLen(i)), v)
		}
		slow := scores(t, fit(t, Config{HalfLife: 1e9}, d))
		for i := range plain {
			require.InDelta(t, plain[i], slow[i], 1e-5)
		}
	})
}
