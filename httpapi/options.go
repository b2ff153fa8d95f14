package httpapi

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/recsys-lite/recsys"
)

// Options configures an API. The zero value serves with the defaults named here.
type Options struct {
	// Version is what /health reports as the version of the service; "dev" when empty.
	Version string
	// MaxRecommendations bounds k; 0 means 50.
	MaxRecommendations int
	// CacheExpiry is how long an answer may be repeated; 0 means 5 minutes, negative switches
	// the cache off. A new model never answers from an old one's cache.
	CacheExpiry time.Duration
	// CacheSize is the number of answers kept; 0 means 1,000.
	CacheSize int
	// Timeout bounds the work on one request; 0 means 5 seconds.
	Timeout time.Duration
	// Fallback answers for unknown users with popular items unless a request says
	// fallback=false; by default they get 404.
	Fallback bool
	// Log receives what goes wrong inside; nil discards it. User ids are never logged.
	Log *slog.Logger
}

func (o Options) withDefaults() (Options, error) {
	var faults []error
	if o.MaxRecommendations < 0 {
		faults = append(faults, fmt.Errorf("%w: MaxRecommendations is %d, it must be positive", recsys.ErrInvalidConfig, o.MaxRecommendations))
	}
	if o.CacheSize < 0 {
		faults = append(faults, fmt.Errorf("%w: CacheSize is %d, it must be positive", recsys.ErrInvalidConfig, o.CacheSize))
	}
	if o.Timeout < 0 {
		faults = append(faults, fmt.Errorf("%w: Timeout is %v, it must be positive", recsys.ErrInvalidConfig, o.Timeout))
	}
	if o.Version == "" {
		o.Version = "dev"
	}
	if o.MaxRecommendations == 0 {
		o.MaxRecommendations = 50
	}
	if o.CacheExpiry == 0 {
		o.CacheExpiry = 5 * time.Minute
	}
	if o.CacheSize == 0 {
		o.CacheSize = 1000
	}
	if o.Timeout == 0 {
		o.Timeout = 5 * time.Second
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o, errors.Join(faults...)
}
