package recsys

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"
)

// Scheme turns the summed amount of a user's events with an item into one weight.
type Scheme string

const (
	// Binary weighs every interaction 1.
	Binary Scheme = "binary"
	// Log1p weighs an amount a by ln(1+a)/ln 2: one unit weighs 1, and a bulk order of
	// 80,000 units weighs 16 instead of drowning the rest. It is the default.
	Log1p Scheme = "log1p"
	// Linear weighs an amount a by a.
	Linear Scheme = "linear"
)

// Weighting says how events become interaction weights:
//
//	amount(user, item) = Σ_events EventTypes[type] · qty · 0.5^(age/HalfLife)
//	weight(user, item) = Scheme(amount), and no interaction where amount ≤ 0
//
// where age is counted back from the latest event loaded.
type Weighting struct {
	// Scheme is Log1p when empty.
	Scheme Scheme `json:"scheme"`
	// EventTypes weighs events by type; a type that is not listed weighs 1, but an impression
	// or a click (ImpressionEventType, ClickEventType) 0. A type of weight 0 is left out.
	EventTypes map[string]float64 `json:"event_types,omitempty"`
	// HalfLife is the age at which an event counts half; 0 means that age does not matter.
	HalfLife time.Duration `json:"half_life,omitempty"`
}

// Validate reports every setting that is out of range.
func (w Weighting) Validate() error {
	var faults []error
	switch w.Scheme {
	case "", Binary, Log1p, Linear:
	default:
		faults = append(faults, fmt.Errorf("%w: weighting %q: known are binary, log1p and linear", ErrInvalidConfig, w.Scheme))
	}
	for _, name := range slices.Sorted(maps.Keys(w.EventTypes)) {
		if v := w.EventTypes[name]; v < 0 || math.IsNaN(v) || math.IsInf(v, 0) {
			faults = append(faults, fmt.Errorf("%w: the weight of event type %q is %v, it must be a number ≥ 0", ErrInvalidConfig, name, v))
		}
	}
	if w.HalfLife < 0 {
		faults = append(faults, fmt.Errorf("%w: half-life %v is negative", ErrInvalidConfig, w.HalfLife))
	}
	return errors.Join(faults...)
}

// TypeWeight is the weight of an event type; the empty one is DefaultEventType.
func (w Weighting) TypeWeight(eventType string) float64 {
	if eventType == "" {
		eventType = DefaultEventType
	}
	if weight, ok := w.EventTypes[eventType]; ok {
		return weight
	}
	if eventType == ImpressionEventType || eventType == ClickEventType {
		return 0
	}
	return 1
}

// Amount is the contribution of one event of the given type, quantity and age.
func (w Weighting) Amount(eventType string, qty int64, age time.Duration) float64 {
	a := float64(qty) * w.TypeWeight(eventType)
	if w.HalfLife > 0 && age > 0 {
		a *= math.Exp2(-float64(age) / float64(w.HalfLife))
	}
	return a
}

// Weight turns a summed amount into a weight; it is 0 (no interaction) for amounts ≤ 0.
func (w Weighting) Weight(amount float64) float32 {
	if !(amount > 0) {
		return 0
	}
	switch w.Scheme {
	case Binary:
		return 1
	case Linear:
		return float32(amount)
	default:
		return float32(math.Log1p(amount) / math.Ln2)
	}
}

// Add returns the weight after a further amount has come to an interaction of weight old
// (0 for none). A binary weight remembers no amount: it goes to 1 by any purchase and to 0
// by any return.
func (w Weighting) Add(old float32, amount float64) float32 {
	before := float64(old)
	if w.Scheme == "" || w.Scheme == Log1p {
		before = math.Expm1(before * math.Ln2)
	}
	return w.Weight(before + amount)
}
