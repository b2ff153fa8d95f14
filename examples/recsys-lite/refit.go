package main

import (
	"context"
	"errors"
	"slices"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/model"
	"github.com/recsys-lite/recsys/model/builtin"
)

// refit fits the model of a manifest anew, with the same parameters on what the database has
// now, and publishes it in dir.
func refit(ctx context.Context, dir string, old *model.Manifest, db *dbFlags, index *indexFlags, hook func(recsys.Progress)) error {
	kind, err := builtin.Lookup(old.Kind)
	if err != nil {
		return err
	}
	note, err := old.Training()
	if err != nil {
		return err
	}
	run := recsys.Run{Progress: hook, Workers: db.threads}
	m, err := kind.New(old.Params, run)
	if err != nil {
		return err
	}
	indexed := slices.ContainsFunc(old.Files, func(f model.FileInfo) bool { return f.Name == "attachment-"+model.IndexAttachment })
	t := &training{kind: kind, db: *db, sampleRate: note.SampleRate, itemFeatures: old.HasItemFeatures()}
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
	if indexed {
		if err := index.build(ctx, a, run); err != nil {
			return err
		}
	}
	_, err = model.Publish(ctx, dir, a)
	return err
}

// annotate keeps what a refit needs to know of the training.
func (t *training) annotate(a *model.Artifact) error {
	return a.Manifest.Annotate(model.TrainingAnnotation, model.Training{SampleRate: t.sampleRate, Seed: t.model.seed})
}
