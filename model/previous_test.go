package model_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/model"
	"github.com/recsys-lite/recsys/model/internal/cooccur"
)

// TestPrevious has two fits with updates, and a third that was refused.
func TestPrevious(t *testing.T) {
	dir := t.TempDir()
	at := created
	var names []string
	fit := func(promotion string, publish bool) *model.Artifact {
		a := shop(t)
		at = at.Add(time.Minute)
		a.Manifest.Created = at
		if promotion != "" {
			a.Manifest.Annotations = map[string]json.RawMessage{"promotion": json.RawMessage(promotion)}
		}
		add := model.Publish
		if !publish {
			add = model.Add
		}
		name, err := add(t.Context(), dir, a)
		require.NoError(t, err)
		names = append(names, name)
		return a
	}
	update := func(a *model.Artifact) *model.Artifact {
		at = at.Add(time.Minute)
		s := a.Snapshot()
		s.Journaled = map[string]int64{"j": 1}
		u, err := a.Updated(s, at)
		require.NoError(t, err)
		name, err := model.Publish(t.Context(), dir, u)
		require.NoError(t, err)
		names = append(names, name)
		return u
	}
	first := fit("", true) // 0
	p, err := model.Previous(dir)
	require.NoError(t, err)
	require.Nil(t, p)
	update(first)                    // 1
	fit(`{"promoted":false}`, false) // 2
	second := fit("", true)          // 3
	p, err = model.Previous(dir)
	require.NoError(t, err)
	require.Equal(t, names[1], p.Version, "the last update of the fit before")
	for range 4 {
		second = update(second) // 4 to 7
	}
	note, err := second.Manifest.Update()
	require.NoError(t, err)
	require.Equal(t, model.UpdateNote{Base: names[3], Fitted: created.Add(4 * time.Minute), Updates: 4}, note)
	removed, err := model.Prune(dir, 2)
	require.NoError(t, err)
	require.ElementsMatch(t, []string{names[0], names[2], names[3], names[4], names[5]}, removed)
	p, err = model.Previous(dir)
	require.NoError(t, err)
	require.Equal(t, names[1], p.Version, "updates do not push it out")
	require.NoError(t, model.Promote(dir, names[1]))
	p, err = model.Previous(dir)
	require.NoError(t, err)
	require.Nil(t, p)
}

func TestClone(t *testing.T) {
	a := shop(t)
	clone, err := model.Cloner(recsys.Run{}, cooccur.Kind)("cooccur", a.Model)
	require.NoError(t, err)
	before, err := a.Model.State()
	require.NoError(t, err)
	require.NoError(t, clone.PartialFitUsers(t.Context(), []int32{4}, &recsys.CSR{Rows: 1, Cols: 5, Indptr: []int64{0, 0}}))
	after, err := a.Model.State()
	require.NoError(t, err)
	require.Equal(t, before, after)
	_, err = model.Cloner(recsys.Run{})("cooccur", a.Model)
	require.ErrorIs(t, err, model.ErrUnknownKind)
	_, err = cooccur.Kind.Clone(nil, recsys.Run{})
	require.ErrorIs(t, err, recsys.ErrUnsupported)
}
