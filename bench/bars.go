package main

import (
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	vgdraw "gonum.org/v1/plot/vg/draw"
)

// Charts of ratios: bars that begin at 1 and go to the left for what is quicker than what it
// is compared with, and to the right for what is slower. The axis is logarithmic, so that
// twice as quick is as long as twice as slow.

// A row is a few bars with one label.
type row struct {
	label string
	bars  []bar
}

type bar struct {
	side string
	e    estimate
}

// ends returns the interval, or the median twice if there is none that can be drawn.
func (b bar) ends() (lo, hi float64) {
	if !b.e.bounded() || b.e.lo <= 0 {
		return b.e.center, b.e.center
	}
	return b.e.lo, b.e.hi
}

// A bars draws rows, from the top.
type bars struct {
	rows  []row
	thick vg.Length
}

const between = 7 // from the bars of a row to those of the next

func (b *bars) height() vg.Length {
	h := vg.Length(0)
	for _, r := range b.rows {
		h += vg.Length(len(r.bars))*b.thick + between
	}
	return h
}

// labels is how wide the column of labels is.
func (b *bars) labels() vg.Length {
	w := vg.Length(0)
	for _, r := range b.rows {
		w = max(w, style(10, ink, end, middle).Width(r.label))
	}
	return w + 18 // for fonts that are wider than the one that is measured here
}

// Plot draws the bars, and to the left of the canvas the labels.
func (b *bars) Plot(c vgdraw.Canvas, p *plot.Plot) {
	vertical(c, p, 1)
	toX, _ := p.Transforms(&c)
	y := c.Max.Y - between/2
	for _, r := range b.rows {
		height := vg.Length(len(r.bars)) * b.thick
		write(c, style(10, ink, end, middle), c.Min.X-8, y-height/2, r.label)
		for _, bar := range r.bars {
			lo, hi := bar.ends()
			c.FillPolygon(colourOf(bar.side), corners(toX(1), y-b.thick+1, toX(bar.e.center), y))
			c.StrokeLine2(vgdraw.LineStyle{Color: ink, Width: 0.8}, toX(lo), y-b.thick/2+0.5, toX(hi), y-b.thick/2+0.5)
			at, align := toX(hi)+3, start
			if bar.e.center < 1 {
				at, align = toX(lo)-3, end
			}
			write(c, style(8.5, ink, align, middle), at, y-b.thick/2+0.5, times(bar.e.center))
			y -= b.thick
		}
		y -= between
	}
}

// ratioPicture is the picture of rows, or nil if there are none.
func ratioPicture(title, better string, rows []row, sides []string, thick vg.Length) *picture {
	b := &bars{rows, thick}
	lo, hi := 0.9, 1.1
	found := map[string]bool{}
	for _, r := range rows {
		for _, bar := range r.bars {
			from, to := bar.ends()
			lo, hi = min(lo, from), max(hi, to)
			found[bar.side] = true
		}
	}
	if len(found) == 0 {
		return nil
	}
	sides = slices.DeleteFunc(slices.Clone(sides), func(s string) bool { return !found[s] })
	p := newPlot()
	// There is to be space for the figure to the left of the longest bar.
	powers(&p.X, 2, 0.75*lo, hi, func(v float64) string { return short(v) + "×" })
	p.HideY()
	p.Add(b)
	return &picture{760, b.height() + 102, title, better, func(c vgdraw.Canvas) {
		legend(vgdraw.Crop(c, 0, 0, 0, -4), sides)
		p.Draw(vgdraw.Crop(c, b.labels(), -34, 0, -18))
	}}
}

// rows returns one row for each workload, with the sides that were measured.
func (r *run) rows(workloads [][2]string, sides []string) []row {
	var all []row
	for _, w := range workloads {
		one := row{label: w[1]}
		for _, s := range sides {
			if m := r.workload(w[0]); m != nil {
				if e, ok := r.ratio(w[0], s, m.sides[0].name); ok && drawable(e) {
					one.bars = append(one.bars, bar{s, e})
				}
			}
		}
		if len(one.bars) > 0 {
			all = append(all, one)
		}
	}
	return all
}

// drawable is whether e has a place on a logarithmic axis.
func drawable(e estimate) bool { return e.center > 0 && !math.IsInf(e.center, 0) }

// overview is what the library costs, and what Rust does, in relation to what one would
// write without it.
func overview(r *run) *picture {
	sides := []string{"own", "Rust"}
	var rows []row
	for _, o := range []struct{ label, workload, base, own, rust string }{
		{"Mutex, With vs sync.Mutex", "Lock/increment", "sync.Mutex", "own.With", ""},
		{"Mutex, guard deferred vs sync.Mutex", "Lock/increment", "sync.Mutex", "own.Guard-deferred", "rust.Mutex"},
		{"10 goroutines, empty section vs sync.Mutex", "Contended/empty/10", "sync.Mutex", "own.With", "rust.Mutex"},
		{"10 goroutines, 200 ns vs sync.Mutex", "Contended/200ns/10", "sync.Mutex", "own.With", "rust.Mutex"},
		{"RWMutex, read vs sync.RWMutex", "RW/read", "sync.RWMutex", "own.RWMutex", "rust.RwLock"},
		{"RWMutex, write vs sync.RWMutex", "RW/write", "sync.RWMutex", "own.RWMutex", "rust.RwLock"},
		{"8 goroutines, 90 % reads vs sync.RWMutex", "RW/90", "sync.RWMutex", "own.RWMutex", "rust.RwLock"},
		{"LockContext vs x/sync semaphore", "Lock/context", "semaphore.Weighted", "own.LockContext", ""},
		{"LockContext vs 1-slot channel", "Lock/context", "channel", "own.LockContext", ""},
		{"taking turns by Await vs sync.Cond", "Turns/2", "sync.Cond", "own.Await", "rust.Condvar"},
		{"queue, 4 to 4, by LockWhen vs sync.Cond", "Queue/4x4", "sync.Cond", "own.LockWhen", "rust.Condvar"},
		{"Arc, Clone + Drop vs two atomic adds", "Count/clone", "two-adds", "own.Arc", "rust.Arc"},
		{"Weak, Upgrade + Drop vs two atomic adds", "Count/upgrade", "two-adds", "own.Weak", "rust.Weak"},
		{"AtomicArc, Load + Drop vs RWMutex + count", "Count/load", "RWMutex+count", "own.AtomicArc", "rust.RwLock+Arc"},
	} {
		one := row{label: o.label}
		for i, side := range []string{o.own, o.rust} {
			if e, ok := r.ratio(o.workload, side, o.base); ok && drawable(e) {
				one.bars = append(one.bars, bar{sides[i], e})
			}
		}
		if len(one.bars) > 0 {
			rows = append(rows, one)
		}
	}
	return ratioPicture("What it costs against what one would write without it",
		"time in relation to what is after “vs”, which is at 1×: lower is better", rows, sides, 11)
}

func contendedChart(r *run) *picture {
	sides := []string{"own.With", "own.Guard", "tailscale.MutexValue", "semaphore.Weighted", "channel", "rust.Mutex"}
	return ratioPicture("One lock, many goroutines",
		"time per section in relation to sync.Mutex, which is at 1×: lower is better", r.rows([][2]string{
			{"Contended/empty/2", "empty section, 2 goroutines"},
			{"Contended/empty/10", "10 goroutines"},
			{"Contended/empty/100", "100 goroutines"},
			{"Contended/200ns/2", "section of 200 ns, 2 goroutines"},
			{"Contended/200ns/10", "10 goroutines"},
			{"Contended/200ns/100", "100 goroutines"},
			{"Contended/map/2", "map update, 2 goroutines"},
			{"Contended/map/10", "10 goroutines"},
			{"Contended/map/100", "100 goroutines"},
		}, sides), sides, 9)
}

func rwChart(r *run) *picture {
	sides := []string{"own.RWMutex", "own.Mutex", "sync.Mutex", "xsync.RBMutex", "rust.RwLock"}
	return ratioPicture("Readers and writers",
		"time per operation in relation to sync.RWMutex, which is at 1×: lower is better", r.rows([][2]string{
			{"RW/read", "read, alone"},
			{"RW/write", "write, alone"},
			{"RW/99", "8 goroutines, 99 % reads"},
			{"RW/90", "8 goroutines, 90 % reads"},
			{"RW/50", "8 goroutines, 50 % reads"},
		}, sides), sides, 10)
}
