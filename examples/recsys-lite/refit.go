package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/model"
	"github.com/recsys-lite/recsys/model/builtin"
)

// trainingAnnotation keeps what of a training is not in the rest of the manifest.
const trainingAnnotation = "training"

// trainingNote is that annotation.
type trainingNote struct {
	SampleRate float64 `json:"sample_rate,omitempty"`
	Seed       uint64  `json:"seed"`
}

// refit fits the model of a manifest anew, with the same parameters on what the database has
// now, and publishes it in dir.
func refit(ctx context.Context, dir string, old *model.Manifest, db *dbFlags, index *indexFlags, hook func(recsys.Progress)) error {
	kind, err := builtin.Lookup(old.Kind)
	if err != nil {
		return err
	}
	note := trainingNote{SampleRate: 1}
	if text, ok := old.Annotations[trainingAnnotation]; ok {
		if err := json.Unmarshal(text, &note); err != nil {
			return fmt.Errorf("annotation %q: %w", trainingAnnotation, err)
		}
	}
	run := recsys.Run{Progress: hook, Workers: db.threads}
	m, err := kind.New(old.Params, run)
	if err != nil {
		return err
	}
	has := func(name string) bool {
		return slices.ContainsFunc(old.Files, func(f model.FileInfo) bool { return f.Name == name })
	}
	t := &training{kind: kind, db: *db, sampleRate: note.SampleRate, itemFeatures: has("item_features.arrow")}
	t.model.seed = note.Seed
	in, err := t.load(ctx, old.Weighting)
	if err != nil {
		return err
	}
	if err := m.Fit(ctx, in.dataset); err != nil {
		return err
	}
	a := model.NewArtifact(kind.Name, m, in.dataset, in.catalogue)
	a.UserFeatures = in.users
	if err := errors.Join(a.Manifest.SetJournaled(in.journaled), t.annotate(a)); err != nil {
		return err
	}
	if has("attachment-" + model.IndexAttachment) {
		if err := index.build(ctx, a, run); err != nil {
			return err
		}
	}
	_, err = model.Publish(ctx, dir, a)
	return err
}

// annotate keeps what a refit needs to know of the training.
func (t *training) annotate(a *model.Artifact) error {
	text, err := json.Marshal(trainingNote{SampleRate: t.sampleRate, Seed: t.model.seed})
	if err != nil {
		return err
	}
	if a.Manifest.Annotations == nil {
		a.Manifest.Annotations = make(map[string]json.RawMessage)
	}
	a.Manifest.Annotations[trainingAnnotation] = text
	return nil
}
