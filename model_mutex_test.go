//go:build ownmodel

package own_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/go-own/own"
	"github.com/go-own/own/internal/model"
)

// A mutexWorld has a lock, and counts what is done under it.
type mutexWorld struct {
	m    own.Mutex[*box]
	ctx  *model.Context
	want int
}

func newMutexWorld(w *model.World) *mutexWorld {
	world := &mutexWorld{m: own.NewMutex(&box{}), ctx: model.NewContext()}
	w.Content(contentOf(world.m.Content, world.ctx, func(b **box) []int { return []int{(*b).n, world.want} }))
	w.Check(world.check)
	return world
}

func (w *mutexWorld) check() error {
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

// touch is a critical section.
func (w *mutexWorld) touch(b *box) {
	b.cell.Write()
	b.n++
	w.want++
}

// use is touch, if the lock was got.
func (w *mutexWorld) use(g *own.Guard[*box], err error, allowed ...error) {
	defer g.Unlock()
	if err == nil {
		w.touch(*g.Value())
	}
	only(err, append(allowed, own.ErrPoisoned)...)
}

var mutexActions = []action[*mutexWorld]{
	{name: "Lock", do: func(w *mutexWorld) { g, err := w.m.Lock(); w.use(g, err) }},
	{name: "TryLock", do: func(w *mutexWorld) { g, err := w.m.TryLock(); w.use(g, err, own.ErrWouldBlock) }},
	{name: "With", do: func(w *mutexWorld) { only(w.m.With(func(b **box) { w.touch(*b) }), own.ErrPoisoned) }},
	{name: "panic", do: func(w *mutexWorld) {
		recovered(func() {
			g := w.m.LockIgnorePoison()
			defer g.Unlock()
			w.touch(*g.Value())
			panic("boom")
		})
	}},
	{name: "Repair", do: func(w *mutexWorld) {
		only(w.m.Repair(func(b **box, _ *own.PoisonError) error { w.touch(*b); return nil }))
	}},
	{name: "LockContext", waits: true, do: func(w *mutexWorld) {
		g, err := w.m.LockContext(w.ctx)
		w.use(g, err, context.Canceled)
	}},
	{name: "LockWhen", waits: true, do: func(w *mutexWorld) {
		g, err := w.m.LockWhen(w.ctx, func(b **box) bool { (*b).cell.Read(); return true })
		w.use(g, err, context.Canceled)
	}},
	{name: "cancel", do: func(w *mutexWorld) { w.ctx.Cancel() }},
}

// All pairs of what can be done with a Mutex.
func TestModelMutexPairs(t *testing.T) {
	explorePairs(t, mutexActions, newMutexWorld)
}

// Two that lock twice, and three that lock.
func TestModelMutexExcludes(t *testing.T) {
	for _, threads := range []int{2, 3} {
		explore(t, model.Options{}, func(w *model.World) {
			world := newMutexWorld(w)
			for range threads {
				w.Thread(func() {
					for range 4 - threads {
						g, err := world.m.Lock()
						world.use(g, err)
					}
				})
			}
		})
	}
}

// Whoever locks after a panic in a critical section, and nobody before, is told.
func TestModelPoison(t *testing.T) {
	explore(t, model.Options{}, func(w *model.World) {
		m := own.NewMutex(&box{})
		lock := func() {
			g, err := m.Lock()
			defer g.Unlock()
			switch {
			case err != nil:
				only(err, own.ErrPoisoned)
			case (*g.Value()).n != 0:
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
		w.Thread(lock)
		w.Thread(lock)
		w.Check(func() error {
			if !m.IsPoisoned() {
				return errors.New("not poisoned")
			}
			return mutexFree(&m)
		})
	})
}

// Two threads want to repair, and one of them does.
func TestModelRepairOnce(t *testing.T) {
	explore(t, model.Options{}, func(w *model.World) {
		m := own.NewMutex(&box{})
		repairs := 0
		repair := func() {
			m.Repair(func(b **box, _ *own.PoisonError) error {
				(*b).cell.Write()
				repairs++
				return nil
			})
		}
		w.Thread(func() {
			recovered(func() { m.MustWith(func(**box) { panic("boom") }) })
			repair()
		})
		w.Thread(repair)
		w.Thread(func() { g, err := m.Lock(); only(err, own.ErrPoisoned); g.Unlock() })
		w.Check(func() error {
			if repairs != 1 || m.IsPoisoned() {
				return fmt.Errorf("%d repairs, poisoned: %t", repairs, m.IsPoisoned())
			}
			return mutexFree(&m)
		})
	})
}
