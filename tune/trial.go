package tune

import (
	"encoding/json"
	"math"
	"slices"
)

// State is how a trial ended.
type State string

const (
	// Complete: measured at every stage.
	Complete State = "complete"
	// Pruned: stopped after a stage at which it did worse than most.
	Pruned State = "pruned"
	// Failed: the measurement gave an error or no number.
	Failed State = "failed"
)

// Trial is one measured set of parameters.
type Trial struct {
	// Number counts from 0, which is the defaults.
	Number int   `json:"number"`
	State  State `json:"state"`
	// Params is a JSON object of the parameters of the space; {} stands for the defaults.
	Params json.RawMessage `json:"params"`
	// Complete is what the measurement said of all parameters (Outcome.Params).
	Complete json.RawMessage `json:"complete,omitempty"`
	// Values are the measures by stage; the last of a complete trial is its quality.
	Values []float64 `json:"values,omitempty"`
	// Error says why a trial failed.
	Error string `json:"error,omitempty"`
	// Seconds is the time that all stages took.
	Seconds float64 `json:"seconds"`
}

// Value is the quality of a complete trial, NaN of any other.
func (t *Trial) Value() float64 {
	if t.State != Complete {
		return math.NaN()
	}
	return t.Values[len(t.Values)-1]
}

// Compare orders trials, the better one first, for slices.SortFunc: complete ones by quality, then pruned ones by how far
// they got and their measure there, then failed ones; equals by number.
func Compare(a, b *Trial) int {
	if c := rank(a) - rank(b); c != 0 {
		return c
	}
	if c := len(b.Values) - len(a.Values); c != 0 && a.State == Pruned {
		return c
	}
	if a.State != Failed {
		x, y := a.Values[len(a.Values)-1], b.Values[len(b.Values)-1]
		if x != y {
			if x > y {
				return -1
			}
			return 1
		}
	}
	return a.Number - b.Number
}

func rank(t *Trial) int { return slices.Index([]State{Complete, Pruned, Failed}, t.State) }

// median of values, which it leaves alone; the lower of two middles.
func median(values []float64) float64 {
	s := slices.Sorted(slices.Values(values))
	return s[(len(s)-1)/2]
}

// Param is the value that the trial was measured with: its own or, where it took the default,
// what the measurement said. False when neither is known.
func (t *Trial) Param(name string) (json.RawMessage, bool) {
	for _, text := range []json.RawMessage{t.Params, t.Complete} {
		var all map[string]json.RawMessage
		if json.Unmarshal(text, &all) == nil {
			if v, ok := all[name]; ok {
				return v, true
			}
		}
	}
	return nil, false
}
