package httpapi

import (
	"net/http"
	"reflect"

	"github.com/recsys-lite/recsys"
)

// route is one endpoint: how it is served, who may call it and how it is documented.
type route struct {
	method, path string
	id, summary  string
	// role is what the caller must have; open routes are for everybody, also where there are
	// keys.
	role Role
	open bool
	// params are the query parameters and, first, the variable of the path.
	params []*param
	known  map[string]*param
	attrs  *param // takes attr.NAME
	// cache, if set, keeps the answers.
	cache *answers
	// body and answer are the types of the documented JSON, nil for none.
	body, answer reflect.Type
	status       int
	errors       []int
	// control is the value of Cache-Control.
	control []string
	// serve writes the answer to x.
	serve func(a *API, x *exchange) error

	// name is what metrics and log call the route.
	name  string
	times times
	// rerank are the parameters of re-ranking, if any, and weights their defaults.
	rerank  []*param
	weights recsys.Rerank
}

// The values of Cache-Control. An answer for one user may be kept by that user's browser,
// which must ask whether it still holds: an event changes it at once. Where reading needs a key,
// a proxy must not hand what it got with one to callers without.
var (
	noStore     = []string{"no-store"}
	revalidate  = []string{"private, no-cache"}
	shared      = []string{"public, max-age=60"}
	sharedByKey = []string{"private, max-age=60"}
)

// table lists the endpoints.
func (a *API) table() []*route {
	get := func(path, id, summary string, serve func(*API, *exchange) error, answer any, params ...[]*param) *route {
		r := &route{method: http.MethodGet, path: path, id: id, summary: summary, role: RoleRead, status: http.StatusOK,
			serve: serve, control: revalidate, errors: []int{400, 422, 500, 503}}
		if answer != nil {
			r.answer = reflect.TypeOf(answer)
		}
		for _, p := range params {
			r.params = append(r.params, p...)
		}
		return r
	}
	post := func(path, id, summary string, role Role, serve func(*API, *exchange) error, body, answer any, params ...[]*param) *route {
		r := get(path, id, summary, serve, answer, params...)
		r.method, r.role, r.control = http.MethodPost, role, noStore
		if body != nil {
			r.body = reflect.TypeOf(body)
			r.errors = append(r.errors, 413, 415)
		}
		return r
	}
	recommend := get("/recommend", "recommend", "Recommendations for a user", (*API).recommend, rankingAnswer{},
		recommendParams, pageParams, filterParams, recommendRerankParams, capParams, cacheParams)
	recommend.cache, recommend.rerank, recommend.weights = a.caches.recommend, recommendRerankParams, recommendWeights
	recommend.errors = append(recommend.errors, 404)
	similar := get("/similar-items", "similar-items", "Items similar to an item", (*API).similar, similarAnswer{},
		similarParams, pageParams, filterParams, similarRerankParams, capParams, cacheParams)
	similar.cache, similar.rerank, similar.weights = a.caches.similar, similarRerankParams, similarWeights
	similar.errors = append(similar.errors, 404)
	popular := get("/popular", "popular", "What most users have", (*API).popular, listAnswer{}, listParams, pageParams, filterParams, cacheParams)
	trending := get("/trending", "trending", "What is bought of late", (*API).trending, listAnswer{}, listParams, pageParams, filterParams, cacheParams)
	together := get("/bought-together", "bought-together", "What is bought in one visit with the given items", (*API).together, togetherAnswer{}, togetherParams, filterParams, cacheParams)
	for _, r := range []*route{popular, trending, together} {
		r.cache, r.control = a.caches.lists, shared
	}
	together.errors = append(together.errors, 404)
	recent := get("/recent", "recent", "What a user had last, newest first", (*API).recent, recentAnswer{}, recentParams)
	recent.errors = append(recent.errors, 404)
	item := get("/items/{item_id}", "item", "One item of the catalogue", (*API).item, itemAnswer{}, itemParams)
	item.errors = append(item.errors, 404)
	item.control = shared
	items := get("/items", "items", "Items of the catalogue by id, or by a search in titles", (*API).items, itemsAnswer{}, itemsParams)
	items.control = shared
	health := get("/health", "health", "Whether a model is being served", (*API).health, healthAnswer{})
	ready := get("/ready", "ready", "Whether requests should come here", (*API).ready, readyAnswer{})
	metrics := get("/metrics", "metrics", "Counts, as JSON or, to a scraper, in Prometheus' text format", (*API).metrics, metricsAnswer{})
	openapi := get("/openapi.json", "openapi", "This description", (*API).serveOpenAPI, nil)
	docs := get("/docs", "docs", "This description for people", (*API).serveDocs, nil)
	users := get("/users", "users", "Some users with the number of their items", (*API).users, usersAnswer{}, usersParams)
	users.role = RoleAdmin
	models := get("/models", "models", "The versions of the model", (*API).models, modelsAnswer{})
	models.role = RoleAdmin
	data := get("/health/data", "data", "How complete catalogue and histories are", (*API).data, dataAnswer{})
	data.role = RoleAdmin
	worker := get("/health/worker", "worker", "How the worker fares that brings new versions of the model", (*API).worker, WorkerStatus{})
	worker.role = RoleAdmin
	dashboard := get("/dashboard", "dashboard", "Traffic, model and data for people, live", (*API).dashboard, nil)
	dashboard.role = RoleAdmin
	for _, r := range []*route{health, ready, openapi, docs} {
		r.open, r.errors = true, []int{503}
	}
	for _, r := range []*route{health, ready, metrics, users, models, data, worker, dashboard} {
		r.control = noStore
	}
	openapi.control, docs.control = shared, shared
	openapi.errors, docs.errors, dashboard.errors = nil, nil, nil

	events := post("/events", "events", "Accept events of users: durable when answered", RoleWrite, (*API).events, eventsBody{}, eventsAnswer{})
	events.status = http.StatusAccepted
	routes := []*route{
		recommend,
		post("/recommend", "recommend-post", "Recommendations for a user, a session or a basket", RoleRead, (*API).recommendPost, recommendBody{}, rankingAnswer{}),
		similar, popular, trending, together, recent, item, items, events, health, ready, metrics, openapi, docs, users, models, data, worker, dashboard,
		post("/cache/clear", "cache-clear", "Forget all cached answers", RoleAdmin, (*API).clearCache, nil, cacheAnswer{}),
		post("/cache/config", "cache-config", "Switch the caches on or off", RoleAdmin, (*API).configureCache, nil, cacheAnswer{}, cacheConfigParams),
	}
	routes[1].errors = append(routes[1].errors, 404)
	for _, r := range routes {
		r.errors = append(r.errors, 429)
		if !r.open {
			r.errors = append(r.errors, 401, 403)
		}
		r.known = make(map[string]*param, len(r.params))
		for _, p := range r.params {
			if p == attrParam {
				r.attrs = p
			}
			if !p.inPath {
				r.known[p.name] = p
			}
		}
		r.name = r.method + " " + r.path
	}
	return routes
}
