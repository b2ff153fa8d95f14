package modeltest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/rng"
	"github.com/recsys-lite/recsys/model"
)

// Load trusts nothing.
func damageLaws() []law {
	return []law{
		{"damage/tensors", damagedTensors},
		{"damage/params", damagedParams},
		{"damage/random", damagedAtRandom},
	}
}

// damagedTensors: what contradicts itself is refused.
func damagedTensors(t rapid.TB, f *fixture) {
	whole := stateOf(t, f.shared(t)).State
	_, err := f.kind.Load(model.State{Params: whole.Params}, recsys.Run{})
	require.ErrorIs(t, err, model.ErrCorrupt, "no tensors at all")
	for k, tensor := range whole.Tensors {
		for name, damage := range map[string]func(*model.State){
			"dropped":    func(s *model.State) { s.Tensors = slices.Delete(s.Tensors, k, k+1) },
			"renamed":    func(s *model.State) { s.Tensors[k].Name += "x" },
			"truncated":  func(s *model.State) { resize(&s.Tensors[k], -1) },
			"too long":   func(s *model.State) { resize(&s.Tensors[k], 1) },
			"no data":    func(s *model.State) { resize(&s.Tensors[k], -math.MaxInt) },
			"rank":       func(s *model.State) { s.Tensors[k].Shape = append(s.Tensors[k].Shape, 1) },
			"no shape":   func(s *model.State) { s.Tensors[k].Shape = nil },
			"negative":   func(s *model.State) { s.Tensors[k].Shape[0] = -1 },
			"shape + 1":  func(s *model.State) { s.Tensors[k].Shape[0]++ },
			"huge":       func(s *model.State) { s.Tensors[k].Shape[0] = math.MaxInt },
			"wraps to 0": func(s *model.State) { s.Tensors[k].Shape[0] = math.MaxInt/2 + 1; resize(&s.Tensors[k], -math.MaxInt) },
			"other type": func(s *model.State) { otherType(&s.Tensors[k]) },
		} {
			if empty := tensor.Len() == 0; empty && (name == "truncated" || name == "no data" || name == "other type") ||
				len(tensor.Shape) == 0 && (name == "no shape" || name == "negative" || name == "shape + 1" || name == "huge" || name == "wraps to 0") {
				continue
			}
			s := cloneState(whole)
			damage(&s)
			_, err := f.kind.Load(s, recsys.Run{})
			require.ErrorIs(t, err, model.ErrCorrupt, "tensor %s: %s", tensor.Name, name)
		}
	}
}

// resize lengthens or shortens the data of a tensor and leaves its shape.
func resize(t *model.Tensor, by int) {
	switch {
	case t.Float32 != nil:
		t.Float32 = resized(t.Float32, by)
	case t.Float64 != nil:
		t.Float64 = resized(t.Float64, by)
	case t.Int32 != nil:
		t.Int32 = resized(t.Int32, by)
	default:
		t.Int64 = resized(t.Int64, by)
	}
}

func resized[E any](x []E, by int) []E {
	return append(make([]E, 0, max(0, len(x)+by)), append(x, make([]E, max(0, by))...)[:max(0, len(x)+by)]...)
}

// otherType turns float32 into float64 and the rest into float32.
func otherType(t *model.Tensor) {
	if t.Float32 != nil {
		t.Float64, t.Float32 = make([]float64, len(t.Float32)), nil
		return
	}
	t.Float32 = make([]float32, max(len(t.Float64), len(t.Int32), len(t.Int64)))
	t.Float64, t.Int32, t.Int64 = nil, nil, nil
}

func damagedParams(t rapid.TB, f *fixture) {
	whole := stateOf(t, f.shared(t)).State
	for _, params := range []string{`{`, `[]`, `{"no_such_parameter": 1}`} {
		s := cloneState(whole)
		s.Params = json.RawMessage(params)
		_, err := f.kind.Load(s, recsys.Run{})
		require.ErrorIs(t, err, model.ErrCorrupt, "params %s", params)
	}
}

// damagedAtRandom: whatever is done to a state, Load refuses it or gives a model that
// answers; nothing panics.
func damagedAtRandom(t rapid.TB, f *fixture) {
	b := newMixed(10, 20, 15, f.kind.Needs)
	whole := stateOf(t, f.fitted(t, b.Dataset, recsys.Run{})).State
	for trial := range uint64(400) {
		r := rng.New(99, trial)
		s := cloneState(whole)
		var did []string
		for range 1 + r.Intn(2) {
			did = append(did, mutate(&s, r))
		}
		if err := loadAndProbe(f.kind, s); err != nil {
			require.Fail(t, "damaged state", "trial %d, %v: %v", trial, did, err)
		}
	}
}

// mutate damages one tensor and says how.
func mutate(s *model.State, r *rng.Rand) string {
	if len(s.Tensors) == 0 {
		return "nothing left"
	}
	k := r.Intn(len(s.Tensors))
	x := &s.Tensors[k]
	odd := []int64{-1, math.MinInt32, math.MaxInt32, math.MaxInt64, 0, 1, 15, 20}[r.Intn(8)]
	switch r.Intn(6) {
	case 0:
		s.Tensors = slices.Delete(s.Tensors, k, k+1)
		return fmt.Sprintf("dropped tensor %d", k)
	case 1:
		resize(x, r.Intn(9)-4)
		return "resized " + x.Name
	case 2:
		if len(x.Shape) > 0 {
			x.Shape[r.Intn(len(x.Shape))] = int(odd)
		}
		return fmt.Sprintf("shape of %s is %v", x.Name, x.Shape)
	case 3: // consistent in itself: one row fewer
		if len(x.Shape) > 0 && x.Shape[0] > 0 {
			n := x.Len() / x.Shape[0]
			x.Shape[0]--
			resize(x, -n)
		}
		return "a row fewer in " + x.Name
	case 4:
		if len(x.Shape) == 2 {
			x.Shape[0], x.Shape[1] = x.Shape[1], x.Shape[0]
		}
		return "transposed " + x.Name
	default:
		switch {
		case len(x.Int32) > 0:
			x.Int32[r.Intn(len(x.Int32))] = int32(odd)
		case len(x.Int64) > 0:
			x.Int64[r.Intn(len(x.Int64))] = odd
		case len(x.Float32) > 0:
			x.Float32[r.Intn(len(x.Float32))] = float32(math.NaN())
		case len(x.Float64) > 0:
			x.Float64[r.Intn(len(x.Float64))] = math.Inf(1)
		}
		return fmt.Sprintf("an element of %s is odd (%d)", x.Name, odd)
	}
}

// loadAndProbe reports a panic, and an error of Load that does not wrap ErrCorrupt.
func loadAndProbe(kind model.Kind, s model.State) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	m, err := kind.Load(s, recsys.Run{})
	if err != nil {
		if !errors.Is(err, model.ErrCorrupt) {
			return fmt.Errorf("load: want an error that wraps ErrCorrupt, got %w", err)
		}
		return nil
	}
	// Errors are fine from here on: a damaged number is not always detectable.
	ctx := context.Background()
	users, items := m.Shape()
	if users < 0 || items < 0 || items > 1000 {
		return fmt.Errorf("a model of %d users and %d items", users, items)
	}
	if users > 1000 {
		return nil // a number of users that no array stands behind may be any
	}
	var history recsys.History
	for i := range int32(min(items, 3)) {
		history.Items = append(history.Items, i)
		history.Sequence = append(history.Sequence, i)
	}
	for u := int32(recsys.NoUser); int(u) < users; u++ {
		_, _ = m.Recommend(ctx, recsys.Query{User: u, K: 5, History: history})
	}
	if sim, ok := m.(recsys.SimilarItems); ok {
		for i := range items {
			_, _ = sim.SimilarItems(ctx, int32(i), 3, nil)
		}
	}
	row := rowsOf([]recsys.History{{Items: history.Items}}, items)
	if e, ok := m.(recsys.Explainer); ok && items > 0 {
		_, _, _ = e.Explain(ctx, recsys.Query{User: recsys.NoUser, History: history}, 0)
	}
	_ = m.PartialFitUsers(ctx, []int32{int32(users)}, row)
	if a, ok := m.(recsys.ItemAdder); ok {
		_ = a.AddItems(ctx, recsys.NewItems{Count: 1, Neighbours: row})
	}
	return nil
}
