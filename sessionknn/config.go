package sessionknn

import (
	"errors"
	"fmt"

	"github.com/recsys-lite/recsys"
)

// Decay says how much less an event counts the further back it lies in the session.
type Decay string

const (
	// Reciprocal weighs an item that d events followed by 1/(1+d).
	Reciprocal Decay = "reciprocal"
	// Linear weighs it by 1−d/n in a session of n events: the decay of the VMIS-kNN paper.
	Linear Decay = "linear"
	// None weighs all items of the session alike.
	None Decay = "none"
)

// Config holds the hyper-parameters of a Model; its JSON names are those of --params.
type Config struct {
	// Neighbours is the number of most similar sessions that vote. Default 500.
	Neighbours int `json:"neighbours"`
	// SampleSize is how many sessions of each item, the most recent ones, are candidates; it
	// bounds the time of a query and the size of the index. Default 1000.
	SampleSize int `json:"sample_size"`
	// MaxItems is the number of distinct items, the latest ones, that a query uses of its
	// session. Default 50.
	MaxItems int `json:"max_items"`
	// Decay weighs the events of the session at hand. Default "reciprocal".
	Decay Decay `json:"decay"`
	// IDFWeight is how much rare items are preferred; 0 is not at all. Default 1.
	IDFWeight float64 `json:"idf_weight"`
	// HalfLife is the age in days at which a past session counts half, counted back from the
	// newest; 0 means that age does not matter. Default 30.
	HalfLife float64 `json:"half_life"`
	// SessionGap is the number of minutes without an event that ends a session; 0 makes all
	// events of a user one session. Default 30.
	SessionGap int `json:"session_gap"`

	recsys.Run `json:"-"`
}

// DefaultConfig returns the defaults given at Config's fields.
func DefaultConfig() Config {
	return Config{Neighbours: 500, SampleSize: 1000, MaxItems: 50, Decay: Reciprocal, IDFWeight: 1, HalfLife: 30, SessionGap: 30}
}

// maxGap keeps a gap in seconds far inside int64: a thousand years.
const maxGap = 1000 * 366 * 24 * 60

// Validate reports every parameter that is out of range; the error wraps
// recsys.ErrInvalidConfig.
func (c Config) Validate() error {
	var errs []error
	check := func(ok bool, name string, value any, want string) {
		if !ok {
			errs = append(errs, fmt.Errorf("%w: sessionknn: %s is %v, want %s", recsys.ErrInvalidConfig, name, value, want))
		}
	}
	check(c.Neighbours >= 1, "neighbours", c.Neighbours, "at least 1")
	check(c.SampleSize >= 1, "sample_size", c.SampleSize, "at least 1")
	check(c.MaxItems >= 1, "max_items", c.MaxItems, "at least 1")
	check(c.Decay == Reciprocal || c.Decay == Linear || c.Decay == None, "decay", fmt.Sprintf("%q", c.Decay), `"reciprocal", "linear" or "none"`)
	check(c.IDFWeight >= 0 && c.IDFWeight <= 1000, "idf_weight", c.IDFWeight, "0 to 1000")
	check(c.HalfLife >= 0 && c.HalfLife <= 1e6, "half_life", c.HalfLife, "0 (off) to 1e6 days")
	check(c.SessionGap >= 0 && c.SessionGap <= maxGap, "session_gap", c.SessionGap, "minutes, 0 (off) to a thousand years")
	return errors.Join(errs...)
}

// gap is SessionGap in seconds.
func (c Config) gap() int64 { return int64(c.SessionGap) * 60 }
