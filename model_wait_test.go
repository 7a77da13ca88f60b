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

// Worlds of those who wait. In most of them nobody can give up, so that a wake-up
// that is lost is a deadlock.

// A holder lets go, a waiter that can be cancelled is, and another must get in.
func TestModelCancelledWaiterPassesOn(t *testing.T) {
	explore(t, bounded(2), func(w *model.World) {
		world := newMutexWorld(w)
		g := world.m.MustLock()
		w.Thread(func() { g.Unlock() })
		w.Thread(func() { g, err := world.m.LockContext(world.ctx); world.use(g, err, context.Canceled) })
		w.Thread(func() { g, err := world.m.LockContext(model.NewContext()); world.use(g, err) })
		w.Thread(world.ctx.Cancel)
	})
}

// A waiter that is cancelled while the lock is handed to it.
func TestModelLockContextCancel(t *testing.T) {
	explore(t, model.Options{}, func(w *model.World) {
		world := newMutexWorld(w)
		g := world.m.MustLock()
		w.Thread(func() { g.Unlock() })
		w.Thread(func() { g, err := world.m.LockContext(world.ctx); world.use(g, err, context.Canceled) })
		w.Thread(world.ctx.Cancel)
	})
}

// An ended context gets nothing.
func TestModelCancelledBefore(t *testing.T) {
	explore(t, model.Options{}, func(w *model.World) {
		world := newMutexWorld(w)
		w.Thread(func() {
			world.ctx.Cancel()
			if g, err := world.m.LockContext(world.ctx); err == nil {
				g.Unlock()
				model.Fail("locked with a context that has ended")
			}
		})
		w.Thread(func() { g, err := world.m.Lock(); world.use(g, err) })
	})
}

// One waits for what another does, and may be cancelled.
func TestModelLockWhen(t *testing.T) {
	explore(t, model.Options{}, func(w *model.World) {
		world := newMutexWorld(w)
		w.Thread(func() {
			g, err := world.m.LockWhen(world.ctx, func(b **box) bool { (*b).cell.Read(); return (*b).n > 0 })
			if err == nil && (*g.Value()).n == 0 {
				model.Fail("the condition does not hold")
			}
			world.use(g, err, context.Canceled)
		})
		w.Thread(func() { world.m.MustWith(func(b **box) { world.touch(*b) }) })
		w.Thread(world.ctx.Cancel)
	})
}

// Two consumers, and a producer of two: each gets one. Nobody can give up, so a
// change that nobody is told of is a deadlock.
func TestModelQueue(t *testing.T) {
	explore(t, bounded(2), func(w *model.World) {
		m := own.NewMutex(&box{})
		taken := 0
		for range 2 {
			w.Thread(func() {
				g, err := m.LockWhen(model.NewContext(), func(b **box) bool { return (*b).n > 0 })
				only(err)
				(*g.Value()).cell.Write()
				(*g.Value()).n--
				taken++
				g.Unlock()
			})
		}
		w.Thread(func() {
			for range 2 {
				m.MustWith(func(b **box) { (*b).cell.Write(); (*b).n++ })
			}
		})
		w.Check(func() error {
			if taken != 2 || (*m.MustLock().Value()).n != 0 {
				return fmt.Errorf("%d taken", taken)
			}
			return nil
		})
	})
}

// Two that take turns by Await, and one that only wants the lock.
func TestModelAwaitTurns(t *testing.T) {
	explore(t, bounded(3), func(w *model.World) {
		world := newMutexWorld(w)
		for me := range 2 {
			w.Thread(func() {
				g := world.m.MustLock()
				defer g.Unlock()
				for range 2 {
					only(g.Await(model.NewContext(), func(b **box) bool { return (*b).n%3 != 2 && (*b).n%3 == me }))
					world.touch(*g.Value())
					if me == 1 {
						world.touch(*g.Value())
					}
				}
			})
		}
		w.Thread(func() { world.m.MustLock().Unlock() })
	})
}

// An Await that is cancelled has released the lock, and its guard is dead.
func TestModelAwaitCancel(t *testing.T) {
	explore(t, model.Options{}, func(w *model.World) {
		world := newMutexWorld(w)
		w.Thread(func() {
			g := world.m.MustLock()
			defer g.Unlock()
			err := g.Await(world.ctx, func(b **box) bool { return (*b).n > 0 })
			only(err, context.Canceled)
			if err == nil {
				world.touch(*g.Value())
			} else if fmt.Sprint(g) != "<unlocked>" {
				model.Fail("the guard still holds the lock")
			}
		})
		w.Thread(func() { g, err := world.m.Lock(); world.use(g, err) })
		w.Thread(world.ctx.Cancel)
	})
}

// The lock is poisoned while two wait: both are told, and a repair gets in.
func TestModelWaitersOfPoison(t *testing.T) {
	explore(t, bounded(2), func(w *model.World) {
		world := newMutexWorld(w)
		g := world.m.MustLock()
		w.Thread(func() {
			recovered(func() {
				defer g.Unlock()
				world.touch(*g.Value())
				panic("boom")
			})
		})
		for range 2 {
			w.Thread(func() {
				g, err := world.m.LockWhen(model.NewContext(), func(b **box) bool { return (*b).n > 0 })
				world.use(g, err)
			})
		}
		w.Thread(func() {
			only(world.m.Repair(func(b **box, _ *own.PoisonError) error { world.touch(*b); return nil }))
		})
	})
}

// A condition that panics poisons and unlocks, and one that waits is told.
func TestModelConditionPanics(t *testing.T) {
	explore(t, bounded(2), func(w *model.World) {
		world := newMutexWorld(w)
		w.Thread(func() {
			recovered(func() {
				world.m.LockWhen(model.NewContext(), func(b **box) bool {
					if (*b).n > 0 {
						panic("boom")
					}
					return false
				})
			})
		})
		w.Thread(func() {
			_, err := world.m.LockWhen(model.NewContext(), func(b **box) bool { return false })
			if !errors.Is(err, own.ErrPoisoned) {
				model.Fail("the wait ended with %v", err)
			}
		})
		w.Thread(func() { only(world.m.With(func(b **box) { world.touch(*b) }), own.ErrPoisoned) })
	})
}

// A plain Lock that sleeps, a waiter, and one that comes: all get in.
func TestModelLocksAndWaiters(t *testing.T) {
	explore(t, bounded(2), func(w *model.World) {
		world := newMutexWorld(w)
		w.Thread(func() { g, err := world.m.Lock(); world.use(g, err) })
		w.Thread(func() { g, err := world.m.LockContext(model.NewContext()); world.use(g, err) })
		w.Thread(func() { g, err := world.m.LockContext(model.NewContext()); world.use(g, err) })
		w.Thread(func() { g, err := world.m.Lock(); world.use(g, err) })
	})
}

// A part is no longer valid once the lock has been given up by Await.
func TestModelMappedGuard(t *testing.T) {
	explore(t, bounded(3), func(w *model.World) {
		world := newMutexWorld(w)
		w.Thread(func() {
			g := world.m.MustLock()
			defer g.Unlock()
			p := own.MapGuard(g, func(b **box) *int { return &(*b).n })
			before := *p.Value()
			only(g.Await(model.NewContext(), func(b **box) bool { return (*b).n > 0 }))
			world.touch(*g.Value())
			if text := fmt.Sprint(p); text != "<unlocked>" {
				model.Fail("the part of before, %d, is still good: %s", before, text)
			}
		})
		w.Thread(func() {
			g := world.m.MustLock()
			p := own.MapGuard(g, func(b **box) *int { return &(*b).n })
			defer p.Unlock()
			defer g.Unlock()
			world.touch(*g.Value())
			_ = *p.Value()
		})
		w.Thread(func() { g, err := world.m.TryLock(); world.use(g, err, own.ErrWouldBlock) })
	})
}

// A waiter is passed by no more sections of plain Locks than the lock has patience, and one
// that is quicker when it is out of it.
func TestModelPassedByFew(t *testing.T) {
	explore(t, bounded(3), func(w *model.World) {
		m := own.NewMutex(&box{})
		passed := 0
		w.Thread(func() {
			g, err := m.LockContext(model.NewContext())
			only(err)
			if passed > own.Patience+1 {
				model.Fail("passed by %d sections", passed)
			}
			passed = 0
			g.Unlock()
		})
		for range 2 {
			w.Thread(func() {
				for range own.Patience + 1 {
					m.MustWith(func(b **box) {
						(*b).cell.Write()
						if m.Waiting() > 0 {
							passed++
						}
					})
				}
			})
		}
	})
}
