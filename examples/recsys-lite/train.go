package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/eval"
	"github.com/recsys-lite/recsys/gate"
	"github.com/recsys-lite/recsys/model"
	"github.com/recsys-lite/recsys/store"
)

func newTrain(s settings) *cobra.Command {
	t := &training{}
	cmd := &cobra.Command{
		Use:   "train KIND",
		Short: "Fit a model on the events of the database",
		Long: `Fit a model on the events of the database and publish it under --output: as a new
version, which a running server picks up. Older versions stay until --keep is reached.

` + kindsHelp(),
		Example: `  recsys-lite train als --db data/recsys.db --output model_artifacts/als
  recsys-lite train als --params '{"factors": 150}' --sample-rate 0.5
  recsys-lite train ease --test-size 0.2 --output model_artifacts/ease`,
		Args:              exactly("KIND"),
		ValidArgsFunction: completeKinds(),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if t.kind, err = kindArg(args[0]); err != nil {
				return err
			}
			if t.output == "" {
				t.output = "model_artifacts/" + t.kind.Name
			}
			return t.run(cmd)
		},
	}
	f := cmd.Flags()
	t.db.add(cmd, s)
	t.model.add(cmd, s)
	t.weighting.add(cmd)
	t.index.add(cmd, s)
	f.StringVar(&t.output, "output", "", "`DIR` of the model (model_artifacts/KIND when empty)")
	f.Float64Var(&t.sampleRate, "sample-rate", 1, "share of the users to train on, chosen by a hash of id and seed")
	f.BoolVar(&t.itemFeatures, "use-item-features", false, "let the model learn from categories, brands, price bands and attributes")
	f.Float64Var(&t.testSize, "test-size", 0, "before the fit on everything, measure on this newest share of the events; 0 skips it")
	f.IntVar(&t.keep, "keep", 5, "number of versions to keep under --output")
	t.gate.add(cmd, "publish the model only if it is not significantly worse than the current one, and not below popularity, on the newest events")
	f.BoolVar(&t.asJSON, "json", false, "print the manifest as JSON")
	return cmd
}

// training is one run of train.
type training struct {
	kind         model.Kind
	db           dbFlags
	model        modelFlags
	weighting    weightingFlags
	index        indexFlags
	output       string
	sampleRate   float64
	itemFeatures bool
	testSize     float64
	keep         int
	gate         gateFlags
	asJSON       bool
}

func (t *training) check() error {
	switch {
	case !(t.sampleRate > 0 && t.sampleRate <= 1):
		return usagef("--sample-rate is %v, it must be above 0 and at most 1", t.sampleRate)
	case !(t.testSize >= 0 && t.testSize < 1):
		return usagef("--test-size is %v, it must be at least 0 and below 1", t.testSize)
	case t.keep < 1:
		return usagef("--keep is %d, it must be at least 1", t.keep)
	case t.itemFeatures && !t.kind.Needs.Features:
		return usagef("--use-item-features: a %s model learns from no features; lightfm does", t.kind.Name)
	}
	if !t.gate.on {
		return nil
	}
	return t.gate.check()
}

func (t *training) run(cmd *cobra.Command) error {
	if err := t.check(); err != nil {
		return err
	}
	if !t.gate.on {
		if err := without(cmd, "is for --gate: give that too", gateMeasures...); err != nil {
			return err
		}
	}
	ctx := cmd.Context()
	weighting, err := t.weighting.weighting()
	if err != nil {
		return err
	}
	hook, done := progressOn(cmd.ErrOrStderr())
	defer done()
	m, err := t.model.new(t.kind, recsys.Run{Progress: hook})
	if err != nil {
		return usageError{err}
	}
	if err := t.index.check(t.kind, m); err != nil {
		return err
	}
	if err := writable(filepath.Join(t.output, "versions")); err != nil {
		return err
	}
	in, err := t.load(ctx, weighting)
	if err != nil {
		return err
	}
	var metrics map[string]float64
	if t.testSize > 0 {
		if metrics, err = t.measure(ctx, in, weighting, hook); err != nil {
			return err
		}
	}
	start := time.Now()
	if err := m.Fit(ctx, in.dataset); err != nil {
		return err
	}
	took := time.Since(start)
	a := model.NewArtifact(t.kind.Name, m, in.dataset, in.catalogue)
	a.UserFeatures = in.users
	a.Manifest.Metrics = metrics
	if err := errors.Join(a.Manifest.SetJournaled(in.journaled), t.annotate(a)); err != nil {
		return err
	}
	if err := t.index.build(ctx, a, recsys.Run{Workers: t.model.threads, Progress: hook}); err != nil {
		return err
	}
	version, refused, err := t.publish(ctx, in, a, hook)
	if err != nil {
		return err
	}
	if _, err := model.Prune(t.output, t.keep); err != nil {
		return err
	}
	done()
	if t.asJSON {
		return errors.Join(printJSON(cmd.OutOrStdout(), a.Manifest), refused)
	}
	if refused != nil {
		return refused
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%s: fitted on %d users, %d items and %d interactions in %v, published in %s\n",
		version, a.Manifest.Users, a.Manifest.Items, a.Manifest.Interactions, took.Round(time.Millisecond), t.output)
	if ndcg, ok := metrics["ndcg@10"]; ok {
		fmt.Fprintf(cmd.OutOrStdout(), "before that, trained without the newest %g %% of the events: ndcg@10 %.4f, recall@10 %.4f, hr@10 %.4f\n",
			100*t.testSize, ndcg, metrics["recall@10"], metrics["hr@10"])
	}
	return nil
}

// publish makes a the current version, unless a gate is asked for and refuses it.
func (t *training) publish(ctx context.Context, in *trainingData, a *model.Artifact, hook func(recsys.Progress)) (version string, refused, err error) {
	if !t.gate.on {
		version, err = model.Publish(ctx, t.output, a)
		return version, nil, err
	}
	decision, err := t.gate.decide(ctx, t, in, a, hook)
	if err != nil {
		return "", nil, err
	}
	if err := a.Manifest.Annotate(gate.Annotation, decision); err != nil {
		return "", nil, err
	}
	if decision.Promoted {
		version, err = model.Publish(ctx, t.output, a)
		return version, nil, err
	}
	if version, err = model.Add(ctx, t.output, a); err != nil {
		return "", nil, err
	}
	return version, fmt.Errorf("%s was written, but not promoted: %s ('recsys-lite models promote %s --model-dir %s' puts it in force all the same)",
		version, decision.Reason, version, t.output), nil
}

// trainingData is what a fit needs of the database, which is closed while it goes on.
type trainingData struct {
	dataset   *recsys.Dataset
	catalogue []recsys.Item
	// users are the user features: a server ranks by country, but models do not learn from them.
	users  *recsys.Features
	events []recsys.Event // only for a measurement
	// journaled are the marks of servers' journals up to which the dataset has their events.
	journaled map[string]int64
}

func (t *training) load(ctx context.Context, w recsys.Weighting) (*trainingData, error) {
	db, err := t.db.open(ctx, store.Options{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer db.Close()
	d := new(trainingData)
	d.dataset, err = db.Dataset(ctx, recsys.DatasetOptions{
		Weighting: w, SampleRate: t.sampleRate, Seed: t.model.seed,
		Sequences: true, ItemFeatures: t.itemFeatures, UserFeatures: true,
	})
	if err != nil {
		return nil, err
	}
	d.users, d.dataset.UserFeatures = d.dataset.UserFeatures, nil
	if err := d.dataset.Validate(); err != nil {
		return nil, fmt.Errorf("%s: %w", t.db.path, err)
	}
	if d.catalogue, err = db.Items(ctx); err != nil {
		return nil, err
	}
	if d.journaled, err = db.Journals(ctx, recsys.MaxJournals); err != nil {
		return nil, err
	}
	if t.testSize > 0 || t.gate.on {
		d.events, err = recsys.AllEvents(ctx, db)
	}
	return d, err
}

// table is the events of the dataset's users (a sample, perhaps) to be parted.
func (in *trainingData) table(w recsys.Weighting) (*eval.Events, error) {
	kept := in.events[:0]
	for _, e := range in.events {
		if _, ok := in.dataset.Users.Index(e.UserID); ok {
			kept = append(kept, e)
		}
	}
	return eval.NewEvents(kept, in.dataset.Items.IDs(), w)
}

// measure fits a second model on the older events and evaluates it on the newer ones.
func (t *training) measure(ctx context.Context, in *trainingData, w recsys.Weighting, hook func(recsys.Progress)) (map[string]float64, error) {
	events, err := in.table(w)
	if err != nil {
		return nil, err
	}
	cut, err := eval.TimeCut(events, t.testSize)
	if err != nil {
		return nil, err
	}
	split, err := eval.ByTime(events, cut)
	if err != nil {
		return nil, err
	}
	if t.itemFeatures {
		split.Train.ItemFeatures = in.dataset.ItemFeatures.Align(in.dataset.Items, split.Train.Items)
	}
	m, err := t.model.new(t.kind, recsys.Run{Progress: hook})
	if err != nil {
		return nil, err
	}
	if err := m.Fit(ctx, split.Train); err != nil {
		return nil, fmt.Errorf("fit before %s: %w", cut.Format(time.DateOnly), err)
	}
	r, err := eval.Run(ctx, m, split, eval.Options{Seed: t.model.seed, Run: recsys.Run{Workers: t.model.threads, Progress: hook}})
	if err != nil {
		return nil, err
	}
	for name, v := range r.Metrics {
		if math.IsNaN(v) {
			delete(r.Metrics, name)
		}
	}
	return r.Metrics, nil
}

// annotate keeps what a refit needs to know of the training.
func (t *training) annotate(a *model.Artifact) error {
	return a.Manifest.Annotate(model.TrainingAnnotation, model.Training{SampleRate: t.sampleRate, Seed: t.model.seed})
}
