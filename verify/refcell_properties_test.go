package verify

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/go-own/own/cell"
)

// A refModel is a Ref or a RefMut, and what is known of it.
type refModel struct {
	ref  *cell.Ref[int]    // or nil
	mut  *cell.RefMut[int] // or nil
	of   *refcellModel
	live bool
}

func (r *refModel) value() *int {
	if r.ref != nil {
		return r.ref.Value()
	}
	return r.mut.Value()
}

func (r *refModel) drop() {
	if r.ref != nil {
		r.ref.Drop()
	} else {
		r.mut.Drop()
	}
}

// A refcellModel is a RefCell beside its model.
type refcellModel struct {
	c       cell.RefCell[int]
	value   int
	readers int
	written bool
}

func (c *refcellModel) free() bool { return !c.written && c.readers == 0 }

// A refcellMachine is two RefCells, for Swap.
type refcellMachine struct {
	cells [2]refcellModel
	refs  []*refModel // with those that were dropped
}

func TestRefCellProperties(t *testing.T) { rapid.Check(t, refcellProperties) }

func refcellProperties(t *rapid.T) {
	m := &refcellMachine{}
	m.cells[0].value = aNumber(t)
	m.cells[0].c = cell.NewRefCell(m.cells[0].value)
	t.Repeat(actions{
		"":           m.check,
		"borrow":     m.borrow,
		"borrow mut": m.borrowMut,
		"clone":      some(&m.refs, m.clone),
		"use":        some(&m.refs, m.use),
		"drop":       some(&m.refs, m.drop),
		"replace":    m.replace,
		"swap":       m.swap,
		"nil":        m.misuse,
	})
}

// check compares what can be seen of the cells with the model.
func (m *refcellMachine) check(t *rapid.T) {
	for i := range m.cells {
		c := &m.cells[i]
		r, err := c.c.TryBorrow()
		if c.written {
			require.ErrorIs(t, err, cell.ErrMutBorrowed)
			require.Nil(t, r)
			require.Equal(t, "RefCell { value: <borrowed> }", fmt.Sprint(&c.c))
		} else {
			require.NoError(t, err)
			require.Equal(t, c.value, *r.Value())
			r.Drop()
			require.Equal(t, fmt.Sprintf("RefCell { value: %d }", c.value), fmt.Sprint(&c.c))
		}
		w, err := c.c.TryBorrowMut()
		if c.free() {
			require.NoError(t, err)
			require.Equal(t, c.value, *w.Value())
			w.Drop()
		} else {
			require.ErrorIs(t, err, cell.ErrBorrowed)
			require.Nil(t, w)
		}
	}
	for _, r := range m.refs {
		if r.live {
			require.Equal(t, r.of.value, *r.value())
		} else {
			requireMisuse(t, func() { r.value() })
		}
	}
}

func (m *refcellMachine) cell(t *rapid.T) *refcellModel { return &m.cells[index(t, len(m.cells))] }

func (m *refcellMachine) borrow(t *rapid.T) {
	c := m.cell(t)
	if c.written {
		requireMisuse(t, func() { c.c.Borrow() })
		return
	}
	c.readers++
	m.refs = append(m.refs, &refModel{ref: c.c.Borrow(), of: c, live: true})
}

func (m *refcellMachine) borrowMut(t *rapid.T) {
	c := m.cell(t)
	if !c.free() {
		requireMisuse(t, func() { c.c.BorrowMut() })
		return
	}
	c.written = true
	m.refs = append(m.refs, &refModel{mut: c.c.BorrowMut(), of: c, live: true})
}

func (m *refcellMachine) clone(t *rapid.T) {
	r := m.refs[index(t, len(m.refs))]
	switch {
	case r.ref == nil:
		return // a RefMut has no Clone
	case r.live:
		r.of.readers++
		m.refs = append(m.refs, &refModel{ref: r.ref.Clone(), of: r.of, live: true})
	default:
		requireMisuse(t, func() { r.ref.Clone() })
	}
}

func (m *refcellMachine) use(t *rapid.T) {
	r, v := m.refs[index(t, len(m.refs))], aNumber(t)
	switch {
	case r.mut == nil:
		return // a Ref is for reading
	case r.live:
		*r.mut.Value() = v
		r.of.value = v
	default:
		requireMisuse(t, func() { *r.mut.Value() = v })
	}
}

// drop ends a borrow, live or not, by itself or past a panic, which is nothing to
// it.
func (m *refcellMachine) drop(t *rapid.T) {
	r, tr := m.refs[index(t, len(m.refs))], aTrouble(t)
	tr.during(t, func() {
		defer r.drop()
		tr.make()
	})
	switch {
	case !r.live:
	case r.mut != nil:
		r.of.written = false
	default:
		r.of.readers--
	}
	r.live = false
}

// replace is Replace, Take and IntoInner.
func (m *refcellMachine) replace(t *rapid.T) {
	c, how, v := m.cell(t), draw(t, "Replace", "Take", "IntoInner"), aNumber(t)
	var old int
	run := func() {
		switch how {
		case "Replace":
			old = c.c.Replace(v)
		case "Take":
			old, v = c.c.Take(), 0
		case "IntoInner":
			old, v = c.c.IntoInner(), 0
		}
	}
	if !c.free() {
		requireMisuse(t, run)
		return
	}
	run()
	require.Equal(t, c.value, old)
	c.value = v
}

func (m *refcellMachine) swap(t *rapid.T) {
	a, b := m.cell(t), m.cell(t)
	if a == b || !a.free() || !b.free() {
		requireMisuse(t, func() { a.c.Swap(&b.c) })
		return
	}
	a.c.Swap(&b.c)
	a.value, b.value = b.value, a.value
}

func (m *refcellMachine) misuse(t *rapid.T) {
	var r *cell.Ref[int]
	var w *cell.RefMut[int]
	r.Drop()
	w.Drop()
	new(cell.Ref[int]).Drop()
	new(cell.RefMut[int]).Drop()
	requireMisuse(t, func() { r.Value() })
	requireMisuse(t, func() { r.Clone() })
	requireMisuse(t, func() { w.Value() })
	requireMisuse(t, func() { new(cell.Ref[int]).Value() })
	requireMisuse(t, func() { new(cell.Ref[int]).Clone() })
	requireMisuse(t, func() { new(cell.RefMut[int]).Value() })
	requireMisuse(t, func() { m.cells[0].c.Swap(nil) })
	require.False(t, errors.Is(cell.ErrBorrowed, cell.ErrMutBorrowed))
}
