package httpapi

import (
	"context"
	"net/http"
	"time"
)

type healthOutput struct {
	Status int
	Body   health
}

type health struct {
	Status        string `json:"status" enum:"ok,no model" doc:"ok when recommendations can be served"`
	Version       string `json:"version"`
	ModelType     string `json:"model_type" doc:"The kind of the model served; empty without one"`
	ModelVersion  string `json:"model_version"`
	UptimeSeconds int64  `json:"uptime_seconds"`
}

func (a *API) health(context.Context, *struct{}) (*healthOutput, error) {
	out := &healthOutput{Status: http.StatusOK, Body: health{
		Status: "ok", Version: a.options.Version, UptimeSeconds: int64(time.Since(a.started).Seconds()),
	}}
	s, ok := a.engine.Snapshot()
	if !ok {
		out.Status, out.Body.Status = http.StatusServiceUnavailable, "no model"
	}
	out.Body.ModelType, out.Body.ModelVersion = s.Kind, s.Version
	return out, nil
}
