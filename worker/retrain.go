package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/recsys-lite/recsys"
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
	// TestSize is the newest share of the events that the gate measures on; 0 means .2.
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

// fresh is what a fit needs of the database.
type fresh struct {
	dataset   *recsys.Dataset
	people    *recsys.Features
	catalogue []recsys.Item
	journaled map[string]int64
	events    []recsys.Event
}

// Retrain fits the current model anew, on the sample of users that its manifest notes
// (model.Training), and promotes the result if it passes the gate. The database is open while
// the events are read, and not while the fit goes on. It may run beside Tick. Its Status says what came of it.
func (w *Worker) Retrain(ctx context.Context) (*Retrained, error) {
	r, err := w.retrain(ctx)
	w.retrained(ctx, r, err)
	return r, err
}

func (w *Worker) retrain(ctx context.Context) (*Retrained, error) {
	start := time.Now()
	m, err := model.ReadManifest(w.cfg.ModelDir)
	if err != nil {
		return nil, fmt.Errorf("retrain: %w", err)
	}
	kind, err := w.kind(m.Kind)
	if err != nil {
		return nil, fmt.Errorf("retrain: %w", err)
	}
	in, err := w.load(ctx, m)
	if err != nil {
		return nil, fmt.Errorf("retrain: %w", err)
	}
	loaded := time.Since(start)
	made, err := kind.New(m.Params, w.cfg.Opener.Run)
	if err != nil {
		return nil, fmt.Errorf("retrain: %w", err)
	}
	if err := made.Fit(ctx, in.dataset); err != nil {
		return nil, fmt.Errorf("retrain: %w", err)
	}
	a := model.NewArtifact(m.Kind, made, in.dataset, in.catalogue)
	a.UserFeatures = in.people
	if err := a.Manifest.SetJournaled(in.journaled); err != nil {
		return nil, err
	}
	if note, ok := m.Annotations[model.TrainingAnnotation]; ok {
		if err := a.Manifest.Annotate(model.TrainingAnnotation, note); err != nil {
			return nil, err
		}
	}
	if w.cfg.Retrain.Index != nil {
		if err := w.cfg.Retrain.Index(ctx, a); err != nil {
			return nil, fmt.Errorf("retrain: index: %w", err)
		}
	}
	fitted := time.Since(start)
	decision, err := w.judge(ctx, m, kind, in)
	if err != nil {
		return nil, fmt.Errorf("retrain: %w", err)
	}
	if err := a.Manifest.Annotate(gate.Annotation, decision); err != nil {
		return nil, err
	}
	version, err := w.offer(ctx, a, decision)
	if err != nil {
		return nil, fmt.Errorf("retrain: %w", err)
	}
	w.log.Info("retrained", "version", version, "promoted", decision.Promoted, "reason", decision.Reason,
		"took", time.Since(start).Round(time.Millisecond), "read", loaded.Round(time.Millisecond), "fit", (fitted - loaded).Round(time.Millisecond))
	return &Retrained{Version: version, Decision: decision}, nil
}

func (w *Worker) kind(name string) (model.Kind, error) {
	for _, k := range w.cfg.Opener.Kinds {
		if k.Name == name {
			return k, nil
		}
	}
	return model.Kind{}, fmt.Errorf("%w: %q", model.ErrUnknownKind, name)
}

// load reads what a fit like that of m needs.
func (w *Worker) load(ctx context.Context, m *model.Manifest) (_ *fresh, err error) {
	training, err := m.Training()
	if err != nil {
		return nil, err
	}
	w.db.Lock()
	defer w.db.Unlock()
	db, err := w.open(ctx, false)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	in := new(fresh)
	if in.journaled, err = db.Journals(ctx, recsys.MaxJournals); err != nil {
		return nil, err
	}
	in.dataset, err = db.Dataset(ctx, recsys.DatasetOptions{
		Weighting: m.Weighting, SampleRate: training.SampleRate, Seed: training.Seed, Sequences: true, ItemFeatures: m.HasItemFeatures(), UserFeatures: true,
	})
	if err != nil {
		return nil, err
	}
	in.people, in.dataset.UserFeatures = in.dataset.UserFeatures, nil
	if err := in.dataset.Validate(); err != nil {
		return nil, err
	}
	if in.catalogue, err = db.Items(ctx); err != nil {
		return nil, err
	}
	in.events, err = recsys.AllEvents(ctx, db)
	in.events = slices.DeleteFunc(in.events, func(e recsys.Event) bool {
		_, known := in.dataset.Users.Index(e.UserID)
		return !known // the sample was drawn without this user
	})
	return in, err
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
	split, why, err := gate.Split(events, share)
	if err != nil {
		return nil, err
	}
	o := w.cfg.Retrain.Gate
	o.Run = w.cfg.Opener.Run
	var d *gate.Decision
	if split == nil {
		d = gate.Unmeasured(why, true, o)
	} else {
		if in.dataset.ItemFeatures != nil {
			split.Train.ItemFeatures = in.dataset.ItemFeatures.Align(in.dataset.Items, split.Train.Items)
		}
		r := gate.Recipe{Kind: kind, Params: json.RawMessage(m.Params), ItemFeatures: m.HasItemFeatures()}
		if d, err = gate.Decide(ctx, split, r, &r, o); err != nil {
			return nil, err
		}
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
