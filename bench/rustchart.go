package main

import (
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	vgdraw "gonum.org/v1/plot/vg/draw"
)

// A rustPair is the same work in Go and in Rust, as two points on a line.
type rustPair struct {
	label     string
	own, rust float64
}

const rustPairHeight = 20

// rustPairs draws them from the top.
type rustPairs []rustPair

// Plot draws the pairs, and to the left of the canvas the labels.
func (ps rustPairs) Plot(c vgdraw.Canvas, p *plot.Plot) {
	vertical(c, p, 0)
	toX, _ := p.Transforms(&c)
	for i, one := range ps {
		y := c.Max.Y - (vg.Length(i)+0.5)*rustPairHeight
		write(c, style(10, ink, end, middle), c.Min.X-8, y, one.label)
		c.StrokeLine2(vgdraw.LineStyle{Color: grid, Width: 3}, toX(one.own), y, toX(one.rust), y)
		for _, point := range []struct {
			side     string
			at, from float64
		}{{"Rust", one.rust, one.own}, {"own", one.own, one.rust}} {
			x := toX(point.at)
			c.DrawGlyphNoClip(vgdraw.GlyphStyle{Color: colourOf(point.side), Radius: 4, Shape: vgdraw.CircleGlyph{}}, vg.Point{X: x, Y: y})
			// The figures are on the outer sides, where they do not meet.
			at, align := x+8, start
			if point.at < point.from || point.at == point.from && point.side == "own" {
				at, align = x-8, end
			}
			write(c, style(8.5, ink, align, middle), at, y, amount(point.at, defaultUnit))
		}
	}
}

// rustChart is own beside Rust, in nanoseconds.
func rustChart(r *run) *picture {
	var all rustPairs
	lo, hi := 0.0, 0.0
	for _, o := range []struct{ label, workload, own, rust string }{
		{"Mutex, guard", "Lock/increment", "own.Guard-checked", "rust.Mutex"},
		{"10 goroutines, empty section", "Contended/empty/10", "own.Guard", "rust.Mutex"},
		{"10 goroutines, 200 ns", "Contended/200ns/10", "own.Guard", "rust.Mutex"},
		{"10 goroutines, map update", "Contended/map/10", "own.Guard", "rust.Mutex"},
		{"RwLock, read", "RW/read", "own.RWMutex", "rust.RwLock"},
		{"RwLock, write", "RW/write", "own.RWMutex", "rust.RwLock"},
		{"8 threads, 90 % reads", "RW/90", "own.RWMutex", "rust.RwLock"},
		{"Condvar, taking turns", "Turns/2", "own.Await", "rust.Condvar"},
		{"Condvar, queue, 4 to 4", "Queue/4x4", "own.LockWhen", "rust.Condvar"},
		{"Arc, clone + drop", "Count/clone", "own.Arc", "rust.Arc"},
		{"Weak, upgrade + drop", "Count/upgrade", "own.Weak", "rust.Weak"},
		{"4 threads, clone + drop", "Owners/4", "own.Arc", "rust.Arc"},
		{"current value, 4 readers", "Swap/4", "own.AtomicArc", "rust.RwLock+Arc"},
	} {
		own, measured := r.absolute(o.workload, o.own)
		rust, measuredToo := r.absolute(o.workload, o.rust)
		if !measured || !measuredToo || !drawable(own) || !drawable(rust) {
			continue
		}
		all = append(all, rustPair{o.label, own.center, rust.center})
		if lo == 0 {
			lo, hi = own.center, own.center
		}
		lo, hi = min(lo, own.center, rust.center), max(hi, own.center, rust.center)
	}
	if len(all) == 0 {
		return nil
	}
	p := newPlot()
	// There is to be space for the figure to the left of the first point.
	powers(&p.X, 10, lo/2, hi, func(v float64) string { return scaled(v, short, seconds...) })
	p.HideY()
	p.Add(all)
	height := vg.Length(len(all))*rustPairHeight + 110
	return &picture{760, height, "The same work in Go with own, and in Rust", "time per operation, goroutines here, threads there: lower is better", func(c vgdraw.Canvas) {
		legend(vgdraw.Crop(c, 0, 0, 0, -4), []string{"own", "Rust"})
		p.Draw(vgdraw.Crop(c, 190, -45, 0, -24))
	}}
}
