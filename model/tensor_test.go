package model_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/model"
)

func TestTensorLen(t *testing.T) {
	for _, c := range []struct {
		shape []int
		want  int
	}{
		{nil, 1}, {[]int{0}, 0}, {[]int{3, 4}, 12}, {[]int{3, 0, 4}, 0}, {[]int{-1}, -1}, {[]int{0, -1}, -1},
		{[]int{math.MaxInt}, math.MaxInt}, {[]int{math.MaxInt, 2}, -1}, {[]int{math.MaxInt/2 + 1, 4}, -1},
	} {
		require.Equal(t, c.want, (&model.Tensor{Shape: c.shape}).Len(), "%v", c.shape)
	}
}

func TestStateTellsWhatIsWrong(t *testing.T) {
	s := model.State{Tensors: []model.Tensor{{Name: "w", Shape: []int{2, 3}, Float32: make([]float32, 6)}}}
	x, err := s.Float32s("w", -1, 3)
	require.NoError(t, err)
	require.Len(t, x.Float32, 6)
	for _, get := range []func() error{
		func() error { _, err := s.Float32s("v", -1, 3); return err },
		func() error { _, err := s.Float32s("w", -1); return err },
		func() error { _, err := s.Float32s("w", 2, 4); return err },
		func() error { _, err := s.Float64s("w", 2, 3); return err },
		func() error { _, err := s.Int32s("w", 2, 3); return err },
		func() error { _, err := s.Int64s("w", 2, 3); return err },
	} {
		err := get()
		require.ErrorIs(t, err, model.ErrCorrupt)
	}
}

// raw is a model that is nothing but its tensors, of as many users and items as it says.
type raw struct {
	model.Model
	users, items int
	tensors      []model.Tensor
}

func (r raw) Shape() (users, items int) { return r.users, r.items }
func (r raw) State() (model.State, error) {
	return model.State{Params: json.RawMessage(`{}`), Tensors: r.tensors}, nil
}

func rawKind(users, items int) model.Kind {
	return model.Kind{Name: "raw", Load: func(s model.State, _ recsys.Run) (model.Model, error) {
		return raw{users: users, items: items, tensors: s.Tensors}, nil
	}}
}

// Tensors of any type and shape come back as they were.
func TestTensorsRoundTrip(t *testing.T) {
	ids, err := recsys.NewIDMap([]string{"x"})
	require.NoError(t, err)
	dir := t.TempDir()
	n := 0
	rapid.Check(t, func(r *rapid.T) {
		var tensors []model.Tensor
		for k := range rapid.IntRange(0, 3).Draw(r, "tensors") {
			x := model.Tensor{Name: "t" + strconv.Itoa(k), Shape: rapid.SliceOfN(rapid.IntRange(0, 4), 0, 4).Draw(r, "shape")}
			n := x.Len()
			switch rapid.IntRange(0, 3).Draw(r, "type") {
			case 0:
				x.Float32 = rapid.SliceOfN(rapid.Float32(), n, n).Draw(r, "values")
			case 1:
				x.Float64 = rapid.SliceOfN(rapid.Float64(), n, n).Draw(r, "values")
			case 2:
				x.Int32 = rapid.SliceOfN(rapid.Int32(), n, n).Draw(r, "values")
			default:
				x.Int64 = rapid.SliceOfN(rapid.Int64(), n, n).Draw(r, "values")
			}
			tensors = append(tensors, x)
		}
		a := &model.Artifact{Manifest: model.Manifest{Kind: "raw"}, Model: raw{users: 1, items: 1, tensors: tensors}, Users: ids, Items: ids,
			Interactions: &recsys.CSR{Rows: 1, Cols: 1, Indptr: []int64{0, 0}}}
		n++
		path := filepath.Join(dir, strconv.Itoa(n))
		_, err := model.Write(context.Background(), path, a)
		require.NoError(r, err)
		got, err := model.Open(path, rawKind(1, 1))
		require.NoError(r, err)
		state, err := got.Model.State()
		require.NoError(r, err)
		require.Equal(r, fmt.Sprintf("%v", tensors), fmt.Sprintf("%v", state.Tensors))
	})
}

// BenchmarkOpen opens an artifact of a million users with 64 float32 factors each; -v of the
// bytes it reads. Read in full, checked by SHA-256, ids mapped.
func BenchmarkOpen(b *testing.B) {
	const users, dim = 1_000_000, 64
	names := make([]string, users)
	for i := range names {
		names[i] = "customer-" + strconv.Itoa(i)
	}
	ids, err := recsys.NewIDMap(names)
	require.NoError(b, err)
	one, err := recsys.NewIDMap([]string{"x"})
	require.NoError(b, err)
	a := &model.Artifact{Manifest: model.Manifest{Kind: "raw"}, Users: ids, Items: one,
		Interactions: &recsys.CSR{Rows: users, Cols: 1, Indptr: make([]int64, users+1)},
		Model: raw{users: users, items: 1, tensors: []model.Tensor{
			{Name: "user_factors", Shape: []int{users, dim}, Float32: make([]float32, users*dim)}}}}
	dir := filepath.Join(b.TempDir(), "v1")
	m, err := model.Write(context.Background(), dir, a)
	require.NoError(b, err)
	var size int64
	for _, f := range m.Files {
		size += f.Size
	}
	b.SetBytes(size)
	for b.Loop() {
		_, err := model.Open(dir, rawKind(users, 1))
		require.NoError(b, err)
	}
}

// A damaged file may give any number as the size that a tensor is to have.
func TestOnlyMinusOneLeavesADimensionOpen(t *testing.T) {
	s := model.State{Tensors: []model.Tensor{{Name: "w", Shape: []int{2}, Float32: []float32{1, 2}}}}
	_, err := s.Float32s("w", -1)
	require.NoError(t, err)
	_, err = s.Float32s("w", math.MinInt32)
	require.ErrorIs(t, err, model.ErrCorrupt)
}
