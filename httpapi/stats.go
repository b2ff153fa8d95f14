package httpapi

import (
	"context"
	"net/http"
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
	latency         *prometheus.HistogramVec
	exposition      http.Handler
}

type metrics struct {
	UptimeSeconds            int64   `json:"uptime_seconds"`
	RequestCount             int64   `json:"request_count"`
	RecommendationCount      int64   `json:"recommendation_count"`
	ErrorCount               int64   `json:"error_count"`
	RecommendationsPerSecond float64 `json:"recommendations_per_second"`
	CacheHitRatio            float64 `json:"cache_hit_ratio"`
}

func newStats(a *API) *stats {
	s := &stats{api: a, latency: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "recsys_request_duration_seconds", Help: "Time to answer, by route and status.",
		Buckets: prometheus.ExponentialBuckets(.0001, 2.5, 12),
	}, []string{"route", "status"})}
	registry := prometheus.NewRegistry()
	registry.MustRegister(s.latency,
		gauge("recsys_uptime_seconds", "Time since the start.", func() float64 { return time.Since(a.started).Seconds() }),
		gauge("recsys_cache_hit_ratio", "Share of cacheable requests answered from the cache.", a.cache.hitRatio),
		counter("recsys_requests_total", "Requests answered.", &s.requests),
		counter("recsys_errors_total", "Requests that failed on the server's side (5xx).", &s.errors),
		counter("recsys_recommendations_total", "Items recommended.", &s.recommendations),
	)
	s.exposition = promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
	return s
}

func gauge(name, help string, value func() float64) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value)
}

func counter(name, help string, value *atomic.Int64) prometheus.Collector {
	return prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, func() float64 { return float64(value.Load()) })
}

// tally counts the items recommended by one answer, whoever writes it: route or cache.
type tally struct{ items int }

type tallyKey struct{}

// tallyOf returns the tally of the request that ctx belongs to.
func tallyOf(ctx context.Context) *tally {
	t, _ := ctx.Value(tallyKey{}).(*tally)
	return t
}

// observe counts and times every request. The route is the pattern that mux would choose, so
// that clients cannot make up label values.
func (s *stats) observe(mux *http.ServeMux, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		sw := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		served := new(tally)
		defer func() {
			s.requests.Add(1)
			s.recommendations.Add(int64(served.items))
			if sw.status >= 500 {
				s.errors.Add(1)
			}
			_, route := mux.Handler(r)
			s.latency.WithLabelValues(route, strconv.Itoa(sw.status)).Observe(time.Since(start).Seconds())
		}()
		next.ServeHTTP(sw, r.WithContext(context.WithValue(r.Context(), tallyKey{}, served)))
	})
}

func (s *stats) serve(w http.ResponseWriter, r *http.Request) {
	accept := r.Header.Get("Accept")
	if strings.Contains(accept, "text/plain") || strings.Contains(accept, "openmetrics") {
		s.exposition.ServeHTTP(w, r)
		return
	}
	uptime := time.Since(s.api.started).Seconds()
	recommendations := s.recommendations.Load()
	writeJSON(w, http.StatusOK, "application/json", metrics{
		UptimeSeconds: int64(uptime), RequestCount: s.requests.Load(),
		RecommendationCount: recommendations, ErrorCount: s.errors.Load(),
		RecommendationsPerSecond: float64(recommendations) / max(uptime, 1),
		CacheHitRatio:            s.api.cache.hitRatio(),
	})
}

type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}
