package gate_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/als"
	"github.com/recsys-lite/recsys/ease"
	"github.com/recsys-lite/recsys/eval"
	"github.com/recsys-lite/recsys/gate"
	"github.com/recsys-lite/recsys/internal/rng"
	"github.com/recsys-lite/recsys/lightfm"
	"github.com/recsys-lite/recsys/model"
	"github.com/recsys-lite/recsys/popularity"
)

// tastes are the events of users who keep to one of eight shelves, one after another in time.
func tastes(t *testing.T) *eval.Events {
	t.Helper()
	var events []recsys.Event
	r := rng.New(1)
	for u := range 240 {
		seen := map[int]bool{}
		for len(seen) < 8 {
			i := u%8 + 8*int(r.Uint64()%12)
			if !seen[i] {
				seen[i] = true
				events = append(events, recsys.Event{UserID: fmt.Sprint("u", u), ItemID: fmt.Sprint("i", i), Time: int64(1000*len(seen) + u), Qty: 1})
			}
		}
	}
	e, err := eval.NewEvents(events, nil, recsys.Weighting{})
	require.NoError(t, err)
	return e
}

func recipe(t *testing.T, k model.Kind, params string) gate.Recipe {
	t.Helper()
	_, err := k.New(json.RawMessage(params), recsys.Run{})
	require.NoError(t, err)
	return gate.Recipe{Kind: k, Params: json.RawMessage(params)}
}

func TestDecide(t *testing.T) {
	split, why, err := gate.Split(tastes(t), .2)
	require.NoError(t, err)
	require.Empty(t, why)
	good := recipe(t, als.Kind, `{"factors": 16, "iterations": 8, "seed": 1}`)
	alsoGood := recipe(t, ease.Kind, `{"regularization": 10}`)
	poor := recipe(t, als.Kind, `{"factors": 1, "iterations": 1, "seed": 1}`)
	plain := recipe(t, popularity.Kind, `{}`)
	decide := func(fresh gate.Recipe, current *gate.Recipe) *gate.Decision {
		t.Helper()
		d, err := gate.Decide(t.Context(), split, fresh, current, gate.Options{Bootstrap: 300, Seed: 1, Run: recsys.Run{Workers: 1}})
		require.NoError(t, err)
		require.Positive(t, d.Users)
		require.NotEmpty(t, d.Reason)
		require.InDelta(t, d.New-d.Popularity, d.VersusPopularity.Mean, 1e-9)
		return d
	}
	d := decide(good, nil)
	require.True(t, d.Promoted, d.Reason)
	require.Nil(t, d.Current)
	require.Contains(t, d.Reason, "no current model")

	d = decide(alsoGood, &good)
	require.True(t, d.Promoted, d.Reason)
	require.NotNil(t, d.VersusCurrent)

	d = decide(poor, &good)
	require.False(t, d.Promoted, d.Reason)
	require.Negative(t, d.VersusCurrent.Mean)
	require.True(t, d.VersusCurrent.Significant())
	require.InDelta(t, d.New-*d.Current, d.VersusCurrent.Mean, 1e-9)

	d = decide(plain, nil)
	require.True(t, d.Promoted, "popularity is not below itself: %s", d.Reason)
	d = decide(plain, &good)
	require.False(t, d.Promoted)
	require.Contains(t, d.Reason, "significantly worse than that of the current model")

	// Made alike: nothing to compare, whatever the order of the names.
	same := recipe(t, als.Kind, `{"seed": 1, "iterations": 8, "factors": 16}`)
	d = decide(same, &good)
	require.True(t, d.Promoted)
	require.Nil(t, d.VersusCurrent)
	require.Equal(t, d.New, *d.Current)
	require.Contains(t, d.Reason, "made as the current model is")

	// What stands in the manifest can be read back.
	m := new(model.Manifest)
	none, err := gate.Of(m)
	require.NoError(t, err)
	require.Nil(t, none)
	require.NoError(t, m.Annotate(gate.Annotation, d))
	back, err := gate.Of(m)
	require.NoError(t, err)
	require.Equal(t, d, back)
	m.Annotations[gate.Annotation] = json.RawMessage(`[]`)
	_, err = gate.Of(m)
	require.ErrorIs(t, err, model.ErrCorrupt)
}

func TestDecideErrors(t *testing.T) {
	split, _, err := gate.Split(tastes(t), .2)
	require.NoError(t, err)
	good := recipe(t, ease.Kind, `{"regularization": 10}`)
	_, err = gate.Decide(t.Context(), split, good, nil, gate.Options{Metric: "coverage@10"})
	require.ErrorIs(t, err, recsys.ErrInvalidConfig)
	broken := good
	broken.Params = json.RawMessage(`{"nonsense": 1}`)
	_, err = gate.Decide(t.Context(), split, broken, nil, gate.Options{})
	require.ErrorIs(t, err, recsys.ErrInvalidConfig)
	require.ErrorContains(t, err, "the new recipe, ease")
	_, err = gate.Decide(t.Context(), split, good, &broken, gate.Options{})
	require.ErrorContains(t, err, "the current recipe, ease")
	withFeatures := gate.Recipe{Kind: lightfm.Kind, Params: json.RawMessage(`{"no_components": 4, "epochs": 1}`), ItemFeatures: true}
	_, err = gate.Decide(t.Context(), split, withFeatures, nil, gate.Options{Bootstrap: 10})
	require.ErrorIs(t, err, gate.ErrNoItemFeatures)
	require.ErrorContains(t, err, "the new recipe, lightfm")
	_, err = gate.Decide(t.Context(), split, good, &withFeatures, gate.Options{Bootstrap: 10})
	require.ErrorIs(t, err, gate.ErrNoItemFeatures)
	require.ErrorContains(t, err, "the current recipe, lightfm")
}

// Judge parts the events itself, and gives recipes the item features of the dataset.
func TestJudge(t *testing.T) {
	events := tastes(t)
	split, _, err := gate.Split(events, .2)
	require.NoError(t, err)
	good := recipe(t, ease.Kind, `{"regularization": 10}`)
	o := gate.Options{Bootstrap: 50, Seed: 1}
	want, err := gate.Decide(t.Context(), split, good, nil, o)
	require.NoError(t, err)
	got, err := gate.Judge(t.Context(), events, .2, split.Train, good, nil, o)
	require.NoError(t, err)
	got.Decided = want.Decided
	require.Equal(t, want, got)

	d := *split.Train
	d.ItemFeatures = &recsys.Features{Names: []string{"taste"}, Matrix: &recsys.CSR{Rows: d.Items.Len(), Cols: 1, Indptr: make([]int64, d.Items.Len()+1)}}
	for i, id := range d.Items.IDs() {
		n, err := strconv.Atoi(id[1:])
		require.NoError(t, err)
		if n%8 == 0 {
			d.ItemFeatures.Matrix.Indices = append(d.ItemFeatures.Matrix.Indices, 0)
		}
		d.ItemFeatures.Matrix.Indptr[i+1] = int64(len(d.ItemFeatures.Matrix.Indices))
	}
	learner := gate.Recipe{Kind: lightfm.Kind, Params: json.RawMessage(`{"no_components": 4, "epochs": 2}`), ItemFeatures: true}
	_, err = gate.Judge(t.Context(), events, .2, split.Train, good, &learner, o)
	require.ErrorIs(t, err, gate.ErrNoItemFeatures)
	with, err := gate.Judge(t.Context(), events, .2, &d, learner, nil, o)
	require.NoError(t, err)
	learner.ItemFeatures = false
	without, err := gate.Judge(t.Context(), events, .2, &d, learner, nil, o)
	require.NoError(t, err)
	require.NotEqual(t, without.New, with.New)

	unmeasured, err := gate.Judge(t.Context(), atOnce(t), .2, &d, good, &good, o)
	require.NoError(t, err)
	require.False(t, unmeasured.Promoted)
	_, err = gate.Judge(t.Context(), events, 2, &d, good, nil, o)
	require.ErrorIs(t, err, recsys.ErrInvalidConfig)
}

// atOnce are events of one moment, which no time parts.
func atOnce(t *testing.T) *eval.Events {
	t.Helper()
	e, err := eval.NewEvents([]recsys.Event{{UserID: "u", ItemID: "i", Time: 1, Qty: 1}, {UserID: "v", ItemID: "i", Time: 1, Qty: 1}}, nil, recsys.Weighting{})
	require.NoError(t, err)
	return e
}

func TestTooFewEvents(t *testing.T) {
	e := atOnce(t)
	split, why, err := gate.Split(e, .2)
	require.NoError(t, err)
	require.Nil(t, split)
	require.NotEmpty(t, why)
	require.True(t, gate.Unmeasured(why, false, gate.Options{}).Promoted)
	d := gate.Unmeasured(why, true, gate.Options{})
	require.False(t, d.Promoted)
	require.Contains(t, d.Reason, why)
	_, _, err = gate.Split(e, 2)
	require.ErrorIs(t, err, recsys.ErrInvalidConfig)
}
