package recsys

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"time"
)

// RuleAction is what a Rule does with the items that it matches.
type RuleAction string

const (
	// RuleBoost adds Strength to an item's place between the lowest (0) and the highest (1) of
	// the ranking's first 200 items, to which the best 200 matching ones are added.
	RuleBoost RuleAction = "boost"
	// RuleBury puts items behind all others.
	RuleBury RuleAction = "bury"
	// RulePin puts items at Position, if they may be in the answer at all: filters, stock and
	// the seen policy hold for them as well.
	RulePin RuleAction = "pin"
	// RuleHide leaves items out.
	RuleHide RuleAction = "hide"
)

// Rules are a shop's own wishes for its rankings, in the order of the file.
type Rules struct {
	Rules []Rule `json:"rules"`
}

// Rule does something with the items it matches.
type Rule struct {
	// Name is distinct; answers and errors use it.
	Name   string     `json:"name"`
	Action RuleAction `json:"action"`
	// Match says which items; it must say something.
	Match Filter `json:"match"`
	// Strength of a boost lies between -1 and 1.
	Strength float64 `json:"strength,omitempty"`
	// Position of a pin counts from 1. Where several rules pin to one position, they follow
	// one another in the order of the file.
	Position int `json:"position,omitempty"`
	// Count of a pin is how many items are pinned, in the order in which Match lists them or,
	// where it lists none, by rank; 0 means all that are listed, or one.
	Count int `json:"count,omitempty"`
	// Placements are where in the shop the rule holds (Request.Placement); none: everywhere.
	Placements []string `json:"placements,omitempty"`
	// From and Until bound the time in which the rule holds: From ≤ now < Until.
	From  *time.Time `json:"from,omitempty"`
	Until *time.Time `json:"until,omitempty"`
}

const (
	// maxPosition bounds where a pin can stand, and maxPinned how many one rule can pin.
	maxPosition = 1000
	maxPinned   = 100
)

// ParseRules reads rules from JSON and checks them; fields that it does not know are refused.
// The error wraps ErrInvalidConfig and names every fault.
func ParseRules(data []byte) (*Rules, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	r := new(Rules)
	if err := decoder.Decode(r); err != nil {
		line := 1 + bytes.Count(data[:min(int(decoder.InputOffset()), len(data))], []byte("\n"))
		return nil, fmt.Errorf("%w: rules, line %d: %w", ErrInvalidConfig, line, err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, fmt.Errorf("%w: rules: something follows the closing brace", ErrInvalidConfig)
	}
	return r, r.Validate()
}

// Validate reports every fault of the rules.
func (r *Rules) Validate() error {
	var faults []error
	first := map[string]int{}
	for n := range r.Rules {
		rule := &r.Rules[n]
		fault := func(format string, args ...any) {
			faults = append(faults, fmt.Errorf("%w: rule %d (%q): %w", ErrInvalidConfig, n+1, rule.Name, fmt.Errorf(format, args...)))
		}
		if before, twice := first[rule.Name]; twice {
			fault("rule %d has that name already", before)
		} else {
			first[rule.Name] = n + 1
		}
		rule.check(fault)
	}
	return errors.Join(faults...)
}

func (r *Rule) check(fault func(format string, args ...any)) {
	if r.Name == "" {
		fault("it has no name")
	}
	switch r.Action {
	case RuleBoost, RuleBury, RulePin, RuleHide:
	default:
		fault("action %q: it must be boost, bury, pin or hide", r.Action)
	}
	m := &r.Match
	if len(m.Categories)+len(m.Brands)+len(m.IncludeItems)+len(m.Attributes) == 0 && m.MinPrice == nil && m.MaxPrice == nil {
		fault("match says nothing: name categories, brands, prices, include_items or attributes")
	}
	if err := m.Validate(); err != nil {
		fault("match: %w", err)
	}
	switch {
	case r.Action == RuleBoost && (r.Strength == 0 || !(math.Abs(r.Strength) <= 1)):
		fault("strength %v: that of a boost lies between -1 and 1 and is not 0", r.Strength)
	case r.Action != RuleBoost && r.Strength != 0:
		fault("strength belongs to a boost")
	}
	switch {
	case r.Action == RulePin && (r.Position < 1 || r.Position > maxPosition):
		fault("position %d: that of a pin lies between 1 and %d", r.Position, maxPosition)
	case r.Action == RulePin && (r.Count < 0 || r.Count > maxPinned || r.Count == 0 && len(m.IncludeItems) > maxPinned):
		fault("count %d of %d listed items: a rule pins at most %d", r.Count, len(m.IncludeItems), maxPinned)
	case r.Action != RulePin && (r.Position != 0 || r.Count != 0):
		fault("position and count belong to a pin")
	}
	if slices.Contains(r.Placements, "") {
		fault("a placement is empty")
	}
	if r.From != nil && r.Until != nil && !r.From.Before(*r.Until) {
		fault("from %v is not before until %v", r.From.Format(time.RFC3339), r.Until.Format(time.RFC3339))
	}
}

// holds says whether the rule is in force.
func (r *Rule) holds(placement string, now time.Time) bool {
	return (len(r.Placements) == 0 || slices.Contains(r.Placements, placement)) &&
		(r.From == nil || !now.Before(*r.From)) && (r.Until == nil || now.Before(*r.Until))
}

// turns counts the times of the rules at which one came into force or ended, up to now. Between
// two answers it changes if, and only if, the clock has changed the rules in force.
func (r *Rules) turns() (n uint64) {
	if r == nil {
		return 0
	}
	now := time.Now()
	for i := range r.Rules {
		for _, turn := range [...]*time.Time{r.Rules[i].From, r.Rules[i].Until} {
			if turn != nil && !now.Before(*turn) {
				n++
			}
		}
	}
	return n
}

// SetRules makes rules hold for all later answers; nil lifts them. Faulty rules are refused,
// and the old ones go on holding. The rules must not be changed afterwards.
func (e *Engine) SetRules(r *Rules) error {
	if r != nil {
		if err := r.Validate(); err != nil {
			return err
		}
	}
	e.rules.Store(r)
	e.generation.Add(1)
	return nil
}
