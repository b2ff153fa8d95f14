package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/recsys-lite/recsys/eval"
)

// comparison is what several models scored on the same split, the best first.
type comparison struct {
	// Metric orders the models.
	Metric string     `json:"metric"`
	Models []*outcome `json:"models"`
	// Behind says by how much the best is ahead of each other model, for every metric that is a
	// mean over users; it is empty without resamples.
	Behind map[string]map[string]eval.Difference `json:"behind"`
}

// compare orders the models by the first metric of the protocol.
func (e *evaluation) compare(ctx context.Context, all []*outcome) (*comparison, error) {
	c := &comparison{Metric: e.metric(), Models: slices.Clone(all), Behind: make(map[string]map[string]eval.Difference)}
	slices.SortStableFunc(c.Models, func(a, b *outcome) int { return cmp.Compare(b.Metrics[c.Metric], a.Metrics[c.Metric]) })
	if e.bootstrap == 0 {
		return c, nil
	}
	for _, o := range c.Models[1:] {
		d, err := eval.Compare(ctx, c.Models[0].Result, o.Result, e.bootstrap, e.model.seed)
		if err != nil {
			return nil, err
		}
		c.Behind[o.Model] = d
	}
	return c, nil
}

// metric is what models are ordered by.
func (e *evaluation) metric() string {
	k := 10
	if len(e.ks) > 0 && !slices.Contains(e.ks, k) {
		k = e.ks[0]
	}
	if e.protocol == "next-item" {
		return fmt.Sprintf("mrr@%d", k)
	}
	return fmt.Sprintf("ndcg@%d", k)
}

func (e *evaluation) printHead(cmd *cobra.Command, r *eval.Result, s *eval.Split) {
	w := cmd.OutOrStdout()
	x := s.Train.Interactions
	fmt.Fprintf(w, "split: %s\n%d users, %d items and %d interactions to train on; measured on %d users\n", r.Split, x.Rows, x.Cols, x.NNZ(), r.Users)
	unknown := "held-out items are not in the catalogue and count as missed"
	if e.skipCold {
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
	if e.report != "" {
		fmt.Fprintf(w, "report: %s\n", e.reportPath())
	}
	fmt.Fprintln(w)
}

// print shows one model.
func (e *evaluation) print(cmd *cobra.Command, o *outcome, s *eval.Split) error {
	w := cmd.OutOrStdout()
	fmt.Fprintf(w, "%s, fitted in %v\n", o.Model, fitTime(o))
	e.printHead(cmd, o.Result, s)
	var rows [][]string
	for _, name := range metricNames(o.Metrics) {
		rows = append(rows, []string{name, fmt.Sprintf("%.4f", o.Metrics[name]), bounds(o.Intervals, name), fmt.Sprintf("%.4f", o.Baseline[name])})
	}
	if err := printTable(w, []string{"metric", o.Model, "95 % interval", "popularity"}, rows); err != nil {
		return err
	}
	if rows = e.segmentRows(o.Result); len(rows) == 0 {
		return nil
	}
	fmt.Fprintln(w)
	return printTable(w, []string{"segment", "number", "each with", "metric", o.Model, "95 % interval", "popularity"}, rows)
}

// segmentRows are the segments that have anything to find.
func (e *evaluation) segmentRows(r *eval.Result) (rows [][]string) {
	metric := e.metric()
	_, k, _ := strings.Cut(metric, "@")
	add := func(s eval.Segment, what string, number int, each, metric string) {
		rows = append(rows, []string{s.Name + " " + what, fmt.Sprint(number), fmt.Sprintf("%d–%d %s", s.From, s.To, each), metric,
			fmt.Sprintf("%.4f", s.Metrics[metric]), bounds(s.Intervals, metric), fmt.Sprintf("%.4f", s.Baseline[metric])})
	}
	if d := r.Detail; d != nil {
		for _, u := range d.Users {
			add(u.Segment, "users", u.Users, "items", metric)
		}
		for _, g := range d.Items {
			if g.HeldOut > 0 {
				add(g.Segment, "items", g.Items, "users", "recall@"+k)
			}
		}
	}
	if d := r.SessionDetail; d != nil {
		for _, s := range d.Sessions {
			add(s.Segment, "sessions", s.Sessions, "events", metric)
		}
		for _, g := range d.Targets {
			add(g.Segment, "items", g.Items, "sessions", metric)
		}
	}
	return rows
}

func bounds(intervals map[string]eval.Interval, name string) string {
	if v, ok := intervals[name]; ok {
		return fmt.Sprintf("%.4f … %.4f", v[0], v[1])
	}
	return ""
}

func fitTime(o *outcome) time.Duration {
	return time.Duration(o.FitSeconds * float64(time.Second)).Round(time.Millisecond)
}

// printComparison shows several models, the best first, and popularity last.
func (e *evaluation) printComparison(cmd *cobra.Command, c *comparison, s *eval.Split) error {
	best := c.Models[0]
	e.printHead(cmd, best.Result, s)
	_, k, _ := strings.Cut(c.Metric, "@")
	further := []string{"recall@" + k, "hr@" + k, "coverage@" + k}
	if e.protocol == "next-item" {
		further = []string{"hr@" + k}
	}
	header := append([]string{"model", c.Metric, "95 % interval"}, further...)
	header = append(header, "fitted in", best.Model+" is better by (95 %)")
	var rows [][]string
	var equal []string
	for n, o := range c.Models {
		row := []string{o.Model, fmt.Sprintf("%.4f", o.Metrics[c.Metric]), bounds(o.Intervals, c.Metric)}
		for _, name := range further {
			row = append(row, fmt.Sprintf("%.4f", o.Metrics[name]))
		}
		row = append(row, fitTime(o).String(), "")
		if d, ok := c.Behind[o.Model][c.Metric]; ok && n > 0 {
			row[len(row)-1] = fmt.Sprintf("%.4f … %.4f, p = %.3f", d.Interval[0], d.Interval[1], d.P)
			if !d.Significant() {
				row[len(row)-1] += ", not significant"
				equal = append(equal, o.Model)
			}
		}
		rows = append(rows, row)
	}
	if !slices.ContainsFunc(c.Models, func(o *outcome) bool { return o.Model == "popularity" }) {
		row := []string{"popularity", fmt.Sprintf("%.4f", best.Baseline[c.Metric]), ""}
		for _, name := range further {
			row = append(row, fmt.Sprintf("%.4f", best.Baseline[name]))
		}
		rows = append(rows, append(row, "", ""))
	}
	if err := printTable(cmd.OutOrStdout(), header, rows); err != nil || len(equal) == 0 {
		return err
	}
	_, err := fmt.Fprintf(cmd.OutOrStdout(), "\n%s is ahead, but its lead over %s is not significant on %d users: it may be chance\n",
		best.Model, strings.Join(equal, ", "), best.Users)
	return err
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
