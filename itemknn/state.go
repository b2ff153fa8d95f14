package itemknn

import (
	"encoding/json"
	"fmt"
	"math"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/links"
	"github.com/recsys-lite/recsys/model"
)

// Kind is item-based nearest neighbours for whatever trains, stores, tunes or serves models.
//
// A stored model has the tensors "users" (their number), "norm" and "count" (the squared
// length of each item's vector and its users), and "links_start", "links_to" and
// "links_weight": S in compressed rows, row j holding the items whose score j contributes to.
var Kind = model.Kind{
	Name:    "itemknn",
	Summary: "item-based nearest neighbours by cosine, TF-IDF or BM25",
	New: func(params json.RawMessage, run recsys.Run) (model.Model, error) {
		cfg := DefaultConfig()
		if err := model.DecodeParams("itemknn", params, &cfg); err != nil {
			return nil, err
		}
		cfg.Run = run
		return New(cfg)
	},
	Load: load,
	Space: []model.Param{
		{Name: "similarity", Choices: []json.RawMessage{json.RawMessage(`"cosine"`), json.RawMessage(`"tfidf"`), json.RawMessage(`"bm25"`)}},
		{Name: "neighbours", Low: 10, High: 1000, Log: true, Int: true},
		{Name: "shrink", Low: 1, High: 1000, Log: true},
		{Name: "alpha", Low: 0.3, High: 0.7},
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
		return model.State{}, fmt.Errorf("itemknn: %w", err)
	}
	start, to, weight := p.links.Flat()
	return model.State{Params: cfg, Tensors: []model.Tensor{
		{Name: "users", Shape: []int{1}, Int64: []int64{int64(p.users)}},
		{Name: "norm", Shape: []int{p.items}, Float32: p.norm},
		{Name: "count", Shape: []int{p.items}, Float32: p.count},
		{Name: "links_start", Shape: []int{len(start)}, Int64: start},
		{Name: "links_to", Shape: []int{len(to)}, Int32: to},
		{Name: "links_weight", Shape: []int{len(weight)}, Float32: weight},
	}}, nil
}

func load(s model.State, run recsys.Run) (model.Model, error) {
	cfg := DefaultConfig()
	if err := model.DecodeParams("itemknn", s.Params, &cfg); err != nil {
		return nil, fmt.Errorf("%w: %w", model.ErrCorrupt, err)
	}
	cfg.Run = run
	m, err := New(cfg)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", model.ErrCorrupt, err)
	}
	p, err := loadParams(s)
	if err != nil {
		return nil, fmt.Errorf("itemknn: %w", err)
	}
	m.fitted.Set(p)
	return m, nil
}

func loadParams(s model.State) (*params, error) {
	users, err := s.Int64s("users", 1)
	if err != nil {
		return nil, err
	}
	norm, err := s.Float32s("norm", -1)
	if err != nil {
		return nil, err
	}
	n := norm.Len()
	count, err := s.Float32s("count", n)
	if err != nil {
		return nil, err
	}
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
	if u := users.Int64[0]; u < 1 || u > math.MaxInt32 || n < 1 || n > math.MaxInt32 {
		return nil, fmt.Errorf("%w: %d users and %d items", model.ErrCorrupt, u, n)
	}
	for _, t := range []*model.Tensor{norm, count, weight} {
		for i, v := range t.Float32 {
			if !(v >= 0) || math.IsInf(float64(v), 0) {
				return nil, fmt.Errorf("%w: entry %d of tensor %q is %v", model.ErrCorrupt, i, t.Name, v)
			}
		}
	}
	// The layout and its checks are those of an interaction matrix.
	rows := &recsys.CSR{Rows: n, Cols: n, Indptr: start.Int64, Indices: to.Int32}
	if err := rows.Validate(); err != nil {
		return nil, fmt.Errorf("%w: links: %w", model.ErrCorrupt, err)
	}
	return &params{
		users: int(users.Int64[0]), items: n, norm: norm.Float32, count: count.Float32,
		links: links.New(start.Int64, to.Int32, weight.Float32),
	}, nil
}
