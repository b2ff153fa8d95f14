package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/eval"
	"github.com/recsys-lite/recsys/model"
	"github.com/recsys-lite/recsys/store"
)

func newEvaluate(s settings) *cobra.Command {
	e := &evaluation{}
	cmd := &cobra.Command{
		Use:   "evaluate [KIND]",
		Short: "Measure a model on held-out events, beside popularity",
		Long: `Measure a model on held-out events, always beside popularity.

Without KIND, the kind, parameters, weighting and features are those of the model in
--model-dir. The model itself has seen all events, so a fresh one is fitted on the
training part of a split: by default everything before the newest --test-size of the
events. With --train and --test the parts are given as files, and no database is used.

Every item of the catalogue is ranked, none is sampled. Intervals are 95 % bootstrap
intervals over users.

` + kindsHelp(),
		Example: `  recsys-lite evaluate --model-dir model_artifacts/als --db data/recsys.db
  recsys-lite evaluate ease --params '{"regularization": 100}' --repeats --json
  recsys-lite evaluate popularity --train train.parquet --test test.parquet
  recsys-lite evaluate gru4rec --protocol next-item --train sessions.parquet --test later.parquet`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usagef("want one KIND, got %v", args)
			}
			return nil
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
	asJSON                     bool
}

func (e *evaluation) run(cmd *cobra.Command, args []string) error {
	if err := e.check(cmd); err != nil {
		return err
	}
	ctx := cmd.Context()
	subject, err := e.subject(args)
	if err != nil {
		return err
	}
	split, err := e.part(ctx, subject)
	if err != nil {
		return err
	}
	hook, done := progressOn(cmd.ErrOrStderr())
	defer done()
	run := recsys.Run{Workers: e.model.threads, Progress: hook}
	m, err := subject.kind.New(subject.params, run)
	if err != nil {
		return usageError{err}
	}
	start := time.Now()
	if err := m.Fit(ctx, split.Train); err != nil {
		return err
	}
	took := time.Since(start)
	resamples := e.bootstrap
	if resamples == 0 {
		resamples = -1
	}
	var r *eval.Result
	if e.protocol == "next-item" {
		r, err = eval.NextItem(ctx, m, split, eval.NextItemOptions{Ks: e.ks, MaxSessions: e.maxSessions, Bootstrap: resamples, Seed: e.model.seed, Run: run})
	} else {
		r, err = eval.Run(ctx, m, split, eval.Options{Ks: e.ks, Repeats: e.repeats, SkipCold: e.skipCold, Recall: eval.Divisor(e.recall), Bootstrap: resamples, Seed: e.model.seed, Run: run})
	}
	if err != nil {
		return err
	}
	done()
	r.Model = subject.kind.Name
	if e.asJSON {
		state, err := m.State()
		if err != nil {
			return err
		}
		return printJSON(cmd.OutOrStdout(), struct {
			*eval.Result
			Params     json.RawMessage `json:"params"`
			FitSeconds float64         `json:"fit_seconds"`
		}{r, state.Params, took.Seconds()})
	}
	return printEvaluation(cmd, r, split, took, e.skipCold)
}

func (e *evaluation) check(cmd *cobra.Command) error {
	switch {
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
	if len(e.train) > 0 {
		for _, name := range []string{"db", "split", "cut", "test-size", "model-dir", "use-item-features"} {
			if cmd.Flags().Changed(name) {
				return usagef("--%s does not go with --train and --test", name)
			}
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

func (e *evaluation) subject(args []string) (*subject, error) {
	weighting, err := e.weighting.weighting()
	if err != nil {
		return nil, err
	}
	if len(args) == 1 {
		kind, err := kindArg(args[0])
		if err != nil {
			return nil, err
		}
		params, err := e.model.merged(kind)
		return &subject{kind, params, weighting, e.useItemFeatures}, err
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
	return &subject{kind, manifest.Params, manifest.Weighting, manifest.HasItemFeatures()}, nil
}

func (e *evaluation) part(ctx context.Context, s *subject) (*eval.Split, error) {
	if len(e.train) > 0 {
		return e.explicit(ctx, s)
	}
	db, err := e.db.open(ctx, store.Options{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer db.Close()
	all, err := readAll(ctx, db)
	if err != nil {
		return nil, err
	}
	items, err := db.Items(ctx)
	if err != nil {
		return nil, err
	}
	catalogue := make([]string, len(items))
	for i := range items {
		catalogue[i] = items[i].ID
	}
	events, err := eval.NewEvents(all, catalogue, s.weighting)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", e.db.path, err)
	}
	split, err := e.divide(events)
	if err != nil || !s.itemFeatures {
		return split, err
	}
	d, err := db.Dataset(ctx, recsys.DatasetOptions{ItemFeatures: true})
	if err != nil {
		return nil, err
	}
	split.Train.ItemFeatures = alignFeatures(d.ItemFeatures, d.Items, split.Train.Items)
	return split, nil
}

func (e *evaluation) divide(events *eval.Events) (*eval.Split, error) {
	switch e.split {
	case "last":
		return eval.LeaveLastOut(events, 1)
	case "random":
		return eval.Random(events, e.testSize, e.model.seed)
	case "time":
	default:
		return nil, usagef("--split is %q, it must be time, last or random", e.split)
	}
	if e.cut == "" {
		cut, err := eval.TimeCut(events, e.testSize)
		if err != nil {
			return nil, err
		}
		return eval.ByTime(events, cut)
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if cut, err := time.Parse(layout, e.cut); err == nil {
			return eval.ByTime(events, cut)
		}
	}
	return nil, usagef("--cut is %q, it must be a date such as 2011-11-09 or a time such as 2011-11-09T12:00:00Z", e.cut)
}

func (e *evaluation) explicit(ctx context.Context, s *subject) (*eval.Split, error) {
	train, err := readFiles(ctx, e.train)
	if err != nil {
		return nil, err
	}
	test, err := readFiles(ctx, e.test)
	if err != nil {
		return nil, err
	}
	var itemPairs, userPairs *pairs
	var catalogue []string
	if e.itemFeatures != "" {
		if itemPairs, err = readPairs(e.itemFeatures); err != nil {
			return nil, err
		}
		catalogue = itemPairs.ids
	}
	if e.userFeatures != "" {
		if userPairs, err = readPairs(e.userFeatures); err != nil {
			return nil, err
		}
	}
	split, err := eval.Explicit(train, test, catalogue, s.weighting)
	if err != nil {
		return nil, err
	}
	if itemPairs != nil {
		if split.Train.ItemFeatures, err = itemPairs.matrix(split.Train.Items); err != nil {
			return nil, err
		}
	}
	if userPairs != nil {
		split.Train.UserFeatures, err = userPairs.matrix(split.Train.Users)
	}
	return split, err
}

func printEvaluation(cmd *cobra.Command, r *eval.Result, s *eval.Split, took time.Duration, skipCold bool) error {
	w := cmd.OutOrStdout()
	x := s.Train.Interactions
	fmt.Fprintf(w, "split: %s\ntrained on %d users, %d items, %d interactions in %v; measured on %d users\n",
		r.Split, x.Rows, x.Cols, x.NNZ(), took.Round(time.Millisecond), r.Users)
	unknown := "held-out items are not in the catalogue and count as missed"
	if skipCold {
		unknown = "held-out items are not in the catalogue and do not count"
	}
	for _, left := range []struct {
		n    int
		what string
	}{
		{r.NewUsers, "test users have no training event and are not measured"},
		{r.UnknownItems, unknown},
		{r.SeenItems, "held-out items are left out because the user had them before (--repeats counts them)"},
	} {
		if left.n > 0 {
			fmt.Fprintf(w, "%d %s\n", left.n, left.what)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.Conventions)) {
		fmt.Fprintf(w, "%s: %s\n", name, r.Conventions[name])
	}
	fmt.Fprintln(w)
	var rows [][]string
	for _, name := range metricNames(r.Metrics) {
		interval := ""
		if v, ok := r.Intervals[name]; ok {
			interval = fmt.Sprintf("%.4f … %.4f", v[0], v[1])
		}
		rows = append(rows, []string{name, fmt.Sprintf("%.4f", r.Metrics[name]), interval, fmt.Sprintf("%.4f", r.Baseline[name])})
	}
	return printTable(w, []string{"metric", r.Model, "95 % interval", "popularity"}, rows)
}

// metricNames orders metrics by cut-off, then by name.
func metricNames(metrics map[string]float64) []string {
	cutoff := func(name string) int {
		_, k, _ := strings.Cut(name, "@")
		n, _ := strconv.Atoi(k)
		return n
	}
	names := slices.Sorted(maps.Keys(metrics))
	slices.SortStableFunc(names, func(a, b string) int { return cutoff(a) - cutoff(b) })
	return names
}
