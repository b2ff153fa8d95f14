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
// "session_items" (int32) with "session_owner" (int32, −1 for nobody) and "session_end"
// (int64, Unix seconds) beside them, the number of sessions of each item as "item_sessions"
// (int32), and each user's newest session, −1 without one, as "user_latest" (int32).
func (m *Model) State() (model.State, error) {
	p, err := m.parameters()
	if err != nil {
		return model.State{}, err
	}
	params, err := json.Marshal(m.cfg)
	if err != nil {
		return model.State{}, err
	}
	n := len(p.sessions)
	counts := make([]int32, p.items)
	indptr, owner, end := make([]int64, 1, n+1), make([]int32, n), make([]int64, n)
	items := []int32{}
	for x, s := range p.sessions {
		items = append(items, s.items...)
		for _, i := range s.items {
			counts[i]++
		}
		indptr = append(indptr, int64(len(items)))
		owner[x], end[x] = s.owner, s.end
	}
	return model.State{Params: params, Tensors: []model.Tensor{
		{Name: "session_indptr", Shape: []int{n + 1}, Int64: indptr},
		{Name: "session_items", Shape: []int{len(items)}, Int32: items},
		{Name: "session_owner", Shape: []int{n}, Int32: owner},
		{Name: "session_end", Shape: []int{n}, Int64: end},
		{Name: "item_sessions", Shape: []int{p.items}, Int32: counts},
		{Name: "user_latest", Shape: []int{p.users}, Int32: p.latest},
	}}, nil
}

func load(s model.State, run recsys.Run) (*Model, error) {
	m, err := newFromParams(s.Params, run)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", model.ErrCorrupt, err)
	}
	counts, err := s.Int32s("item_sessions", -1)
	if err != nil {
		return nil, err
	}
	latest, err := s.Int32s("user_latest", -1)
	if err != nil {
		return nil, err
	}
	users, items := latest.Len(), counts.Len()
	list, err := loadSessions(&s, int32(users), counts.Int32)
	if err != nil {
		return nil, err
	}
	p, err := newParameters(context.Background(), &m.cfg, users, items, list)
	if err != nil {
		return nil, err
	}
	if !slices.Equal(p.latest, latest.Int32) {
		return nil, fmt.Errorf("%w: the newest sessions of users are not those of the sessions", model.ErrCorrupt)
	}
	m.fitted.Store(p)
	return m, nil
}

// loadSessions checks the sessions against the number of users and each item's count.
func loadSessions(s *model.State, users int32, counts []int32) ([]session, error) {
	owner, err := s.Int32s("session_owner", -1)
	if err != nil {
		return nil, err
	}
	n := owner.Len()
	end, err := s.Int64s("session_end", n)
	if err != nil {
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
	found := make([]int32, len(counts))
	for x := range list {
		lo, hi := at[x], at[x+1]
		if lo >= hi || hi > int64(all.Len()) || owner.Int32[x] < nobody || owner.Int32[x] >= users || x > 0 && end.Int64[x] > end.Int64[x-1] {
			return nil, fmt.Errorf("%w: session %d is empty, out of order or has the owner %d of %d", model.ErrCorrupt, x, owner.Int32[x], users)
		}
		own := all.Int32[lo:hi:hi]
		for _, i := range own {
			if i < 0 || int(i) >= len(counts) {
				return nil, fmt.Errorf("%w: session %d has item %d of %d", model.ErrCorrupt, x, i, len(counts))
			}
			found[i]++
		}
		if len(distinct(own)) != len(own) {
			return nil, fmt.Errorf("%w: session %d has an item twice", model.ErrCorrupt, x)
		}
		list[x] = session{owner: owner.Int32[x], end: end.Int64[x], items: own}
	}
	if !slices.Equal(found, counts) {
		return nil, fmt.Errorf("%w: the numbers of sessions per item are not those of the sessions", model.ErrCorrupt)
	}
	return list, nil
}
