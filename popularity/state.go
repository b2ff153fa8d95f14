package popularity

import (
	"encoding/json"
	"fmt"
	"math"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/model"
)

// State returns the tensors "scores" (float32, one per item) and "users" (int64, their
// number).
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
		{Name: "scores", Shape: []int{len(p.scores)}, Float32: p.scores},
		{Name: "users", Shape: []int{1}, Int64: []int64{int64(p.users)}},
	}}, nil
}

func load(s model.State, run recsys.Run) (model.Model, error) {
	cfg := DefaultConfig()
	if err := model.DecodeParams("popularity", s.Params, &cfg); err != nil {
		return nil, fmt.Errorf("%w: %w", model.ErrCorrupt, err)
	}
	cfg.Run = run
	m, err := New(cfg)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", model.ErrCorrupt, err)
	}
	scores, err := s.Float32s("scores", -1)
	if err != nil {
		return nil, err
	}
	users, err := s.Int64s("users", 1)
	if err != nil {
		return nil, err
	}
	n := users.Int64[0]
	if n < 0 || n >= math.MaxInt32 {
		return nil, fmt.Errorf("%w: popularity of %d users", model.ErrCorrupt, n)
	}
	for i, v := range scores.Float32 {
		if !(v >= 0) || math.IsInf(float64(v), 1) {
			return nil, fmt.Errorf("%w: item %d has the popularity %v", model.ErrCorrupt, i, v)
		}
	}
	m.fitted.Set(&parameters{users: int(n), scores: scores.Float32})
	return m, nil
}
