package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/eval"
	"github.com/recsys-lite/recsys/eval/report"
	"github.com/recsys-lite/recsys/model"
)

func newEvaluate(s settings) *cobra.Command {
	e := &evaluation{}
	cmd := &cobra.Command{
		Use:   "evaluate [KIND...]",
		Short: "Measure models on held-out events, beside popularity",
		Long: `Measure models on held-out events, always beside popularity.

Without KIND, the kind, parameters, weighting and features are those of the model in
--model-dir. The model itself has seen all events, so a fresh one is fitted on the
training part of a split: by default everything before the newest --test-size of the
events. With --train and --test the parts are given as files, and no database is used.

Several KINDs are measured on the same split and compared: by how much the first is ahead of
each, with the interval and the probability of a paired bootstrap.

Every item of the catalogue is ranked, none is sampled. Intervals are 95 % bootstrap
intervals over users.

--report DIR writes DIR/report.html: one page without scripts that loads nothing, with the
metrics, results for new, light and heavy users and for popular and rare items, popularity bias,
learning curves and samples; for --protocol next-item, results for short and long sessions and
for popular, rare and unsold items. It may be shared: users are numbered in it, not named, unless
--report-users is given.

` + kindsHelp(),
		Example: `  recsys-lite evaluate --model-dir model_artifacts/als --db data/recsys.db
  recsys-lite evaluate ease --params '{"regularization": 100}' --repeats --json
  recsys-lite evaluate als ease itemknn --db data/recsys.db --report reports/first
  recsys-lite evaluate popularity --train train.parquet --test test.parquet
  recsys-lite evaluate gru4rec --protocol next-item --train sessions.parquet --test later.parquet`,
		Args: func(_ *cobra.Command, args []string) error {
			for n, name := range args {
				if slices.Contains(args[:n], name) {
					return usagef("KIND %q is given twice", name)
				}
			}
			return nil
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			return kindNames(args), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error { return e.run(cmd, args) },
	}
	f := cmd.Flags()
	e.db.add(cmd, s)
	e.model.add(cmd, s)
	e.weighting.add(cmd)
	f.StringVar(&e.modelDir, "model-dir", s.ModelDir, "`DIR` of the model to measure when no KIND is given [$MODEL_DIR]")
	f.StringSliceVar(&e.train, "train", nil, "training events `FILE`; may be repeated")
	f.StringSliceVar(&e.test, "test", nil, "test events `FILE`; may be repeated")
	f.StringVar(&e.itemFeatures, "item-features", "", "item features `FILE` for --train: CSV of id, feature")
	f.StringVar(&e.userFeatures, "user-features", "", "user features `FILE` for --train: CSV of id, feature")
	f.BoolVar(&e.useItemFeatures, "use-item-features", false, "let a KIND learn from the item features of the database")
	f.StringVar(&e.split, "split", "time", "how to part the database's events: time, last (each user's last) or random")
	f.Float64Var(&e.testSize, "test-size", .2, "share of the events to test on, for the splits time and random")
	f.StringVar(&e.cut, "cut", "", "begin of the test part as `DATE` or RFC 3339 time, instead of --test-size")
	f.StringVar(&e.protocol, "protocol", "users", "users (rank for each user) or next-item (predict each event of each test session)")
	f.IntVar(&e.maxSessions, "max-sessions", 0, "measure the first N sessions of --protocol next-item only; 0 measures all")
	f.IntSliceVar(&e.ks, "ks", []int{10, 20}, "cut-offs: the numbers k of items that each metric looks at")
	f.BoolVar(&e.repeats, "repeats", false, "also recommend, and count, what a user already has")
	f.BoolVar(&e.skipCold, "skip-cold", false, "do not count held-out items that nobody has in training, instead of counting them as missed")
	f.StringVar(&e.recall, "recall", string(eval.ByHeldOut), "what recall@k divides by: held-out (all held-out items) or reachable (at most k)")
	f.IntVar(&e.bootstrap, "bootstrap", 1000, "resamples behind the intervals; 0 leaves them out")
	f.StringVar(&e.report, "report", "", "`DIR` for the page report.html; none is written when empty")
	f.BoolVar(&e.reportUsers, "report-users", false, "name the users of the report's samples instead of numbering them")
	f.BoolVar(&e.asJSON, "json", false, "print one JSON object")
	return cmd
}

// evaluation is one run of evaluate.
type evaluation struct {
	db        dbFlags
	model     modelFlags
	weighting weightingFlags

	modelDir                   string
	train, test                []string
	itemFeatures, userFeatures string
	useItemFeatures            bool
	split, cut, protocol       string
	testSize                   float64
	maxSessions                int
	ks                         []int
	repeats, skipCold          bool
	recall                     string
	bootstrap                  int
	report                     string
	reportUsers, asJSON        bool
}

// outcome is what one model scored.
type outcome struct {
	*eval.Result
	Params     json.RawMessage `json:"params"`
	FitSeconds float64         `json:"fit_seconds"`

	loss  []report.Curve
	lists []eval.List
}

func (e *evaluation) run(cmd *cobra.Command, args []string) error {
	if err := e.check(cmd, args); err != nil {
		return err
	}
	ctx := cmd.Context()
	subjects, err := e.subjects(args)
	if err != nil {
		return err
	}
	for _, s := range subjects { // before the data is read, which takes a while
		if _, err := s.kind.New(s.params, recsys.Run{}); err != nil {
			return usageError{err}
		}
	}
	if e.report != "" {
		if err := writable(e.report); err != nil {
			return fmt.Errorf("report: %w", err)
		}
	}
	data, err := e.part(ctx, subjects[0])
	if err != nil {
		return err
	}
	hook, done := progressOn(cmd.ErrOrStderr())
	defer done()
	var all []*outcome
	for _, s := range subjects {
		stage := hook
		if hook != nil && len(subjects) > 1 {
			stage = func(p recsys.Progress) { p.Stage = s.kind.Name + " " + p.Stage; hook(p) }
		}
		o, err := e.measure(ctx, s, data.Split, stage)
		if err != nil {
			return fmt.Errorf("%s: %w", s.kind.Name, err)
		}
		all = append(all, o)
	}
	c, err := e.compare(ctx, all)
	if err != nil {
		return err
	}
	done()
	if err := e.writeReport(data, c); err != nil {
		return err
	}
	switch {
	case !e.asJSON && len(all) == 1:
		return e.print(cmd, all[0], data.Split)
	case !e.asJSON:
		return e.printComparison(cmd, c, data.Split)
	case len(all) == 1:
		return printJSON(cmd.OutOrStdout(), all[0])
	}
	return printJSON(cmd.OutOrStdout(), c)
}

// measure fits a model on the training part and measures it.
func (e *evaluation) measure(ctx context.Context, s *subject, split *eval.Split, hook func(recsys.Progress)) (*outcome, error) {
	losses := &lossCurves{}
	m, err := s.kind.New(s.params, recsys.Run{Workers: e.model.threads, Progress: losses.record(hook)})
	if err != nil {
		return nil, usageError{err}
	}
	start := time.Now()
	if err := m.Fit(ctx, split.Train); err != nil {
		return nil, err
	}
	o := &outcome{FitSeconds: time.Since(start).Seconds(), loss: losses.curves()}
	resamples := e.bootstrap
	if resamples == 0 {
		resamples = -1
	}
	run := recsys.Run{Workers: e.model.threads, Progress: hook}
	if e.protocol == "next-item" {
		o.Result, err = eval.NextItem(ctx, m, split, eval.NextItemOptions{Ks: e.ks, MaxSessions: e.maxSessions, Detail: true, Bootstrap: resamples, Seed: e.model.seed, Run: run})
	} else {
		options := eval.Options{Ks: e.ks, Repeats: e.repeats, SkipCold: e.skipCold, Recall: eval.Divisor(e.recall), Detail: true, Bootstrap: resamples, Seed: e.model.seed, Run: run}
		if o.Result, err = eval.Run(ctx, m, split, options); err == nil && e.report != "" {
			o.lists, err = eval.Lists(ctx, m, split, options, samplesPerSegment, sampleLength)
		}
	}
	if err != nil {
		return nil, err
	}
	o.Model = s.kind.Name
	state, err := m.State()
	if err != nil {
		return nil, err
	}
	o.Params = state.Params
	return o, nil
}

func (e *evaluation) check(cmd *cobra.Command, kinds []string) error {
	switch {
	case len(kinds) > 1 && (e.model.params != "" || e.model.paramsFile != ""):
		return usagef("--params and --params-file go with one KIND: the kinds have different parameters")
	case e.reportUsers && e.report == "":
		return usagef("--report-users goes with --report DIR")
	case (len(e.train) == 0) != (len(e.test) == 0):
		return usagef("--train and --test go together")
	case e.protocol != "users" && e.protocol != "next-item":
		return usagef("--protocol is %q, it must be users or next-item", e.protocol)
	case e.maxSessions != 0 && e.protocol != "next-item":
		return usagef("--max-sessions goes with --protocol next-item")
	case e.protocol == "next-item" && (e.repeats || e.skipCold || cmd.Flags().Changed("recall")):
		return usagef("--protocol next-item excludes no item and has no recall: leave --repeats, --skip-cold and --recall out")
	case e.bootstrap < 0:
		return usagef("--bootstrap is %d, it must not be negative", e.bootstrap)
	case e.cut != "" && e.split != "time":
		return usagef("--cut goes with --split time")
	}
	if e.cut != "" || e.split == "last" {
		if err := without(cmd, "is for --split time without --cut, or random", "test-size"); err != nil {
			return err
		}
	}
	if len(kinds) > 0 {
		if err := without(cmd, "is for an evaluation without KIND", "model-dir"); err != nil {
			return err
		}
	} else if err := without(cmd, "goes with a KIND: without one, it is that of the model in --model-dir",
		"params", "params-file", "weighting", "event-weights", "half-life", "use-item-features"); err != nil {
		return err
	}
	if len(e.train) > 0 {
		if err := without(cmd, "does not go with --train and --test", "db", "split", "cut", "test-size", "model-dir", "use-item-features"); err != nil {
			return err
		}
	} else if e.itemFeatures != "" || e.userFeatures != "" {
		return usagef("--item-features and --user-features go with --train and --test; --use-item-features takes them from the database")
	}
	return nil
}

// subject is what is measured: a kind with its parameters, and the data it wants.
type subject struct {
	kind         model.Kind
	params       json.RawMessage
	weighting    recsys.Weighting
	itemFeatures bool
}

// subjects are the models to measure; they share weighting and features.
func (e *evaluation) subjects(args []string) ([]*subject, error) {
	weighting, err := e.weighting.weighting()
	if err != nil {
		return nil, err
	}
	var all []*subject
	for _, name := range args {
		kind, err := kindArg(name)
		if err != nil {
			return nil, err
		}
		params, err := e.model.merged(kind)
		if err != nil {
			return nil, err
		}
		all = append(all, &subject{kind, params, weighting, e.useItemFeatures})
	}
	if len(all) > 0 {
		return all, nil
	}
	if len(e.train) > 0 {
		return nil, usagef("with --train and --test, say which KIND to measure")
	}
	manifest, err := model.ReadManifest(e.modelDir)
	if err != nil {
		return nil, err
	}
	kind, err := kindArg(manifest.Kind)
	if err != nil {
		return nil, err
	}
	return []*subject{{kind, manifest.Params, manifest.Weighting, manifest.HasItemFeatures()}}, nil
}
