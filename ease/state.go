package ease

import (
	"encoding/json"
	"fmt"
	"math"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/links"
	"github.com/recsys-lite/recsys/model"
)

// Kind is EASE for whatever trains, stores, tunes or serves models.
//
// Items that have events are numbered as slots. A stored model has the tensors "users" (their
// number), "slots" (the slot of each item, −1 for none), "diagonal" (P_ii by slot) and B over
// slots in one of three forms: "weights" (B itself, row j the item that is had);
// "item_users_start", "item_users", "user_factors", "added_left" and "added_right" (the dual's,
// as the package comment gives it); or "links_start", "links_to" and "links_weight" (B in
// compressed rows).
var Kind = model.Kind{
	Name:    "ease",
	Summary: "closed-form linear autoencoder; serves new users without training (EASE)",
	New: func(params json.RawMessage, run recsys.Run) (model.Model, error) {
		cfg := DefaultConfig()
		if err := model.DecodeParams("ease", params, &cfg); err != nil {
			return nil, err
		}
		cfg.Run = run
		return New(cfg)
	},
	Load: load,
	Space: []model.Param{
		{Name: "regularization", Low: 10, High: 5000, Log: true},
	},
}

// State implements model.Model.
func (m *Model) State() (model.State, error) {
	p, err := m.fitted.Get()
	if err != nil {
		return model.State{}, err
	}
	cfg, err := json.Marshal(m.cfg)
	if err != nil {
		return model.State{}, fmt.Errorf("ease: %w", err)
	}
	n := len(p.itemOf)
	return model.State{Params: cfg, Tensors: append([]model.Tensor{
		{Name: "users", Shape: []int{1}, Int64: []int64{int64(p.users)}},
		{Name: "slots", Shape: []int{p.items}, Int32: p.slotOf},
		{Name: "diagonal", Shape: []int{n}, Float32: p.diag},
	}, p.w.tensors()...)}, nil
}

func load(s model.State, run recsys.Run) (model.Model, error) {
	cfg := DefaultConfig()
	if err := model.DecodeParams("ease", s.Params, &cfg); err != nil {
		return nil, fmt.Errorf("%w: %w", model.ErrCorrupt, err)
	}
	cfg.Run = run
	m, err := New(cfg)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", model.ErrCorrupt, err)
	}
	p, err := loadParams(s, cfg.Neighbours)
	if err != nil {
		return nil, fmt.Errorf("ease: %w", err)
	}
	m.fitted.Set(p)
	return m, nil
}

func loadParams(s model.State, neighbours int) (*params, error) {
	users, err := s.Int64s("users", 1)
	if err != nil {
		return nil, err
	}
	slots, err := s.Int32s("slots", -1)
	if err != nil {
		return nil, err
	}
	diag, err := s.Float32s("diagonal", -1)
	if err != nil {
		return nil, err
	}
	n := diag.Len()
	if u := users.Int64[0]; u < 1 || u > maxIndex || n < 1 || slots.Len() > maxIndex {
		return nil, fmt.Errorf("%w: %d users and %d items, %d of them with events", model.ErrCorrupt, u, slots.Len(), n)
	}
	p := &params{users: int(users.Int64[0]), items: slots.Len(), slotOf: slots.Int32, diag: diag.Float32}
	for item, slot := range p.slotOf {
		if slot == -1 {
			continue
		}
		if int(slot) != len(p.itemOf) || int(slot) >= n {
			return nil, fmt.Errorf("%w: slot %d of item %d of %d slots, they are numbered by item", model.ErrCorrupt, slot, item, n)
		}
		p.itemOf = append(p.itemOf, int32(item))
	}
	if len(p.itemOf) != n {
		return nil, fmt.Errorf("%w: %d items have a slot and the diagonal has %d", model.ErrCorrupt, len(p.itemOf), n)
	}
	for i, v := range p.diag {
		if !(v > 0) || math.IsInf(float64(v), 0) {
			return nil, fmt.Errorf("%w: entry %d of the diagonal is %v", model.ErrCorrupt, i, v)
		}
	}
	p.w, err = loadWeights(s, n, p.users, neighbours)
	return p, err
}

func loadWeights(s model.State, n, users, neighbours int) (weights, error) {
	if _, err := s.Tensor("user_factors"); err == nil {
		return loadFactors(s, n, users)
	}
	if _, err := s.Tensor("links_to"); err == nil {
		return loadLinks(s, n, neighbours)
	}
	b, err := s.Float32s("weights", n, n)
	if err != nil {
		return nil, err
	}
	return &matrix{n: n, b: b.Float32}, finite(b)
}

func loadFactors(s model.State, n, users int) (weights, error) {
	start, err := s.Int64s("item_users_start", n+1)
	if err != nil {
		return nil, err
	}
	owners, err := s.Int32s("item_users", -1)
	if err != nil {
		return nil, err
	}
	z, err := s.Float32s("user_factors", -1, n)
	if err != nil {
		return nil, err
	}
	left, err := s.Float32s("added_left", -1, n)
	if err != nil {
		return nil, err
	}
	right, err := s.Float32s("added_right", left.Shape[0], n)
	if err != nil {
		return nil, err
	}
	if z.Shape[0] > users || left.Shape[0] > n {
		return nil, fmt.Errorf("%w: factors of %d users of %d, and %d added items of %d", model.ErrCorrupt, z.Shape[0], users, left.Shape[0], n)
	}
	w := &factors{
		items: &lists{indptr: start.Int64, indices: owners.Int32},
		m:     z.Shape[0], n: n, z: z.Float32,
		extra: left.Shape[0], left: left.Float32, right: right.Float32,
	}
	if err := compressed("item_users", w.items.indptr, w.items.indices, w.m); err != nil {
		return nil, err
	}
	for _, t := range []*model.Tensor{z, left, right} {
		if err := finite(t); err != nil {
			return nil, err
		}
	}
	w.complete()
	return w, nil
}

func loadLinks(s model.State, n, most int) (weights, error) {
	start, err := s.Int64s("links_start", n+1)
	if err != nil {
		return nil, err
	}
	to, err := s.Int32s("links_to", -1)
	if err != nil {
		return nil, err
	}
	weight, err := s.Float32s("links_weight", to.Len())
	if err != nil {
		return nil, err
	}
	if err := compressed("links_to", start.Int64, to.Int32, n); err != nil {
		return nil, err
	}
	if err := finite(weight); err != nil {
		return nil, err
	}
	return &few{links.New(start.Int64, to.Int32, weight.Float32), most}, nil
}

// compressed checks compressed rows, whose layout is that of an interaction matrix.
func compressed(name string, start []int64, indices []int32, n int) error {
	rows := recsys.CSR{Rows: len(start) - 1, Cols: n, Indptr: start, Indices: indices}
	if err := rows.Validate(); err != nil {
		return fmt.Errorf("%w: %s: %w", model.ErrCorrupt, name, err)
	}
	return nil
}

func finite(t *model.Tensor) error {
	for i, v := range t.Float32 {
		if v-v != 0 {
			return fmt.Errorf("%w: entry %d of tensor %q is %v", model.ErrCorrupt, i, t.Name, v)
		}
	}
	return nil
}
