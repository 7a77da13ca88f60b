//go:build ownmodel

package own_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/go-own/own"
	"github.com/go-own/own/internal/model"
)

// An rwWorld has a lock, and counts what is done under it.
type rwWorld struct {
	m    own.RWMutex[*box]
	ctx  *model.Context
	want int
}

func newRWWorld(w *model.World) *rwWorld {
	world := &rwWorld{m: own.NewRWMutex(&box{}), ctx: model.NewContext()}
	w.Content(contentOf(world.m.Content, world.ctx, func(b **box) []int { return []int{(*b).n, world.want} }))
	w.Check(world.check)
	return world
}

func (w *rwWorld) check() error {
	if err := mutexFree(&w.m); err != nil {
		return err
	}
	g := w.m.LockIgnorePoison()
	defer g.Unlock()
	if n := (*g.Value()).n; n != w.want {
		return fmt.Errorf("%d updates, want %d: one is lost", n, w.want)
	}
	return nil
}

// read and write are critical sections, if the lock was got.
func (w *rwWorld) read(g *own.ReadGuard[*box], err error, allowed ...error) {
	defer g.Unlock()
	if err == nil {
		(*g.Value()).cell.Read()
	}
	only(err, append(allowed, own.ErrPoisoned)...)
}

func (w *rwWorld) write(g *own.WriteGuard[*box], err error, allowed ...error) {
	defer g.Unlock()
	if err == nil {
		w.touch(*g.Value())
	}
	only(err, append(allowed, own.ErrPoisoned)...)
}

func (w *rwWorld) touch(b *box) {
	b.cell.Write()
	b.n++
	w.want++
}

// downgrade writes, and reads what it has written.
func (w *rwWorld) downgrade() {
	g := w.m.LockIgnorePoison()
	defer g.Unlock()
	w.touch(*g.Value())
	n := (*g.Value()).n
	r := g.Downgrade()
	defer r.Unlock()
	(*r.Value()).cell.Read()
	if (*r.Value()).n != n {
		model.Fail("a writer came in between a write and the look at it")
	}
}

var rwActions = []action[*rwWorld]{
	{name: "RLock", do: func(w *rwWorld) { g, err := w.m.RLock(); w.read(g, err) }},
	{name: "TryRLock", do: func(w *rwWorld) { g, err := w.m.TryRLock(); w.read(g, err, own.ErrWouldBlock) }},
	{name: "Lock", do: func(w *rwWorld) { g, err := w.m.Lock(); w.write(g, err) }},
	{name: "TryLock", do: func(w *rwWorld) { g, err := w.m.TryLock(); w.write(g, err, own.ErrWouldBlock) }},
	{name: "Downgrade", do: (*rwWorld).downgrade},
	{name: "panic", do: func(w *rwWorld) {
		recovered(func() {
			g := w.m.LockIgnorePoison()
			defer g.Unlock()
			w.touch(*g.Value())
			panic("boom")
		})
	}},
	{name: "RLockContext", waits: true, do: func(w *rwWorld) {
		g, err := w.m.RLockContext(w.ctx)
		w.read(g, err, context.Canceled)
	}},
	{name: "LockContext", waits: true, do: func(w *rwWorld) {
		g, err := w.m.LockContext(w.ctx)
		w.write(g, err, context.Canceled)
	}},
	{name: "cancel", do: func(w *rwWorld) { w.ctx.Cancel() }},
}

// All pairs of what can be done with an RWMutex.
func TestModelRWMutexPairs(t *testing.T) { explorePairs(t, rwActions, newRWWorld) }

// A writer that gives up at the gate leaves nobody behind: neither the reader that
// it has held back, nor the writer that comes after it.
func TestModelRWMutexWriterGivesUp(t *testing.T) {
	explore(t, bounded(2), func(w *model.World) {
		world := newRWWorld(w)
		old := world.m.MustRLock()
		w.Thread(func() { old.Unlock() })
		w.Thread(func() { g, err := world.m.LockContext(world.ctx); world.write(g, err, context.Canceled) })
		w.Thread(func() { g, err := world.m.RLock(); world.read(g, err) })
		w.Thread(world.ctx.Cancel)
	})
}

// Readers that leave at the same time: the last one hands over to the writer.
func TestModelRWMutexLastReader(t *testing.T) {
	explore(t, bounded(3), func(w *model.World) {
		world := newRWWorld(w)
		for range 2 {
			old := world.m.MustRLock()
			w.Thread(func() { old.Unlock() })
		}
		w.Thread(func() { g, err := world.m.LockContext(model.NewContext()); world.write(g, err) })
		w.Thread(func() { g, err := world.m.TryRLock(); world.read(g, err, own.ErrWouldBlock) })
	})
}

// A downgrade, a reader that waits, and a writer.
func TestModelRWMutexDowngrade(t *testing.T) {
	explore(t, bounded(2), func(w *model.World) {
		world := newRWWorld(w)
		w.Thread(world.downgrade)
		w.Thread(func() { g, err := world.m.RLockContext(model.NewContext()); world.read(g, err) })
		w.Thread(func() { g, err := world.m.LockContext(model.NewContext()); world.write(g, err) })
		w.Thread(func() { g, err := world.m.Lock(); world.write(g, err) })
	})
}

// A reader that is refused a poisoned lock may be the last that a writer waits for,
// if somebody has cleared the poison meanwhile.
func TestModelRWMutexRefusedReader(t *testing.T) {
	explore(t, bounded(3), func(w *model.World) {
		world := newRWWorld(w)
		recovered(func() { world.m.MustWith(func(**box) { panic("boom") }) })
		w.Thread(func() { g, err := world.m.RLock(); world.read(g, err) })
		w.Thread(func() {
			world.m.ClearPoison()
			g, err := world.m.LockContext(model.NewContext())
			world.write(g, err)
		})
	})
}

// Whoever locks after a panic of a writer, for reading or writing, and nobody
// before, is told.
func TestModelRWMutexPoison(t *testing.T) {
	explore(t, model.Options{}, func(w *model.World) {
		m := own.NewRWMutex(&box{})
		trusts := func(n int) {
			if n != 0 {
				model.Fail("locked after the panic, and not told")
			}
		}
		w.Thread(func() {
			recovered(func() {
				g := m.MustLock()
				defer g.Unlock()
				(*g.Value()).cell.Write()
				(*g.Value()).n = 1
				panic("boom")
			})
		})
		w.Thread(func() {
			g, err := m.RLock()
			defer g.Unlock()
			if only(err, own.ErrPoisoned); err == nil {
				trusts((*g.Value()).n)
			}
		})
		w.Thread(func() {
			g, err := m.Lock()
			defer g.Unlock()
			if only(err, own.ErrPoisoned); err == nil {
				trusts((*g.Value()).n)
			}
		})
		w.Check(func() error { return mutexFree(&m) })
	})
}
