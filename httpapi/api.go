// Package httpapi is the documented HTTP interface of a recommender as one http.Handler:
//
//	api, err := httpapi.New(engine, httpapi.Options{})
//	defer api.Close()
//	mux.Handle("/recs/", http.StripPrefix("/recs", api))
//
// Answers and errors are JSON; GET /openapi.json describes them and GET /docs shows that to
// people. Reading is open to everybody unless Options.Keys says who may. What writes or
// administers needs a key of that role or, where there are no keys, a client on the same
// machine.
package httpapi

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/recsys-lite/recsys"
)

// API serves an engine over HTTP. It is safe for concurrent use.
type API struct {
	engine  *recsys.Engine
	options Options
	started time.Time
	routes  []*route
	exact   map[string]*methods // by path
	under   map[string]*methods // by the path's first part, for /items/{item_id}
	stats   *stats
	caches  *caches
	keys    atomic.Pointer[keyring]
	limits  *limits
	titles  atomic.Pointer[titles]
	openapi *document
	ids     *requestIDs
}

// New returns an API over e, which may get its first model later: until then answers are 503.
func New(e *recsys.Engine, o Options) (*API, error) {
	if e == nil {
		return nil, fmt.Errorf("%w: httpapi: no engine: one without a model is new(recsys.Engine)", recsys.ErrInvalidConfig)
	}
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	a := &API{engine: e, options: o, started: time.Now(), caches: newCaches(o), limits: newLimits(o), ids: newRequestIDs()}
	if err := a.SetKeys(o.Keys); err != nil {
		a.Close()
		return nil, err
	}
	a.routes = a.table()
	a.stats = newStats(a)
	a.exact, a.under = make(map[string]*methods), make(map[string]*methods)
	for _, r := range a.routes {
		r.times = newTimes(r.name)
		table, path := a.exact, r.path
		if base, _, variable := strings.Cut(r.path, "{"); variable {
			table, path = a.under, base
		}
		m := table[path]
		if m == nil {
			m = new(methods)
			table[path] = m
		}
		m.add(r)
	}
	if a.openapi, err = a.describe(); err != nil {
		a.Close()
		return nil, err
	}
	return a, nil
}

// Close ends what runs in the background. Requests under way finish, later ones are still
// answered.
func (a *API) Close() {
	a.caches.close()
	a.limits.close()
}

// ServeHTTP answers one request.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := exchanges.Get().(*exchange)
	x.start(a, w, r)
	x.serve()
	x.finish()
	x.release()
}

// methods are the routes of one path.
type methods struct {
	get, post *route
	allow     []string // the value of the Allow header
}

func (m *methods) add(r *route) {
	if r.method == http.MethodGet {
		m.get = r
		m.allow = []string{"GET, HEAD"}
	} else {
		m.post = r
		m.allow = []string{"POST"}
	}
	if m.get != nil && m.post != nil {
		m.allow = []string{"GET, HEAD, POST"}
	}
}

func (m *methods) of(method string) *route {
	switch method {
	case http.MethodGet, http.MethodHead:
		return m.get
	case http.MethodPost:
		return m.post
	}
	return nil
}

// find returns the routes of a path, and what stands for the variable in it.
func (a *API) find(path string) (m *methods, variable string) {
	if m := a.exact[path]; m != nil {
		return m, ""
	}
	if at := strings.IndexByte(path[min(1, len(path)):], '/'); at > 0 && at+2 < len(path) {
		return a.under[path[:at+2]], path[at+2:]
	}
	return nil, ""
}
