package hybrid

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/model"
)

// Blend says how members' scores are made comparable; the package comment has the formulas.
type Blend string

const (
	// Score keeps the distances between scores.
	Score Blend = "score"
	// Rank keeps their order alone.
	Rank Blend = "rank"
)

// Config holds the hyper-parameters, under the names they have in JSON.
type Config struct {
	// Members are what is blended, at least one. Default: the first two of the kinds that the
	// package function Kind was given, with their own defaults.
	Members []Member `json:"members"`
	// Blend is the common scale. Default Score.
	Blend Blend `json:"blend"`
	// ByHistory are ascending numbers of distinct items in a history: [5, 20] gives histories
	// of up to 5, of 6 to 20, and of more items weights of their own. Default: none, the same
	// weights for all. A class of too few held-out users, or with no gain beyond chance,
	// learns the weights of all.
	ByHistory []int `json:"by_history"`
	// HoldOut is the share of the interactions that weights are learned on: the newest where
	// the data has sequences whose times differ, otherwise drawn from each user's. Default 0.2.
	HoldOut float64 `json:"hold_out"`
	// Seed names the random streams, and is the seed of those members that take one and whose
	// parameters name none. Default 0.
	Seed uint64 `json:"seed"`

	recsys.Run `json:"-"`
}

// Member is one of the models.
type Member struct {
	// Kind names one of the kinds that the package function Kind was given.
	Kind string `json:"kind"`
	// Params are its parameters, as it takes them. Default: its defaults.
	Params json.RawMessage `json:"params,omitempty"`
	// Weight has one weight ≥ 0 per class of ByHistory, or one for all; in JSON a single
	// number will do. Every member has weights, or none has, and they are learned.
	Weight Weights `json:"weight,omitempty"`
}

// Weights are the weights of a member by class of history.
type Weights []float64

// UnmarshalJSON also takes a single number.
func (w *Weights) UnmarshalJSON(text []byte) error {
	var one float64
	if json.Unmarshal(text, &one) == nil && string(bytes.TrimSpace(text)) != "null" {
		*w = Weights{one}
		return nil
	}
	var many []float64
	if err := json.Unmarshal(text, &many); err != nil || len(many) == 0 {
		return fmt.Errorf("weight is %s, it must be a number or a list of numbers", text)
	}
	*w = many
	return nil
}

const (
	maxMembers = 16
	maxClasses = 64
)

// learned says whether the weights are to be found.
func (c *Config) learned() bool { return len(c.Members) > 0 && c.Members[0].Weight == nil }

// classes is the number of classes of history.
func (c *Config) classes() int { return len(c.ByHistory) + 1 }

// class is that of a history of n distinct items.
func (c *Config) class(n int) int {
	for i, bound := range c.ByHistory {
		if n <= bound {
			return i
		}
	}
	return len(c.ByHistory)
}

// validate reports every setting that is out of range, wrapped in recsys.ErrInvalidConfig; the
// members' parameters are their kinds' affair.
func (c *Config) validate(kinds []model.Kind) error {
	var faults []error
	fault := func(format string, args ...any) {
		faults = append(faults, fmt.Errorf("%w: hybrid: "+format, append([]any{recsys.ErrInvalidConfig}, args...)...))
	}
	if n := len(c.Members); n < 1 || n > maxMembers {
		fault("members are %d, want 1 to %d", n, maxMembers)
	}
	for i, m := range c.Members {
		if _, ok := find(kinds, m.Kind); !ok {
			fault("member %d is of kind %q, known are %s", i+1, m.Kind, strings.Join(names(kinds), ", "))
		}
		switch n := len(m.Weight); {
		case (n == 0) != c.learned():
			fault("member %d (%s): give every member a weight, or none to learn them", i+1, m.Kind)
		case n > 1 && n != c.classes():
			fault("member %d (%s) has %d weights for %d classes of by_history", i+1, m.Kind, n, c.classes())
		}
		for _, w := range m.Weight {
			if !(w >= 0) || w > math.MaxFloat32 {
				fault("member %d (%s) has the weight %v, it must be a number of at least 0", i+1, m.Kind, w)
			}
		}
	}
	if len(faults) == 0 && !c.learned() {
		for class := range c.classes() {
			if sum := c.sum(class); !(sum > 0) {
				fault("the weights of class %d of by_history are all 0", class+1)
			}
		}
	}
	if c.Blend != Score && c.Blend != Rank {
		fault("blend is %q, known are %q and %q", c.Blend, Score, Rank)
	}
	if len(c.ByHistory) >= maxClasses {
		fault("by_history has %d bounds, at most %d will do", len(c.ByHistory), maxClasses-1)
	}
	for i, n := range c.ByHistory {
		if n < 0 || n > math.MaxInt32 || i > 0 && n <= c.ByHistory[i-1] {
			fault("by_history is %v, want ascending numbers of items", c.ByHistory)
			break
		}
	}
	if !(c.HoldOut > 0 && c.HoldOut < 1) {
		fault("hold_out is %v, it must lie between 0 and 1", c.HoldOut)
	}
	return errors.Join(faults...)
}

func (c *Config) sum(class int) float64 {
	var sum float64
	for _, m := range c.Members {
		sum += m.weight(class)
	}
	return sum
}

func (m *Member) weight(class int) float64 {
	if len(m.Weight) == 1 {
		return m.Weight[0]
	}
	return m.Weight[class]
}

func find(kinds []model.Kind, name string) (model.Kind, bool) {
	for _, k := range kinds {
		if k.Name == name {
			return k, true
		}
	}
	return model.Kind{}, false
}

func names(kinds []model.Kind) []string {
	var out []string
	for _, k := range kinds {
		out = append(out, k.Name)
	}
	return out
}

// decode reads params over the defaults. Members are decoded apart, strictly and with errors
// that say where.
func decode(params json.RawMessage, kinds []model.Kind) (Config, error) {
	cfg := DefaultConfig(kinds...)
	wire := struct {
		Members   json.RawMessage `json:"members"`
		Blend     *Blend          `json:"blend"`
		ByHistory *[]int          `json:"by_history"`
		HoldOut   *float64        `json:"hold_out"`
		Seed      *uint64         `json:"seed"`
	}{nil, &cfg.Blend, &cfg.ByHistory, &cfg.HoldOut, &cfg.Seed}
	if err := model.DecodeParams("hybrid", params, &wire); err != nil {
		return cfg, err
	}
	if wire.Members != nil {
		dec := json.NewDecoder(bytes.NewReader(wire.Members))
		dec.DisallowUnknownFields()
		cfg.Members = nil
		if err := dec.Decode(&cfg.Members); err != nil {
			return cfg, fmt.Errorf(`%w: hybrid: members %.200s: %w (want a list such as [{"kind": %q, "params": {}, "weight": 1}])`,
				recsys.ErrInvalidConfig, wire.Members, err, kinds[0].Name)
		}
	}
	return cfg, nil
}

// DefaultConfig returns the defaults given at the fields of Config.
func DefaultConfig(kinds ...model.Kind) Config {
	cfg := Config{Blend: Score, ByHistory: []int{}, HoldOut: 0.2}
	for _, k := range kinds[:min(2, len(kinds))] {
		cfg.Members = append(cfg.Members, Member{Kind: k.Name})
	}
	return cfg
}
