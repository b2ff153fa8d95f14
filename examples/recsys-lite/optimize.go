package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/eval"
	"github.com/recsys-lite/recsys/model"
	"github.com/recsys-lite/recsys/model/builtin"
	"github.com/recsys-lite/recsys/store"
	"github.com/recsys-lite/recsys/tune"
)

func newOptimize(s settings) *cobra.Command {
	o := &optimization{}
	cmd := &cobra.Command{
		Use:   "optimize KIND|auto",
		Short: "Search a model's hyper-parameters, then fit the best on everything",
		Long: `Search the hyper-parameters of a kind and publish a model with the best ones under --output.

The events are parted by time into training, validation and test. Every trial is fitted on the
training part and measured on the validation part; the test part is looked at once, for the
figure of the best parameters that is printed at the end beside popularity's. The model that is
published is then fitted on all events.

Trial 0 is the defaults with --params, which are not searched. A trial may first be fitted
on --prune-share of the users, and stops there when it does worse than the median of those
before. Each finished trial is kept in --output/study-KIND.jsonl: when the search is
interrupted, or run again with more --trials, it goes on from there. The search writes
trials.csv, trials.png, summary.json and, for people, report.html beside it: one page that
loads nothing, with the trials, what mattered, and how the best model does for whom.

optimize auto searches all kinds, a few trials each and then more for the better half, tries a
blend of the best, and compares the winner with the others by paired bootstrap. A --budget is
shared out, so that a slow kind may end up with no trial.

` + kindsHelp(),
		Example: `  recsys-lite optimize als --db data/recsys.db --trials 20 --metric "ndcg@20" --output model_artifacts/als_optimized
  recsys-lite optimize bpr --params '{"iterations": 30}' --budget 10m
  recsys-lite optimize auto --budget 30m --output model_artifacts/best`,
		Args:              exactly("KIND"),
		ValidArgsFunction: completeKinds(cobra.CompletionWithDesc("auto", "all kinds, and a blend of the best")),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if o.auto = args[0] == "auto"; !o.auto {
				if o.data.kind, err = kindArg(args[0]); err != nil {
					return err
				}
			}
			if o.data.output == "" {
				o.data.output = "model_artifacts/" + args[0] + "_optimized"
			}
			return o.run(cmd)
		},
	}
	f := cmd.Flags()
	o.data.db.add(cmd, s)
	o.data.model.add(cmd, s)
	o.data.weighting.add(cmd)
	o.data.index.add(cmd, s)
	f.StringVar(&o.data.output, "output", "", "`DIR` of the study and the model (model_artifacts/KIND_optimized when empty)")
	f.Float64Var(&o.data.sampleRate, "sample-rate", 1, "share of the users to use, chosen by a hash of id and seed")
	f.BoolVar(&o.data.itemFeatures, "use-item-features", false, "let the model learn from categories, brands, price bands and attributes")
	f.IntVar(&o.data.keep, "keep", 5, "number of versions to keep under --output")
	f.BoolVar(&o.data.asJSON, "json", false, "print the summary as JSON")
	f.IntVar(&o.trials, "trials", 20, "number of trials in all, of each kind with auto")
	f.StringVar(&o.metricName, "metric", "ndcg@10", "what to make large on the validation part")
	f.StringVar(&o.protocol, "protocol", string(tune.Users), "users (rank for each user) or next-item (predict each event of each session)")
	f.BoolVar(&o.repeats, "repeats", false, "also recommend, and count, what a user already has")
	f.Float64Var(&o.validationSize, "validation-size", .2, "share of the events before the test part to validate on")
	f.Float64Var(&o.data.testSize, "test-size", .1, "newest share of the events that no trial sees; 0 measures no test figure")
	f.Float64Var(&o.pruneShare, "prune-share", 0.25, "share of the users a trial is tried on first; 0 tries all at once, as is the default for kinds whose cost is that of the items: ease, itemknn, popularity")
	f.DurationVar(&o.budget, "budget", 0, "time for the search, such as 10m; comparing and the last fit come on top (no limit when 0)")
	f.BoolVar(&o.restart, "restart", false, "begin anew; the old study is kept as study-KIND.jsonl.old")
	o.pruneGiven = func() bool { return f.Changed("prune-share") }
	return cmd
}

// optimization is one run of optimize.
type optimization struct {
	auto       bool
	data       training // what is shared with train
	trials     int
	metricName string
	metric     tune.Metric
	protocol   string
	repeats    bool

	validationSize, pruneShare float64
	pruneGiven                 func() bool
	budget                     time.Duration
	restart                    bool
}

func (o *optimization) check() (err error) {
	if o.auto {
		// The strictest of all kinds, for the checks that ask.
		o.data.kind = model.Kind{Name: "auto", Needs: model.Needs{Sequences: true, Features: true}}
		if o.data.model.params != "" || o.data.model.paramsFile != "" {
			return usagef("--params and --params-file go with one KIND: the kinds have different parameters")
		}
	}
	if err := o.data.check(); err != nil {
		return err
	}
	if o.metric, err = tune.ParseMetric(o.metricName, tune.Protocol(o.protocol)); err != nil {
		return usageError{fmt.Errorf("--metric, --protocol: %w", err)}
	}
	switch {
	case o.trials < 1:
		return usagef("--trials is %d, it must be at least 1", o.trials)
	case !(o.validationSize > 0 && o.validationSize < 1):
		return usagef("--validation-size is %v, it must be above 0 and below 1", o.validationSize)
	case !(o.pruneShare >= 0 && o.pruneShare < 1):
		return usagef("--prune-share is %v, it must be at least 0 and below 1", o.pruneShare)
	case o.budget < 0:
		return usagef("--budget is %v, it must not be negative", o.budget)
	case o.repeats && o.protocol != string(tune.Users):
		return usagef("--protocol next-item excludes no item: leave --repeats out")
	}
	return nil
}

// kinds are those to search.
func (o *optimization) kinds() []model.Kind {
	if !o.auto {
		return []model.Kind{o.data.kind}
	}
	// The blend comes last, of the best of the others.
	return slices.DeleteFunc(builtin.Kinds(), func(k model.Kind) bool { return k.Name == "hybrid" })
}

func (o *optimization) run(cmd *cobra.Command) error {
	if err := o.check(); err != nil {
		return err
	}
	ctx := cmd.Context()
	weighting, err := o.data.weighting.weighting()
	if err != nil {
		return err
	}
	for _, kind := range o.kinds() { // before the data is read, which takes a while
		m, err := o.data.model.new(kind, recsys.Run{})
		if err != nil {
			return usageError{err}
		}
		if err := o.data.index.check(kind, m); err != nil {
			return err
		}
	}
	in, parts, err := o.load(ctx, weighting)
	if err != nil {
		return err
	}
	hook, done := progressOn(cmd.ErrOrStderr())
	defer done()
	s := &searching{optimization: o, in: in, parts: parts, weighting: weighting, hook: hook, done: done, log: cmd.ErrOrStderr()}
	defer s.close()
	searchErr := s.search(ctx)
	if err := s.write(); err != nil {
		return errors.Join(searchErr, err)
	}
	if searchErr != nil {
		if n := s.trialCount(); n > 0 && ctx.Err() != nil {
			done()
			fmt.Fprintf(cmd.ErrOrStderr(), "%s kept in %s; the same command goes on from there\n", counted(n, "finished trial"), o.data.output)
		}
		return searchErr
	}
	if err := s.conclude(ctx); err != nil {
		return err
	}
	version, err := s.publish(ctx)
	if err != nil {
		return err
	}
	done()
	return s.print(cmd, version)
}

// load reads the events and parts them.
func (o *optimization) load(ctx context.Context, w recsys.Weighting) (*trainingData, *tune.Parts, error) {
	t := o.data
	in, err := t.loadEvents(ctx, w)
	if err != nil {
		return nil, nil, err
	}
	events, err := in.table(w)
	if err != nil {
		return nil, nil, err
	}
	parts, err := tune.Divide(events, o.validationSize, o.data.testSize)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", o.data.db.path, err)
	}
	for _, s := range []*eval.Split{parts.Validation, parts.Test} {
		if s != nil && o.data.itemFeatures {
			s.Train.ItemFeatures = in.dataset.ItemFeatures.Align(in.dataset.Items, s.Train.Items)
		}
	}
	return in, parts, nil
}

// loadEvents is load with the events, whatever --test-size says.
func (t *training) loadEvents(ctx context.Context, w recsys.Weighting) (*trainingData, error) {
	in, err := t.load(ctx, w)
	if err != nil || in.events != nil {
		return in, err
	}
	db, err := t.db.open(ctx, store.Options{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer db.Close()
	in.events, err = recsys.AllEvents(ctx, db)
	return in, err
}
