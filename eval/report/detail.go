package report

import (
	"fmt"
	"image/color"
	"slices"

	"gonum.org/v1/plot/vg"

	"github.com/recsys-lite/recsys/eval"
)

// drawnModels is the number of models that pictures with a mark per model show: the best ones.
const drawnModels = 6

// segments fills in the users' and the items' parts, or those of sessions.
func (v *view) segments(models []Model, metric string) {
	v.Drawn, v.DrawnModels = v.shown(), drawnModels
	first := models[0].Result
	if d := first.Detail; d != nil {
		var parts []part
		for s, u := range d.Users {
			parts = append(parts, part{fmt.Sprintf("%s users, %s items each", Count(u.Users), span(u.From, u.To)),
				func(r *eval.Result) eval.Segment { return r.Detail.Users[s].Segment }})
		}
		v.Users = v.parted(models, metric, metric+" by how much is known of the user", parts)
		recall := fmt.Sprintf("recall@%d", cutoff(metric))
		parts = nil
		for s, g := range d.Items {
			if g.HeldOut == 0 {
				continue
			}
			parts = append(parts, part{fmt.Sprintf("%s items with %s users, %s of what was bought next", Count(g.Items), span(g.From, g.To), percent(g.HeldOutShare)),
				func(r *eval.Result) eval.Segment { return r.Detail.Items[s].Segment }})
		}
		v.Items = v.parted(models, recall, recall+" of what was bought next, by how popular the item is", parts)
	}
	if d := first.SessionDetail; d != nil {
		var parts []part
		for s, u := range d.Sessions {
			parts = append(parts, part{fmt.Sprintf("%s sessions of %s events, %s predictions", Count(u.Sessions), span(u.From, u.To), Count(u.Predictions)),
				func(r *eval.Result) eval.Segment { return r.SessionDetail.Sessions[s].Segment }})
		}
		v.Sessions = v.parted(models, metric, metric+" by the length of the session", parts)
		parts = nil
		for s, g := range d.Targets {
			parts = append(parts, part{fmt.Sprintf("%s items in %s sessions, %s of what came next", Count(g.Items), span(g.From, g.To), percent(g.Share)),
				func(r *eval.Result) eval.Segment { return r.SessionDetail.Targets[s].Segment }})
		}
		v.Targets = v.parted(models, metric, metric+" of what came next, by how popular the item is", parts)
	}
}

// part is a segment of every model's result.
type part struct {
	note string
	of   func(*eval.Result) eval.Segment
}

// parted is a metric by the parts of something, as a table and a picture.
func (v *view) parted(models []Model, metric, caption string, parts []part) *segments {
	out := &segments{Metric: metric, Legend: v.Drawn}
	for _, m := range models {
		out.Models = append(out.Models, m.Name)
	}
	d := newDots(models)
	for _, p := range parts {
		first := p.of(models[0].Result)
		row := segmentRow{Name: first.Name, Note: p.note, Baseline: first.Baseline[metric]}
		var dotted []dot
		for _, m := range models {
			s := p.of(m.Result)
			row.Cells = append(row.Cells, metricCell{Value: s.Metrics[metric], Interval: intervalOf(s.Intervals, metric)})
			dotted = append(dotted, dot{s.Metrics[metric], intervalOf(s.Intervals, metric)})
		}
		d.add(first.Name, dotted, row.Baseline)
		out.Rows = append(out.Rows, markBest(row))
	}
	out.Picture = d.draw(metric, caption)
	return out
}

// shown is the legend of pictures with a mark per model.
func (v *view) shown() []legend {
	n := len(v.Legend) - 1 // popularity is the last
	return append(slices.Clone(v.Legend[:min(n, drawnModels)]), v.Legend[n])
}

func markBest(row segmentRow) segmentRow {
	if len(row.Cells) < 2 {
		return row
	}
	best := 0
	for n, c := range row.Cells {
		if c.Value > row.Cells[best].Value {
			best = n
		}
	}
	row.Cells[best].Best = row.Cells[best].Value > 0
	return row
}

func span(from, to int) string {
	if from == to {
		return Count(from)
	}
	return Count(from) + "–" + Count(to)
}

// newDots is a chart of a dot per model, popularity last.
func newDots(models []Model) *dots {
	shown := min(len(models), drawnModels)
	return &dots{look: func(_, n int) (color.RGBA, []vg.Length) {
		if n == shown {
			return base, nil
		}
		return seriesColor(n)
	}}
}

func (d *dots) add(label string, models []dot, baseline float64) {
	d.labels = append(d.labels, label)
	d.series = append(d.series, append(models[:min(len(models), drawnModels):len(models)], dot{baseline, nil}))
}

// bias fills in what the models push.
func (v *view) bias(models []Model, k int) {
	first := models[0].Result.Detail
	v.Consumption = &first.Bias
	at := func(name string) string { return fmt.Sprintf("%s@%d", name, k) }
	bought, next := make([]float64, len(first.Items)), make([]float64, len(first.Items))
	b := &bars{}
	for s, g := range first.Items {
		bought[s], next[s] = g.TrainShare, g.HeldOutShare
		v.Shade = append(v.Shade, legend{g.Name, fmt.Sprintf("s%d", s)})
	}
	b.labels, b.shares = []string{"bought before", "bought next"}, [][]float64{bought, next}
	var curves [][]float64
	add := func(name string, metrics, bias map[string]float64, share func(eval.Segment) map[string]float64, d *eval.Detail) {
		row := biasRow{
			Name: name, Popularity: bias[at("popularity")], Lift: bias[at("lift")],
			Gini: metrics[at("gini")], Coverage: metrics[at("coverage")], Novelty: metrics[at("novelty")],
		}
		var shares []float64
		for _, g := range d.Items {
			s := share(g.Segment)[at("share")]
			shares = append(shares, s)
			switch g.Name {
			case "head":
				row.HeadShare = s
			case "tail", "unsold":
				row.TailShare += s
			}
		}
		v.Bias = append(v.Bias, row)
		b.labels, b.shares = append(b.labels, name), append(b.shares, shares)
	}
	for n, m := range models {
		d := m.Result.Detail
		add(m.Name, m.Result.Metrics, d.Bias.Recommended, func(s eval.Segment) map[string]float64 { return s.Metrics }, d)
		if n < drawnModels {
			curves = append(curves, d.Bias.Curves.Recommended[k])
		}
	}
	add(popularity, models[0].Result.Baseline, first.Bias.Baseline, func(s eval.Segment) map[string]float64 { return s.Baseline }, first)
	v.Shares = b.draw("Shares of popular and rare items in what was bought and in what is recommended")
	v.Lorenz = lorenz(first.Bias.Curves.Consumption, curves, first.Bias.Curves.Baseline[k],
		"Lorenz curves: the nearer to the diagonal, the more evenly the items are recommended")
}
