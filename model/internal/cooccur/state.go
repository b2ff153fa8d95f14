package cooccur

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/model"
)

// State gives the counts as "counts" (items × items) and the users' rows as "indptr"
// (users + 1), "indices" and "weights".
func (m *Model) State() (model.State, error) {
	p := m.p.Load()
	if p == nil {
		return model.State{}, fmt.Errorf("cooccur: %w", recsys.ErrNotFitted)
	}
	cfg, err := json.Marshal(m.cfg)
	if err != nil {
		return model.State{}, err
	}
	indptr, indices, weights := []int64{0}, []int32{}, []float32{}
	for u := range p.users {
		e := p.rows[int32(u)]
		indices = append(indices, e.items...)
		for k := range e.items {
			w := float32(1)
			if e.weights != nil {
				w = e.weights[k]
			}
			weights = append(weights, w)
		}
		indptr = append(indptr, int64(len(indices)))
	}
	return model.State{Params: cfg, Tensors: []model.Tensor{
		{Name: "counts", Shape: []int{p.items, p.items}, Float32: p.c},
		{Name: "indptr", Shape: []int{len(indptr)}, Int64: indptr},
		{Name: "indices", Shape: []int{len(indices)}, Int32: indices},
		{Name: "weights", Shape: []int{len(weights)}, Float32: weights},
	}}, nil
}

func load(s model.State, run recsys.Run) (model.Model, error) {
	m, err := newModel(s.Params, run)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", model.ErrCorrupt, err)
	}
	counts, err1 := s.Float32s("counts", -1, -1)
	indptr, err2 := s.Int64s("indptr", -1)
	indices, err3 := s.Int32s("indices", -1)
	weights, err4 := s.Float32s("weights", -1)
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return nil, err
	}
	n := counts.Shape[0]
	if counts.Shape[1] != n || len(indptr.Int64) == 0 {
		return nil, fmt.Errorf("%w: counts of shape %v, %d row pointers", model.ErrCorrupt, counts.Shape, len(indptr.Int64))
	}
	x := &recsys.CSR{Rows: len(indptr.Int64) - 1, Cols: n, Indptr: indptr.Int64, Indices: indices.Int32, Values: weights.Float32}
	if err := x.Validate(); err != nil {
		return nil, fmt.Errorf("%w: %w", model.ErrCorrupt, err)
	}
	p := &params{items: n, users: x.Rows, c: counts.Float32, rows: map[int32]entry{}}
	for u := range x.Rows {
		p.rows[int32(u)] = rowOf(x, u)
	}
	m.p.Store(p)
	return m, nil
}
