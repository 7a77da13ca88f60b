package services

import (
	"github.com/go-own/own"
	"github.com/go-own/own/cell"
)

// Variables that hold one handle, and then another: what is done to the one is not done
// to the other. And conditions that are asked twice.

type link struct {
	mu   own.RWMutex[int]
	next *link
}

// Hand over hand: the next lock is taken before the last one is let go.
func handOverHand(first *link) (n int) {
	var last *own.ReadGuard[int]
	for l := first; l != nil; l = l.next {
		g := l.mu.MustRLock()
		last.Unlock()
		last = g
		n += *last.Value()
	}
	last.Unlock()
	return n
}

func final(first *link) int {
	var last *own.ReadGuard[int]
	for l := first; l != nil; l = l.next {
		g := l.mu.MustRLock()
		last.Unlock()
		last = g
	}
	if last == nil {
		return 0
	}
	defer last.Unlock()
	return *last.Value()
}

func largest(cells []*cell.RefCell[int]) (n int) {
	var most *cell.Ref[int]
	for _, c := range cells {
		r := c.Borrow()
		switch {
		case most == nil:
			most = r
		case *r.Value() > *most.Value():
			most.Drop()
			most = r
		default:
			r.Drop()
		}
	}
	if most != nil {
		n = *most.Value()
		most.Drop()
	}
	return n
}

// The variable is captured, so it is one in memory.
func latest(all []*own.AtomicArc[int]) int {
	var newest *own.Arc[int]
	defer func() { newest.Drop() }()
	for _, p := range all {
		if a := p.Load(); a != nil && (newest == nil || *a.Value() > *newest.Value()) {
			newest.Drop()
			newest = a
		} else {
			a.Drop()
		}
	}
	if newest == nil {
		return 0
	}
	return *newest.Value()
}

func renewed(all []*own.RWMutex[int]) (n int) {
	var g *own.ReadGuard[int]
	defer func() { g.Unlock() }()
	for _, m := range all {
		before := g
		g = m.MustRLock()
		before.Unlock()
		n += *g.Value()
	}
	return n
}

// With a pointer that changes together with the guard.
func lastOf(all []*own.Mutex[int]) (n int) {
	var g *own.Guard[int]
	var v *int
	for _, m := range all {
		next := m.MustLock()
		g.Unlock()
		g, v = next, next.Value()
	}
	if v != nil {
		n = *v
	}
	g.Unlock()
	return n
}

// One of two, or none.
func oneOf(a, b *own.Mutex[int], which string) int {
	var g *own.Guard[int]
	switch which {
	case "a":
		g = a.MustLock()
	case "b":
		g = b.MustLock()
	}
	if g == nil {
		return 0
	}
	defer g.Unlock()
	return *g.Value()
}

func whicheverIsFree(a, b *own.Mutex[int]) (int, error) {
	g, err := a.TryLock()
	if err != nil {
		g, err = b.TryLock()
	}
	if err != nil {
		return 0, err
	}
	defer g.Unlock()
	return *g.Value(), nil
}

func whicheverIsNotNil(a, b *own.Mutex[int]) int {
	g, err := a.TryLock()
	if err != nil {
		g, _ = b.TryLock()
	}
	if g == nil {
		return 0
	}
	defer g.Unlock()
	return *g.Value()
}

func lockAgain(m *own.Mutex[int], pause bool) {
	g := m.MustLock()
	if pause {
		g.Unlock()
		g = m.MustLock()
	}
	if g != nil {
		*g.Value()++
		g.Unlock()
	}
}

// Until there are no more.
func all(links []*link) (n int) {
	at := func(i int) *own.ReadGuard[int] { return nthOf(links, i) }
	for i, g := 0, nthOf(links, 0); g != nil; i, g = i+1, nthOf(links, i+1) {
		n += *g.Value()
		g.Unlock()
	}
	if g := at(0); g != nil {
		n -= *g.Value()
		g.Unlock()
	}
	return n
}

func nthOf(links []*link, i int) *own.ReadGuard[int] {
	if i >= len(links) {
		return nil
	}
	return links[i].mu.MustRLock()
}

// An owner that goes or stays.
func keepOrNot(a *own.Arc[int], keep bool) int {
	mine := a.Clone()
	drop := mine
	if keep {
		drop = nil
	}
	drop.Drop()
	if keep {
		defer mine.Drop()
		return *mine.Value()
	}
	return 0
}

type mode struct{ exclusive bool }

func (m mode) locks() bool { return m.exclusive }

// Whoever asks twice gets the same answer.
func askedTwice(m *own.Mutex[int], work []int, name string, a, b bool, how *mode, flags map[string]bool) {
	var first, second, third, fourth, fifth *own.Guard[int]
	if len(work) > 0 {
		first = m.MustLock()
	}
	for _, n := range work {
		*first.Value() += n
	}
	if len(work) > 0 {
		first.Unlock()
	}

	switch name {
	case "write", "append":
		second = m.MustLock()
	}
	pause()
	switch name {
	case "write", "append":
		second.Unlock()
	}

	if a || b {
		third = m.MustLock()
	}
	pause()
	if a || b {
		third.Unlock()
	}

	if how.locks() {
		fourth = m.MustLock()
	}
	pause()
	if how.locks() {
		fourth.Unlock()
	}

	if flags["lock"] {
		fifth = m.MustLock()
	}
	pause()
	if flags["lock"] {
		fifth.Unlock()
	}
}

// In each round anew.
func askedInALoop(m *own.Mutex[int], next func() *mode) {
	for how := next(); how != nil; how = next() {
		var g *own.Guard[int]
		if how.locks() {
			g = m.MustLock()
		}
		pause()
		if how.locks() {
			g.Unlock()
		}
	}
}

func pause() {}
