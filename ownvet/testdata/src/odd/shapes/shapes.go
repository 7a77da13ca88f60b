// Package shapes has code of shapes that are rare.
package shapes

import (
	"iter"
	"unsafe"

	"github.com/go-own/own"
	"github.com/go-own/own/cell"
	"github.com/go-own/own/rc"
)

func implementedElsewhere(g *own.Guard[int])

func empty(m *own.Mutex[int]) {}

func forever(m *own.Mutex[int]) {
	g := m.MustLock()
	_ = g
	for {
	}
}

func blocksForever(m *own.Mutex[int]) {
	g := m.MustLock()
	_ = g
	select {}
}

func irreducible(m *own.Mutex[int], n int) {
	g := m.MustLock()
	if n > 0 {
		goto middle
	}
top:
	n++
middle:
	n--
	if n > 3 {
		goto top
	}
	g.Unlock()
}

func unreachable(m *own.Mutex[int]) {
	return
	g := m.MustLock()
	g.Unlock()
	*g.Value() = 1
}

func deadBranch(m *own.Mutex[int]) {
	if false {
		m.MustLock()
	}
	for false {
		m.MustLock()
	}
}

type list[T any] struct {
	next *list[T]
	m    *own.Mutex[*list[T]]
	up   *own.Arc[list[T]]
	fn   func(list[T]) *list[T]
}

type (
	a struct{ b *b }
	b struct{ c map[string]c }
	c struct{ a []a }
)

func recursive[T any](l *list[T], x a, n int) {
	if n == 0 {
		return
	}
	g := l.m.MustLock()
	defer g.Unlock()
	recursive(*g.Value(), x, n-1)
	go func() { _ = x }()
}

func mutual(m *own.Mutex[int], n int) { other(m, n-1) }

func other(m *own.Mutex[int], n int) {
	if n > 0 {
		mutual(m, n)
	}
}

type constrained interface {
	~*own.Mutex[int] | ~*own.RWMutex[int]
}

func constraint[M constrained](m M) M { return m }

func structural[S ~[]E, E ~struct{ m own.Mutex[int] }](s S) int { return len(s) }

func pointerConstraint[P interface {
	*T
	Unlock()
}, T any](p P) {
	defer p.Unlock()
}

func rangeOverFunc(m *own.Mutex[[]int], seq iter.Seq2[int, *own.Guard[int]]) (sum int) {
	g := m.MustLock()
	defer g.Unlock()
	for i, h := range seq {
		if i > 3 {
			break
		}
		defer h.Unlock()
		sum += *h.Value()
	}
	for v := range values(g) {
		if v == 0 {
			return sum
		}
		sum += v
	}
	return sum
}

func values(g *own.Guard[[]int]) iter.Seq[int] {
	return func(yield func(int) bool) {
		for _, v := range *g.Value() {
			if !yield(v) {
				return
			}
		}
	}
}

func closures(m *own.Mutex[int]) func() func() func() *own.Guard[int] {
	return func() func() func() *own.Guard[int] {
		return func() func() *own.Guard[int] {
			return func() *own.Guard[int] { return m.MustLock() }
		}
	}
}

var pkgGuard = func() *own.Guard[int] { return global.MustLock() }()

var global own.Mutex[int]

func init() { pkgGuard.Unlock() }

func init() {}

func _(m *own.Mutex[int]) {}

func (list[T]) _() {}

func blank(_ *own.Guard[int], _ ...*own.Arc[int]) (_ *rc.Rc[int], _ error) { return }

func unsafely(g *own.Guard[int]) uintptr {
	return uintptr(unsafe.Pointer(g)) + unsafe.Sizeof(*g)
}

func typeSwitch(x any) {
	switch x := x.(type) {
	case *own.Guard[int]:
		x.Unlock()
	case *rc.Rc[int], *cell.Ref[int]:
		_ = x
	case interface{ Unlock() }:
		defer x.Unlock()
	case nil:
	}
}

func arrays(gs [3]*own.Guard[int], m map[*own.Guard[int]]chan *own.Guard[int]) {
	for _, g := range gs {
		g.Unlock()
	}
	for g, ch := range m {
		select {
		case h, ok := <-ch:
			_, _ = h, ok
		default:
		}
		g.Unlock()
	}
	clear(m)
	gs[0], gs[1] = gs[1], gs[0]
}

type alias = own.Mutex[alias2]
type alias2 = map[string]*own.Guard[int]
type genericAlias[T any] = own.RWMutex[T]
type defined own.Mutex[int]
type definedPointer *own.Guard[int]

func aliases(x *alias, y *genericAlias[alias2], d *defined, p definedPointer) {
	g := x.MustLock()
	defer g.Unlock()
	h := y.MustRLock()
	defer h.Unlock()
	(*own.Guard[int])(p).Unlock()
	(*own.Mutex[int])(d).MustWith(func(*int) {})
}

func methodExpressions(g *own.Guard[int]) {
	f := (*own.Guard[int]).Unlock
	f(g)
	func(u interface{ Unlock() }) { u.Unlock() }(g)
	defer (*own.Guard[int]).Unlock(g)
}
