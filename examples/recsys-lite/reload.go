package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/httpapi"
	"github.com/recsys-lite/recsys/model"
)

// reloader gives the engine every new version of the model directory. One that cannot be
// served is refused, counted and logged, once, while the old one goes on serving.
type reloader struct {
	settings settings
	engine   *recsys.Engine
	log      *slog.Logger
	loads    *prometheus.CounterVec

	served  string
	refused string // the last complaint
}

func newReloader(s settings, e *recsys.Engine, log *slog.Logger) *reloader {
	r := &reloader{settings: s, engine: e, log: log, loads: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "recsys_model_loads_total", Help: "Models that went live, and those that were refused.",
	}, []string{"result"})}
	r.loads.WithLabelValues("live")
	r.loads.WithLabelValues("refused")
	return r
}

func (r *reloader) check() {
	version, err := model.Current(r.settings.ModelDir)
	if err == nil && version == r.served {
		return
	}
	start := time.Now()
	if err == nil {
		err = r.load()
	}
	switch {
	case err == nil:
		r.refused = ""
		r.loads.WithLabelValues("live").Inc()
		r.log.Info("model loaded", "version", r.served, "took", time.Since(start).Round(time.Millisecond))
	case err.Error() != r.refused:
		r.refused = err.Error()
		r.loads.WithLabelValues("refused").Inc()
		what := "no new model: the old one goes on serving"
		if r.served == "" {
			what = "no model yet: requests are answered with 503 until there is one"
		}
		r.log.Warn(what, "error", err)
	}
}

func (r *reloader) load() error {
	a, err := openModel(r.settings.ModelDir, r.settings)
	if err != nil {
		return err
	}
	if err := r.engine.Swap(a.Snapshot()); err != nil {
		return err
	}
	r.served = a.Manifest.Version
	return nil
}

// models lists the versions of the model directory for GET /models.
func (s settings) models(context.Context) ([]httpapi.ModelVersion, error) {
	all, err := model.Versions(s.ModelDir)
	if err != nil {
		return nil, err
	}
	current, _ := model.Current(s.ModelDir) // without one, none is marked
	out := make([]httpapi.ModelVersion, len(all))
	for n, m := range all {
		out[n] = httpapi.ModelVersion{Version: m.Version, Kind: m.Kind, Created: m.Created.Format(time.RFC3339), Current: m.Version == current,
			Users: m.Users, Items: m.Items, Interactions: m.Interactions, Metrics: m.Metrics, Promotion: m.Annotations["promotion"]}
	}
	return out, nil
}
