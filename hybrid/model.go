package hybrid

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/fitted"
	"github.com/recsys-lite/recsys/model"
)

// Model is a blend. All methods are safe for concurrent use. What New and Kind return also
// finds similar items when a member does, and takes in new items when every member does.
type Model struct {
	cfg     Config
	kinds   []model.Kind // of the members
	similar []bool       // which members find similar items
	grows   bool         // every member takes in new items
	fitted  fitted.Cell[*blended]
	scratch sync.Pool
}

// blended is never changed once it can be read; neither are the models in it.
type blended struct {
	members      []model.Model
	users, items int
	weights      []float32 // classes × members
}

// Kind describes blends of the given kinds, of which there is at least one; none is itself a
// blend.
func Kind(members ...model.Kind) model.Kind {
	k := model.Kind{
		Name:    "hybrid",
		Summary: "a blend of other kinds by score or rank, with weights that are given or learned",
		New: func(params json.RawMessage, run recsys.Run) (model.Model, error) {
			cfg, err := decode(params, members)
			if err != nil {
				return nil, err
			}
			cfg.Run = run
			return New(cfg, members...)
		},
		Load: func(s model.State, run recsys.Run) (model.Model, error) { return load(s, run, members) },
		Space: []model.Param{
			{Name: "blend", Choices: []json.RawMessage{json.RawMessage(`"score"`), json.RawMessage(`"rank"`)}},
			{Name: "by_history", Choices: []json.RawMessage{json.RawMessage(`[]`), json.RawMessage(`[10]`), json.RawMessage(`[5,20]`)}},
		},
	}
	for _, m := range members {
		k.Needs.Sequences = k.Needs.Sequences || m.Needs.Sequences
		k.Needs.Features = k.Needs.Features || m.Needs.Features
	}
	return k
}

// New returns an unfitted blend of kinds. The error wraps recsys.ErrInvalidConfig.
func New(cfg Config, kinds ...model.Kind) (model.Model, error) {
	m, err := newModel(cfg, kinds)
	if err != nil {
		return nil, err
	}
	return m.able(), nil
}

func newModel(cfg Config, kinds []model.Kind) (*Model, error) {
	if err := cfg.validate(kinds); err != nil {
		return nil, err
	}
	m := &Model{cfg: cfg, grows: true}
	m.fitted.Init("hybrid")
	m.cfg.Members = slices.Clone(cfg.Members)
	m.cfg.ByHistory = append([]int{}, cfg.ByHistory...) // "[]" in JSON, not "null"
	for i := range m.cfg.Members {
		k, _ := find(kinds, m.cfg.Members[i].Kind)
		m.kinds = append(m.kinds, k)
		if err := m.complete(i); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// complete hands the seed down to a member that takes one and has none of its own, and notes what
// the member can do.
func (m *Model) complete(i int) error {
	member := &m.cfg.Members[i]
	given := make(map[string]json.RawMessage)
	if len(member.Params) > 0 {
		if err := json.Unmarshal(member.Params, &given); err != nil || given == nil {
			return fmt.Errorf("%w: hybrid: member %d (%s): params %.80s: want a JSON object", recsys.ErrInvalidConfig, i+1, member.Kind, member.Params)
		}
	}
	if _, ok := given["seed"]; !ok {
		seed, err := json.Marshal(m.cfg.Seed)
		if err != nil {
			return err
		}
		if _, err := m.kinds[i].New(json.RawMessage(`{"seed":`+string(seed)+`}`), recsys.Run{}); err == nil {
			given["seed"] = seed
		}
	}
	params, err := json.Marshal(given)
	if err != nil {
		return err
	}
	unfitted, err := m.kinds[i].New(params, recsys.Run{})
	if err != nil {
		return fmt.Errorf("hybrid: member %d: %w", i+1, err)
	}
	member.Params = params
	_, similar := unfitted.(recsys.SimilarItems)
	_, grows := unfitted.(recsys.ItemAdder)
	m.similar, m.grows = append(m.similar, similar), m.grows && grows
	return nil
}

// Of blends models that were fitted already, without fitting again, by the weights in cfg;
// members[i] is of the kind cfg.Members[i].Kind and its own parameters count. All know the same
// users and items. Weights cannot be learned here: the models have seen all the data. The error
// wraps recsys.ErrInvalidConfig or recsys.ErrInvalidData.
func Of(cfg Config, members []model.Model, kinds ...model.Kind) (model.Model, error) {
	if len(members) != len(cfg.Members) {
		return nil, fmt.Errorf("%w: hybrid: %d models for %d members", recsys.ErrInvalidConfig, len(members), len(cfg.Members))
	}
	if cfg.learned() {
		return nil, fmt.Errorf("%w: hybrid: give every member a weight: models that have seen all the data leave none to learn weights on", recsys.ErrInvalidConfig)
	}
	cfg.Members = slices.Clone(cfg.Members)
	for i, member := range members {
		state, err := member.State()
		if err != nil {
			return nil, fmt.Errorf("hybrid: member %d: %w", i+1, err)
		}
		cfg.Members[i].Params = state.Params
	}
	m, err := newModel(cfg, kinds)
	if err != nil {
		return nil, err
	}
	b := &blended{members: members, weights: m.given()}
	if b.users, b.items, err = shape(members); err != nil {
		return nil, fmt.Errorf("%w: hybrid: %w", recsys.ErrInvalidData, err)
	}
	m.fitted.Set(b)
	return m.able(), nil
}

// shape is that of all members.
func shape(members []model.Model) (users, items int, err error) {
	users, items = members[0].Shape()
	for i, member := range members {
		if u, n := member.Shape(); u != users || n != items {
			return 0, 0, fmt.Errorf("member 1 knows %d users and %d items, member %d knows %d and %d", users, items, i+1, u, n)
		}
	}
	return users, items, nil
}

// given are the weights of the configuration.
func (m *Model) given() []float32 {
	var out []float32
	for class := range m.cfg.classes() {
		for i := range m.cfg.Members {
			out = append(out, float32(m.cfg.Members[i].weight(class)))
		}
	}
	return out
}

// Shape implements fitted.Parameters.
func (b *blended) Shape() (users, items int) { return b.users, b.items }

// Shape implements recsys.Model.
func (m *Model) Shape() (users, items int) { return m.fitted.Shape() }

// Weights are the members' weights by class of history, for reports: [class][member].
func (m *Model) Weights() ([][]float32, error) {
	b, err := m.fitted.Get()
	if err != nil {
		return nil, err
	}
	var out [][]float32
	for n := len(b.members); len(out) < m.cfg.classes(); {
		at := len(out) * n
		out = append(out, append([]float32(nil), b.weights[at:at+n]...))
	}
	return out, nil
}

// PartialFitUsers implements recsys.UserFitter by each member's own. The weights stay.
func (m *Model) PartialFitUsers(ctx context.Context, users []int32, rows *recsys.CSR) error {
	return m.update(ctx, func(member model.Model) error { return member.PartialFitUsers(ctx, users, rows) })
}

// EraseUsers implements model.UserEraser by those members that keep something.
func (m *Model) EraseUsers(ctx context.Context, users []int32) error {
	return m.update(ctx, func(member model.Model) error {
		if eraser, ok := member.(model.UserEraser); ok {
			return eraser.EraseUsers(ctx, users)
		}
		return nil
	})
}

// update changes copies of the members and puts them in the place of the members, all at once.
func (m *Model) update(ctx context.Context, change func(member model.Model) error) error {
	return m.fitted.Update(ctx, func(b *blended) (*blended, error) {
		next := &blended{weights: b.weights}
		for i, member := range b.members {
			// A state shares memory with its model, and models swap what they change.
			state, err := member.State()
			if err != nil {
				return nil, err
			}
			own, err := m.kinds[i].Load(state, m.run(i, ""))
			if err != nil {
				return nil, fmt.Errorf("hybrid: member %d: %w", i+1, err)
			}
			if err := change(own); err != nil {
				return nil, err
			}
			next.members = append(next.members, own)
		}
		var err error
		if next.users, next.items, err = shape(next.members); err != nil {
			return nil, fmt.Errorf("%w: hybrid: %w", recsys.ErrInvalidData, err)
		}
		return next, nil
	})
}
