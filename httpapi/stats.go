package httpapi

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// stats counts what /metrics shows: as the documented JSON, or in Prometheus' text format for
// a scraper, which says in its Accept header that it wants text.
type stats struct {
	api             *API
	requests        atomic.Int64
	errors          atomic.Int64
	recommendations atomic.Int64
	events          atomic.Int64
	dropped         atomic.Int64
	degraded        atomic.Int64
	limited         atomic.Int64
	latency         *prometheus.HistogramVec
	unrouted        times
	exposition      http.Handler
}

// statuses are those that have a histogram of their own; any other counts as the last one.
var statuses = [...]int{200, 202, 204, 304, 400, 401, 403, 404, 405, 413, 415, 422, 429, 499, 503, 500}

// times are the histograms of one route by status, made when they are needed.
type times struct {
	route    string
	byStatus *[len(statuses)]atomic.Pointer[prometheus.Observer]
}

func newStats(a *API) *stats {
	s := &stats{api: a, latency: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "recsys_request_duration_seconds", Help: "Time to answer, by route and status.",
		Buckets: prometheus.ExponentialBuckets(.0001, 2.5, 12),
	}, []string{"route", "status"})}
	registry := prometheus.NewRegistry()
	registry.MustRegister(s.latency,
		gauge("recsys_uptime_seconds", "Time since the start.", func() float64 { return time.Since(a.started).Seconds() }),
		gauge("recsys_cache_hit_ratio", "Share of cacheable requests answered from the cache.", a.caches.hitRatio),
		gauge("recsys_model_age_seconds", "Time since the model that is served was fitted.", a.modelAge),
		counter("recsys_requests_total", "Requests answered.", &s.requests),
		counter("recsys_errors_total", "Requests that failed on the server's side (5xx).", &s.errors),
		counter("recsys_recommendations_total", "Items recommended.", &s.recommendations),
		counter("recsys_events_total", "Events accepted.", &s.events),
		counter("recsys_events_dropped_total", "Events of forgotten users.", &s.dropped),
		counter("recsys_degraded_total", "Rankings that the deadline cut short.", &s.degraded),
		counter("recsys_rate_limited_total", "Requests refused because a caller sent too many.", &s.limited),
	)
	for group, c := range map[string]*answers{"recommend": a.caches.recommend, "similar": a.caches.similar, "lists": a.caches.lists} {
		labels := prometheus.Labels{"cache": group}
		registry.MustRegister(
			prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "recsys_cache_hits_total", Help: "Answers from the cache.", ConstLabels: labels},
				func() float64 { return float64(c.hits.Load()) }),
			prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "recsys_cache_misses_total", Help: "Cacheable answers that were computed.", ConstLabels: labels},
				func() float64 { return float64(c.misses.Load()) }),
			prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "recsys_cache_size", Help: "Answers in the cache.", ConstLabels: labels},
				func() float64 { return float64(c.store.EstimatedSize()) }))
	}
	for _, c := range a.options.Collectors {
		registry.MustRegister(c)
	}
	s.unrouted = newTimes("none")
	s.exposition = promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
	return s
}

func (a *API) modelAge() float64 {
	if s, ok := a.engine.Snapshot(); ok && !s.Created.IsZero() {
		return time.Since(s.Created).Seconds()
	}
	return 0
}

func gauge(name, help string, value func() float64) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value)
}

func counter(name, help string, value *atomic.Int64) prometheus.Collector {
	return prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, func() float64 { return float64(value.Load()) })
}

func newTimes(route string) times {
	return times{route, new([len(statuses)]atomic.Pointer[prometheus.Observer])}
}

func (s *stats) observe(t *times, status int, took time.Duration) {
	at := 0
	if status != http.StatusOK {
		if at = slices.Index(statuses[:], status); at < 0 {
			at = len(statuses) - 1
		}
	}
	o := t.byStatus[at].Load()
	if o == nil {
		made := s.latency.WithLabelValues(t.route, strconv.Itoa(statuses[at]))
		o = &made
		t.byStatus[at].Store(o)
	}
	(*o).Observe(took.Seconds())
}

// count takes note of one answer.
func (s *stats) count(x *exchange, took time.Duration) {
	s.requests.Add(1)
	if x.items > 0 {
		s.recommendations.Add(int64(x.items))
	}
	if x.status >= 500 {
		s.errors.Add(1)
	}
	if x.degraded {
		s.degraded.Add(1)
	}
	t := &s.unrouted
	if x.route != nil {
		t = &x.route.times
	}
	s.observe(t, x.status, took)
}

// metrics answers GET /metrics.
func (a *API) metrics(x *exchange) error {
	s := a.stats
	accept := x.r.Header.Get("Accept")
	if strings.Contains(accept, "text/plain") || strings.Contains(accept, "openmetrics") {
		return x.handle(s.exposition)
	}
	uptime := time.Since(a.started).Seconds()
	recommendations := s.recommendations.Load()
	return x.json(metricsAnswer{
		UptimeSeconds: int64(uptime), RequestCount: s.requests.Load(),
		RecommendationCount: recommendations, ErrorCount: s.errors.Load(),
		RecommendationsPerSecond: float64(recommendations) / max(uptime, 1),
		CacheHitRatio:            a.caches.hitRatio(),
		EventCount:               s.events.Load(), DegradedCount: s.degraded.Load(), RateLimitedCount: s.limited.Load(),
	})
}

// handle takes the answer of another handler.
func (x *exchange) handle(h http.Handler) error {
	w := &capture{header: make(http.Header), status: http.StatusOK}
	h.ServeHTTP(w, x.r)
	x.body, x.status = append(x.body[:0], w.body...), w.status
	for name, values := range w.header {
		if name == "Content-Type" {
			x.contentType = values
		} else if name != "Content-Length" {
			x.w.Header()[name] = values
		}
	}
	return nil
}

// capture is a ResponseWriter in memory.
type capture struct {
	header http.Header
	status int
	body   []byte
}

func (c *capture) Header() http.Header    { return c.header }
func (c *capture) WriteHeader(status int) { c.status = status }
func (c *capture) Write(p []byte) (int, error) {
	c.body = append(c.body, p...)
	return len(p), nil
}
