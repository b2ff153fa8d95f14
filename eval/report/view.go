package report

import (
	"cmp"
	"fmt"
	"html/template"
	"image/color"
	"maps"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"github.com/recsys-lite/recsys/eval"
)

// view is the page as the template sees it.
type view struct {
	Title, Lead string
	Style       template.CSS
	Facts       []Fact
	Metric      string
	Tiles       []tile
	Legend      []legend // of the models, popularity last
	Drawn       []legend // those of pictures with a mark per model
	DrawnModels int
	Compared    []compared
	Forest      *picture
	TradeOff    *picture
	Tables      []metricTable
	Models      []modelView
	Units       string // what was resampled: users or sessions
	Users       *segments
	Items       *segments
	Sessions    *segments
	Targets     *segments
	Shares      *picture
	Shade       []legend
	Lorenz      *picture
	Bias        []biasRow
	Consumption *eval.Bias
	Learning    []learningView
	Samples     []sampleView
	Search      *searchView
	Conventions []Fact
	Notes       []string
}

type tile struct{ Value, Name, Note string }

type legend struct{ Name, Class string }

// compared is a row of the comparison; without Difference it is the best model.
type compared struct {
	Name, Class string
	Value       float64
	Interval    *eval.Interval
	Difference  *eval.Difference
	Gain        *eval.Difference
}

type metricTable struct {
	Main   bool // of the cut-off of the metric that orders the models
	K      string
	Models []string
	Rows   []metricRow
}

type metricRow struct {
	Name, Meaning string
	Cells         []metricCell
	Baseline      float64
	Gain          *eval.Difference // with one model
}

type metricCell struct {
	Value    float64
	Interval *eval.Interval
	Best     bool
}

type modelView struct {
	Name, Params string
	FitSeconds   string
}

// segments are the parts of the users, the items or the sessions.
type segments struct {
	Picture *picture
	Metric  string
	Models  []string
	Legend  []legend // of the picture
	Rows    []segmentRow
}

type segmentRow struct {
	Name, Note string
	Cells      []metricCell
	Baseline   float64
}

type biasRow struct {
	Name                    string
	Popularity, Lift        float64
	Gini, Coverage, Novelty float64
	HeadShare, TailShare    float64
}

type learningView struct {
	Name    string
	Curves  []string
	Picture *picture
}

type sampleView struct {
	Sample
	MoreHad, MoreBought int
}

type searchView struct {
	Best    string
	Params  string
	Test    *compared
	Studies []*studyView
	Metric  string
}

// popularity is the name of the baseline.
const popularity = "popularity"

// view arranges everything; models are ordered by the metric, the best first.
func (p *Page) view() (*view, error) {
	models := slices.Clone(p.Models)
	value := func(m *Model) float64 { return m.Result.Metrics[p.Metric] }
	slices.SortStableFunc(models, func(a, b Model) int { return cmp.Compare(value(&b), value(&a)) })
	// Popularity itself is the baseline that stands beside every model anyway.
	models = append(models[:1], slices.DeleteFunc(models[1:], func(m Model) bool {
		return m.Name == popularity && value(&m) == m.Result.Baseline[p.Metric]
	})...)
	v := &view{Title: p.Title, Lead: p.Lead, Style: template.CSS(pageStyle), Facts: p.Facts, Metric: p.Metric, Units: "users"}
	first := models[0].Result
	if first.Predictions > 0 {
		v.Units = "sessions"
	}
	v.Tiles = p.tiles(models)
	for n, m := range models {
		v.Legend = append(v.Legend, legend{m.Name, seriesClass(n)})
		v.Models = append(v.Models, modelView{Name: m.Name, Params: indented(m.Params), FitSeconds: seconds(m.FitSeconds)})
		c := compared{Name: m.Name, Class: seriesClass(n), Value: value(&m), Interval: intervalOf(m.Result.Intervals, p.Metric)}
		if d, ok := m.Result.Gain[p.Metric]; ok {
			c.Gain = &d
		}
		if d, ok := p.Differences[m.Name]; ok && n > 0 {
			c.Difference = &d
		}
		v.Compared = append(v.Compared, c)
		if pic := learning(m.Loss, n, "Training loss of "+m.Name+" by epoch"); pic != nil {
			l := learningView{Name: m.Name, Picture: pic}
			for _, curve := range m.Loss {
				l.Curves = append(l.Curves, curve.Name)
			}
			v.Learning = append(v.Learning, l)
		}
	}
	v.Legend = append(v.Legend, legend{popularity, "base"})
	if len(models) > 1 {
		v.Forest = forest(models, p.Metric)
		v.TradeOff = p.tradeOff(models)
	}
	v.Tables = tables(models, cutoff(p.Metric))
	v.segments(models, p.Metric)
	if first.Detail != nil {
		v.bias(models, cutoff(p.Metric))
	}
	for _, s := range p.Samples {
		v.Samples = append(v.Samples, sampleView{s, s.Had - len(s.History), s.Bought - len(s.HeldOut)})
	}
	for _, name := range slices.Sorted(maps.Keys(first.Conventions)) {
		v.Conventions = append(v.Conventions, Fact{name, first.Conventions[name]})
	}
	v.Notes = notes(first)
	return v, p.search(v)
}

func (p *Page) search(v *view) error {
	if p.Search == nil {
		return nil
	}
	s := &searchView{Best: p.Search.Best, Params: indented(p.Search.Params), Metric: p.Metric}
	if r := p.Search.Test; r != nil {
		s.Test = &compared{Value: r.Metrics[p.Metric], Interval: intervalOf(r.Intervals, p.Metric)}
		if d, ok := r.Gain[p.Metric]; ok {
			s.Test.Gain = &d
		}
	}
	for i := range p.Search.Studies {
		study, err := p.Search.Studies[i].view(p.Metric)
		if err != nil {
			return err
		}
		s.Studies = append(s.Studies, study)
	}
	slices.SortStableFunc(s.Studies, func(a, b *studyView) int { return cmp.Compare(b.best, a.best) })
	v.Search = s
	return nil
}

func seconds(s float64) string {
	switch {
	case s == 0:
		return ""
	case s < 10:
		return fmt.Sprintf("%.2f s", s)
	}
	return fmt.Sprintf("%.0f s", s)
}

func intervalOf(all map[string]eval.Interval, name string) *eval.Interval {
	if i, ok := all[name]; ok {
		return &i
	}
	return nil
}

func cutoff(metric string) int {
	_, k, _ := strings.Cut(metric, "@")
	n, _ := strconv.Atoi(k)
	return n
}

func (p *Page) tiles(models []Model) []tile {
	r := models[0].Result
	best := tile{number(r.Metrics[p.Metric]), p.Metric + " of " + models[0].Name, ""}
	if i := intervalOf(r.Intervals, p.Metric); i != nil {
		best.Note = "95 %: " + interval(*i)
	}
	tiles := []tile{best}
	if b := r.Baseline[p.Metric]; b > 0 {
		note := "popularity reaches " + number(b)
		if d, ok := r.Gain[p.Metric]; ok && !d.Significant() {
			note += "; the difference may be chance"
		}
		tiles = append(tiles, tile{fmt.Sprintf("%.1f×", r.Metrics[p.Metric]/b), popularity, note})
	}
	k := cutoff(p.Metric)
	if c, ok := r.Metrics[fmt.Sprintf("coverage@%d", k)]; ok {
		tiles = append(tiles, tile{percent(c), "of the catalogue recommended", fmt.Sprintf("in lists of %d", k)})
	}
	if hit, ok := r.Metrics[fmt.Sprintf("hr@%d", k)]; ok {
		tiles = append(tiles, tile{percent(hit), "of lists with a hit", fmt.Sprintf("among the first %d", k)})
	}
	measured := tile{Count(r.Users), "users measured", "every item ranked"}
	if r.Predictions > 0 {
		measured.Name, measured.Note = "sessions measured", Count(r.Predictions)+" predictions"
	}
	return append(tiles, measured)
}

func notes(r *eval.Result) []string {
	var out []string
	if r.NewUsers > 0 {
		out = append(out, Count(r.NewUsers)+" users of the test part have no training event and are not measured: what a shop shows them is popularity.")
	}
	if r.UnknownItems > 0 {
		how := "count as missed"
		if _, skipped := r.Conventions["cold items"]; skipped {
			how = "do not count"
		}
		out = append(out, Count(r.UnknownItems)+" held-out items are not in the catalogue and "+how+".")
	}
	if r.SeenItems > 0 {
		out = append(out, Count(r.SeenItems)+" held-out items are left out because the user had them before.")
	}
	return out
}

func forest(models []Model, metric string) *picture {
	d := &dots{look: func(row, _ int) (color.RGBA, []vg.Length) {
		if row == len(models) {
			return base, nil
		}
		return seriesColor(row)
	}}
	for _, m := range models {
		d.labels = append(d.labels, m.Name)
		d.series = append(d.series, []dot{{m.Result.Metrics[metric], intervalOf(m.Result.Intervals, metric)}})
	}
	d.labels = append(d.labels, popularity+" (baseline)")
	d.series = append(d.series, []dot{{models[0].Result.Baseline[metric], nil}})
	return d.draw(metric, metric+" of every model with 95 % intervals")
}

func (p *Page) tradeOff(models []Model) *picture {
	k := cutoff(p.Metric)
	name := fmt.Sprintf("coverage@%d", k)
	t := &tradeOff{}
	for _, m := range models {
		c, ok := m.Result.Metrics[name]
		if !ok {
			return nil
		}
		t.names = append(t.names, m.Name)
		t.xys = append(t.xys, plotter.XY{X: c, Y: m.Result.Metrics[p.Metric]})
	}
	t.names = append(t.names, popularity)
	t.xys = append(t.xys, plotter.XY{X: models[0].Result.Baseline[name], Y: models[0].Result.Baseline[p.Metric]})
	return t.draw(p.Metric, p.Metric+" against coverage: up and to the right is better")
}
