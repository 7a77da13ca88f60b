//go:build owndebug

package owndebug_test

import (
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-own/own"
	"github.com/go-own/own/cell"
	"github.com/go-own/own/owndebug"
	"github.com/go-own/own/rc"
)

type page struct{ words [8]int }

// An owner that nobody drops is found when it is collected, with how and where it was made.
func TestLeakedOwner(t *testing.T) {
	for name, c := range map[string]struct {
		typ, how string
		leak     func()
	}{
		"made": {"Arc[owndebug_test.page]", "made", func() { own.NewArc(page{}) }},
		"made from a pointer": {"Arc[owndebug_test.page]", "made", func() {
			own.ArcFrom(new(page), func(*page) {})
		}},
		"cloned": {"Arc[owndebug_test.page]", "cloned", func() {
			a := own.NewArc(page{})
			defer a.Drop()
			a.Clone()
		}},
		"moved": {"Arc[owndebug_test.page]", "moved", func() { own.NewArc(page{}).Move() }},
		"upgraded": {"Arc[owndebug_test.page]", "upgraded", func() {
			a := own.NewArc(page{})
			defer a.Drop()
			w := a.Downgrade()
			defer w.Drop()
			w.Upgrade()
		}},
		"stored": {"AtomicArc[owndebug_test.page]", "stored", func() {
			new(own.AtomicArc[page]).Store(own.NewArc(page{}))
		}},
		"stored if": {"AtomicArc[owndebug_test.page]", "stored", func() {
			new(own.AtomicArc[page]).CompareAndSwap(nil, own.NewArc(page{}))
		}},
		"loaded": {"Arc[owndebug_test.page]", "loaded", func() {
			var p own.AtomicArc[page]
			defer p.Drop()
			p.Store(own.NewArc(page{}))
			p.Load()
		}},
		"swapped out": {"Arc[owndebug_test.page]", "swapped out", func() {
			var p own.AtomicArc[page]
			p.Store(own.NewArc(page{}))
			p.Swap(nil)
		}},
		"cyclic": {"Arc[owndebug_test.page]", "made", func() {
			own.NewCyclicArc(func(self *own.Weak[page]) (page, error) { self.Drop(); return page{}, nil })
		}},
		"Rc made":   {"Rc[owndebug_test.page]", "made", func() { rc.New(page{}) }},
		"Rc cloned": {"Rc[owndebug_test.page]", "cloned", func() { r := rc.New(page{}); defer r.Drop(); r.Clone() }},
		"Rc moved":  {"Rc[owndebug_test.page]", "moved", func() { rc.New(page{}).Move() }},
		"Rc upgraded": {"Rc[owndebug_test.page]", "upgraded", func() {
			r := rc.New(page{})
			defer r.Drop()
			r.Downgrade().Upgrade()
		}},
	} {
		t.Run(name, func(t *testing.T) {
			r := record(t)
			alone(c.leak)
			d := requireKind(t, owndebug.LeakedOwner, r.collected(t))
			require.Len(t, d.Owners, 1)
			require.Equal(t, c.typ, d.Owners[0].Type)
			require.Equal(t, c.how, d.Owners[0].How)
			require.Equal(t, 1, d.Owners[0].Count)
			require.True(t, d.Owners[0].Made.has("TestLeakedOwner"))
			r.reports()
			for range 3 {
				runtime.GC()
			}
			r.requireNone(t)
		})
	}
}

// Two that own each other are never dropped, and are found when both are garbage.
func TestLeakedCycle(t *testing.T) {
	type node struct{ next *own.Arc[own.Mutex[any]] }
	r := record(t)
	alone(func() {
		a, b := own.NewArc(own.NewMutex[any](nil)), own.NewArc(own.NewMutex[any](nil))
		a.Value().Store(node{b.Clone()})
		b.Value().Store(node{a.Clone()})
		a.Drop()
		b.Drop()
	})
	for range 2 {
		d := requireKind(t, owndebug.LeakedOwner, r.collected(t))
		require.Equal(t, "cloned", d.Owners[0].How)
	}
	for range 3 {
		runtime.GC()
	}
	r.reports()
}

// Owners that were dropped, or given up in another way, are not reported. Nor is a Weak.
func TestDroppedOwnersAreNotLeaked(t *testing.T) {
	r := record(t)
	ft := new(fakeT)
	owndebug.VerifyNone(ft)
	alone(func() {
		for range 50 {
			a := own.NewArc(page{})
			a.Drop()
			a.Drop()
			own.NewArc(page{}).TryUnwrap()
			own.NewArc(page{}).IntoInner()
			own.NewArc(page{}).UnwrapOrClone(func(p *page) page { return *p })
			b := own.NewArc(page{})
			c := b.Clone()
			c.MakeMut(func(p *page) page { return *p }).words[0] = 1
			w := b.Downgrade()
			w.Clone()
			c.Move().Drop()
			b.Drop()
			w.Upgrade()

			var p own.AtomicArc[page]
			p.Store(own.NewArc(page{}))
			p.Store(own.NewArc(page{}))
			d := p.Load()
			e := own.NewArc(page{})
			p.CompareAndSwap(d, e)
			p.CompareAndSwap(d, d)
			d.Drop()
			e.Drop()
			p.Swap(nil).Drop()
			p.Drop()

			x := rc.New(page{})
			x.Clone().Drop()
			x.Downgrade().Clone()
			x.Move().Drop()
			rc.New(page{}).TryUnwrap()
		}
	})
	for range 3 {
		runtime.GC()
	}
	r.requireNone(t)
	require.Empty(t, ft.end())
}

// Leaks of one place are one line, however many.
func TestOwnersAreGrouped(t *testing.T) {
	ft := new(fakeT)
	owndebug.VerifyNone(ft)
	var all []*own.Arc[page]
	for range 7 {
		all = append(all, own.NewArc(page{}))
	}
	for range 3 {
		all = append(all, all[0].Clone())
	}
	left := ft.end()
	require.Contains(t, left, "still alive: 7 Arc[owndebug_test.page], each made at")
	require.Contains(t, left, "still alive: 3 Arc[owndebug_test.page], each cloned at")
	require.Contains(t, left, "TestOwnersAreGrouped")
	for _, a := range all {
		a.Drop()
	}
}

// What belongs to one goroutine is used by two. They take turns, so that the race detector
// has nothing to say.
func TestSharedBetweenGoroutines(t *testing.T) {
	for name, c := range map[string]struct {
		what string
		use  func() func()
	}{
		"Rc.Clone":     {"an Rc", func() func() { r := rc.New(1); return func() { r.Clone().Drop(); r.Drop() } }},
		"Rc.Value":     {"an Rc", func() func() { r := rc.New(1); return func() { r.Value(); r.Drop() } }},
		"Rc.Drop":      {"an Rc", func() func() { return rc.New(1).Drop }},
		"Rc, a clone":  {"an Rc", func() func() { r := rc.New(1); c := r.Clone(); r.Drop(); return c.Drop }},
		"Weak.Upgrade": {"an Rc", func() func() { r := rc.New(1); w := r.Downgrade(); r.Drop(); return func() { w.Upgrade() } }},
		"RefCell.Borrow": {"a RefCell", func() func() {
			c := new(cell.RefCell[int])
			c.Borrow()
			return func() { c.Borrow().Drop() }
		}},
		"Ref.Drop":    {"a RefCell", func() func() { return new(cell.RefCell[int]).Borrow().Drop }},
		"RefMut.Drop": {"a RefCell", func() func() { return new(cell.RefCell[int]).BorrowMut().Drop }},
	} {
		t.Run(name, func(t *testing.T) {
			r := record(t)
			made, used := make(chan func()), make(chan bool)
			var maker sync.WaitGroup
			maker.Go(func() {
				made <- c.use()
				<-used // it still exists
			})
			(<-made)()
			close(used)
			maker.Wait()
			d := r.requireOne(t, owndebug.NotSend)
			require.Contains(t, d.Headline, c.what)
			require.True(t, d.At.has("TestSharedBetweenGoroutines"))
			require.Len(t, d.Owners, 1, "the first one")
			require.True(t, d.Owners[0].Made.has("TestSharedBetweenGoroutines"))
		})
	}
}

// A RefCell that is not borrowed may move to another goroutine.
func TestRefCellMoves(t *testing.T) {
	r := record(t)
	c := new(cell.RefCell[int])
	for range 3 {
		alone(func() {
			c.Replace(1)
			v := c.Borrow()
			v.Clone().Drop()
			v.Drop()
			c.BorrowMut().Drop()
		})
	}
	r.requireNone(t)
}

// One goroutine may do with them what it likes.
func TestNotShared(t *testing.T) {
	r := record(t)
	for range 3 {
		alone(func() {
			x := rc.New(cell.NewRefCell(1))
			defer x.Drop()
			y := x.Clone()
			defer y.Drop()
			*x.Value().BorrowMut().Value() = 2 // a RefMut that is not dropped is not an owner
			y.Downgrade().Drop()
		})
	}
	r.requireNone(t)
}
