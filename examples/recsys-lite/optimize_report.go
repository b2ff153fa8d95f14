package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/recsys-lite/recsys/eval"
	"github.com/recsys-lite/recsys/internal/durable"
	"github.com/recsys-lite/recsys/tune"
	"github.com/recsys-lite/recsys/tune/plots"
)

// write puts the trials' table and pictures beside the studies.
func (s *searching) write() error {
	if s.trialCount() == 0 {
		return nil
	}
	table, err := s.csv()
	if err != nil {
		return err
	}
	errs := []error{s.file("trials.csv", table)}
	for _, x := range s.searches {
		if len(x.study.Trials()) == 0 {
			continue
		}
		picture, err := plots.PNG(plots.Figure{
			Title:  fmt.Sprintf("%s: %s on the validation part, %d trials", x.kind.Name, s.metric, len(x.study.Trials())),
			Metric: s.metric.String(), Trials: x.study.Trials(), Space: x.study.Space(), Baseline: x.baseline(s.metric),
		})
		if err != nil {
			return err
		}
		name := "trials.png"
		if s.auto {
			name = "trials-" + x.kind.Name + ".png"
		}
		errs = append(errs, s.file(name, picture))
	}
	return errors.Join(errs...)
}

// baseline is popularity's figure, NaN until the best trial was evaluated.
func (x *search) baseline(m tune.Metric) float64 {
	if x.validation == nil {
		return math.NaN()
	}
	return x.validation.Baseline[m.String()]
}

func (s *searching) file(name string, content []byte) error {
	return durable.Replace(filepath.Join(s.data.output, name), content, 0o644)
}

// csv has a row per trial; parameters of other kinds are empty.
func (s *searching) csv() ([]byte, error) {
	names := make(map[string]bool)
	for _, x := range s.searches {
		for _, p := range x.study.Space() {
			names[p.Name] = true
		}
	}
	params := slices.Sorted(maps.Keys(names))
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	// A bytes.Buffer takes everything; Flush below reports what else there could be.
	_ = w.Write(append([]string{"kind", "trial", "state", s.metric.String(), "early_" + s.metric.String(), "seconds", "error"}, params...))
	for _, x := range s.searches {
		for _, t := range x.study.Trials() {
			value, early := "", ""
			if t.State == tune.Complete {
				value = strconv.FormatFloat(t.Value(), 'g', -1, 64)
			}
			if x.fitting.Stages() > 1 && len(t.Values) > 0 {
				early = strconv.FormatFloat(t.Values[0], 'g', -1, 64)
			}
			row := []string{x.kind.Name, strconv.Itoa(t.Number), string(t.State), value, early, strconv.FormatFloat(t.Seconds, 'f', 3, 64), t.Error}
			for _, name := range params {
				v := json.RawMessage(nil)
				if x.searched(name) {
					v, _ = t.Param(name)
				}
				row = append(row, strings.Trim(string(v), `"`))
			}
			_ = w.Write(row)
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

func (x *search) searched(name string) bool {
	for _, p := range x.study.Space() {
		if p.Name == name {
			return true
		}
	}
	return false
}

// summary is what the manifest and summary.json say of a search.
type summary struct {
	Version  string          `json:"version,omitempty"`
	Kind     string          `json:"kind"`
	Metric   string          `json:"metric"`
	Protocol string          `json:"protocol"`
	Seed     uint64          `json:"seed"`
	Params   json.RawMessage `json:"params"`
	Trial    int             `json:"trial"`
	// ValidationFrom and TestFrom part the events.
	ValidationFrom time.Time    `json:"validation_from"`
	TestFrom       *time.Time   `json:"test_from,omitempty"`
	Validation     figure       `json:"validation"`
	Test           *figure      `json:"test,omitempty"`
	Kinds          []kindFigure `json:"kinds"`
}

// figure is a measured metric beside popularity's.
type figure struct {
	Users      int              `json:"users"`
	Value      float64          `json:"value"`
	Interval   eval.Interval    `json:"interval"`
	Popularity float64          `json:"popularity"`
	Gain       *eval.Difference `json:"gain,omitempty"`
}

// kindFigure is what came of one kind.
type kindFigure struct {
	Kind     string   `json:"kind"`
	Complete int      `json:"complete"`
	Pruned   int      `json:"pruned"`
	Failed   int      `json:"failed"`
	Seconds  float64  `json:"seconds"`
	Defaults *float64 `json:"defaults,omitempty"`
	Best     *float64 `json:"best,omitempty"`
	// Behind is by how much the winner is better, on the same users.
	Behind *eval.Difference `json:"behind,omitempty"`
}

func (s *searching) summary(version string) *summary {
	best, err := s.winner.study.Best()
	if err != nil {
		return nil // there is no winner without a best trial
	}
	out := &summary{
		Version: version, Kind: s.winner.kind.Name, Metric: s.metric.String(), Protocol: s.protocol, Seed: s.data.model.seed, Trial: best.Number,
		Params: best.Complete, ValidationFrom: s.parts.ValidationCut, Validation: s.figure(s.winner.validation),
	}
	if s.test != nil {
		f := s.figure(s.test)
		out.Test, out.TestFrom = &f, &s.parts.TestCut
	}
	for _, x := range s.searches {
		out.Kinds = append(out.Kinds, x.figure())
	}
	return out
}

func (s *searching) figure(r *eval.Result) figure {
	name := s.metric.String()
	f := figure{Users: r.Users, Value: r.Metrics[name], Interval: r.Intervals[name], Popularity: r.Baseline[name]}
	if d, ok := r.Gain[name]; ok {
		f.Gain = &d
	}
	return f
}

func (x *search) figure() kindFigure {
	k := kindFigure{Kind: x.kind.Name, Behind: x.behind}
	for _, t := range x.study.Trials() {
		k.Seconds += t.Seconds
		switch t.State {
		case tune.Complete:
			k.Complete++
		case tune.Pruned:
			k.Pruned++
		case tune.Failed:
			k.Failed++
		}
		if v := t.Value(); t.Number == 0 && !math.IsNaN(v) {
			k.Defaults = &v
		}
	}
	if best, err := x.study.Best(); err == nil {
		v := best.Value()
		k.Best = &v
	}
	return k
}

func (s *searching) writeSummary(version string) error {
	var b bytes.Buffer
	if err := printJSON(&b, s.summary(version)); err != nil {
		return err
	}
	// The pictures once more: by now popularity's figure is known.
	return errors.Join(s.file("summary.json", b.Bytes()), s.write(), s.writePage())
}

// print shows the outcome.
func (s *searching) print(cmd *cobra.Command, version string) error {
	w := cmd.OutOrStdout()
	sum := s.summary(version)
	if s.data.asJSON {
		return printJSON(w, sum)
	}
	if s.auto {
		if err := s.printKinds(cmd, sum); err != nil {
			return err
		}
	} else if err := s.printTrials(cmd); err != nil {
		return err
	}
	fmt.Fprintf(w, "\nbest: %s trial %d %s\n", sum.Kind, sum.Trial, sum.Params)
	fmt.Fprintf(w, "validation (from %s): %s\n", sum.ValidationFrom.Format(time.DateOnly), sum.Validation.line(sum))
	if sum.Test != nil {
		fmt.Fprintf(w, "test (from %s, seen by no trial): %s\n", sum.TestFrom.Format(time.DateOnly), sum.Test.line(sum))
	}
	_, err := fmt.Fprintf(w, "%s: fitted on all events, published in %s (report.html, trials.csv, trials*.png and summary.json are there too)\n", version, s.data.output)
	return err
}

func (f figure) line(s *summary) string {
	text := fmt.Sprintf("%s %.4f (%.4f … %.4f) on %d users, popularity %.4f", s.Metric, f.Value, f.Interval[0], f.Interval[1], f.Users, f.Popularity)
	if f.Gain != nil && !f.Gain.Significant() {
		text += fmt.Sprintf("; not significantly different from it (p = %.2f)", f.Gain.P)
	}
	return text
}

// shownTrials is the length of the table of trials.
const shownTrials = 10

func (s *searching) printTrials(cmd *cobra.Command) error {
	x := s.searches[0]
	header := []string{"trial", s.metric.String(), "state", "seconds"}
	for _, p := range x.study.Space() {
		header = append(header, p.Name)
	}
	trials := slices.Clone(x.study.Trials())
	slices.SortStableFunc(trials, func(a, b tune.Trial) int { return tune.Compare(&a, &b) })
	var rows [][]string
	for _, t := range trials[:min(shownTrials, len(trials))] {
		value := ""
		if n := len(t.Values); n > 0 {
			value = fmt.Sprintf("%.4f", t.Values[n-1])
		}
		row := []string{strconv.Itoa(t.Number), value, string(t.State), fmt.Sprintf("%.1f", t.Seconds)}
		for _, p := range x.study.Space() {
			v, _ := t.Param(p.Name)
			row = append(row, string(v))
		}
		rows = append(rows, row)
	}
	if err := printTable(cmd.OutOrStdout(), header, rows); err != nil {
		return err
	}
	k := x.figure()
	_, err := fmt.Fprintf(cmd.OutOrStdout(), "%d trials: %d complete, %d stopped early, %d failed; trial 0 is the defaults\n",
		len(trials), k.Complete, k.Pruned, k.Failed)
	return err
}

func (s *searching) printKinds(cmd *cobra.Command, sum *summary) error {
	kinds := slices.Clone(sum.Kinds)
	value := func(p *float64) float64 {
		if p == nil {
			return math.Inf(-1)
		}
		return *p
	}
	slices.SortStableFunc(kinds, func(a, b kindFigure) int {
		if x, y := value(a.Best), value(b.Best); x != y {
			if x > y {
				return -1
			}
			return 1
		}
		return 0
	})
	var rows [][]string
	var equal []string
	for _, k := range kinds {
		row := []string{k.Kind, "", "", fmt.Sprint(k.Complete + k.Pruned + k.Failed), fmt.Sprintf("%.1f", k.Seconds), ""}
		if k.Best != nil {
			row[1] = fmt.Sprintf("%.4f", *k.Best)
		}
		if k.Defaults != nil {
			row[2] = fmt.Sprintf("%.4f", *k.Defaults)
		}
		if d := k.Behind; d != nil {
			row[5] = fmt.Sprintf("%.4f … %.4f, p = %.3f", d.Interval[0], d.Interval[1], d.P)
			if !d.Significant() {
				row[5] += ", not significant"
				equal = append(equal, k.Kind)
			}
		}
		rows = append(rows, row)
	}
	if err := printTable(cmd.OutOrStdout(), []string{"kind", s.metric.String(), "defaults", "trials", "seconds", "behind the winner (95 %)"}, rows); err != nil {
		return err
	}
	if len(equal) > 0 {
		_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s is ahead, but its lead over %s is not significant on %d users: it may be chance\n",
			sum.Kind, strings.Join(equal, ", "), sum.Validation.Users)
		return err
	}
	return nil
}

// numbers drops what was not computed, which JSON cannot express.
func numbers(metrics map[string]float64) map[string]float64 {
	out := maps.Clone(metrics)
	maps.DeleteFunc(out, func(_ string, v float64) bool { return math.IsNaN(v) })
	return out
}
