//go:build owndebug

package owndebug

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/go-own/own/internal/track"
)

// The graph of lock order, drawn from left to right: a lock stands left of those that are
// taken while it is held, as far as there are no cycles. Steps, each of them the simplest
// that looks well:
//
//  1. fold and cut: of many locks with the same name one is drawn, and of what is still
//     too much some, cycles first; what does not hang together is drawn one below the
//     other;
//  2. columns: edges that close a cycle are turned round, then each lock goes one column
//     right of the rightmost of those before it. An edge that is longer than a column gets
//     a bend in each column that it crosses, so that it goes around the locks there;
//  3. rows: each column is sorted by where the neighbours are, a few times;
//  4. lines: those at one side of a lock share it, sorted by where they lead.
const (
	foldFrom  = 20 // locks: from there on, those of one name are drawn as one
	maxDrawn  = 40 // locks
	maxLines  = 150
	maxLetter = 30 // of a name, drawn

	boxWidth, boxHeight = 236, 46
	bendHeight          = 10
	columnGap, rowGap   = 64, 18
	margin              = 20
	wide                = 1300 // wider than most windows
)

// A picture is what the template draws.
type picture struct {
	Width, Height int
	Boxes         []box
	Lines         []line

	Locks, Edges      int // that there are
	DrawnLocks        int // that the boxes stand for
	DrawnEdges        int // that the lines stand for
	Folded, Cut, Wide bool
	Red               bool // some line is
}

// A box is a lock, or several of one name.
type box struct {
	X, Y, Width, Height int
	Type, Place         string // shortened
	Title               string // whole
	Red                 bool
}

// A line is an edge, or several between the same boxes.
type line struct {
	Path, Head string
	Title      string
	Red        bool
}

// A vertex is a box, or the bend of an edge.
type vertex struct {
	name   track.Named
	count  int // of locks, 0 for a bend
	red    bool
	column int
	height int
	y      float64 // of its middle

	right, left []*segment // that begin and end here, from left to right
}

// A segment is a part of an edge, from one column to the next.
type segment struct {
	from, to   *vertex
	fromY, toY float64
	order      int // of its edge, which comes before others that are alike
}

// An arc is an edge between vertices.
type arc struct {
	from, to *vertex
	count    int
	red      bool
	turned   bool // drawn from right to left
	segments []*segment
}

// A pair is two locks, by their ids.
type pair struct{ from, to uint64 }

// cycles returns the edges that are part of a deadlock that was reported, potential or not.
func cycles(order []track.Before, reports []*track.Report) map[pair]bool {
	all := map[pair]bool{}
	for _, e := range order {
		if e.Reported { // the report may be of other locks by now: see owndebug.Reports
			all[pair{e.From.ID, e.To.ID}] = true
		}
	}
	for _, r := range reports {
		for _, s := range r.Cycle {
			all[pair{s.Holds.Lock.ID, s.Wants.Lock.ID}] = true
		}
	}
	return all
}

// draw returns the picture of the given edges, those of reported cycles in red.
func draw(order []track.Before, reports []*track.Report) picture {
	vertices, arcs, p := fold(order, cycles(order, reports))
	bottom := margin
	for _, part := range parts(vertices, arcs) {
		columns(part.vertices, part.arcs)
		grid := bend(part.vertices, part.arcs)
		rows(grid)
		next := bottom
		for _, v := range slices.Concat(grid...) {
			v.y += float64(bottom)
			next = max(next, int(v.y)+v.height/2)
		}
		bottom = next + 2*rowGap
		attach(grid)
		for _, v := range part.vertices {
			p.Boxes = append(p.Boxes, v.box())
			p.Width = max(p.Width, v.x()+boxWidth+margin)
		}
		for _, a := range part.arcs {
			p.Lines = append(p.Lines, a.line())
			p.Red = p.Red || a.red
		}
	}
	p.Height = bottom - 2*rowGap + margin
	p.Wide = p.Width > wide
	// Red ones last, on top of the others.
	slices.SortStableFunc(p.Lines, func(a, b line) int { return rank(a.Red) - rank(b.Red) })
	return p
}

// A part is vertices that hang together, and their arcs.
type part struct {
	vertices []*vertex
	arcs     []*arc
}

// parts returns the parts, in the order in which they begin: what is red comes first.
func parts(vertices []*vertex, arcs []*arc) []*part {
	next := map[*vertex][]*vertex{}
	for _, a := range arcs {
		next[a.from], next[a.to] = append(next[a.from], a.to), append(next[a.to], a.from)
	}
	var all []*part
	of := map[*vertex]*part{}
	for _, v := range vertices {
		if of[v] != nil {
			continue
		}
		p := &part{vertices: []*vertex{v}}
		of[v] = p
		for i := 0; i < len(p.vertices); i++ {
			for _, w := range next[p.vertices[i]] {
				if of[w] == nil {
					of[w] = p
					p.vertices = append(p.vertices, w)
				}
			}
		}
		all = append(all, p)
	}
	for _, a := range arcs {
		of[a.from].arcs = append(of[a.from].arcs, a)
	}
	return all
}

func rank(red bool) int {
	if red {
		return 1
	}
	return 0
}

// fold makes vertices and arcs of the edges, and says in the picture how many of them it
// has left out.
func fold(order []track.Before, red map[pair]bool) (vertices []*vertex, arcs []*arc, p picture) {
	// Those of cycles first, so that they are what is left.
	order = slices.Clone(order)
	slices.SortStableFunc(order, func(a, b track.Before) int {
		return cmp.Compare(rank(red[pair{b.From.ID, b.To.ID}]), rank(red[pair{a.From.ID, a.To.ID}]))
	})
	locks := map[uint64]bool{}
	special := map[uint64]bool{} // in a cycle
	for _, e := range order {
		locks[e.From.ID], locks[e.To.ID] = true, true
		if red[pair{e.From.ID, e.To.ID}] {
			special[e.From.ID], special[e.To.ID] = true, true
		}
	}
	p.Locks, p.Edges = len(locks), len(order)

	drawn := map[uint64]*vertex{}
	named := map[string]*vertex{}
	vertexOf := func(n track.Named) *vertex {
		if v := drawn[n.ID]; v != nil {
			return v
		}
		folds := p.Locks > foldFrom && !special[n.ID]
		v := named[n.String()]
		switch {
		case folds && v != nil:
			p.Folded = true
		case len(vertices) == maxDrawn:
			return nil
		default:
			v = &vertex{name: n, height: boxHeight, red: special[n.ID]}
			vertices = append(vertices, v)
			if folds {
				named[n.String()] = v
			}
		}
		v.count++
		drawn[n.ID] = v
		return v
	}
	between := map[[2]*vertex]*arc{}
	for _, e := range order {
		from, to := vertexOf(e.From), vertexOf(e.To)
		if from == nil || to == nil {
			p.Cut = true
			continue
		}
		a := between[[2]*vertex{from, to}]
		if a == nil {
			if len(arcs) == maxLines {
				p.Cut = true
				continue
			}
			a = &arc{from: from, to: to}
			between[[2]*vertex{from, to}] = a
			arcs = append(arcs, a)
		}
		a.count++
		a.red = a.red || red[pair{e.From.ID, e.To.ID}]
		p.DrawnEdges++
	}
	p.DrawnLocks = len(drawn)
	return vertices, arcs, p
}

// columns turns arcs round so that there is no cycle, and gives each vertex its column.
func columns(vertices []*vertex, arcs []*arc) {
	out := map[*vertex][]*arc{}
	entered := map[*vertex]int{}
	for _, a := range arcs {
		if a.from != a.to {
			out[a.from] = append(out[a.from], a)
			entered[a.to]++
		}
	}
	// In depth first order, from where nothing leads to, an arc back to where the walk is
	// still under way closes a cycle.
	const under, done = 1, 2
	state := map[*vertex]int{}
	var last []*vertex // the vertices, each after all those that it leads to
	var walk func(v *vertex)
	walk = func(v *vertex) {
		state[v] = under
		for _, a := range out[v] {
			switch state[a.to] {
			case under:
				a.turned = true
			case 0:
				walk(a.to)
			}
		}
		state[v] = done
		last = append(last, v)
	}
	for _, roots := range []bool{true, false} {
		for _, v := range vertices {
			if state[v] == 0 && (entered[v] == 0) == roots {
				walk(v)
			}
		}
	}
	slices.Reverse(last)
	for _, v := range last { // each after all that lead to it
		for _, a := range out[v] {
			if !a.turned {
				a.to.column = max(a.to.column, v.column+1)
			}
		}
	}
}

// bend cuts the arcs into segments, and returns the vertices by column, bends included.
func bend(vertices []*vertex, arcs []*arc) [][]*vertex {
	var grid [][]*vertex
	put := func(v *vertex) {
		for len(grid) <= v.column {
			grid = append(grid, nil)
		}
		grid[v.column] = append(grid[v.column], v)
	}
	for _, v := range vertices {
		put(v)
	}
	for i, a := range arcs {
		from, to := a.from, a.to
		if a.turned {
			from, to = to, from
		}
		for from != to {
			next := to
			if from.column+1 < to.column {
				next = &vertex{column: from.column + 1, height: bendHeight}
				put(next)
			}
			s := &segment{from: from, to: next, order: i}
			from.right, next.left = append(from.right, s), append(next.left, s)
			a.segments = append(a.segments, s)
			from = next
		}
	}
	return grid
}

// rows sorts the columns and gives each vertex its y.
func rows(grid [][]*vertex) {
	for _, column := range grid {
		pile(column)
	}
	neighbours := func(v *vertex, left, right bool) float64 {
		sum, n := 0.0, 0
		if left {
			for _, s := range v.left {
				sum, n = sum+s.from.y, n+1
			}
		}
		if right {
			for _, s := range v.right {
				sum, n = sum+s.to.y, n+1
			}
		}
		if n == 0 {
			return v.y
		}
		return sum / float64(n)
	}
	// To and fro, by the neighbours on one side; that puts the columns in order.
	for sweep := range 8 {
		for i := range grid {
			column, left := grid[i], true
			if sweep%2 == 1 {
				column, left = grid[len(grid)-1-i], false
			}
			want := map[*vertex]float64{}
			for _, v := range column {
				want[v] = neighbours(v, left, !left)
			}
			slices.SortStableFunc(column, func(a, b *vertex) int { return cmp.Compare(want[a], want[b]) })
			pile(column)
		}
	}
	// Then, in that order, as near to the neighbours as there is room.
	for range 8 {
		for _, column := range grid {
			settle(column, func(v *vertex) float64 { return neighbours(v, true, true) })
		}
	}
	top := 0.0
	for _, v := range slices.Concat(grid...) {
		top = min(top, v.y-float64(v.height)/2)
	}
	for _, v := range slices.Concat(grid...) {
		v.y -= top
	}
}

// pile puts the vertices of a column below each other, around 0.
func pile(column []*vertex) {
	y := 0.0
	for _, v := range column {
		v.y = y + float64(v.height)/2
		y += float64(v.height) + rowGap
	}
	for _, v := range column {
		v.y -= (y - rowGap) / 2
	}
}

// settle puts each vertex of a column where it wants to be, or as near to that as those
// above it allow, and the column as a whole where it wants to be on average.
func settle(column []*vertex, want func(*vertex) float64) {
	off := 0.0
	bottom := 0.0
	for i, v := range column {
		y := want(v)
		off += y
		half := float64(v.height) / 2
		if i > 0 {
			y = max(y, bottom+rowGap+half)
		}
		v.y = y
		off -= y
		bottom = y + half
	}
	for _, v := range column {
		v.y += off / float64(len(column))
	}
}

// attach gives the ends of the segments their y: the side of a vertex is shared out among
// those that end there.
func attach(grid [][]*vertex) {
	share := func(v *vertex, all []*segment, other func(*segment) *vertex, end func(*segment) *float64) {
		slices.SortStableFunc(all, func(a, b *segment) int {
			return cmp.Or(cmp.Compare(other(a).y, other(b).y), a.order-b.order)
		})
		for i, s := range all {
			*end(s) = v.y + float64(v.height)*(float64(i+1)/float64(len(all)+1)-0.5)
		}
	}
	for _, v := range slices.Concat(grid...) {
		share(v, v.right, func(s *segment) *vertex { return s.to }, func(s *segment) *float64 { return &s.fromY })
		share(v, v.left, func(s *segment) *vertex { return s.from }, func(s *segment) *float64 { return &s.toY })
	}
}

func (v *vertex) x() int { return margin + v.column*(boxWidth+columnGap) }

// title returns the whole name.
func (v *vertex) title() string {
	if v.count > 1 {
		return fmt.Sprintf("%s × %d", v.name, v.count)
	}
	return fmt.Sprintf("%s #%d", v.name, v.name.ID)
}

func (v *vertex) box() box {
	b := box{
		X: v.x(), Y: int(v.y) - boxHeight/2, Width: boxWidth, Height: boxHeight,
		Title: v.title(), Red: v.red,
	}
	suffix := fmt.Sprintf(" #%d", v.name.ID)
	if v.count > 1 {
		suffix = fmt.Sprintf(" × %d", v.count)
	}
	b.Type = shorten(v.name.Type, maxLetter-len([]rune(suffix))) + suffix
	verb, where := placeOf(v.name)
	if verb == "first locked at" {
		verb = "locked at"
	}
	if verb != "" {
		b.Place = verb + " " + tail(where, maxLetter-len(verb)-1)
	}
	return b
}

// line returns the line of a: a curve that leaves and arrives level, and a head.
func (a *arc) line() line {
	l := line{Red: a.red, Title: a.from.title() + " → " + a.to.title()}
	if a.count > 1 {
		l.Title += fmt.Sprintf(" (%d pairs of locks)", a.count)
	}
	const head = 9
	if len(a.segments) == 0 { // between locks of one name: a loop at the top
		x, y := a.from.x()+boxWidth/2, int(a.from.y)-boxHeight/2
		l.Path = fmt.Sprintf("M%d %dC%d %d %d %d %d %d", x-16, y, x-16, y-16, x+16, y-16, x+16, y-head+2)
		l.Head = fmt.Sprintf("M%d %dl-5 -%dh10z", x+16, y, head)
		return l
	}
	var path strings.Builder
	first, last := a.segments[0], a.segments[len(a.segments)-1]
	for i, s := range a.segments {
		x1, x2 := float64(s.from.x()+boxWidth), float64(s.to.x())
		y1, y2 := s.fromY, s.toY
		if i > 0 {
			fmt.Fprintf(&path, "L%.0f %.1f", x1, y1) // across the column of the bend
		} else {
			if a.turned {
				x1 += head
			}
			fmt.Fprintf(&path, "M%.0f %.1f", x1, y1)
		}
		if s == last && !a.turned {
			x2 -= head
		}
		middle := (x1 + x2) / 2
		fmt.Fprintf(&path, "C%.0f %.1f %.0f %.1f %.0f %.1f", middle, y1, middle, y2, x2, y2)
	}
	l.Path = path.String()
	if a.turned {
		l.Head = fmt.Sprintf("M%d %.1fl%d -5v10z", first.from.x()+boxWidth, first.fromY, head)
	} else {
		l.Head = fmt.Sprintf("M%d %.1fl-%d -5v10z", last.to.x(), last.toY, head)
	}
	return l
}

// placeOf returns where a lock was made, or first locked, and which of these it is.
func placeOf(n track.Named) (verb, where string) {
	switch {
	case len(n.Made) > 0:
		return "made at", n.Made[0].String()
	case len(n.First) > 0:
		return "first locked at", n.First[0].String()
	default:
		return "", ""
	}
}

// shorten returns the first n letters of s, and tail the last.
func shorten(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:max(0, n-1)]) + "…"
}

func tail(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return "…" + string(r[len(r)-max(0, n-1):])
}
