package report

import (
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/recsys-lite/recsys/eval"
	"github.com/recsys-lite/recsys/tune/plots"
)

// dot is a value with its interval, if it has one; NaN is not drawn.
type dot struct {
	value float64
	in    *eval.Interval
}

// dots is a row of dots per label: one for each series, with whiskers.
type dots struct {
	labels []string
	series [][]dot // by label, then by series
	look   func(row, series int) (color.RGBA, []vg.Length)
}

const dotGap = vg.Length(12)

func (d *dots) offsets() int {
	if len(d.series) == 0 {
		return 0
	}
	return len(d.series[0])
}

func (d *dots) height() vg.Length {
	row := vg.Length(d.offsets())*dotGap + 12
	return vg.Length(len(d.labels))*max(row, 24) + 46
}

func (d *dots) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	for row := range d.labels {
		if row > 0 {
			y := toY(float64(len(d.labels)-row) - 0.5)
			c.StrokeLine2(draw.LineStyle{Color: line, Width: 0.5}, c.Min.X, y, c.Max.X, y)
		}
		middle := toY(float64(len(d.labels) - 1 - row))
		for n, v := range d.series[row] {
			if math.IsNaN(v.value) {
				continue
			}
			y := middle + (vg.Length(len(d.series[row])-1)/2-vg.Length(n))*dotGap
			at, dashes := d.look(row, n)
			if v.in != nil {
				c.StrokeLine2(draw.LineStyle{Color: at, Width: 2, Dashes: dashes}, toX(v.in[0]), y, toX(v.in[1]), y)
			}
			c.DrawGlyph(draw.GlyphStyle{Color: at, Radius: 4, Shape: draw.CircleGlyph{}}, vg.Point{X: toX(v.value), Y: y})
		}
	}
}

func (d *dots) DataRange() (xmin, xmax, ymin, ymax float64) {
	for _, row := range d.series {
		for _, v := range row {
			if math.IsNaN(v.value) {
				continue
			}
			xmin, xmax = min(xmin, v.value), max(xmax, v.value)
			if v.in != nil {
				xmin, xmax = min(xmin, v.in[0]), max(xmax, v.in[1])
			}
		}
	}
	if xmax == xmin {
		xmax = xmin + 1e-3
	}
	return xmin, xmax + 0.02*(xmax-xmin), -0.5, float64(len(d.labels)) - 0.5
}

func (d *dots) draw(x, caption string) *picture {
	p := newPlot(x, "")
	nominalY(p, d.labels)
	verticalGrid(p)
	p.Add(d)
	return render(p, d.height(), caption)
}

// nominalY labels rows from the top.
func nominalY(p *plot.Plot, labels []string) {
	var ticks plot.ConstantTicks
	for row, label := range labels {
		ticks = append(ticks, plot.Tick{Value: float64(len(labels) - 1 - row), Label: label})
	}
	p.Y.Tick.Marker = ticks
	p.Y.Tick.Length, p.Y.Width = 0, 0
	p.Y.Padding = 8 // of dots at zero
}

func verticalGrid(p *plot.Plot) {
	grid := plotter.NewGrid()
	grid.Horizontal.Color, grid.Vertical.Color = nil, line
	grid.Vertical.Width = 0.7
	p.Add(grid)
}

func fullGrid(p *plot.Plot) {
	grid := plotter.NewGrid()
	grid.Horizontal.Color, grid.Vertical.Color = line, line
	grid.Horizontal.Width, grid.Vertical.Width = 0.7, 0.7
	p.Add(grid)
}

// bars are stacked shares, a bar per label.
type bars struct {
	labels []string
	shares [][]float64 // by label; what they sum to is the bar's length
}

const barHeight = vg.Length(17)

func (b *bars) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	for row := range b.labels {
		y := toY(float64(len(b.labels) - 1 - row))
		at := 0.0
		for n, share := range b.shares[row] {
			if share > 0 {
				x0, x1 := toX(at), toX(at+share)
				c.FillPolygon(shades[n], []vg.Point{{X: x0, Y: y - barHeight/2}, {X: x1, Y: y - barHeight/2}, {X: x1, Y: y + barHeight/2}, {X: x0, Y: y + barHeight/2}})
			}
			at += share
		}
	}
}

func (b *bars) DataRange() (xmin, xmax, ymin, ymax float64) {
	return 0, 1, -0.6, float64(len(b.labels)) - 0.4
}

func (b *bars) draw(caption string) *picture {
	p := newPlot("share", "")
	p.X.Tick.Marker = percents{}
	nominalY(p, b.labels)
	verticalGrid(p)
	p.Add(b)
	return render(p, vg.Length(len(b.labels))*(barHeight+9)+48, caption)
}

// large are plots.Ticks with thousands as k and millions as M.
type large struct{}

func (large) Ticks(low, high float64) []plot.Tick {
	all := plots.Ticks{}.Ticks(low, high)
	for i := range all {
		switch v := all[i].Value; {
		case max(math.Abs(low), math.Abs(high)) >= 1e6:
			all[i].Label = fmt.Sprintf("%.4gM", v/1e6)
		case max(math.Abs(low), math.Abs(high)) >= 1e4:
			all[i].Label = fmt.Sprintf("%.4gk", v/1e3)
		}
	}
	return all
}

// percents are ticks at quarters.
type percents struct{}

func (percents) Ticks(_, _ float64) []plot.Tick {
	var all []plot.Tick
	for _, v := range []float64{0, 0.25, 0.5, 0.75, 1} {
		all = append(all, plot.Tick{Value: v, Label: fmt.Sprintf("%.0f %%", 100*v)})
	}
	return all
}

// polyline is a line of the page.
func polyline(xys plotter.XYs, at color.Color, dashes []vg.Length, width vg.Length) *plotter.Line {
	return &plotter.Line{XYs: xys, LineStyle: draw.LineStyle{Color: at, Dashes: dashes, Width: width}}
}

// lorenz draws curves of the shares that the items get, from the least popular on.
func lorenz(consumption []float64, models [][]float64, byPopularity []float64, caption string) *picture {
	p := newPlot("items, the least popular first", "share")
	p.X.Tick.Marker, p.Y.Tick.Marker = percents{}, percents{}
	fullGrid(p)
	p.Add(polyline(plotter.XYs{{X: 0, Y: 0}, {X: 1, Y: 1}}, soft, []vg.Length{2, 3}, 1))
	p.Add(polyline(steps(byPopularity), base, nil, 1.6))
	p.Add(polyline(steps(consumption), ink, []vg.Length{6, 3}, 1.6))
	for n, curve := range models {
		at, dashes := seriesColor(n)
		p.Add(polyline(steps(curve), at, dashes, 2))
	}
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, 1, 0, 1
	return render(p, 300, caption)
}

// steps spreads values over 0 … 1, leaving out points on a level stretch.
func steps(values []float64) plotter.XYs {
	var out plotter.XYs
	for i, v := range values {
		if i > 0 && i < len(values)-1 && values[i-1] == v && values[i+1] == v {
			continue
		}
		out = append(out, plotter.XY{X: float64(i) / float64(max(len(values)-1, 1)), Y: v})
	}
	return out
}

// learning draws the curves of one model.
func learning(curves []Curve, n int, caption string) *picture {
	p := newPlot("epoch", "")
	p.X.Tick.Marker, p.Y.Tick.Marker = plots.Integers{}, large{}
	fullGrid(p)
	drawn := false
	for i, curve := range curves {
		var xys plotter.XYs
		for step, v := range curve.Values {
			if !math.IsNaN(v) && !math.IsInf(v, 0) {
				xys = append(xys, plotter.XY{X: float64(step + 1), Y: v})
			}
		}
		if len(xys) < 2 {
			continue
		}
		at, _ := seriesColor(n)
		var dashes []vg.Length
		if i > 0 {
			dashes = []vg.Length{5, 3}
		}
		p.Add(polyline(xys, at, dashes, 2))
		drawn = true
	}
	if !drawn {
		return nil
	}
	return render(p, 210, caption)
}

// tradeOff sets the models' metric against their coverage.
type tradeOff struct {
	names []string
	xys   plotter.XYs
}

func (t *tradeOff) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	text := p.X.Tick.Label
	text.XAlign, text.YAlign = draw.XLeft, draw.YBottom
	var taken []vg.Rectangle
	for n, xy := range t.xys {
		at := base
		if n < len(t.xys)-1 {
			at, _ = seriesColor(n)
		}
		x, y := toX(xy.X), toY(xy.Y)
		c.DrawGlyph(draw.GlyphStyle{Color: at, Radius: 5, Shape: draw.CircleGlyph{}}, vg.Point{X: x, Y: y})
		taken = append(taken, vg.Rectangle{Min: vg.Point{X: x - 5, Y: y - 5}, Max: vg.Point{X: x + 5, Y: y + 5}})
	}
	for n, xy := range t.xys {
		x, y := toX(xy.X), toY(xy.Y)
		w, h := text.Width(t.names[n]), text.Height(t.names[n])
		// The first place that is free of dots and of labels before it.
		for _, try := range []vg.Point{{X: 9, Y: -h / 2}, {X: -9 - w, Y: -h / 2}, {X: -w / 2, Y: 8}, {X: -w / 2, Y: -8 - h}, {X: 9, Y: 6}, {X: 9, Y: -h - 6}, {X: -9 - w, Y: 6}, {X: -9 - w, Y: -h - 6}, {}} {
			r := vg.Rectangle{Min: vg.Point{X: x + try.X, Y: y + try.Y}, Max: vg.Point{X: x + try.X + w, Y: y + try.Y + h}}
			if try == (vg.Point{}) {
				break // no place: the table has the name
			}
			if r.Min.X < c.Min.X || r.Max.X > c.Max.X+4 || r.Min.Y < c.Min.Y || overlaps(r, taken) {
				continue
			}
			c.FillText(text, r.Min, t.names[n])
			taken = append(taken, r)
			break
		}
	}
}

func overlaps(r vg.Rectangle, others []vg.Rectangle) bool {
	for _, o := range others {
		if r.Min.X < o.Max.X && o.Min.X < r.Max.X && r.Min.Y < o.Max.Y && o.Min.Y < r.Max.Y {
			return true
		}
	}
	return false
}

func (t *tradeOff) DataRange() (xmin, xmax, ymin, ymax float64) {
	for _, xy := range t.xys {
		xmax, ymax = max(xmax, xy.X), max(ymax, xy.Y)
	}
	return 0, max(1.1*xmax, 1e-3), 0, max(1.1*ymax, 1e-3)
}

func (t *tradeOff) draw(metric, caption string) *picture {
	p := newPlot("coverage of the catalogue", metric)
	fullGrid(p)
	p.Add(t)
	return render(p, 300, caption)
}
