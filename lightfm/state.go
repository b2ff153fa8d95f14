package lightfm

import (
	"encoding/json"
	"fmt"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/model"
)

// Kind describes LightFM to programs that train, store, tune and serve models.
var Kind = model.Kind{
	Name:    "lightfm",
	Summary: "hybrid factorisation of interactions and of item and user features, WARP loss",
	New: func(params json.RawMessage, run recsys.Run) (model.Model, error) {
		cfg := DefaultConfig()
		if err := model.DecodeParams("lightfm", params, &cfg); err != nil {
			return nil, err
		}
		cfg.Run = run
		return New(cfg)
	},
	Load:  load,
	Needs: model.Needs{Features: true},
	Space: []model.Param{
		{Name: "no_components", Low: 16, High: 256, Log: true, Int: true},
		{Name: "learning_rate", Low: 0.005, High: 0.3, Log: true},
		{Name: "loss", Choices: []json.RawMessage{json.RawMessage(`"warp"`), json.RawMessage(`"bpr"`)}},
		{Name: "item_alpha", Low: 1e-9, High: 1e-4, Log: true},
		{Name: "user_alpha", Low: 1e-9, High: 1e-4, Log: true},
		{Name: "epochs", Low: 10, High: 100, Log: true, Int: true},
	},
}

// State implements model.Model. Rows of d = no_components + 1 values have the bias last:
//
//	user_vectors   users × no_components   sums of the users' features
//	item_vectors   items × d               sums of the items' features
//	item_counts    items                   how many users had each
//	features       2                       numbers of users with tags (all or 0) and of item features
//	user_tags      users × d               sums without the identity, if users have features
//	user_prior     d                       their mean
//	item_features  item features × d       rows of the item features, if there are any
func (m *Model) State() (model.State, error) {
	p, err := m.fitted.Get()
	if err != nil {
		return model.State{}, err
	}
	cfg, err := json.Marshal(m.cfg)
	if err != nil {
		return model.State{}, err
	}
	s := model.State{Params: cfg, Tensors: []model.Tensor{
		matrix("user_vectors", p.users),
		matrix("item_vectors", p.items),
		{Name: "item_counts", Shape: []int{len(p.counts)}, Int32: p.counts},
		{Name: "features", Shape: []int{2}, Int32: []int32{int32(p.userTags.Rows), int32(p.itemFeatures.Rows)}},
		{Name: "user_prior", Shape: []int{len(p.prior)}, Float32: p.prior},
	}}
	if p.userTags.Rows > 0 {
		s.Tensors = append(s.Tensors, matrix("user_tags", p.userTags))
	}
	if p.itemFeatures.Rows > 0 {
		s.Tensors = append(s.Tensors, matrix("item_features", p.itemFeatures))
	}
	return s, nil
}

func matrix(name string, m recsys.Matrix) model.Tensor {
	return model.Tensor{Name: name, Shape: []int{m.Rows, m.Cols}, Float32: m.Data}
}

func load(s model.State, run recsys.Run) (model.Model, error) {
	cfg := DefaultConfig()
	if err := model.DecodeParams("lightfm", s.Params, &cfg); err != nil {
		return nil, fmt.Errorf("%w: %w", model.ErrCorrupt, err)
	}
	cfg.Run = run
	m, err := New(cfg)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", model.ErrCorrupt, err)
	}
	p, err := loadParams(s, cfg.NoComponents+1)
	if err != nil {
		return nil, err
	}
	m.fitted.Set(p)
	return m, nil
}

func loadParams(s model.State, d int) (*params, error) {
	p := &params{userTags: recsys.Matrix{Cols: d}, itemFeatures: recsys.Matrix{Cols: d}}
	rows := func(name string, into *recsys.Matrix, rows, cols int) error {
		t, err := s.Float32s(name, rows, cols)
		if err != nil {
			return err
		}
		if !finite(t.Float32) {
			return fmt.Errorf("%w: lightfm: tensor %q holds a value that is not a number, or far too large", model.ErrCorrupt, name)
		}
		*into = recsys.Matrix{Rows: t.Shape[0], Cols: cols, Data: t.Float32}
		return nil
	}
	if err := rows("user_vectors", &p.users, -1, d-1); err != nil {
		return nil, err
	}
	if err := rows("item_vectors", &p.items, -1, d); err != nil {
		return nil, err
	}
	counts, err := s.Int32s("item_counts", p.items.Rows)
	if err != nil {
		return nil, err
	}
	p.counts = counts.Int32
	prior, err := s.Float32s("user_prior", d)
	if err != nil {
		return nil, err
	}
	if p.prior = prior.Float32; !finite(p.prior) {
		return nil, fmt.Errorf("%w: lightfm: tensor %q holds a value that is not a number, or far too large", model.ErrCorrupt, "user_prior")
	}
	features, err := s.Int32s("features", 2)
	if err != nil {
		return nil, err
	}
	tagged, itemFeatures := int(features.Int32[0]), int(features.Int32[1])
	if tagged != 0 && tagged != p.users.Rows || itemFeatures < 0 {
		return nil, fmt.Errorf("%w: lightfm: %d users with features out of %d, %d item features", model.ErrCorrupt, tagged, p.users.Rows, itemFeatures)
	}
	if tagged > 0 {
		if err := rows("user_tags", &p.userTags, tagged, d); err != nil {
			return nil, err
		}
	}
	if itemFeatures > 0 {
		if err := rows("item_features", &p.itemFeatures, itemFeatures, d); err != nil {
			return nil, err
		}
	}
	return p, nil
}
