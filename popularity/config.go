package popularity

import (
	"encoding/json"
	"fmt"
	"math"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/model"
)

// Config holds the hyper-parameters. There is no randomness.
type Config struct {
	// HalfLife is the age, in days, at which a user's interest in an item counts half; 0, the
	// default, means that age does not matter. It needs Dataset.Sequences.
	HalfLife float64 `json:"half_life"`

	Run recsys.Run `json:"-"`
}

// DefaultConfig returns the defaults stated at the fields.
func DefaultConfig() Config { return Config{} }

// Validate reports every value that is out of range.
func (c Config) Validate() error {
	if !(c.HalfLife >= 0) || math.IsInf(c.HalfLife, 1) {
		return fmt.Errorf("%w: popularity: half_life = %v, it must be a number of days ≥ 0", recsys.ErrInvalidConfig, c.HalfLife)
	}
	return nil
}

// Kind describes the model to whatever trains, stores or serves it.
var Kind = model.Kind{
	Name:    "popularity",
	Summary: "the most popular items, the same for everybody; the baseline of every evaluation",
	New: func(params json.RawMessage, run recsys.Run) (model.Model, error) {
		cfg := DefaultConfig()
		if err := model.DecodeParams("popularity", params, &cfg); err != nil {
			return nil, err
		}
		cfg.Run = run
		return New(cfg)
	},
	Load: load,
	// Only a half-life reads the sequences, but whoever loads the data does not know it.
	Needs: model.Needs{Sequences: true},
	Space: []model.Param{{Name: "half_life", Low: 1, High: 1000, Log: true}},
}
