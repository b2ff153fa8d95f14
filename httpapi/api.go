// Package httpapi is the documented HTTP interface of a recommender as one http.Handler:
//
//	api, err := httpapi.New(engine, httpapi.Options{})
//	mux.Handle("/recs/", http.StripPrefix("/recs", api))
//
// Answers and errors are JSON. Reading endpoints need no authentication: mount the handler
// behind the shop's own.
package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/recsys-lite/recsys"
)

// API serves an engine over HTTP. It is safe for concurrent use.
type API struct {
	engine  *recsys.Engine
	options Options
	started time.Time
	stats   *stats
	cache   *answerCache
	handler http.Handler
}

// New returns an API over e, which may get its first model later: until then answers are 503.
func New(e *recsys.Engine, o Options) (*API, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	a := &API{engine: e, options: o, started: time.Now(), cache: newAnswerCache(o)}
	a.stats = newStats(a)

	config := huma.DefaultConfig("recsys", o.Version)
	config.DocsPath = ""     // the stock page loads scripts from another host
	config.CreateHooks = nil // no $schema member in answers
	mux := http.NewServeMux()
	routes := humago.New(mux, config)
	routes.UseMiddleware(strictQuery(routes))
	a.register(routes)
	mux.HandleFunc("GET /metrics", a.stats.serve)
	mux.Handle("/", a.unmatched(mux))
	a.handler = a.stats.observe(mux, a.limit(a.cache.serve(e, mux)))
	return a, nil
}

// ServeHTTP answers one request.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.handler.ServeHTTP(w, r) }

func (a *API) register(routes huma.API) {
	huma.Register(routes, huma.Operation{
		OperationID: "recommend", Method: http.MethodGet, Path: "/recommend",
		Summary: "Get recommendations for a user",
		Errors:  []int{400, 404, 422, 500, 503},
	}, a.recommend)
	huma.Register(routes, huma.Operation{
		OperationID: "similar-items", Method: http.MethodGet, Path: "/similar-items",
		Summary: "Get items similar to an item",
		Errors:  []int{400, 404, 422, 500, 503},
	}, a.similar)
	huma.Register(routes, huma.Operation{
		OperationID: "health", Method: http.MethodGet, Path: "/health",
		Summary: "Whether a model is being served",
		Errors:  []int{503},
	}, a.health)
}

// limit bounds the time a request may take.
func (a *API) limit(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), a.options.Timeout)
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}
