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

// segments fills in the users' and the items' parts.
func (v *view) segments(models []Model, metric string) {
	k := cutoff(metric)
	var names []string
	for _, m := range models {
		names = append(names, m.Name)
	}
	v.Drawn, v.DrawnModels = v.shown(), drawnModels
	users := &segments{Metric: metric, Models: names, Legend: v.Drawn}
	d := newDots(models)
	for s, u := range models[0].Result.Detail.Users {
		row := segmentRow{
			Name: u.Name, Baseline: u.Baseline[metric],
			Note: fmt.Sprintf("%s users, %s items each", Count(u.Users), span(u.From, u.To)),
		}
		var dotted []dot
		for _, m := range models {
			of := m.Result.Detail.Users[s].Segment
			row.Cells = append(row.Cells, metricCell{Value: of.Metrics[metric], Interval: intervalOf(of.Intervals, metric)})
			dotted = append(dotted, dot{of.Metrics[metric], intervalOf(of.Intervals, metric)})
		}
		d.add(u.Name, dotted, u.Baseline[metric])
		users.Rows = append(users.Rows, markBest(row))
	}
	users.Picture = d.draw(metric, metric+" by how much is known of the user")
	v.Users = users

	recall := fmt.Sprintf("recall@%d", k)
	items := &segments{Metric: recall, Models: names, Legend: v.Drawn}
	d = newDots(models)
	for s, g := range models[0].Result.Detail.Items {
		row := segmentRow{
			Name: g.Name, Baseline: g.Baseline[recall],
			Note: fmt.Sprintf("%s items with %s users, %s of what was bought next", Count(g.Items), span(g.From, g.To), percent(g.HeldOutShare)),
		}
		if g.HeldOut == 0 {
			continue
		}
		var dotted []dot
		for _, m := range models {
			of := m.Result.Detail.Items[s].Segment
			row.Cells = append(row.Cells, metricCell{Value: of.Metrics[recall], Interval: intervalOf(of.Intervals, recall)})
			dotted = append(dotted, dot{of.Metrics[recall], intervalOf(of.Intervals, recall)})
		}
		d.add(g.Name, dotted, g.Baseline[recall])
		items.Rows = append(items.Rows, markBest(row))
	}
	items.Picture = d.draw(recall, recall+" of what was bought next, by how popular the item is")
	v.Items = items
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
