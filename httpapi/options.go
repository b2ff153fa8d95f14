package httpapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/url"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/recsys-lite/recsys"
)

// Options configures an API. The zero value serves with the defaults named here.
type Options struct {
	// Version is what /health reports as the version of the service; "dev" when empty.
	Version string
	// MaxRecommendations bounds k; 0 means 50. Pages go beyond it.
	MaxRecommendations int
	// CacheExpiry is how long an answer may be repeated, up to an hour; 0 means 5 minutes,
	// negative switches the cache off. A new model never answers from an old one's cache, nor
	// does a user's event leave that user's old answers in it, nor is an answer repeated after
	// the clock has changed the rules in force.
	CacheExpiry time.Duration
	// CacheSize is the number of answers kept per group of endpoints; 0 means 1,000.
	CacheSize int
	// Timeout bounds the work on one request; 0 means 5 seconds. A ranking that it cuts short
	// is answered with what was found until then, and marked as degraded.
	Timeout time.Duration
	// MaxBody bounds the body of a request, in bytes; 0 means 1 MiB.
	MaxBody int64
	// Fallback answers for unknown users with popular items unless a request says
	// fallback=false; by default they get 404.
	Fallback bool
	// MinBuyers is the least number of different buyers that /bought-together wants behind a
	// pair of items, so that no list shows the basket of one; 0 means 5.
	MinBuyers int
	// Journal keeps the events that POST /events accepts; nil accepts none.
	Journal recsys.Journal
	// Forgotten tells which users were forgotten: their events are dropped. The engine has its
	// own, Engine.SetForgotten. nil: nobody was.
	Forgotten func(userID string) bool
	// Keys say who may do what; see SetKeys.
	Keys []Key
	// PublicRead keeps reading open to callers without a key although there are keys.
	PublicRead bool
	// RateLimit is the number of requests per second that one key may send, or one address
	// without a key; 0 is no limit. RateBurst is how many may come at once; 0 means twice the
	// limit.
	RateLimit float64
	RateBurst int
	// CORSOrigins are the sites whose pages may ask, such as "https://shop.example"; "*" lets
	// all of them read.
	CORSOrigins []string
	// Models lists the versions of the model for GET /models; nil answers 404.
	Models func(ctx context.Context) ([]ModelVersion, error)
	// Worker says how the worker fares that brings new versions, for GET /health/worker; a nil
	// status, and a nil function, are that none has run. The API fills in State and AgeS.
	Worker func(ctx context.Context) (*WorkerStatus, error)
	// Collectors are further metrics of the program's for /metrics.
	Collectors []prometheus.Collector
	// Log receives what goes wrong inside; nil discards it. User ids are never logged.
	Log *slog.Logger
	// AccessLog receives a line per request, in one Write each and in the format of
	// slog.TextHandler; nil writes none. It has no user ids unless AccessQueries adds the query
	// strings, for debugging.
	AccessLog     io.Writer
	AccessQueries bool
}

func (o Options) withDefaults() (Options, error) {
	var faults []error
	fault := func(bad bool, format string, args ...any) {
		if bad {
			faults = append(faults, fmt.Errorf("%w: "+format, append([]any{recsys.ErrInvalidConfig}, args...)...))
		}
	}
	fault(o.MaxRecommendations < 0, "MaxRecommendations is %d, it must be positive", o.MaxRecommendations)
	fault(o.CacheSize < 0, "CacheSize is %d, it must be positive", o.CacheSize)
	fault(o.CacheExpiry > maxTTL, "CacheExpiry is %v, it must be at most %v", o.CacheExpiry, maxTTL)
	fault(o.Timeout < 0, "Timeout is %v, it must be positive", o.Timeout)
	fault(o.MaxBody < 0, "MaxBody is %d bytes, it must be positive", o.MaxBody)
	fault(!(o.RateLimit >= 0) || math.IsInf(o.RateLimit, 0), "RateLimit is %v requests per second, it must be positive, or 0 for no limit", o.RateLimit)
	fault(o.MinBuyers < 0, "MinBuyers is %d, it must be positive", o.MinBuyers)
	fault(o.RateBurst < 0, "RateBurst is %d, it must be positive", o.RateBurst)
	for _, origin := range o.CORSOrigins {
		u, err := url.Parse(origin)
		fault(origin != "*" && (err != nil || u.Host == "" || u.Scheme == "" || u.Path != "" || u.RawQuery != "" || u.Fragment != ""),
			"CORS origin %q: it must be scheme and host, such as https://shop.example, or *", limited(origin))
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
	if o.MaxBody == 0 {
		o.MaxBody = 1 << 20
	}
	if o.RateBurst == 0 {
		o.RateBurst = max(1, int(math.Ceil(min(2*o.RateLimit, 1<<30))))
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o, errors.Join(faults...)
}
