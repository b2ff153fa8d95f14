package hybrid

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/model"
)

// State returns the tensor "weights" (float32, classes of history × members) and those of the
// members, whose names are preceded by the member's number from 0 and a dot.
func (m *Model) State() (model.State, error) {
	b, err := m.fitted.Get()
	if err != nil {
		return model.State{}, err
	}
	cfg := m.cfg
	cfg.Members = slices.Clone(cfg.Members)
	s := model.State{Tensors: []model.Tensor{{Name: "weights", Shape: []int{m.cfg.classes(), len(b.members)}, Float32: b.weights}}}
	for i, member := range b.members {
		own, err := member.State()
		if err != nil {
			return model.State{}, err
		}
		cfg.Members[i].Params = own.Params
		for _, t := range own.Tensors {
			t.Name = prefix(i) + t.Name
			s.Tensors = append(s.Tensors, t)
		}
	}
	s.Params, err = json.Marshal(cfg)
	return s, err
}

func prefix(member int) string { return strconv.Itoa(member) + "." }

func load(s model.State, run recsys.Run, kinds []model.Kind) (model.Model, error) {
	cfg, err := decode(s.Params, kinds)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", model.ErrCorrupt, err)
	}
	cfg.Run = run
	m, err := newModel(cfg, kinds)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", model.ErrCorrupt, err)
	}
	weights, err := s.Float32s("weights", cfg.classes(), len(cfg.Members))
	if err != nil {
		return nil, err
	}
	if err := checkWeights(weights.Float32, len(cfg.Members)); err != nil {
		return nil, err
	}
	b := &blended{weights: weights.Float32}
	for i, k := range m.kinds {
		own := model.State{Params: cfg.Members[i].Params}
		for _, t := range s.Tensors {
			if name, ok := strings.CutPrefix(t.Name, prefix(i)); ok {
				t.Name = name
				own.Tensors = append(own.Tensors, t)
			}
		}
		member, err := k.Load(own, m.run(i, ""))
		if err != nil {
			return nil, fmt.Errorf("hybrid: member %d: %w", i, err)
		}
		b.members = append(b.members, member)
	}
	if b.users, b.items, err = shape(b.members); err != nil {
		return nil, fmt.Errorf("%w: hybrid: %w", model.ErrCorrupt, err)
	}
	m.fitted.Set(b)
	return m.able(), nil
}

func checkWeights(weights []float32, members int) error {
	for row := range slices.Chunk(weights, members) {
		var sum float64
		for _, w := range row {
			if !(w >= 0) || math.IsInf(float64(w), 1) {
				return fmt.Errorf("%w: hybrid: a weight of %v", model.ErrCorrupt, w)
			}
			sum += float64(w)
		}
		if sum == 0 {
			return fmt.Errorf("%w: hybrid: a class of history without weights", model.ErrCorrupt)
		}
	}
	return nil
}
