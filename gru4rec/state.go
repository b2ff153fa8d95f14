package gru4rec

import (
	"encoding/json"
	"fmt"
	"math"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/model"
)

// Kind makes, loads and tunes GRU4Rec models.
var Kind = model.Kind{
	Name:    "gru4rec",
	Summary: "next item of a session by a recurrent network (GRU4Rec)",
	New: func(params json.RawMessage, run recsys.Run) (model.Model, error) {
		return newFromParams(params, run)
	},
	Load: func(s model.State, run recsys.Run) (model.Model, error) {
		return load(s, run)
	},
	Needs: model.Needs{Sequences: true},
	Space: []model.Param{
		{Name: "hidden_size", Low: 32, High: 256, Log: true, Int: true},
		{Name: "dropout", Low: 0, High: 0.5},
		{Name: "learning_rate", Low: 0.01, High: 0.3, Log: true},
	},
}

func newFromParams(params json.RawMessage, run recsys.Run) (*Model, error) {
	cfg := DefaultConfig()
	if err := model.DecodeParams("gru4rec", params, &cfg); err != nil {
		return nil, err
	}
	cfg.Run = run
	return New(cfg)
}

// State returns "output" (items × hidden_size+1, the bias last), "input" (items × its width;
// absent when the embedding is constrained) and for each layer l "layer<l>.wx" (in ×
// 3·hidden_size, absent for one-hot input), "layer<l>.wh" (hidden_size × 3·hidden_size),
// "layer<l>.bx" (3·hidden_size) and "layer<l>.bh" (hidden_size), gates in the order r, z, n,
// all float32; and "users" (int64, their number).
func (m *Model) State() (model.State, error) {
	p, err := m.fitted.Get()
	if err != nil {
		return model.State{}, err
	}
	params, err := json.Marshal(m.cfg)
	if err != nil {
		return model.State{}, err
	}
	s := model.State{Params: params}
	for _, t := range p.net.tensors() {
		if len(*t.data) > 0 {
			s.Tensors = append(s.Tensors, model.Tensor{Name: t.name, Shape: t.shape(*t.data), Float32: *t.data})
		}
	}
	s.Tensors = append(s.Tensors, model.Tensor{Name: "users", Shape: []int{1}, Int64: []int64{int64(p.users)}})
	return s, nil
}

// tensor is a named part of a network; rows is −1 where it is as many as there are items, and
// columns 0 for a vector.
type tensor struct {
	name          string
	data          *[]float32
	rows, columns int
}

func (t *tensor) shape(data []float32) []int {
	switch {
	case t.columns == 0:
		return []int{t.rows}
	case t.rows < 0:
		return []int{len(data) / t.columns, t.columns}
	default:
		return []int{t.rows, t.columns}
	}
}

// tensors lists the parts of n, whose cells know their sizes.
func (n *network) tensors() []tensor {
	h := n.hidden
	out := []tensor{{"output", &n.output, -1, h + 1}, {"input", &n.input, -1, n.inputWidth}}
	for l := range n.cells {
		c := &n.cells[l]
		name := func(part string) string { return fmt.Sprintf("layer%d.%s", l, part) }
		out = append(out,
			tensor{name("wx"), &c.wx, c.in, 3 * h}, tensor{name("wh"), &c.wh, h, 3 * h},
			tensor{name("bx"), &c.bx, 3 * h, 0}, tensor{name("bh"), &c.bh, h, 0})
	}
	return out
}

func load(s model.State, run recsys.Run) (*Model, error) {
	m, err := newFromParams(s.Params, run)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", model.ErrCorrupt, err)
	}
	users, err := s.Int64s("users", 1)
	if err != nil {
		return nil, err
	}
	if u := users.Int64[0]; u < 0 || u > math.MaxInt32 {
		return nil, fmt.Errorf("%w: gru4rec of %d users", model.ErrCorrupt, u)
	}
	n := emptyNetwork(&m.cfg)
	for _, t := range n.tensors() {
		if t.name == "input" && m.cfg.ConstrainedEmbedding || t.rows == 0 {
			continue
		}
		held, err := s.Float32s(t.name, t.wanted()...)
		if err != nil {
			return nil, err
		}
		for at, v := range held.Float32 {
			if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
				return nil, fmt.Errorf("%w: gru4rec: %s has the value %v at %d", model.ErrCorrupt, t.name, v, at)
			}
		}
		*t.data = held.Float32
	}
	if n.input != nil && len(n.input)/n.inputWidth != n.items() {
		return nil, fmt.Errorf("%w: gru4rec: %d input rows for %d items", model.ErrCorrupt, len(n.input)/n.inputWidth, n.items())
	}
	m.fitted.Set(&parameters{users: int(users.Int64[0]), net: n})
	return m, nil
}

func (t *tensor) wanted() []int {
	if t.columns == 0 {
		return []int{t.rows}
	}
	return []int{t.rows, t.columns}
}
