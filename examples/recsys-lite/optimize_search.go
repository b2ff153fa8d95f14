package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/eval"
	"github.com/recsys-lite/recsys/eval/report"
	"github.com/recsys-lite/recsys/model"
	"github.com/recsys-lite/recsys/tune"
)

// searching is an optimization with its data.
type searching struct {
	*optimization
	in        *trainingData
	parts     *tune.Parts
	weighting recsys.Weighting
	hook      func(recsys.Progress)
	done      func()
	log       io.Writer

	searches []*search
	// The outcome: the winner, how it does on the test part (nil without one), and how the fit
	// on all events went.
	winner *search
	test   *eval.Result
	loss   []report.Curve
}

// search is the study of one kind.
type search struct {
	kind       model.Kind
	fitting    *tune.Fitting
	study      *tune.Study
	name       string       // of the study's file, without its extension
	target     int          // trials that the study is running up to
	validation *eval.Result // of the best trial
	lists      []eval.List  // likewise, for some users
	behind     *eval.Difference
}

func (s *searching) close() {
	for _, x := range s.searches {
		// Every trial is on the disk already.
		_ = x.study.Close()
	}
}

func (s *searching) trialCount() int {
	n := 0
	for _, x := range s.searches {
		n += len(x.study.Trials())
	}
	return n
}

// search runs the trials. The end of the budget is no error.
func (s *searching) search(ctx context.Context) error {
	limited := ctx
	if s.budget > 0 {
		var cancel context.CancelFunc
		limited, cancel = context.WithTimeout(ctx, s.budget)
		defer cancel()
	}
	for _, kind := range s.kinds() {
		fixed, err := s.data.model.merged(kind)
		if err != nil {
			return err
		}
		if _, err := s.open(kind, fixed, "study-"+kind.Name); err != nil {
			return err
		}
	}
	var err error
	if s.auto {
		err = s.halve(limited)
	} else {
		err = s.trial(limited, s.searches[0], s.trials)
	}
	if ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		s.say("the budget of %v is spent after %d trials", s.budget, s.trialCount())
		return nil
	}
	return err
}

// open finds or begins the study of a kind.
func (s *searching) open(kind model.Kind, fixed json.RawMessage, name string) (*search, error) {
	share := s.pruneShare
	if !s.pruneGiven() && slices.Contains([]string{"ease", "itemknn", "popularity"}, kind.Name) {
		share = 0
	}
	x := &search{kind: kind, name: name, fitting: &tune.Fitting{
		Kind: kind, Fixed: fixed, Split: s.parts.Validation, Metric: s.metric, Protocol: tune.Protocol(s.protocol), Repeats: s.repeats,
		Share: share, Seed: s.data.model.seed, Run: recsys.Run{Workers: s.data.model.threads},
	}}
	x.fitting.Run.Progress = s.progressOf(x)
	if err := x.fitting.Check(); err != nil {
		return nil, usageError{err}
	}
	space := x.fitting.Free()
	if len(space) == 0 {
		return nil, usagef("optimize %s: --params leaves nothing to search", kind.Name)
	}
	path := filepath.Join(s.data.output, name+".jsonl")
	if s.restart {
		if err := os.Rename(path, path+".old"); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	about, err := s.about(x)
	if err != nil {
		return nil, err
	}
	x.study, err = tune.Open(path, tune.Options{Space: space, Stages: x.fitting.Stages(), Seed: s.data.model.seed, About: about})
	if errors.Is(err, tune.ErrOtherStudy) {
		return nil, fmt.Errorf("%w\nuse another --output, or --restart to begin anew", err)
	}
	if err != nil {
		return nil, err
	}
	s.searches = append(s.searches, x)
	if n := len(x.study.Trials()); n > 0 {
		s.say("%s: going on after %d trials in %s", kind.Name, n, path)
	}
	return x, nil
}

// about is what the figures of a study depend on.
func (s *searching) about(x *search) (map[string]string, error) {
	weighting, err := json.Marshal(s.weighting)
	if err != nil {
		return nil, err
	}
	about := map[string]string{
		"kind":             x.kind.Name,
		"fixed parameters": string(x.fitting.Fixed),
		"metric":           s.metric.String(),
		"protocol":         s.protocol,
		"repeats":          strconv.FormatBool(s.repeats),
		"weighting":        string(weighting),
		"item features":    strconv.FormatBool(s.data.itemFeatures),
		"sample rate":      fmt.Sprint(s.data.sampleRate),
		"prune share":      fmt.Sprint(x.fitting.Share),
		"data": fmt.Sprintf("%d events up to %s, %d items", len(s.in.events),
			time.Unix(s.in.dataset.Watermark.Time, 0).UTC().Format(time.RFC3339), s.in.dataset.Items.Len()),
		"validation part": "from " + s.parts.ValidationCut.Format(time.RFC3339),
	}
	if s.parts.Test != nil {
		about["test part"] = "from " + s.parts.TestCut.Format(time.RFC3339)
	}
	return about, nil
}

// trial runs a study up to a number of trials.
func (s *searching) trial(ctx context.Context, x *search, trials int) error {
	x.target = trials
	return x.study.Run(ctx, trials, x.fitting.Measure, func(t tune.Trial) {
		switch t.State {
		case tune.Complete:
			best := ""
			if b, err := x.study.Best(); err == nil && b.Number == t.Number {
				best = ", the best so far"
			}
			s.say("%s trial %d: %s %.4f%s (%.1f s) %s", x.kind.Name, t.Number, s.metric, t.Value(), best, t.Seconds, t.Params)
		case tune.Pruned:
			s.say("%s trial %d: stopped early at %.4f on %.0f %% of the users (%.1f s) %s",
				x.kind.Name, t.Number, t.Values[len(t.Values)-1], 100*x.fitting.Share, t.Seconds, t.Params)
		case tune.Failed:
			s.say("%s trial %d: failed: %s %s", x.kind.Name, t.Number, t.Error, t.Params)
		}
	})
}

// say logs a line where the progress bar was.
func (s *searching) say(format string, args ...any) {
	s.done()
	fmt.Fprintf(s.log, format+"\n", args...)
}

// conclude evaluates the winner, and of several kinds the others' best, and looks at the test
// part.
func (s *searching) conclude(ctx context.Context) error {
	var errs []error
	for _, x := range s.searches {
		best, err := x.study.Best()
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", x.kind.Name, err))
			continue
		}
		var m model.Model
		if x.validation, m, err = x.fitting.Evaluate(ctx, best.Params, s.parts.Validation, s.ks()); err != nil {
			return err
		}
		if x.lists, err = x.fitting.Lists(ctx, m, s.parts.Validation, samplesPerSegment, sampleLength); err != nil {
			return err
		}
		if s.winner == nil || s.value(x) > s.value(s.winner) {
			s.winner = x
		}
	}
	if s.winner == nil {
		return errors.Join(errs...)
	}
	for _, x := range s.searches {
		if x == s.winner || x.validation == nil {
			continue
		}
		all, err := eval.Compare(ctx, s.winner.validation, x.validation, 0, s.data.model.seed)
		if err != nil {
			return err
		}
		d := all[s.metric.String()]
		x.behind = &d
	}
	if s.parts.Test == nil {
		return nil
	}
	best, err := s.winner.study.Best()
	if err != nil {
		return err
	}
	s.test, _, err = s.winner.fitting.Evaluate(ctx, best.Params, s.parts.Test, s.ks())
	if errors.Is(err, recsys.ErrEmptyDataset) {
		return fmt.Errorf("test part: %w (a larger --test-size, or 0 for none)", err)
	}
	return err
}

func (s *searching) value(x *search) float64 { return x.validation.Metrics[s.metric.String()] }

func (s *searching) ks() []int { return []int{10, 20, s.metric.K} }

// publish fits the winner on all events.
func (s *searching) publish(ctx context.Context) (version string, err error) {
	x := s.winner
	best, err := x.study.Best()
	if err != nil {
		return "", err
	}
	params, err := x.fitting.Params(best.Params)
	if err != nil {
		return "", err
	}
	losses := &lossCurves{}
	run := x.fitting.Run
	run.Progress = losses.record(run.Progress)
	m, err := x.kind.New(params, run)
	if err != nil {
		return "", err
	}
	d := *s.in.dataset
	if !x.kind.Needs.Sequences {
		d.Sequences = nil
	}
	if !x.kind.Needs.Features {
		d.ItemFeatures = nil
	}
	if err := m.Fit(ctx, &d); err != nil {
		return "", fmt.Errorf("fit on all events: %w", err)
	}
	s.loss = losses.curves()
	a := model.NewArtifact(x.kind.Name, m, &d, s.in.catalogue)
	a.Sequences, a.UserFeatures = s.in.dataset.Sequences, s.in.users
	measured := s.test
	if measured == nil {
		measured = x.validation
	}
	a.Manifest.Metrics = numbers(measured.Metrics)
	summary, err := json.Marshal(s.summary(""))
	if err != nil {
		return "", err
	}
	a.Manifest.Annotations = map[string]json.RawMessage{"study": summary}
	if err := s.data.index.build(ctx, a, recsys.Run{Workers: s.data.model.threads, Progress: s.hook}); err != nil {
		return "", err
	}
	if version, err = model.Publish(ctx, s.data.output, a); err != nil {
		return "", err
	}
	if err := s.writeSummary(version); err != nil {
		return "", err
	}
	_, err = model.Prune(s.data.output, s.data.keep)
	return version, err
}
