package hybrid_test

import (
	"context"
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/ease"
	"github.com/recsys-lite/recsys/hybrid"
	"github.com/recsys-lite/recsys/internal/datasets"
	"github.com/recsys-lite/recsys/item2vec"
	"github.com/recsys-lite/recsys/itemknn"
	"github.com/recsys-lite/recsys/model"
	"github.com/recsys-lite/recsys/popularity"
)

// scorer is a member with given scores.
func scorer(name string, scores ...float32) (model.Kind, model.Model) {
	m := fixed{scores: scores}
	kind := model.Kind{Name: name, New: func(json.RawMessage, recsys.Run) (model.Model, error) { return m, nil }}
	return kind, m
}

type fixed struct{ scores []float32 }

func (m fixed) Fit(context.Context, *recsys.Dataset) error                       { return nil }
func (m fixed) PartialFitUsers(context.Context, []int32, *recsys.CSR) error      { return nil }
func (m fixed) Recommend(context.Context, recsys.Query) ([]recsys.Scored, error) { return nil, nil }
func (m fixed) Shape() (users, items int)                                        { return 3, len(m.scores) }
func (m fixed) State() (model.State, error)                                      { return model.State{Params: json.RawMessage(`{}`)}, nil }
func (m fixed) Scores(_ context.Context, _ recsys.Query, dst []float32) error {
	copy(dst, m.scores)
	return nil
}

func blended(t *testing.T, cfg hybrid.Config, history ...int32) []float32 {
	inf := float32(math.Inf(-1))
	a, fa := scorer("a", 1, 3, 5, inf) // mean 3, standard deviation √(8/3)
	b, fb := scorer("b", 7, 7, 9, inf)
	cfg.Members[0].Kind, cfg.Members[1].Kind = "a", "b"
	m, err := hybrid.Of(cfg, []model.Model{fa, fb}, a, b)
	require.NoError(t, err)
	out := make([]float32, 4)
	require.NoError(t, m.Scores(context.Background(), recsys.Query{User: recsys.NoUser, History: recsys.History{Items: history}}, out))
	return out
}

func TestScoreBlendByHand(t *testing.T) {
	cfg := hybrid.Config{Members: []hybrid.Member{{Weight: hybrid.Weights{1}}, {Weight: hybrid.Weights{0.5}}}, Blend: hybrid.Score, HoldOut: 0.2}
	s := math.Sqrt(8. / 3)
	z := math.Sqrt(8. / 9) // of 7, 7, 9 around 23/3
	got := blended(t, cfg)
	require.InDelta(t, -2/s-0.5*(2./3)/z, got[0], 1e-6)
	require.InDelta(t, 0-0.5*(2./3)/z, got[1], 1e-6)
	require.InDelta(t, 2/s+0.5*(4./3)/z, got[2], 1e-6)
	require.True(t, math.IsInf(float64(got[3]), -1), "nobody can recommend it")
}

func TestRankBlendByHand(t *testing.T) {
	cfg := hybrid.Config{Members: []hybrid.Member{{Weight: hybrid.Weights{1}}, {Weight: hybrid.Weights{2}}}, Blend: hybrid.Rank, HoldOut: 0.2}
	got := blended(t, cfg)
	require.InDelta(t, 1./63+2./62, got[0], 1e-7, "third, and second with another")
	require.InDelta(t, 1./62+2./62, got[1], 1e-7)
	require.InDelta(t, 1./61+2./61, got[2], 1e-7)
}

// The weights are those of the history's class: up to one item, up to two, more.
func TestWeightsByHistory(t *testing.T) {
	cfg := hybrid.Config{Members: []hybrid.Member{{Weight: hybrid.Weights{1, 0, 1}}, {Weight: hybrid.Weights{0, 1, 1}}},
		Blend: hybrid.Rank, ByHistory: []int{1, 2}, HoldOut: 0.2}
	require.InDelta(t, 1./63, blended(t, cfg, 2)[0], 1e-7)
	require.InDelta(t, 1./62, blended(t, cfg, 1, 2)[0], 1e-7)
	require.InDelta(t, 1./63+1./62, blended(t, cfg, 0, 1, 2)[0], 1e-7)
}

func TestFaultsAreNamed(t *testing.T) {
	for params, want := range map[string]string{
		`{"members": []}`:                                               "members are 0",
		`{"members": {}}`:                                               `want a list such as`,
		`{"members": [{"kid": "ease"}]}`:                                `unknown field \"kid\"`,
		`{"members": [{"kind": "svd"}]}`:                                `"svd", known are ease, als`,
		`{"members": [{"kind": "hybrid"}]}`:                             `"hybrid"`,
		`{"members": [{"kind": "ease", "params": {"lambda": 1}}]}`:      `"lambda"`,
		`{"members": [{"kind": "ease", "weight": -1}]}`:                 "-1",
		`{"members": [{"kind": "ease", "weight": 0}]}`:                  "all 0",
		`{"members": [{"kind": "ease", "weight": []}]}`:                 "a list of numbers",
		`{"members": [{"kind": "ease", "weight": [1, 2]}]}`:             "2 weights for 1 classes",
		`{"members": [{"kind": "ease", "weight": 1}, {"kind": "als"}]}`: "or none to learn them",
		`{"blend": "max"}`:                                              `"max"`,
		`{"by_history": [5, 5]}`:                                        "ascending",
		`{"hold_out": 1}`:                                               "hold_out",
		`{"weights": "learned"}`:                                        "known are blend, by_history, hold_out, members, seed",
	} {
		_, err := kind.New(json.RawMessage(params), recsys.Run{})
		require.ErrorIs(t, err, recsys.ErrInvalidConfig, params)
		require.Contains(t, jsonQuoted(err.Error()), jsonQuoted(want), params)
	}
	a, fa := scorer("a", 1)
	_, err := hybrid.Of(hybrid.Config{Members: []hybrid.Member{{Kind: "a"}}, Blend: hybrid.Rank, HoldOut: 0.5}, []model.Model{fa}, a)
	require.ErrorContains(t, err, "give every member a weight")
	b, fb := scorer("b", 1, 2)
	one := hybrid.Weights{1}
	_, err = hybrid.Of(hybrid.Config{Members: []hybrid.Member{{Kind: "a", Weight: one}, {Kind: "b", Weight: one}}, Blend: hybrid.Rank, HoldOut: 0.5},
		[]model.Model{fa, fb}, a, b)
	require.ErrorIs(t, err, recsys.ErrInvalidData)
	require.ErrorContains(t, err, "knows 3 and 2")
}

func jsonQuoted(s string) string {
	out := make([]byte, 0, len(s))
	for i := range len(s) {
		if s[i] != '\\' {
			out = append(out, s[i])
		}
	}
	return string(out)
}

// The seed reaches the members that draw numbers and have none of their own.
func TestSeedReachesMembers(t *testing.T) {
	k := hybrid.Kind(item2vec.Kind, popularity.Kind)
	x, err := recsys.NewCSR(2, 3, []recsys.Entry{{Row: 0, Col: 0, Value: 1}, {Row: 0, Col: 1, Value: 1}, {Row: 1, Col: 1, Value: 1}, {Row: 1, Col: 2, Value: 1}})
	require.NoError(t, err)
	m, err := k.New(json.RawMessage(`{"seed": 7, "members": [{"kind": "item2vec", "params": {"epochs": 1, "vector_size": 4}, "weight": 1}, {"kind": "popularity", "weight": 1}]}`), recsys.Run{})
	require.NoError(t, err)
	require.NoError(t, m.Fit(context.Background(), &recsys.Dataset{Interactions: x}))
	state, err := m.State()
	require.NoError(t, err)
	require.Contains(t, string(state.Params), `"seed":7`)
	var p struct {
		Members []struct{ Params struct{ Seed *int } }
	}
	require.NoError(t, json.Unmarshal(state.Params, &p))
	require.Equal(t, 7, *p.Members[0].Params.Seed)
	require.Nil(t, p.Members[1].Params.Seed)
}

// On Online Retail, fitted before the cut, the learned blend beats each member on what came
// after it, which neither fit nor weights saw.
func TestBlendBeatsItsMembers(t *testing.T) {
	if testing.Short() {
		t.Skip("fits three times on Online Retail")
	}
	s := datasets.OnlineRetail(t)
	members := hybrid.Kind(ease.Kind, itemknn.Kind, popularity.Kind)
	ndcg := func(k model.Kind, params string) float64 {
		m, err := k.New(json.RawMessage(params), recsys.Run{})
		require.NoError(t, err)
		require.NoError(t, m.Fit(context.Background(), s.Train))
		if w, ok := m.(interface{ Weights() ([][]float32, error) }); ok {
			weights, err := w.Weights()
			require.NoError(t, err)
			t.Log("weights", weights)
		}
		v := meanNDCG(t, m, s, 20)
		t.Logf("%s %s: ndcg@20 %.4f", k.Name, params, v)
		return v
	}
	// The neighbours' parameters are those that package itemknn found on older Online Retail data.
	const neighbours = `{"weighted":false,"neighbours":100,"shrink":20}`
	e, n := ndcg(ease.Kind, `{}`), ndcg(itemknn.Kind, neighbours)
	p := ndcg(popularity.Kind, `{"half_life": 30}`)
	const list = `[{"kind":"ease"},{"kind":"itemknn","params":` + neighbours + `},{"kind":"popularity","params":{"half_life":30}}]`
	require.Greater(t, ndcg(members, `{"members":`+list+`}`), max(e, n, p))
}

// meanNDCG is over users with held-out items they have not had.
func meanNDCG(t *testing.T, m recsys.Model, s *datasets.Set, k int) float64 {
	var sum, n float64
	_, items := m.Shape()
	for u, held := range s.Test {
		had, weights := s.Train.Interactions.Row(u)
		unseen := recsys.FullBitset(items)
		for _, i := range had {
			unseen.Clear(i)
		}
		wanted := make(map[int32]bool)
		for _, i := range held {
			if unseen.Has(i) {
				wanted[i] = true
			}
		}
		if len(wanted) == 0 || len(had) == 0 {
			continue
		}
		q := recsys.Query{User: int32(u), K: k, Allowed: unseen, History: recsys.History{Items: had, Weights: weights}}
		q.History.Sequence, q.History.Times = s.Train.Sequences.Of(u)
		top, err := m.Recommend(context.Background(), q)
		require.NoError(t, err)
		var dcg, ideal float64
		for r := range k {
			g := 1 / math.Log2(float64(r+2))
			if r < len(top) && wanted[top[r].Item] {
				dcg += g
			}
			if r < len(wanted) {
				ideal += g
			}
		}
		sum += dcg / ideal
		n++
	}
	return sum / n
}
