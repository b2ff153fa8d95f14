// Package plots draws a study: the quality trial by trial, and against each parameter.
package plots

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/color"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"github.com/recsys-lite/recsys/model"
	"github.com/recsys-lite/recsys/tune"
)

// Colours of the plots.
var (
	Blue   = color.RGBA{R: 31, G: 97, B: 160, A: 255}
	Orange = color.RGBA{R: 214, G: 94, B: 0, A: 255}
	Grey   = color.RGBA{R: 150, G: 150, B: 150, A: 255}
	Red    = color.RGBA{R: 190, G: 30, B: 45, A: 255}
	Pale   = color.RGBA{R: 228, G: 228, B: 228, A: 255}
)

// Figure is what to draw.
type Figure struct {
	Title string
	// Metric names the value axis.
	Metric string
	Trials []tune.Trial
	Space  []model.Param
	// Baseline, unless NaN, is drawn as a line: what popularity reaches.
	Baseline float64
}

const (
	width     = 11 * vg.Inch
	topHeight = 4.2 * vg.Inch
	rowHeight = 3 * vg.Inch
	legend    = 1.9 * vg.Inch // width of the strip beside the history
	margin    = vg.Length(10)
	dpi       = 110
)

// PNG draws the quality by trial with the best so far above one panel per parameter. A pruned
// trial, measured on a share of the users only, is a grey cross; a failed one has a mark at
// the bottom.
func PNG(f Figure) ([]byte, error) {
	columns := 3
	if len(f.Space) == 4 {
		columns = 2
	}
	rows := (len(f.Space) + columns - 1) / columns
	height := topHeight + vg.Length(rows)*rowHeight
	img := vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(dpi))
	page := draw.New(img)
	history, err := f.History()
	if err != nil {
		return nil, err
	}
	top := draw.Crop(page, margin, -margin, vg.Length(rows)*rowHeight+margin/2, -margin)
	names := history.Legend
	history.Legend = plot.NewLegend()
	history.Draw(draw.Crop(top, 0, -legend, 0, 0))
	names.Draw(draw.Crop(top, width-2*margin-legend, 0, 0, -topHeight/8))
	for i, p := range f.Space {
		panel, err := f.Panel(p)
		if err != nil {
			return nil, err
		}
		w := (width - 2*margin) / vg.Length(columns)
		left := margin + vg.Length(i%columns)*w
		bottom := vg.Length(rows-1-i/columns) * rowHeight
		panel.Draw(draw.Crop(page, left, left+w-margin-width, bottom+margin, bottom+rowHeight-margin/2-height))
	}
	var b bytes.Buffer
	if _, err := (vgimg.PngCanvas{Canvas: img}).WriteTo(&b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func newPlot(y string) *plot.Plot {
	p := plot.New()
	p.Y.Label.Text = y
	p.Y.Tick.Marker = Ticks{}
	p.Title.TextStyle.Font.Variant = "Sans"
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Label.TextStyle.Font.Variant, a.Label.TextStyle.Font.Size = "Sans", 11
		a.Tick.Label.Font.Variant, a.Tick.Label.Font.Size = "Sans", 9
		a.LineStyle.Color = Grey
		a.Tick.LineStyle.Color = Grey
	}
	grid := plotter.NewGrid()
	grid.Vertical.Color = nil
	grid.Horizontal.Color = Pale
	p.Add(grid)
	return p
}

// History plots the value of every trial and the best so far, with a legend.
func (f *Figure) History() (*plot.Plot, error) {
	p := newPlot(f.Metric)
	p.Title.Text = f.Title
	p.Title.TextStyle.Font.Size = 14
	p.Title.Padding = 8
	p.X.Label.Text = "trial"
	p.X.Tick.Marker = Integers{}
	p.Legend.Top, p.Legend.Left = true, true
	p.Legend.Padding = 4
	p.Legend.XOffs = 8
	p.Legend.TextStyle.Font.Variant, p.Legend.TextStyle.Font.Size = "Sans", 10
	byState := make(map[tune.State]plotter.XYs)
	var best plotter.XYs
	for i := range f.Trials {
		t := &f.Trials[i]
		x := float64(t.Number)
		if len(t.Values) > 0 {
			byState[t.State] = append(byState[t.State], plotter.XY{X: x, Y: t.Values[len(t.Values)-1]})
		} else {
			byState[t.State] = append(byState[t.State], plotter.XY{X: x, Y: f.floor()})
		}
		if v := t.Value(); !math.IsNaN(v) {
			if n := len(best); n > 0 {
				v = max(v, best[n-1].Y)
			}
			best = append(best, plotter.XY{X: x, Y: v})
		}
	}
	if len(best) > 0 {
		best = append(best, plotter.XY{X: float64(len(f.Trials) - 1), Y: best[len(best)-1].Y})
		line, err := plotter.NewLine(best)
		if err != nil {
			return nil, err
		}
		line.StepStyle = plotter.PostStep
		line.Color, line.Width = Orange, vg.Points(1.5)
		p.Add(line)
		p.Legend.Add("best so far", line)
	}
	if !math.IsNaN(f.Baseline) {
		line, err := plotter.NewLine(plotter.XYs{{X: 0, Y: f.Baseline}, {X: math.Max(1, float64(len(f.Trials)-1)), Y: f.Baseline}})
		if err != nil {
			return nil, err
		}
		line.Color, line.Width, line.Dashes = Grey, vg.Points(1), []vg.Length{4, 3}
		p.Add(line)
		p.Legend.Add("popularity", line)
	}
	for _, s := range states {
		if len(byState[s.state]) == 0 {
			continue
		}
		dots, err := s.scatter(byState[s.state])
		if err != nil {
			return nil, err
		}
		p.Add(dots)
		p.Legend.Add(s.text, dots)
	}
	return p, nil
}

// floor is where failed trials are marked: the lowest value drawn.
func (f *Figure) floor() float64 {
	low := math.Inf(1)
	for i := range f.Trials {
		if n := len(f.Trials[i].Values); n > 0 {
			low = min(low, f.Trials[i].Values[n-1])
		}
	}
	if math.IsInf(low, 1) {
		return 0
	}
	return low
}

type look struct {
	state tune.State
	text  string
	style draw.GlyphStyle
}

// states from the back to the front.
var states = []look{
	{tune.Failed, "failed", draw.GlyphStyle{Color: Red, Radius: 4, Shape: draw.PyramidGlyph{}}},
	{tune.Pruned, "stopped early (few users)", draw.GlyphStyle{Color: Grey, Radius: 3.5, Shape: draw.CrossGlyph{}}},
	{tune.Complete, "complete", draw.GlyphStyle{Color: Blue, Radius: 3.2, Shape: draw.CircleGlyph{}}},
}

func (l look) scatter(xys plotter.XYs) (*plotter.Scatter, error) {
	s, err := plotter.NewScatter(xys)
	if err != nil {
		return nil, err
	}
	s.GlyphStyle = l.style
	return s, nil
}

// Panel plots the value against one parameter. Trials of which it is not known (defaults outside
// the space) are left out, and so are those with nothing measured.
func (f *Figure) Panel(param model.Param) (*plot.Plot, error) {
	p := newPlot(f.Metric)
	p.X.Label.Text = param.Name
	var names []string
	for _, c := range param.Choices {
		names = append(names, strings.Trim(string(c), `"`))
	}
	byState := make(map[tune.State]plotter.XYs)
	var top *plotter.XY
	for i := range f.Trials {
		t := &f.Trials[i]
		x, ok := Place(t, param)
		if n := len(t.Values); ok && n > 0 {
			if names != nil { // beside each other, so that equal values can be told apart
				x += 0.25 * math.Sin(float64(t.Number)*2.4)
			}
			at := plotter.XY{X: x, Y: t.Values[n-1]}
			byState[t.State] = append(byState[t.State], at)
			if t.State == tune.Complete && (top == nil || at.Y > top.Y) {
				top = &at
			}
		}
	}
	switch {
	case names != nil:
		p.NominalX(names...)
		p.X.Min, p.X.Max = -0.5, float64(len(names))-0.5
	case param.Log:
		p.X.Scale = plot.LogScale{}
		p.X.Tick.Marker = logTicks{}
		p.X.Min, p.X.Max = param.Low, param.High
	default:
		p.X.Tick.Marker = Ticks{}
		p.X.Min, p.X.Max = param.Low, param.High
	}
	for _, s := range states {
		if len(byState[s.state]) == 0 {
			continue
		}
		dots, err := s.scatter(byState[s.state])
		if err != nil {
			return nil, err
		}
		p.Add(dots)
	}
	if top != nil {
		ring, err := plotter.NewScatter(plotter.XYs{*top})
		if err != nil {
			return nil, err
		}
		ring.GlyphStyle = draw.GlyphStyle{Color: Orange, Radius: 6, Shape: draw.RingGlyph{}}
		p.Add(ring)
	}
	return p, nil
}

// Place is a trial's value of a parameter, for a choice its number; false where the trial took a
// default that is not known or outside the space.
func Place(t *tune.Trial, p model.Param) (float64, bool) {
	value, ok := t.Param(p.Name)
	if !ok {
		return 0, false
	}
	for i, c := range p.Choices {
		if string(c) == string(value) {
			return float64(i), true
		}
	}
	var v float64
	if len(p.Choices) > 0 || json.Unmarshal(value, &v) != nil || v < p.Low || v > p.High {
		return 0, false
	}
	return v, true
}

// Ticks are about five labels at round numbers.
type Ticks struct{}

func (Ticks) Ticks(low, high float64) []plot.Tick {
	if !(high > low) {
		return []plot.Tick{{Value: low, Label: fmt.Sprintf("%.4g", low)}}
	}
	step := math.Pow(10, math.Floor(math.Log10((high-low)/3)))
	for _, m := range []float64{5, 2} {
		if (high-low)/(m*step) >= 3 {
			step *= m
			break
		}
	}
	var all []plot.Tick
	for n := math.Ceil(low / step); n*step <= high*(1+1e-9); n++ {
		all = append(all, plot.Tick{Value: n * step, Label: fmt.Sprintf("%.4g", n*step+0)}) // not "-0"
	}
	return all
}

// Integers are ticks at whole numbers.
type Integers struct{}

func (Integers) Ticks(low, high float64) []plot.Tick {
	step := 1.0
	for i := 0; (high-low)/step > 12; i++ {
		step *= [...]float64{2, 2.5, 2}[i%3] // 2, 5, 10, 20 …
	}
	var all []plot.Tick
	for v := math.Ceil(low/step) * step; v <= high; v += step {
		all = append(all, plot.Tick{Value: v, Label: fmt.Sprint(v)})
	}
	return all
}

// logTicks are labelled at 1, 2 and 5 of each power of ten when there is room, and otherwise
// at the powers.
type logTicks struct{}

func (logTicks) Ticks(low, high float64) []plot.Tick {
	var all []plot.Tick
	wide := math.Log10(high/low) > 1.5
	for e := math.Floor(math.Log10(low)); e <= math.Ceil(math.Log10(high)); e++ {
		for m := 1.0; m < 10; m++ {
			v := m * math.Pow(10, e)
			if v < low*(1-1e-9) || v > high*(1+1e-9) {
				continue
			}
			t := plot.Tick{Value: v}
			if m == 1 || !wide && (m == 2 || m == 5) {
				t.Label = fmt.Sprintf("%.4g", v)
			}
			all = append(all, t)
		}
	}
	return all
}
