package verify

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/go-own/own"
	"github.com/go-own/own/rc"
)

func TestArcProperties(t *testing.T)       { rapid.Check(t, arcProperties) }
func TestAtomicArcProperties(t *testing.T) { rapid.Check(t, atomicArcProperties) }
func TestRcProperties(t *testing.T)        { rapid.Check(t, rcProperties) }

// arcMachine is that of Arc.
type arcMachine = ownersMachine[*own.Arc[int], *own.Weak[int]]

func newArcMachine() *arcMachine {
	return &arcMachine{make: constructors[*own.Arc[int], *own.Weak[int]]{
		plain:   own.NewArc[int],
		from:    own.ArcFrom[int],
		cyclic:  own.NewCyclicArc[int],
		owner:   func() *own.Arc[int] { return new(own.Arc[int]) },
		nothing: func() *own.Weak[int] { return new(own.Weak[int]) },
	}}
}

func arcProperties(t *rapid.T) { t.Repeat(newArcMachine().actions()) }

func rcProperties(t *rapid.T) {
	m := &ownersMachine[*rc.Rc[int], *rc.Weak[int]]{make: constructors[*rc.Rc[int], *rc.Weak[int]]{
		plain:   rc.New[int],
		from:    rc.From[int],
		cyclic:  rc.NewCyclic[int],
		owner:   func() *rc.Rc[int] { return new(rc.Rc[int]) },
		nothing: func() *rc.Weak[int] { return new(rc.Weak[int]) },
	}}
	t.Repeat(m.actions())
}

// An atomicArcMachine is two cells, and all that has to do with Arcs.
type atomicArcMachine struct {
	*arcMachine
	cells [2]cellOf
}

// A cellOf is an AtomicArc, and the value in it, or nil.
type cellOf struct {
	c own.AtomicArc[int]
	v *valueModel
}

func atomicArcProperties(t *rapid.T) {
	m := &atomicArcMachine{arcMachine: newArcMachine()}
	a := m.actions()
	a[""] = m.checkAll
	a["load"] = m.load
	a["store"] = m.store
	a["swap"] = m.swap
	a["compare and swap"] = m.compareAndSwap
	a["empty"] = m.empty
	t.Repeat(a)
}

func (m *atomicArcMachine) checkAll(t *rapid.T) {
	m.check(t)
	for i := range m.cells {
		c := &m.cells[i]
		a := c.c.Load()
		if c.v == nil {
			require.Nil(t, a)
			continue
		}
		require.Same(t, c.v.p, a.Value())
		require.Equal(t, c.v.strong+1, a.StrongCount())
		a.Drop()
	}
}

func (m *atomicArcMachine) aCell(t *rapid.T) *cellOf { return &m.cells[index(t, len(m.cells))] }

// something draws an owner, or nil for none.
func (m *atomicArcMachine) something(t *rapid.T) *ownerModel[*own.Arc[int]] {
	if len(m.owners) == 0 || chance(t, 5, "none") {
		return nil
	}
	return m.anOwner(t)
}

// handle returns the handle of o, or nil, and its value.
func handle(o *ownerModel[*own.Arc[int]]) (a *own.Arc[int], v *valueModel, empty bool) {
	if o == nil {
		return nil, nil, false
	}
	return o.o, o.v, o.v == nil
}

func (m *atomicArcMachine) load(t *rapid.T) {
	if m.full() {
		return
	}
	c := m.aCell(t)
	a := c.c.Load()
	if c.v == nil {
		require.Nil(t, a)
		return
	}
	c.v.strong++
	m.own(a, c.v)
}

func (m *atomicArcMachine) store(t *rapid.T) {
	c, o := m.aCell(t), m.something(t)
	a, v, empty := handle(o)
	if empty {
		requireMisuse(t, func() { c.c.Store(a) })
		return
	}
	m.put(t, c, o, v, func() { c.c.Store(a) })
}

// put runs f, which replaces what is in c by the owner o of v, or by nothing.
func (m *atomicArcMachine) put(t *rapid.T, c *cellOf, o *ownerModel[*own.Arc[int]], v *valueModel, f func()) {
	old := c.v
	c.v = v
	if o != nil {
		o.v, v.published = nil, true
	}
	if old != nil {
		m.release(t, old, f)
	} else {
		f()
	}
}

func (m *atomicArcMachine) swap(t *rapid.T) {
	if m.full() {
		return
	}
	c, o := m.aCell(t), m.something(t)
	a, v, empty := handle(o)
	if empty {
		requireMisuse(t, func() { c.c.Swap(a) })
		return
	}
	out := c.c.Swap(a)
	if o != nil {
		o.v, v.published = nil, true
	}
	if c.v == nil {
		require.Nil(t, out)
	} else {
		m.own(out, c.v)
	}
	c.v = v
}

func (m *atomicArcMachine) compareAndSwap(t *rapid.T) {
	c, from, to := m.aCell(t), m.something(t), m.something(t)
	old, ov, oldEmpty := handle(from)
	a, v, empty := handle(to)
	if oldEmpty || empty {
		requireMisuse(t, func() { c.c.CompareAndSwap(old, a) })
		return
	}
	if ov != c.v {
		require.False(t, c.c.CompareAndSwap(old, a))
		return
	}
	m.put(t, c, to, v, func() { require.True(t, c.c.CompareAndSwap(old, a)) })
}

func (m *atomicArcMachine) empty(t *rapid.T) {
	c := m.aCell(t)
	m.put(t, c, nil, nil, c.c.Drop)
}
