package httpapi

import (
	"net/http"
	"strings"
)

var (
	corsMethods = []string{"GET, HEAD, POST"}
	corsHeaders = []string{"Content-Type, X-API-Key, Authorization, X-Request-ID, If-None-Match"}
	corsExposed = []string{"X-Request-ID, ETag, Retry-After"}
	corsMaxAge  = []string{"600"}
	varyOrigin  = []string{"Origin"}
	anyOrigin   = []string{"*"}
)

// cors says which pages of other sites may read the answer. It answers a browser's question
// whether it may ask at all, and returns true for one.
func (x *exchange) cors() bool {
	allowed := x.api.options.CORSOrigins
	preflight := x.r.Method == http.MethodOptions
	if len(allowed) == 0 && !preflight {
		return false
	}
	h := x.w.Header()
	origin := ""
	if v := x.r.Header["Origin"]; len(v) > 0 {
		origin = v[0]
	}
	if len(allowed) > 0 {
		h["Vary"] = varyOrigin
	}
	for _, a := range allowed {
		switch {
		case origin == "":
		case a == "*":
			h["Access-Control-Allow-Origin"] = anyOrigin
			// Everybody may read. To write from a browser on this machine it takes more.
		case strings.EqualFold(a, origin):
			h["Access-Control-Allow-Origin"] = []string{origin}
			x.originAllowed = true
		default:
			continue
		}
		if origin != "" {
			h["Access-Control-Expose-Headers"] = corsExposed
		}
		break
	}
	if !preflight || x.r.Header["Access-Control-Request-Method"] == nil {
		return false
	}
	if h["Access-Control-Allow-Origin"] != nil {
		h["Access-Control-Allow-Methods"] = corsMethods
		h["Access-Control-Allow-Headers"] = corsHeaders
		h["Access-Control-Max-Age"] = corsMaxAge
	}
	x.status = http.StatusNoContent
	return true
}
