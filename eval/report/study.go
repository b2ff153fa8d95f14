package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/recsys-lite/recsys/model"
	"github.com/recsys-lite/recsys/tune"
	"github.com/recsys-lite/recsys/tune/plots"
)

// studyView is a study as the page shows it.
type studyView struct {
	Kind                     string
	Complete, Pruned, Failed int
	Seconds                  float64
	Best                     string
	best                     float64
	History                  *picture
	Panels                   []*picture
	Parallel                 *picture
	Importance               []importance
	Header                   []string
	Rows                     []trialRow
}

type trialRow struct {
	Number  int
	State   tune.State
	Best    bool
	Value   string
	Seconds string
	Params  []string
	Error   string
}

func (s *Study) view(metric string) (*studyView, error) {
	v := &studyView{Kind: s.Kind, Best: "–", best: math.Inf(-1)}
	f := &plots.Figure{Metric: metric, Trials: s.Trials, Space: s.Space, Baseline: s.Baseline}
	history, err := f.History()
	if err != nil {
		return nil, err
	}
	restyle(history)
	v.History = render(history, 240, fmt.Sprintf("%s of each trial of %s, and the best so far", metric, s.Kind))
	for _, p := range s.Space {
		panel, err := f.Panel(p)
		if err != nil {
			return nil, err
		}
		restyle(panel)
		v.Panels = append(v.Panels, render(panel, 220, fmt.Sprintf("%s against %s", metric, p.Name)))
		v.Header = append(v.Header, p.Name)
	}
	v.Parallel = s.parallel(metric)
	v.Importance = importances(s.Space, s.Trials)
	trials := slices.Clone(s.Trials)
	slices.SortStableFunc(trials, func(a, b tune.Trial) int { return tune.Compare(&a, &b) })
	for n := range trials {
		t := &trials[n]
		v.Seconds += t.Seconds
		switch t.State {
		case tune.Complete:
			v.Complete++
		case tune.Pruned:
			v.Pruned++
		case tune.Failed:
			v.Failed++
		}
		row := trialRow{Number: t.Number, State: t.State, Value: "–", Seconds: fmt.Sprintf("%.1f", t.Seconds), Error: t.Error}
		if len(t.Values) > 0 {
			row.Value = number(t.Values[len(t.Values)-1])
		}
		if row.Best = n == 0 && t.State == tune.Complete; row.Best {
			v.Best, v.best = row.Value, t.Value()
		}
		for _, p := range s.Space {
			value, ok := t.Param(p.Name)
			if !ok {
				value = json.RawMessage("–")
			}
			row.Params = append(row.Params, strings.Trim(string(value), `"`))
		}
		v.Rows = append(v.Rows, row)
	}
	return v, nil
}

// unit is where a trial lies on an axis of 0 … 1.
func unit(t *tune.Trial, p model.Param) (float64, bool) {
	x, ok := plots.Place(t, p)
	switch {
	case !ok:
		return 0, false
	case len(p.Choices) > 1:
		return x / float64(len(p.Choices)-1), true
	case len(p.Choices) == 1:
		return 0.5, true
	case p.Log:
		return math.Log(x/p.Low) / math.Log(p.High/p.Low), true
	}
	return (x - p.Low) / (p.High - p.Low), true
}

// importance is how much of the differences in quality goes with one parameter alone.
type importance struct {
	Name  string
	Share float64 // 0 … 1
	Width int     // of its bar, per cent
}

// importances fits the quality of the complete trials by a parabola of each parameter or, for a
// choice, by the mean of each value, and gives the adjusted R². It sees no interactions. Fewer
// than eight trials say nothing.
func importances(space []model.Param, trials []tune.Trial) []importance {
	var out []importance
	for _, p := range space {
		var x, y []float64
		for i := range trials {
			if at, ok := unit(&trials[i], p); ok && trials[i].State == tune.Complete {
				x, y = append(x, at), append(y, trials[i].Value())
			}
		}
		if len(y) < 8 {
			return nil
		}
		share := explained(x, y, len(p.Choices) > 0)
		out = append(out, importance{Name: p.Name, Share: share, Width: int(math.Round(100 * share))})
	}
	slices.SortStableFunc(out, func(a, b importance) int { return cmp.Compare(b.Share, a.Share) })
	return out
}

// explained is the adjusted R², at least 0.
func explained(x, y []float64, groups bool) float64 {
	design := func(v float64) []float64 { return []float64{1, v, v * v} }
	if groups {
		values := slices.Compact(slices.Sorted(slices.Values(x)))
		design = func(v float64) []float64 {
			row := make([]float64, len(values))
			row[slices.Index(values, v)] = 1
			return row
		}
	}
	columns := len(design(x[0]))
	if len(x) <= columns {
		return 0
	}
	a, b := mat.NewDense(len(x), columns, nil), mat.NewVecDense(len(y), y)
	for r, v := range x {
		a.SetRow(r, design(v))
	}
	var svd mat.SVD
	if !svd.Factorize(a, mat.SVDThin) {
		return 0
	}
	rank := svd.Rank(1e-9)
	if rank == 0 || len(x) <= rank {
		return 0
	}
	var w mat.VecDense
	svd.SolveVecTo(&w, b, rank)
	var fit mat.VecDense
	fit.MulVec(a, &w)
	var mean, rest, all float64
	for _, v := range y {
		mean += v / float64(len(y))
	}
	for i, v := range y {
		rest += (v - fit.AtVec(i)) * (v - fit.AtVec(i))
		all += (v - mean) * (v - mean)
	}
	if all == 0 {
		return 0
	}
	return max(0, 1-rest/float64(len(y)-rank)/(all/float64(len(y)-1)))
}

// parallel draws every complete trial as a line over the parameters to its quality, the better
// ones stronger and in front.
type parallel struct {
	space  []model.Param
	metric string
	lines  [][]float64 // by quality, the best first: places on the axes, quality last; NaN where unknown
	low    float64
	high   float64
}

func (s *Study) parallel(metric string) *picture {
	v := &parallel{space: s.Space, metric: metric, low: math.Inf(1), high: math.Inf(-1)}
	var complete []*tune.Trial
	for i := range s.Trials {
		if t := &s.Trials[i]; t.State == tune.Complete {
			complete = append(complete, t)
			v.low, v.high = min(v.low, t.Value()), max(v.high, t.Value())
		}
	}
	if len(complete) < 3 || len(s.Space) < 2 || v.low == v.high {
		return nil
	}
	slices.SortStableFunc(complete, tune.Compare)
	for _, t := range complete {
		var xs []float64
		for _, p := range s.Space {
			x, ok := unit(t, p)
			if !ok {
				x = math.NaN()
			}
			xs = append(xs, x)
		}
		v.lines = append(v.lines, append(xs, (t.Value()-v.low)/(v.high-v.low)))
	}
	p := plot.New()
	restyle(p)
	var ticks plot.ConstantTicks
	for n, param := range s.Space {
		name := param.Name
		if param.Log {
			name += " (log)"
		}
		ticks = append(ticks, plot.Tick{Value: float64(n), Label: name})
	}
	p.X.Tick.Marker = append(ticks, plot.Tick{Value: float64(len(s.Space)), Label: metric})
	p.X.Tick.Length, p.X.Width = 0, 0
	p.HideY()
	p.Add(v)
	w := max(760, vg.Length(140*(len(s.Space)+1)))
	return renderWide(p, w, 280, fmt.Sprintf("Every complete trial of %s as a line over the parameters to %s", s.Kind, metric))
}

func (v *parallel) DataRange() (xmin, xmax, ymin, ymax float64) {
	return -0.35, float64(len(v.space)) + 0.35, -0.1, 1.1
}

func (v *parallel) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	text := p.X.Tick.Label
	text.Color, text.XAlign = soft, draw.XCenter
	for n := range len(v.space) + 1 {
		x := toX(float64(n))
		c.StrokeLine2(draw.LineStyle{Color: base, Width: 1}, x, toY(0), x, toY(1))
		low, high := fmt.Sprintf("%.4g", v.low), fmt.Sprintf("%.4g", v.high)
		if n < len(v.space) {
			low, high = ends(v.space[n])
		}
		text.YAlign = draw.YTop
		c.FillText(text, vg.Point{X: x, Y: toY(0) - 5}, low)
		text.YAlign = draw.YBottom
		c.FillText(text, vg.Point{X: x, Y: toY(1) + 5}, high)
	}
	for n, xs := range slices.Backward(v.lines) {
		style := draw.LineStyle{Color: shades[2], Width: 1}
		switch {
		case n == 0:
			style = draw.LineStyle{Color: plots.Orange, Width: 2.5}
		case 4*n < len(v.lines):
			style = draw.LineStyle{Color: shades[0], Width: 1.4}
		case 2*n < len(v.lines):
			style = draw.LineStyle{Color: shades[1], Width: 1.2}
		}
		var points []vg.Point
		for d, x := range xs {
			if math.IsNaN(x) {
				points = nil // the line begins behind what is not known
				continue
			}
			points = append(points, vg.Point{X: toX(float64(d)), Y: toY(x)})
		}
		if len(points) > 1 {
			c.StrokeLines(style, points)
		}
	}
}

func ends(p model.Param) (low, high string) {
	if n := len(p.Choices); n > 0 {
		return strings.Trim(string(p.Choices[0]), `"`), strings.Trim(string(p.Choices[n-1]), `"`)
	}
	return fmt.Sprintf("%.4g", p.Low), fmt.Sprintf("%.4g", p.High)
}
