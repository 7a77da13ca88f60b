package main

import (
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	vgdraw "gonum.org/v1/plot/vg/draw"
)

// How costs grow. Each panel has the workloads of one series, from the fewest to the most of
// something, at equal distances. The time is logarithmic.

// A panel is a series of workloads whose names end in a number.
type panel struct {
	series, title string
}

var panels = []panel{
	{"Goroutines/", "goroutines on one lock"},
	{"Waiters/", "goroutines in line for one lock"},
	{"Conditions/", "conditions that are waited for"},
	{"Owners/", "goroutines that share one value"},
	{"Live/", "owners of one value, alive meanwhile"},
	{"Swap/", "readers of a value that is exchanged"},
	{"Debug/held/", "debug build: locks held by others"},
	{"Debug/inside/", "debug build: locks held around"},
}

// A curve is what a side takes, by position. Where it was not measured there is a NaN.
type curve struct {
	side string
	y    []float64
}

// curves returns the labels of the positions and the sides of a series.
func (r *run) curves(series string) (labels []string, all []curve) {
	var ws []*measured
	for _, w := range r.workloads {
		if strings.HasPrefix(w.name, series) {
			ws = append(ws, w)
			labels = append(labels, w.name[len(series):])
		}
	}
	for _, w := range ws {
		for _, s := range w.sides {
			if !slices.ContainsFunc(all, func(c curve) bool { return c.side == s.name }) {
				all = append(all, curve{side: s.name})
			}
		}
	}
	for i := range all {
		for _, w := range ws {
			y := math.NaN()
			if s := w.side(all[i].side); s != nil {
				if e := estimated(s.values); drawable(e) {
					y = e.center
				}
			}
			all[i].y = append(all[i].y, y)
		}
	}
	return labels, all
}

// curvePlotter draws curves, and to the right of the canvas the names of the sides.
type curvePlotter []curve

// Plot draws the lines of the grid, the curves, and their names.
func (cs curvePlotter) Plot(c vgdraw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	for _, t := range p.Y.Tick.Marker.Ticks(p.Y.Min, p.Y.Max) {
		c.StrokeLine2(vgdraw.LineStyle{Color: grid, Width: 0.7}, c.Min.X, toY(t.Value), c.Max.X, toY(t.Value))
	}
	type name struct {
		side string
		y    vg.Length
	}
	var names []name
	for _, one := range cs {
		var points []vg.Point
		for i, y := range one.y {
			if !math.IsNaN(y) {
				points = append(points, vg.Point{X: toX(float64(i)), Y: toY(y)})
			}
		}
		if len(points) == 0 {
			continue
		}
		c.StrokeLines(vgdraw.LineStyle{Color: colourOf(one.side), Width: 1.6}, points)
		for _, at := range points {
			c.DrawGlyphNoClip(vgdraw.GlyphStyle{Color: colourOf(one.side), Radius: 2.2, Shape: vgdraw.CircleGlyph{}}, at)
		}
		names = append(names, name{one.side, points[len(points)-1].Y})
	}
	// Each name is at the height of the end of its line, or below the one above it.
	slices.SortStableFunc(names, func(a, b name) int { return int(math.Copysign(1, float64(b.y-a.y))) })
	const apart = 10
	for i := range names {
		if i > 0 {
			names[i].y = min(names[i].y, names[i-1].y-apart)
		}
	}
	// Those that are then below the canvas push the others up.
	for i := len(names) - 1; i >= 0; i-- {
		least := c.Min.Y
		if i < len(names)-1 {
			least = names[i+1].y + apart
		}
		names[i].y = max(names[i].y, least)
	}
	for _, n := range names {
		c.FillPolygon(colourOf(n.side), corners(c.Max.X+7, n.y-3, c.Max.X+13, n.y+3))
		write(c, style(8.5, ink, start, middle), c.Max.X+16, n.y, n.side)
	}
}

// scaling is the picture of all panels that there is something to show in.
func scaling(r *run) *picture {
	type filled struct {
		title string
		plot  *plot.Plot
		names vg.Length // the space for the names
	}
	var all []filled
	for _, panel := range panels {
		labels, curves := r.curves(panel.series)
		lo, hi, names := math.Inf(1), 0.0, vg.Length(0)
		for _, c := range curves {
			names = max(names, style(8.5, ink, start, middle).Width(c.side))
			for _, y := range c.y {
				if !math.IsNaN(y) {
					lo, hi = min(lo, y), max(hi, y)
				}
			}
		}
		if len(labels) < 2 || hi == 0 {
			continue
		}
		p := newPlot()
		powers(&p.Y, 10, lo, hi, func(v float64) string { return scaled(v, short, seconds...) })
		var ticks plot.ConstantTicks
		for i, label := range labels {
			ticks = append(ticks, plot.Tick{Value: float64(i), Label: label})
		}
		p.X.Min, p.X.Max, p.X.Tick.Marker = 0, float64(len(labels)-1), ticks
		p.Add(curvePlotter(curves))
		all = append(all, filled{panel.title, p, names + 18})
	}
	if len(all) == 0 {
		return nil
	}
	const columns, height = 2, 190
	lines := (len(all) + columns - 1) / columns
	return &picture{800, vg.Length(lines)*height + 72, "How costs grow", "time per operation: lower is better, and flat is best", func(c vgdraw.Canvas) {
		tiles := vgdraw.Tiles{Cols: columns, Rows: lines, PadX: 16, PadY: 14}
		for i, f := range all {
			tile := tiles.At(c, i%columns, i/columns)
			tile.FillText(style(10, ink, start, end), vg.Point{X: tile.Min.X, Y: tile.Max.Y}, f.title)
			f.plot.Draw(vgdraw.Crop(tile, 0, -f.names, 0, -18))
		}
	}}
}
