package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/model"
)

// reloadInterval is how often the pointer to the current model is looked at.
const reloadInterval = time.Second

// reloader gives the engine every new version of the model directory. One that cannot be
// served is refused and logged, once, while the old one goes on serving.
type reloader struct {
	settings settings
	engine   *recsys.Engine
	log      *slog.Logger

	served  string
	refused string // the last complaint
}

func (r *reloader) loop(ctx context.Context) {
	tick := time.NewTicker(reloadInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			r.check()
		}
	}
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
		r.log.Info("model loaded", "version", r.served, "took", time.Since(start).Round(time.Millisecond))
	case err.Error() != r.refused:
		r.refused = err.Error()
		r.log.Warn("no new model: the old one, if any, goes on serving", "error", err)
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
