package modeltest

import (
	"context"
	"encoding/json"
	"math"
	"slices"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/model"
)

// The same data and seed give the same parameters, whoever computes them.
func reproducibleLaws() []law {
	return []law{
		{"reproducible/workers", sameForAnyWorkers},
		{"reproducible/refit", secondFitRefits},
		{"reproducible/data-untouched", dataUntouched},
	}
}

// state is a model's State with its own memory.
type state struct{ model.State }

func stateOf(t rapid.TB, m model.Model) state {
	t.Helper()
	s, err := m.State()
	require.NoError(t, err)
	return state{cloneState(s)}
}

func cloneState(s model.State) model.State {
	c := model.State{Params: slices.Clone(s.Params)}
	for _, t := range s.Tensors {
		t.Shape = slices.Clone(t.Shape)
		t.Float32, t.Float64 = slices.Clone(t.Float32), slices.Clone(t.Float64)
		t.Int32, t.Int64 = slices.Clone(t.Int32), slices.Clone(t.Int64)
		c.Tensors = append(c.Tensors, t)
	}
	return c
}

// requireSameState compares bit for bit.
func requireSameState(t rapid.TB, a, b state, format string, args ...any) {
	t.Helper()
	msg := append([]any{format}, args...)
	require.JSONEq(t, string(a.Params), string(b.Params), msg...)
	require.Len(t, b.Tensors, len(a.Tensors), msg...)
	for k, x := range a.Tensors {
		y := b.Tensors[k]
		require.Equal(t, x.Name, y.Name, msg...)
		require.Equal(t, x.Shape, y.Shape, msg...)
		same := slices.EqualFunc(x.Float32, y.Float32, func(p, q float32) bool { return math.Float32bits(p) == math.Float32bits(q) }) &&
			slices.EqualFunc(x.Float64, y.Float64, func(p, q float64) bool { return math.Float64bits(p) == math.Float64bits(q) }) &&
			slices.Equal(x.Int32, y.Int32) && slices.Equal(x.Int64, y.Int64)
		require.True(t, same, append([]any{"tensor %s differs: " + format, x.Name}, args...)...)
	}
}

func sameForAnyWorkers(t rapid.TB, f *fixture) {
	b := newMixed(3, 300, 90, f.kind.Needs)
	first := stateOf(t, f.fitted(t, b.Dataset, recsys.Run{Workers: 1}))
	for _, workers := range []int{1, 2, 3} {
		again := stateOf(t, f.fitted(t, b.Dataset, recsys.Run{Workers: workers}))
		requireSameState(t, first, again, "1 worker against %d", workers)
	}
	require.True(t, json.Valid(first.Params), "State.Params is no JSON: %s", first.Params)
}

// secondFitRefits: nothing of an earlier fit, update or addition is left.
func secondFitRefits(t rapid.TB, f *fixture) {
	a, b := newMixed(5, 80, 40, f.kind.Needs), newMixed(6, 70, 50, f.kind.Needs)
	m := f.fitted(t, a.Dataset, recsys.Run{})
	held, err := m.State()
	require.NoError(t, err)
	before := state{cloneState(held)}
	require.NoError(t, m.PartialFitUsers(context.Background(), []int32{80}, rowsOf(a.histories[:1], 40)))
	require.NoError(t, m.Fit(context.Background(), b.Dataset))
	requireSameState(t, stateOf(t, f.fitted(t, b.Dataset, recsys.Run{})), stateOf(t, m), "a second fit against a fresh one")
	requireSameState(t, before, state{held}, "a State that was handed out changed")
}

func dataUntouched(t rapid.TB, f *fixture) {
	b := newMixed(7, 60, 40, f.kind.Needs)
	before := cloneDataset(b.Dataset)
	f.fitted(t, b.Dataset, recsys.Run{})
	require.Equal(t, before, b.Dataset, "Fit wrote to the dataset")
}
