package main

import (
	"bytes"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"strings"

	xfont "golang.org/x/image/font"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	vgdraw "gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// What all charts share. Each is drawn on white, which is readable on a page of any colour.

// A chart is a picture of a run, by the name of its file. paint returns nil if the run has
// nothing to show in it.
type chart struct {
	name  string
	paint func(*run) *picture
}

var charts = []chart{
	{"overview", overview},
	{"contended", contendedChart},
	{"rw", rwChart},
	{"rust", rustChart},
	{"scaling", scaling},
}

// draw writes the charts of r to dir: those that there is something to show in.
func draw(r *run, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, c := range charts {
		p := c.paint(r)
		if p == nil {
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, c.name+".svg"), p.svg(r), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// A picture is a size, a title, and what fills the space below it.
type picture struct {
	width, height vg.Length
	title         string
	better        string // what is better
	fill          func(vgdraw.Canvas)
}

// Colours that are apart from each other on white.
var (
	ink    = color.NRGBA{0x24, 0x29, 0x2f, 0xff}
	pale   = color.NRGBA{0x65, 0x6d, 0x76, 0xff}
	grid   = color.NRGBA{0xd8, 0xde, 0xe4, 0xff}
	blue   = color.NRGBA{0x09, 0x5a, 0xd6, 0xff}
	orange = color.NRGBA{0xe3, 0x6a, 0x0a, 0xff}
)

// colours are those of the sides, by the beginning of their names. The first that fits
// counts.
var colours = []struct {
	prefix string
	color  color.Color
}{
	{"own.Guard", color.NRGBA{0x6c, 0xb0, 0xff, 0xff}},
	{"own.Mutex", color.NRGBA{0x6c, 0xb0, 0xff, 0xff}},
	{"own", blue},
	{"rust", orange},
	{"Rust", orange},
	{"tailscale", color.NRGBA{0x83, 0x50, 0xdf, 0xff}},
	{"semaphore", color.NRGBA{0xbf, 0x9b, 0x00, 0xff}},
	{"channel", color.NRGBA{0x2d, 0xa4, 0x4e, 0xff}},
	{"xsync", color.NRGBA{0x83, 0x50, 0xdf, 0xff}},
	{"atomic", color.NRGBA{0x2d, 0xa4, 0x4e, 0xff}},
	{"grpc", color.NRGBA{0x83, 0x50, 0xdf, 0xff}},
	{"RWMutex+grpc", color.NRGBA{0x83, 0x50, 0xdf, 0xff}},
	{"go-deadlock", color.NRGBA{0xcf, 0x22, 0x2e, 0xff}},
	{"linkdata", color.NRGBA{0x83, 0x50, 0xdf, 0xff}},
	{"sync.Mutex", color.NRGBA{0xa0, 0xa7, 0xae, 0xff}},
}

func colourOf(side string) color.Color {
	for _, c := range colours {
		if strings.HasPrefix(side, c.prefix) {
			return c.color
		}
	}
	return pale
}

// style is that of a text.
func style(size vg.Length, c color.Color, x, y float64) vgdraw.TextStyle {
	return vgdraw.TextStyle{
		Color:   c,
		Font:    font.Font{Typeface: "Liberation", Variant: "Sans", Size: size},
		XAlign:  vgdraw.XAlignment(x),
		YAlign:  vgdraw.YAlignment(y),
		Handler: plot.DefaultTextHandler,
	}
}

// Alignments: which part of a text is at its point.
const (
	start  = 0.0
	middle = -0.5
	end    = -1.0
)

// svg draws the picture, with the machine in the corner.
func (p *picture) svg(r *run) []byte {
	canvas := vgsvg.New(p.width, p.height)
	c := vgdraw.New(canvas)
	c.FillPolygon(color.White, corners(c.Min.X, c.Min.Y, c.Max.X, c.Max.Y))
	c = vgdraw.Crop(c, 12, -12, 8, -10)
	title := style(14, ink, start, end)
	title.Font.Weight = xfont.WeightBold
	c.FillText(title, vg.Point{X: c.Min.X, Y: c.Max.Y}, p.title)
	c.FillText(style(10, pale, start, end), vg.Point{X: c.Min.X, Y: c.Max.Y - 18}, p.better)
	c.FillText(style(8, pale, end, start), vg.Point{X: c.Max.X, Y: c.Min.Y}, r.corner())
	p.fill(vgdraw.Crop(c, 0, 0, 14, -40))

	var b bytes.Buffer
	_, _ = canvas.WriteTo(&b) // a buffer takes all
	// Whoever has not the font is to see one that is as wide, or at least no serifs.
	return bytes.ReplaceAll(b.Bytes(), []byte("font-family:Liberation Sans"), []byte("font-family:Liberation Sans,Arial,Helvetica,sans-serif"))
}

// corner says in short what was measured on.
func (r *run) corner() string {
	var parts []string
	for _, part := range []string{r.setting("cpu"), r.setting("cpus") + " CPUs", r.setting("go")} {
		if part != "" && part != " CPUs" {
			parts = append(parts, part)
		}
	}
	if rust := r.setting("rust"); rust != "" && !strings.HasPrefix(rust, "not measured") {
		version, _, _ := strings.Cut(strings.TrimPrefix(rust, "rustc "), " (")
		parts = append(parts, "rustc "+version)
	}
	return strings.Join(parts, ", ")
}

func corners(x0, y0, x1, y1 vg.Length) []vg.Point {
	return []vg.Point{{X: x0, Y: y0}, {X: x1, Y: y0}, {X: x1, Y: y1}, {X: x0, Y: y1}}
}

// newPlot returns an empty plot without a background, in the style of all charts.
func newPlot() *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.LineStyle = vgdraw.LineStyle{Color: grid, Width: 0.7}
		axis.Tick.LineStyle = vgdraw.LineStyle{Color: grid, Width: 0.7}
		axis.Tick.Length = 3
		axis.Padding = 0
		axis.Tick.Label = style(9, pale, float64(axis.Tick.Label.XAlign), float64(axis.Tick.Label.YAlign))
	}
	return p
}

// powers returns ticks at the powers of base that are between lo and hi, or next to them,
// and sets the axis to end there.
func powers(axis *plot.Axis, base, lo, hi float64, label func(float64) string) {
	from, to := math.Floor(math.Log(lo)/math.Log(base)+1e-9), math.Ceil(math.Log(hi)/math.Log(base)-1e-9)
	if to == from {
		to++
	}
	var ticks plot.ConstantTicks
	for e := from; e <= to; e++ {
		v := math.Pow(base, e)
		ticks = append(ticks, plot.Tick{Value: v, Label: label(v)})
	}
	axis.Min, axis.Max = math.Pow(base, from), math.Pow(base, to)
	axis.Scale = plot.LogScale{}
	axis.Tick.Marker = ticks
}

// vertical draws a line of the grid from top to bottom at each tick, and a strong one at
// the value that all is compared with, if there is one.
func vertical(c vgdraw.Canvas, p *plot.Plot, strong float64) {
	toX, _ := p.Transforms(&c)
	for _, t := range p.X.Tick.Marker.Ticks(p.X.Min, p.X.Max) {
		line := vgdraw.LineStyle{Color: grid, Width: 0.7}
		if t.Value == strong {
			line = vgdraw.LineStyle{Color: ink, Width: 1}
		}
		c.StrokeLine2(line, toX(t.Value), c.Min.Y, toX(t.Value), c.Max.Y)
	}
}

// write draws a text at the left of a point, or right of it, or around it. What gonum calls
// the middle of a text is too low: it counts the space below the line.
func write(c vgdraw.Canvas, s vgdraw.TextStyle, x, y vg.Length, text string) {
	c.FillText(s, vg.Point{X: x, Y: y + s.Font.Size/8}, text)
}

// legend draws the names of the sides in a line, each with its colour.
func legend(c vgdraw.Canvas, sides []string) {
	x, y := c.Min.X, c.Max.Y
	text := style(9, ink, start, middle)
	for _, s := range sides {
		width := 12 + text.Width(s)
		if x > c.Min.X && x+width > c.Max.X {
			x, y = c.Min.X, y-14
		}
		c.FillPolygon(colourOf(s), corners(x, y-4, x+8, y+4))
		write(c, text, x+12, y, s)
		x += width + 14
	}
}
