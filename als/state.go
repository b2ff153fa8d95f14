package als

import (
	"context"
	"encoding/json"
	"fmt"
	"math"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/model"
)

// The tensors of a stored model, both float32 and row-major.
const (
	usersTensor = "user_vectors" // users × factors
	itemsTensor = "item_vectors" // items × factors
)

// State returns the configuration and the two factor matrices.
func (m *Model) State() (model.State, error) {
	p, err := m.fitted.Get()
	if err != nil {
		return model.State{}, err
	}
	params, err := json.Marshal(m.cfg)
	if err != nil {
		return model.State{}, fmt.Errorf("als: parameters: %w", err)
	}
	return model.State{Params: params, Tensors: []model.Tensor{
		{Name: usersTensor, Shape: []int{p.users.n, p.users.d}, Float32: p.users.matrix()},
		{Name: itemsTensor, Shape: []int{p.items.n, p.items.d}, Float32: p.items.fixed},
	}}, nil
}

func load(s model.State, run recsys.Run) (*Model, error) {
	m, err := newFromParams(s.Params, run)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", model.ErrCorrupt, err)
	}
	d := m.cfg.Factors
	users, err := vectors(&s, usersTensor, d)
	if err != nil {
		return nil, err
	}
	items, err := vectors(&s, itemsTensor, d)
	if err != nil {
		return nil, err
	}
	p, err := newParameters(context.Background(), m.cfg, newRows(users, len(users)/d, d), items)
	if err != nil {
		return nil, err
	}
	m.fitted.Set(p)
	return m, nil
}

// vectors returns the tensor of n rows of d numbers that a fit could have made.
func vectors(s *model.State, name string, d int) ([]float32, error) {
	t, err := s.Float32s(name, -1, d)
	if err != nil {
		return nil, fmt.Errorf("als: %w", err)
	}
	if t.Shape[0] > math.MaxInt32 {
		return nil, fmt.Errorf("als: %w: tensor %q has %d rows", model.ErrCorrupt, name, t.Shape[0])
	}
	most := float32(maxValue * sqrt(d)) // a rotation may put a whole vector into one element
	for i, v := range t.Float32 {
		if !(v >= -most && v <= most) {
			return nil, fmt.Errorf("als: %w: tensor %q holds %v in row %d", model.ErrCorrupt, name, v, i/d)
		}
	}
	return t.Float32, nil
}
