package item2vec

import (
	"encoding/json"
	"fmt"
	"math"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/model"
)

// State returns the tensors "input" (items × vector_size), "output" (items × (vector_size+1)),
// "counts" (int32, one per item) and "users" (int64, their number).
func (m *Model) State() (model.State, error) {
	p, err := m.fitted.Get()
	if err != nil {
		return model.State{}, err
	}
	params, err := json.Marshal(m.cfg)
	if err != nil {
		return model.State{}, err
	}
	return model.State{Params: params, Tensors: []model.Tensor{
		{Name: "input", Shape: []int{p.input.Rows, p.input.Cols}, Float32: p.input.Data},
		{Name: "output", Shape: []int{p.output.Rows, p.output.Cols}, Float32: p.output.Data},
		{Name: "counts", Shape: []int{len(p.counts)}, Int32: p.counts},
		{Name: "users", Shape: []int{1}, Int64: []int64{int64(p.users)}},
	}}, nil
}

func load(s model.State, run recsys.Run) (model.Model, error) {
	cfg := DefaultConfig()
	if err := model.DecodeParams("item2vec", s.Params, &cfg); err != nil {
		return nil, fmt.Errorf("%w: %w", model.ErrCorrupt, err)
	}
	cfg.Run = run
	m, err := New(cfg)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", model.ErrCorrupt, err)
	}
	input, err := s.Float32s("input", -1, cfg.VectorSize)
	if err != nil {
		return nil, err
	}
	items := input.Shape[0]
	output, err := s.Float32s("output", items, cfg.VectorSize+1)
	if err != nil {
		return nil, err
	}
	counts, err := s.Int32s("counts", items)
	if err != nil {
		return nil, err
	}
	users, err := s.Int64s("users", 1)
	if err != nil {
		return nil, err
	}
	if n := users.Int64[0]; n < 0 || n > math.MaxInt32 {
		return nil, fmt.Errorf("%w: item2vec of %d users", model.ErrCorrupt, n)
	}
	for _, t := range [][]float32{input.Float32, output.Float32} {
		for i, v := range t {
			if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
				return nil, fmt.Errorf("%w: item2vec: element %d is %v", model.ErrCorrupt, i, v)
			}
		}
	}
	m.fitted.Set(&parameters{users: int(users.Int64[0]),
		input:  recsys.Matrix{Rows: items, Cols: cfg.VectorSize, Data: input.Float32},
		output: recsys.Matrix{Rows: items, Cols: cfg.VectorSize + 1, Data: output.Float32},
		counts: counts.Int32})
	return m, nil
}
