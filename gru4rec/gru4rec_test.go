package gru4rec

import (
	"context"
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/rng"
	"github.com/recsys-lite/recsys/model"
)

var ctx = context.Background()

// dataset makes each sequence a user's, one event per second, users one after another.
func dataset(t testing.TB, items int, users ...[]int32) *recsys.Dataset {
	t.Helper()
	s := &recsys.Sequences{Indptr: []int64{0}}
	var entries []recsys.Entry
	for u, events := range users {
		for _, i := range events {
			entries = append(entries, recsys.Entry{Row: int32(u), Col: i, Value: 1})
			s.Times = append(s.Times, int64(len(s.Items)))
			s.Items = append(s.Items, i)
		}
		s.Indptr = append(s.Indptr, int64(len(s.Items)))
	}
	x, err := recsys.NewCSR(len(users), items, entries)
	require.NoError(t, err)
	return &recsys.Dataset{Interactions: x, Sequences: s}
}

func fit(t testing.TB, d *recsys.Dataset, change func(*Config)) *Model {
	t.Helper()
	cfg := DefaultConfig()
	cfg.HiddenSize, cfg.Samples, cfg.BatchSize, cfg.EmbeddingDropout, cfg.SessionGap = 16, 32, 16, 0.2, 0
	cfg.Epochs = 10
	if change != nil {
		change(&cfg)
	}
	m, err := New(cfg)
	require.NoError(t, err)
	require.NoError(t, m.Fit(ctx, d))
	return m
}

// colours are sessions of items of one colour in random order.
func colours(items, sessions int) [][]int32 {
	r := rng.New(5)
	users := make([][]int32, sessions)
	for u := range users {
		for range 12 {
			users[u] = append(users[u], int32(2*r.Intn(items/2)+u%2))
		}
	}
	return users
}

// Where sessions have no order, the model learns which items go together: baskets, similar
// items and new items follow.
func TestWhatGoesTogether(t *testing.T) {
	const n = 20
	for name, change := range map[string]func(*Config){
		"shared":   nil,
		"separate": func(c *Config) { c.ConstrainedEmbedding, c.Embedding = false, 12 },
		"one-hot":  func(c *Config) { c.ConstrainedEmbedding, c.EmbeddingDropout = false, 0 },
		"layers":   func(c *Config) { c.Layers, c.Epochs = 2, 20 },
	} {
		t.Run(name, func(t *testing.T) {
			m := fit(t, dataset(t, n, colours(n, 200)...), change)
			near, err := recsys.NewCSR(2, n, []recsys.Entry{
				{Row: 0, Col: 0, Value: 3}, {Row: 0, Col: 4, Value: 1}, {Row: 1, Col: 3, Value: 2}})
			require.NoError(t, err)
			require.NoError(t, m.AddItems(ctx, recsys.NewItems{Count: 2, Neighbours: near})) // 20 even, 21 odd
			for colour := range int32(2) {
				for _, h := range []recsys.History{
					{Sequence: []int32{2 + colour, 8 + colour}},
					{Items: []int32{2 + colour, 8 + colour}, Weights: []float32{1, 5}},
					{Sequence: []int32{n + colour}},
				} {
					top, err := m.Recommend(ctx, recsys.Query{User: recsys.NoUser, History: h, K: 11})
					require.NoError(t, err)
					for _, s := range top {
						require.Equal(t, colour, s.Item%2, "%v brings %v", h, top)
					}
				}
				similar, err := m.SimilarItems(ctx, 6+colour, 9, nil)
				require.NoError(t, err)
				for _, s := range similar {
					require.Equal(t, colour, s.Item%2, "like %d: %v", 6+colour, similar)
				}
			}
		})
	}
}

// The vector of a history is what the reference network computes.
func TestServingRunsTheNetwork(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"shared":  func(c *Config) { c.Layers = 2 },
		"one-hot": func(c *Config) { c.ConstrainedEmbedding, c.EmbeddingDropout = false, 0 },
	} {
		t.Run(name, func(t *testing.T) {
			m := fit(t, dataset(t, 80, colours(80, 20)...), change)
			ref := newReference(parametersOf(t, m).net)
			zero := func() (h [][]float64) {
				for range m.cfg.Layers {
					h = append(h, make([]float64, 16))
				}
				return h
			}
			walk := func(items ...int32) []float64 {
				h := zero()
				for _, i := range items {
					h = ref.hidden64(i, h, nil, nil)
				}
				return h[len(h)-1]
			}
			vector := func(h recsys.History) []float64 {
				v := make([]float32, 17)
				require.NoError(t, m.QueryVector(ctx, recsys.Query{User: recsys.NoUser, History: h}, v))
				require.EqualValues(t, 1, v[16], "for the bias")
				return wide(v[:16])
			}
			require.InDeltaSlice(t, walk(3, 3, 7, 1), vector(recsys.History{Sequence: []int32{3, 3, 7, 1}}), 1e-5)
			require.InDeltaSlice(t, zero()[0], vector(recsys.History{}), 0)
			a, b := walk(2), walk(5)
			mean := make([]float64, 16)
			for j := range mean {
				mean[j] = (a[j] + 3*b[j]) / 4
			}
			require.InDeltaSlice(t, mean, vector(recsys.History{Items: []int32{2, 5}, Weights: []float32{1, 3}}), 1e-5)

			var many recsys.History // more than go through the network at once
			clear(mean)
			for i := range int32(80) {
				many.Items = append(many.Items, i)
				for j, v := range walk(i) {
					mean[j] += v / 80
				}
			}
			require.InDeltaSlice(t, mean, vector(many), 1e-5)
		})
	}
}

func TestNewItemsAreTheMeanOfTheirNeighbours(t *testing.T) {
	m := fit(t, dataset(t, 10, colours(10, 20)...), func(c *Config) { c.ConstrainedEmbedding, c.Embedding = false, 5 })
	near, err := recsys.NewCSR(1, 10, []recsys.Entry{{Col: 2, Value: 3}, {Col: 7, Value: 1}})
	require.NoError(t, err)
	require.NoError(t, m.AddItems(ctx, recsys.NewItems{Count: 1, Neighbours: near}))
	n := parametersOf(t, m).net
	for _, row := range []func(int32) []float32{n.outputRow, n.inputRow} {
		want := make([]float32, len(row(2)))
		for j := range want {
			want[j] = 0.75*row(2)[j] + 0.25*row(7)[j]
		}
		require.InDeltaSlice(t, want, row(10), 1e-6)
	}
}

func TestUnseenItemsComeLast(t *testing.T) {
	users := colours(10, 40)
	m := fit(t, dataset(t, 12, users...), nil) // 10 and 11 never came up
	for _, i := range []int32{10, 11} {
		require.Equal(t, make([]float32, 16), parametersOf(t, m).net.outputRow(i)[:16])
	}
	top, err := m.Recommend(ctx, recsys.Query{User: recsys.NoUser, K: 12})
	require.NoError(t, err)
	require.Equal(t, []int32{10, 11}, []int32{top[10].Item, top[11].Item}, "by bias alone they tie with the lowest")
	require.NoError(t, m.AddItems(ctx, recsys.NewItems{Count: 1}))
	require.Equal(t, parametersOf(t, m).net.outputRow(10), parametersOf(t, m).net.outputRow(12), "a new item of which nothing is known")
}

func TestWorkersDoNotShow(t *testing.T) {
	var first model.State
	for workers := 1; workers <= 5; workers++ {
		m := fit(t, dataset(t, 90, colours(90, 150)...), func(c *Config) {
			c.Workers, c.BatchSize, c.Samples, c.Epochs, c.Layers, c.Dropout = workers, 70, 300, 2, 2, 0.2
		})
		s, err := m.State()
		require.NoError(t, err)
		if workers == 1 {
			first = s
		}
		require.Equal(t, first, s, "%d workers", workers)
	}
}

func TestErrors(t *testing.T) {
	m, err := New(DefaultConfig())
	require.NoError(t, err)
	d := dataset(t, 3, []int32{0, 1}, []int32{1, 2})
	d.Sequences = nil
	require.ErrorIs(t, m.Fit(ctx, d), recsys.ErrInvalidData)
	require.ErrorIs(t, m.Fit(ctx, dataset(t, 3, []int32{0}, []int32{1})), recsys.ErrEmptyDataset)

	_, err = Kind.New(json.RawMessage(`{"hidden_size":0,"loss":"mse","momentum":1,"dropout":-1,"bpreg":1e9}`), recsys.Run{})
	require.ErrorIs(t, err, recsys.ErrInvalidConfig)
	for _, name := range []string{"hidden_size", "loss", "momentum", "dropout", "bpreg"} {
		require.ErrorContains(t, err, name)
	}
	_, err = Kind.New(json.RawMessage(`{"constrained_embedding":false}`), recsys.Run{})
	require.ErrorContains(t, err, "embedding_dropout", "an option that would do nothing is refused")
	for _, v := range []float64{math.NaN(), math.Inf(1)} {
		c := DefaultConfig()
		c.LearningRate, c.BPReg, c.SampleAlpha, c.Dropout = v, v, v, v
		require.ErrorContains(t, c.Validate(), "learning_rate")
	}
}

func TestSamplerKeepsToItsWeights(t *testing.T) {
	r := rng.New(3)
	for range 200 {
		w := make([]float64, 1+r.Intn(40))
		for i := range w {
			if r.Float64() < 0.5 {
				w[i] = math.Exp(20 * r.Float64())
			}
		}
		w[r.Intn(len(w))] = 1
		s := newSampler(w)
		p := make([]float64, len(w))
		total := 0.0
		for i := range w {
			keep := float64(s[i].keep) / (1 << 32)
			p[i] += keep / float64(len(w))
			p[s[i].other] += (1 - keep) / float64(len(w))
			total += w[i]
		}
		for i := range w {
			require.InDelta(t, w[i]/total, p[i], 1e-9)
		}
	}
}

func parametersOf(t *testing.T, m *Model) *parameters {
	t.Helper()
	p, err := m.fitted.Get()
	require.NoError(t, err)
	return p
}
