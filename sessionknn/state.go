package sessionknn

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/model"
)

// Kind makes, loads and tunes session-kNN models.
var Kind = model.Kind{
	Name:    "sessionknn",
	Summary: "next item from the most similar past sessions (VMIS-kNN); no training, strong for sessions",
	New: func(params json.RawMessage, run recsys.Run) (model.Model, error) {
		return newFromParams(params, run)
	},
	Load: func(s model.State, run recsys.Run) (model.Model, error) {
		return load(s, run)
	},
	Needs: model.Needs{Sequences: true},
	Space: []model.Param{
		{Name: "neighbours", Low: 50, High: 1500, Log: true, Int: true},
		{Name: "sample_size", Low: 250, High: 5000, Log: true, Int: true},
		{Name: "decay", Choices: []json.RawMessage{json.RawMessage(`"reciprocal"`), json.RawMessage(`"linear"`), json.RawMessage(`"none"`)}},
		{Name: "idf_weight", Low: 0, High: 3},
		{Name: "half_life", Low: 3, High: 365, Log: true},
	},
}

func newFromParams(params json.RawMessage, run recsys.Run) (*Model, error) {
	cfg := DefaultConfig()
	if err := model.DecodeParams("sessionknn", params, &cfg); err != nil {
		return nil, err
	}
	cfg.Run = run
	return New(cfg)
}

// State returns the sessions, newest first, as the tensors "session_indptr" (int64) and
// "session_items" (int32) with "session_owner" (int32), "session_end" (int64, Unix seconds)
// and "session_weight" (float32) beside them, the factor of each item as "item_factor"
// (float32), and each user's newest session, −1 without one, as "user_latest" (int32).
func (m *Model) State() (model.State, error) {
	p, err := m.fitted.Get()
	if err != nil {
		return model.State{}, err
	}
	params, err := json.Marshal(m.cfg)
	if err != nil {
		return model.State{}, err
	}
	n := len(p.sessions)
	indptr, owner, end, weight := make([]int64, 1, n+1), make([]int32, n), make([]int64, n), make([]float32, n)
	items := []int32{}
	for x, s := range p.sessions {
		items = append(items, s.items...)
		indptr = append(indptr, int64(len(items)))
		owner[x], end[x], weight[x] = s.owner, s.end, s.weight
	}
	return model.State{Params: params, Tensors: []model.Tensor{
		{Name: "session_indptr", Shape: []int{n + 1}, Int64: indptr},
		{Name: "session_items", Shape: []int{len(items)}, Int32: items},
		{Name: "session_owner", Shape: []int{n}, Int32: owner},
		{Name: "session_end", Shape: []int{n}, Int64: end},
		{Name: "session_weight", Shape: []int{n}, Float32: weight},
		{Name: "item_factor", Shape: []int{p.items()}, Float32: p.factor},
		{Name: "user_latest", Shape: []int{p.users()}, Int32: p.latest},
	}}, nil
}

func load(s model.State, run recsys.Run) (*Model, error) {
	m, err := newFromParams(s.Params, run)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", model.ErrCorrupt, err)
	}
	factor, err := s.Float32s("item_factor", -1)
	if err != nil {
		return nil, err
	}
	latest, err := s.Int32s("user_latest", -1)
	if err != nil {
		return nil, err
	}
	if err := checkWeights("item_factor", factor.Float32); err != nil {
		return nil, err
	}
	list, err := loadSessions(&s, latest.Len(), factor.Len())
	if err != nil {
		return nil, err
	}
	p, err := newParameters(context.Background(), &m.cfg, latest.Len(), factor.Float32, list)
	if err != nil {
		return nil, err
	}
	if !slices.Equal(p.latest, latest.Int32) {
		return nil, fmt.Errorf("%w: the newest sessions of users are not those of the sessions", model.ErrCorrupt)
	}
	m.fitted.Set(p)
	return m, nil
}

// checkWeights refuses values that a fit cannot give; the bound keeps every score finite.
func checkWeights(name string, x []float32) error {
	for at, v := range x {
		if !(v >= 0 && v <= 1e5) {
			return fmt.Errorf("%w: sessionknn: %s has the value %v at %d", model.ErrCorrupt, name, v, at)
		}
	}
	return nil
}

func loadSessions(s *model.State, users, items int) ([]session, error) {
	owner, err := s.Int32s("session_owner", -1)
	if err != nil {
		return nil, err
	}
	n := owner.Len()
	end, err := s.Int64s("session_end", n)
	if err != nil {
		return nil, err
	}
	weight, err := s.Float32s("session_weight", n)
	if err != nil {
		return nil, err
	}
	if err := checkWeights("session_weight", weight.Float32); err != nil {
		return nil, err
	}
	indptr, err := s.Int64s("session_indptr", n+1)
	if err != nil {
		return nil, err
	}
	all, err := s.Int32s("session_items", -1)
	if err != nil {
		return nil, err
	}
	at := indptr.Int64
	if at[0] != 0 || at[n] != int64(all.Len()) {
		return nil, fmt.Errorf("%w: session pointers do not cover %d items", model.ErrCorrupt, all.Len())
	}
	list := make([]session, n)
	for x := range list {
		lo, hi := at[x], at[x+1]
		if lo >= hi || hi > int64(all.Len()) {
			return nil, fmt.Errorf("%w: session %d is empty or ends before it starts", model.ErrCorrupt, x)
		}
		list[x] = session{owner: owner.Int32[x], end: end.Int64[x], weight: weight.Float32[x], items: all.Int32[lo:hi:hi]}
		if err := list[x].check(users, items); err != nil {
			return nil, fmt.Errorf("%w: session %d: %w", model.ErrCorrupt, x, err)
		}
		if x > 0 && list[x].end > list[x-1].end {
			return nil, fmt.Errorf("%w: session %d is newer than the one before it", model.ErrCorrupt, x)
		}
	}
	return list, nil
}

func (s *session) check(users, items int) error {
	if s.owner < 0 || int(s.owner) >= users {
		return fmt.Errorf("owner %d of %d users", s.owner, users)
	}
	for _, i := range s.items {
		if i < 0 || int(i) >= items {
			return fmt.Errorf("item %d of %d", i, items)
		}
	}
	if len(distinct(s.items)) != len(s.items) {
		return fmt.Errorf("an item comes twice")
	}
	return nil
}
