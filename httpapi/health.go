package httpapi

import (
	"net/http"
	"time"
)

// health answers GET /health.
func (a *API) health(x *exchange) error {
	s, ok := a.engine.Snapshot()
	out := healthAnswer{Status: "ok", Version: a.options.Version, ModelType: s.Kind, ModelVersion: s.Version,
		UptimeSeconds: int64(time.Since(a.started).Seconds())}
	if !ok {
		x.status, out.Status = http.StatusServiceUnavailable, "no model"
	}
	return x.json(out)
}

// ready answers GET /ready.
func (a *API) ready(x *exchange) error {
	if _, ok := a.engine.Snapshot(); !ok {
		x.status = http.StatusServiceUnavailable
		return x.json(readyAnswer{Status: "no model"})
	}
	return x.json(readyAnswer{Status: "ready"})
}
