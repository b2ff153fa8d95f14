package worker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/recsys-lite/recsys/eval"
	"github.com/recsys-lite/recsys/gate"
	"github.com/recsys-lite/recsys/model"
)

// Retrain says when and how the current model is fitted anew, as it was made before, on all
// events of the users that its sample has. What comes out takes its place if it passes the gate.
type Retrain struct {
	// Schedule says when the next one is due after a time; cron.ParseStandard gives one. Nil
	// never retrains.
	Schedule Schedule
	// TestSize is the newest share of the events that the gate measures on, below 1; 0 means .2.
	TestSize float64
	// Gate is what the gate measures.
	Gate gate.Options
	// Index, if set, builds an artifact's index.
	Index func(ctx context.Context, a *model.Artifact) error
}

// Schedule gives the next time after another.
type Schedule interface {
	Next(time.Time) time.Time
}

// Retrained is what a retraining came to.
type Retrained struct {
	// Version was written; it is the current one if the decision is to promote it.
	Version  string
	Decision *gate.Decision
}

// Retrain fits the current model anew, on the sample of users that its manifest notes
// (model.Training), and promotes the result if it passes the gate. The database is open while
// the events are read, and not while the fit goes on. It may run beside Tick. The Status says
// what came of it.
func (w *Worker) Retrain(ctx context.Context) (*Retrained, error) {
	r, err := w.retrain(ctx)
	if err != nil {
		err = fmt.Errorf("retrain %s: %w", w.cfg.ModelDir, err)
	}
	w.retrained(ctx, r, err)
	return r, err
}

func (w *Worker) retrain(ctx context.Context) (*Retrained, error) {
	start := time.Now()
	m, err := model.ReadManifest(w.cfg.ModelDir)
	if err != nil {
		return nil, err
	}
	kind, err := w.kind(m.Kind)
	if err != nil {
		return nil, err
	}
	in, err := w.load(ctx, m, true)
	if err != nil {
		return nil, err
	}
	loaded := time.Since(start)
	a, err := w.fit(ctx, m, kind, in)
	if err != nil {
		return nil, err
	}
	fitted := time.Since(start)
	decision, err := w.judge(ctx, m, kind, in)
	if err != nil {
		return nil, err
	}
	if err := a.Manifest.Annotate(gate.Annotation, decision); err != nil {
		return nil, err
	}
	version, err := w.offer(ctx, a, decision)
	if err != nil {
		return nil, err
	}
	w.log.Info("retrained", "version", version, "promoted", decision.Promoted, "reason", decision.Reason,
		"took", time.Since(start).Round(time.Millisecond), "read", loaded.Round(time.Millisecond), "fit", (fitted - loaded).Round(time.Millisecond))
	return &Retrained{Version: version, Decision: decision}, nil
}

// judge measures the recipe, which is the current model's own.
func (w *Worker) judge(ctx context.Context, m *model.Manifest, kind model.Kind, in *fresh) (*gate.Decision, error) {
	share := w.cfg.Retrain.TestSize
	if share == 0 {
		share = .2
	}
	events, err := eval.NewEvents(in.events, in.dataset.Items.IDs(), m.Weighting)
	if err != nil {
		return nil, err
	}
	o := w.cfg.Retrain.Gate
	o.Run = w.cfg.Opener.Run
	r := gate.Recipe{Kind: kind, Params: m.Params, ItemFeatures: m.HasItemFeatures()}
	d, err := gate.Judge(ctx, events, share, in.dataset, r, &r, o)
	if err != nil {
		return nil, err
	}
	d.CurrentVersion = m.Version
	return d, nil
}

// offer writes an artifact, and makes it the current one if that was decided.
func (w *Worker) offer(ctx context.Context, a *model.Artifact, d *gate.Decision) (version string, err error) {
	lock, err := model.LockDir(ctx, w.cfg.ModelDir)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	if d.Promoted {
		return lock.Publish(ctx, a)
	}
	return model.Add(ctx, w.cfg.ModelDir, a)
}
