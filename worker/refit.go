package worker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/model"
)

// Refit fits the model that a manifest describes anew, as Retrain does, and publishes it without
// any judgement, for where the old one must not stay: after a deletion, say. It returns the new
// version.
func (w *Worker) Refit(ctx context.Context, m *model.Manifest) (version string, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("refit %s: %w", w.cfg.ModelDir, err)
		}
	}()
	kind, err := w.kind(m.Kind)
	if err != nil {
		return "", err
	}
	in, err := w.load(ctx, m, false)
	if err != nil {
		return "", err
	}
	a, err := w.fit(ctx, m, kind, in)
	if err != nil {
		return "", err
	}
	return model.Publish(ctx, w.cfg.ModelDir, a)
}

// fresh is what a fit needs of the database.
type fresh struct {
	dataset   *recsys.Dataset
	people    *recsys.Features
	catalogue []recsys.Item
	journaled map[string]int64
	// events are those of the dataset's users, where they are to be measured on.
	events []recsys.Event
}

func (w *Worker) kind(name string) (model.Kind, error) {
	var known []string
	for _, k := range w.cfg.Opener.Kinds {
		if k.Name == name {
			return k, nil
		}
		known = append(known, k.Name)
	}
	return model.Kind{}, fmt.Errorf("%w %q: the worker knows %s: pass it in Config.Opener.Kinds, or choose another model",
		model.ErrUnknownKind, name, strings.Join(known, ", "))
}

// load reads what a fit like that of m needs, and the events, if they are asked for.
func (w *Worker) load(ctx context.Context, m *model.Manifest, events bool) (_ *fresh, err error) {
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
	if in.catalogue, err = db.Items(ctx); err != nil || !events {
		return in, err
	}
	in.events, err = recsys.AllEvents(ctx, db)
	in.events = slices.DeleteFunc(in.events, func(e recsys.Event) bool {
		_, known := in.dataset.Users.Index(e.UserID)
		return !known // the sample was drawn without this user
	})
	return in, err
}

// fit makes an artifact like that of m.
func (w *Worker) fit(ctx context.Context, m *model.Manifest, kind model.Kind, in *fresh) (*model.Artifact, error) {
	made, err := kind.New(m.Params, w.cfg.Opener.Run)
	if err != nil {
		return nil, err
	}
	if err := made.Fit(ctx, in.dataset); err != nil {
		return nil, err
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
			return nil, fmt.Errorf("index: %w", err)
		}
	}
	return a, nil
}
