package modeltest

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/model"
)

// Hyper-parameters are strict and complete.
func paramLaws() []law {
	return []law{
		{"params/described", kindDescribed},
		{"params/unknown", unknownParam},
		{"params/invalid", invalidParams},
		{"params/round-trip", paramsRoundTrip},
		{"params/space", searchSpace},
	}
}

// params are the parameters of the fitted model by name.
func (f *fixture) params(t rapid.TB) map[string]json.RawMessage {
	t.Helper()
	var p map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(stateOf(t, f.shared(t)).Params, &p), "State.Params is a JSON object")
	return p
}

func kindDescribed(t rapid.TB, f *fixture) {
	require.NotEmpty(t, f.kind.Name)
	require.Equal(t, strings.ToLower(f.kind.Name), f.kind.Name, "a name is typed in commands")
	require.NotEmpty(t, f.kind.Summary)
	require.NotContains(t, f.kind.Summary, "\n")
	_, err := f.kind.New(nil, recsys.Run{})
	require.NoError(t, err, "the defaults are valid")
	_, err = f.kind.New(json.RawMessage(`{}`), recsys.Run{})
	require.NoError(t, err)
}

// unknownParam: a misspelt name is refused, with the names to choose from.
func unknownParam(t rapid.TB, f *fixture) {
	_, err := f.kind.New(json.RawMessage(`{"no_such_parameter": 1}`), recsys.Run{})
	require.ErrorIs(t, err, recsys.ErrInvalidConfig)
	require.ErrorContains(t, err, "no_such_parameter")
	for name := range f.params(t) {
		require.ErrorContains(t, err, name, "the known names are listed")
	}
}

func invalidParams(t rapid.TB, f *fixture) {
	for _, p := range []string{`{`, `[1]`, `null`, `7`, `"als"`, `{"a":1}{"b":2}`} {
		_, err := f.kind.New(json.RawMessage(p), recsys.Run{})
		require.ErrorIs(t, err, recsys.ErrInvalidConfig, "params %s", p)
	}
	for name := range f.params(t) {
		one := func(value string) error {
			p, err := json.Marshal(map[string]json.RawMessage{name: json.RawMessage(value)})
			require.NoError(t, err)
			_, err = f.kind.New(p, recsys.Run{})
			return err
		}
		err := one(`null`)
		require.ErrorIs(t, err, recsys.ErrInvalidConfig, "%s = null", name)
		require.ErrorContains(t, err, name)
		for _, value := range []string{`1e999`, `-1`, `0`, `1e300`, `-1e300`, `0.5`, `"no such value"`, `[]`, `{}`, `true`} {
			if err := one(value); err != nil {
				require.ErrorIs(t, err, recsys.ErrInvalidConfig, "%s = %s", name, value)
			}
		}
	}
}

// paramsRoundTrip: what State tells of the configuration is all of it.
func paramsRoundTrip(t rapid.TB, f *fixture) {
	b := newMixed(15, 60, 40, f.kind.Needs)
	m := f.fitted(t, b.Dataset, recsys.Run{})
	s := stateOf(t, m)
	again, err := f.kind.New(s.Params, recsys.Run{})
	require.NoError(t, err)
	require.NoError(t, again.Fit(context.Background(), b.Dataset))
	requireSameState(t, s, stateOf(t, again), "a fit with the parameters that State tells")
}

func searchSpace(t rapid.TB, f *fixture) {
	params := f.params(t)
	seen := map[string]bool{}
	for _, p := range f.kind.Space {
		require.Contains(t, params, p.Name, "the search space names a parameter that there is not")
		require.False(t, seen[p.Name], "%s twice", p.Name)
		seen[p.Name] = true
		values := p.Choices
		if len(values) == 0 {
			require.Less(t, p.Low, p.High, p.Name)
			require.False(t, p.Log && p.Low <= 0, "%s: a logarithm from %v", p.Name, p.Low)
			values = []json.RawMessage{number(t, p, p.Low), number(t, p, p.High)}
		}
		for _, v := range values {
			params, err := json.Marshal(map[string]json.RawMessage{p.Name: v})
			require.NoError(t, err)
			_, err = f.kind.New(params, recsys.Run{})
			require.NoError(t, err, "%s = %s is in the search space", p.Name, v)
		}
	}
}

func number(t rapid.TB, p model.Param, x float64) json.RawMessage {
	t.Helper()
	if p.Int {
		x = float64(int64(x))
	}
	b, err := json.Marshal(x)
	require.NoError(t, err)
	return b
}
