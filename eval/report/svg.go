package report

import (
	"bytes"
	"fmt"
	"html/template"
	"image/color"
	"regexp"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"

	"github.com/recsys-lite/recsys/tune/plots"
)

// Colours of the pictures, as on white paper. In the page they become CSS variables, so that a
// dark page can have lighter ones. Those of the series are Okabe and Ito's, which people with
// any kind of colour vision tell apart.
var (
	ink  = rgb(0x1c2024)
	soft = rgb(0x5b6570)
	line = rgb(0xd9dee3)
	// base is popularity's.
	base = rgb(0x8a929a)

	series = []color.RGBA{rgb(0x0072b2), rgb(0xd55e00), rgb(0x009e73), rgb(0xcc79a7), rgb(0xe69f00), rgb(0x56b4e9), rgb(0x7a5195), rgb(0x6b8e23)}
	// shades go from strong to pale.
	shades = []color.RGBA{rgb(0x08519c), rgb(0x4292c6), rgb(0x9ecae1), rgb(0xe3a857)}
)

func rgb(v uint32) color.RGBA {
	return color.RGBA{R: uint8(v >> 16), G: uint8(v >> 8), B: uint8(v), A: 255}
}

// variables are the CSS names of colours, by how SVG writes them.
var variables = func() map[string]string {
	names := map[string]string{
		hex(ink): "ink", hex(soft): "soft", hex(line): "line", hex(base): "base",
		hex(plots.Blue): "c0", hex(plots.Orange): "c1", hex(plots.Grey): "base", hex(plots.Red): "bad", hex(plots.Pale): "line",
	}
	for i, c := range series {
		names[hex(c)] = fmt.Sprintf("c%d", i)
	}
	for i, c := range shades {
		names[hex(c)] = fmt.Sprintf("s%d", i)
	}
	return names
}()

func hex(c color.RGBA) string { return fmt.Sprintf("#%02X%02X%02X", c.R, c.G, c.B) }

// seriesColor is the colour of model n, and the dashes that tell it from an earlier one of that
// colour.
func seriesColor(n int) (color.RGBA, []vg.Length) {
	var dashes []vg.Length
	if n >= len(series) {
		dashes = []vg.Length{4, 3}
	}
	return series[n%len(series)], dashes
}

// seriesClass names the colour in the page.
func seriesClass(n int) string { return fmt.Sprintf("c%d", n%len(series)) }

var (
	colorsInSVG = regexp.MustCompile(`#[0-9A-F]{6}`)
	fontsInSVG  = regexp.MustCompile(`font-family:[^"]*?font-style:[a-z]+;?`)
)

// picture is a drawn plot with what it shows in words, for who cannot see it.
type picture struct {
	SVG     template.HTML
	Caption string
}

// render draws a plot for a column of the page; the widths of text are those of Liberation
// Sans, which Arial and Helvetica share.
func render(p *plot.Plot, height vg.Length, caption string) *picture {
	return renderWide(p, width, height, caption)
}

// width of a picture: legible on a phone, and three to a row on a desk.
const width = vg.Length(380)

func renderWide(p *plot.Plot, width, height vg.Length, caption string) *picture {
	p.BackgroundColor = nil
	c := vgsvg.New(width, height)
	p.Draw(draw.Crop(draw.New(c), 2, -6, 2, -4))
	var b bytes.Buffer
	// A bytes.Buffer takes everything.
	_, _ = c.WriteTo(&b)
	_, text, _ := strings.Cut(b.String(), "xlink\">\n")
	text = fontsInSVG.ReplaceAllString(text, "")
	text = colorsInSVG.ReplaceAllStringFunc(text, func(c string) string {
		if name, ok := variables[c]; ok {
			return "var(--" + name + ")"
		}
		return c
	})
	head := fmt.Sprintf(`<svg viewBox="0 0 %g %g" width="%g" height="%g" role="img" aria-label="%s">`+"\n",
		width.Points(), height.Points(), width.Points(), height.Points(), template.HTMLEscapeString(caption))
	// Everything in it is ours but the labels, which vgsvg escapes.
	return &picture{SVG: template.HTML(head + text), Caption: caption}
}

// newPlot is a plot without decoration.
func newPlot(x, y string) *plot.Plot {
	p := plot.New()
	p.X.Label.Text, p.Y.Label.Text = x, y
	p.X.Tick.Marker, p.Y.Tick.Marker = plots.Ticks{}, plots.Ticks{}
	restyle(p)
	return p
}

// restyle gives any plot the page's look.
func restyle(p *plot.Plot) {
	p.Title.Text = ""
	p.Legend = plot.NewLegend()
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Label.TextStyle.Font.Variant, a.Label.TextStyle.Font.Size = "Sans", 13
		a.Label.TextStyle.Color = soft
		a.Tick.Label.Font.Variant, a.Tick.Label.Font.Size = "Sans", 13
		a.Tick.Label.Color = ink
		a.LineStyle.Color, a.Tick.LineStyle.Color = line, line
		a.Label.Padding, a.Padding = 3, 0
	}
}
