package own_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/go-own/own"
)

// Tests of LockContext, LockWhen and Await. Those that need to know that
// somebody waits run in a synctest bubble: such a wait counts as durably blocked,
// so synctest.Wait returns when all have come to it.

// always is a condition that holds.
func always(*int) bool { return true }

// atLeast is the condition that the value is n or more.
func atLeast(n int) func(*int) bool { return func(v *int) bool { return *v >= n } }

// waits are the ways to wait for m. Each returns with the lock, or with an error
// and without it.
var waits = []struct {
	name string
	lock func(ctx context.Context, m *own.Mutex[int]) (*own.Guard[int], error)
}{
	{"LockContext", func(ctx context.Context, m *own.Mutex[int]) (*own.Guard[int], error) {
		return m.LockContext(ctx)
	}},
	{"LockWhen", func(ctx context.Context, m *own.Mutex[int]) (*own.Guard[int], error) {
		return m.LockWhen(ctx, always)
	}},
}

// eachWait runs test once for each way to wait, in a bubble.
func eachWait(t *testing.T, test func(t *testing.T, m *own.Mutex[int], lock func(context.Context) (*own.Guard[int], error))) {
	for _, w := range waits {
		t.Run(w.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := own.NewMutex(0)
				test(t, &m, func(ctx context.Context) (*own.Guard[int], error) { return w.lock(ctx, &m) })
				synctest.Wait()
				requireFree(t, &m)
			})
		})
	}
}

// A free lock is taken at once; a held one when it is released.
func TestWait(t *testing.T) {
	eachWait(t, func(t *testing.T, m *own.Mutex[int], lock func(context.Context) (*own.Guard[int], error)) {
		first, err := lock(t.Context())
		require.NoError(t, err)
		second := wait(func() (*own.Guard[int], error) { return lock(t.Context()) })
		requireWaiting(t, second)
		*first.Value() = 2
		first.Unlock()
		g := requireLocked(t, second)
		require.Equal(t, 2, *g.Value())
		_, err = m.TryLock()
		require.Equal(t, own.ErrWouldBlock, err)
		g.Unlock()
	})
}

// Whoever waits is served in the order of coming.
func TestWaitInOrder(t *testing.T) {
	eachWait(t, func(t *testing.T, m *own.Mutex[int], lock func(context.Context) (*own.Guard[int], error)) {
		g := m.MustLock()
		var got []int
		for i := range 10 {
			go func() {
				g, err := lock(t.Context())
				if err == nil {
					got = append(got, i)
				}
				g.Unlock()
			}()
			synctest.Wait()
		}
		g.Unlock()
		synctest.Wait()
		require.Equal(t, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, got)
	})
}

// A newcomer that finds the lock free takes it, also if one waits that has not come to
// take it yet. That one is next.
func TestWaitNewcomerIsQuicker(t *testing.T) {
	eachWait(t, func(t *testing.T, m *own.Mutex[int], lock func(context.Context) (*own.Guard[int], error)) {
		m.MustLock()
		waiter := wait(func() (*own.Guard[int], error) { return m.LockContext(t.Context()) })
		m.LetGo()
		newcomer := requireLocked(t, wait(func() (*own.Guard[int], error) { return lock(t.Context()) }))
		requireWaiting(t, waiter)
		newcomer.Unlock()
		requireLocked(t, waiter).Unlock()
	})
}

// One that was woken and found that another had been quicker is handed the lock by that
// one, which cannot be quicker again.
func TestWaitOwed(t *testing.T) {
	eachWait(t, func(t *testing.T, m *own.Mutex[int], lock func(context.Context) (*own.Guard[int], error)) {
		for range 100 {
			m.MustLock()
			waiter := wait(func() (*own.Guard[int], error) { return lock(t.Context()) })
			m.LetGo()
			quicker := m.MustLock()
			m.Offer()
			requireWaiting(t, waiter)
			quicker.Unlock()
			_, err := m.TryLock()
			require.ErrorIs(t, err, own.ErrWouldBlock)
			requireLocked(t, waiter).Unlock()
		}
	})
}

// errClosing is a cause of cancellation that is not an error of package context.
var errClosing = errors.New("closing")

// contexts are the ways in which a context ends. end is called to end it, after
// an hour has passed.
var contexts = []struct {
	name  string
	make  func() (ctx context.Context, end func())
	match []error
	text  string
}{
	{"cancel", func() (context.Context, func()) {
		ctx, cancel := context.WithCancel(context.Background())
		return ctx, cancel
	}, []error{context.Canceled}, "context canceled"},
	{"cause", func() (context.Context, func()) {
		ctx, cancel := context.WithCancelCause(context.Background())
		return ctx, func() { cancel(errClosing) }
	}, []error{context.Canceled, errClosing}, "context canceled: closing"},
	{"cause that wraps", func() (context.Context, func()) {
		ctx, cancel := context.WithCancelCause(context.Background())
		return ctx, func() { cancel(fmt.Errorf("by hand: %w", context.Canceled)) }
	}, []error{context.Canceled}, "by hand: context canceled"},
	{"timeout", func() (context.Context, func()) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
		context.AfterFunc(ctx, cancel)
		return ctx, func() {}
	}, []error{context.DeadlineExceeded}, "context deadline exceeded"},
	{"timeout with cause", func() (context.Context, func()) {
		ctx, cancel := context.WithTimeoutCause(context.Background(), time.Hour, errClosing)
		context.AfterFunc(ctx, cancel)
		return ctx, func() {}
	}, []error{context.DeadlineExceeded, errClosing}, "context deadline exceeded: closing"},
}

// A wait that is cancelled is over at once, though the lock is still held, and
// says why. Rust: wait_timeout_wait, wait_timeout_while_wait.
func TestWaitCancelled(t *testing.T) {
	for _, c := range contexts {
		t.Run(c.name, func(t *testing.T) {
			eachWait(t, func(t *testing.T, m *own.Mutex[int], lock func(context.Context) (*own.Guard[int], error)) {
				g := m.MustLock()
				ctx, end := c.make()
				w := wait(func() (*own.Guard[int], error) { return lock(ctx) })
				requireWaiting(t, w)
				time.Sleep(time.Hour) // of the bubble
				end()
				err := requireRefused(t, w)
				for _, want := range append(c.match, context.Cause(ctx), ctx.Err()) {
					require.ErrorIs(t, err, want)
				}
				require.Equal(t, c.text, err.Error())

				_, err = m.TryLock()
				require.Equal(t, own.ErrWouldBlock, err, "the holder has lost the lock")
				g.Unlock()
			})
		})
	}
}

// A context that has ended gets nothing, not even a free lock, nor a value for
// which the condition holds.
func TestWaitContextEnded(t *testing.T) {
	eachWait(t, func(t *testing.T, m *own.Mutex[int], lock func(context.Context) (*own.Guard[int], error)) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		g, err := lock(ctx)
		require.Nil(t, g)
		require.Equal(t, context.Canceled, err)
		requireHealthy(t, m)

		// It comes before poison.
		poison(m, "boom")
		_, err = lock(ctx)
		require.Equal(t, context.Canceled, err)
	})
}

// Whoever is cancelled just when it is handed the lock hands it on, or leaves it
// free if nobody else waits. Which of the two the waiter sees first is left to
// chance, hence the many rounds. Rust has no such case; in tokio it is the one of
// an aborted future.
func TestWaitCancelledWhenHanded(t *testing.T) {
	eachWait(t, func(t *testing.T, m *own.Mutex[int], lock func(context.Context) (*own.Guard[int], error)) {
		for i := range 200 {
			g := m.MustLock()
			ctx, cancel := context.WithCancel(t.Context())
			first := wait(func() (*own.Guard[int], error) { return lock(ctx) })
			var second <-chan outcome[*own.Guard[int]]
			if i%4 < 2 {
				second = wait(func() (*own.Guard[int], error) { return lock(t.Context()) })
			}
			if i%2 == 0 {
				g.Unlock()
				cancel()
				synctest.Wait()
				o := <-first // it may have been quick enough to get it
				o.Unlock()
			} else {
				cancel()
				g.Unlock()
				require.ErrorIs(t, requireRefused(t, first), context.Canceled)
			}
			if second != nil {
				requireLocked(t, second).Unlock()
			}
			synctest.Wait()
			requireFree(t, m)
		}
	})
}

// strange is a Context that breaks its contract: it is done, and has no error.
type strange struct{ context.Context }

func (strange) Err() error { return nil }

// An error must come of it all the same, or the caller would believe that it
// holds the lock.
func TestWaitStrangeContext(t *testing.T) {
	eachWait(t, func(t *testing.T, m *own.Mutex[int], lock func(context.Context) (*own.Guard[int], error)) {
		ctx, cancel := context.WithCancel(t.Context())
		g := m.MustLock()
		w := wait(func() (*own.Guard[int], error) { return lock(strange{ctx}) })
		cancel()
		require.Equal(t, context.Canceled, requireRefused(t, w))
		g.Unlock()
	})
}

// doneless is a Context whose Done panics.
type doneless struct{ context.Context }

func (doneless) Done() <-chan struct{} { panic("no Done") }

// Nobody is handed a lock that cannot take it: a lock that is held by others stays as it
// was, and one's own is released and poisoned.
func TestWaitBrokenContext(t *testing.T) {
	m := own.NewMutex(0)
	g := m.MustLock()
	for _, w := range waits {
		require.PanicsWithValue(t, "no Done", func() { w.lock(doneless{t.Context()}, &m) }, w.name)
		require.Zero(t, m.Waiting())
	}
	g.Unlock()
	requireHealthy(t, &m)

	rw := own.NewRWMutex(0)
	held := rw.MustLock()
	require.PanicsWithValue(t, "no Done", func() { rw.RLockContext(doneless{t.Context()}) })
	require.PanicsWithValue(t, "no Done", func() { rw.LockContext(doneless{t.Context()}) })
	held.Unlock()
	requireHealthy(t, &rw)

	never := func(*int) bool { return false }
	require.PanicsWithValue(t, "no Done", func() { m.LockWhen(doneless{t.Context()}, never) })
	requirePoisoned(t, &m, "no Done")
	m.ClearPoison()
	require.PanicsWithValue(t, "no Done", func() { m.MustLock().Await(doneless{t.Context()}, never) })
	requirePoisoned(t, &m, "no Done")

	reader := rw.MustRLock()
	require.PanicsWithValue(t, "no Done", func() { rw.LockContext(doneless{t.Context()}) })
	reader.Unlock()
	requirePoisoned(t, &rw, "no Done")
}

// panicLater locks m on a goroutine of its own, and panics with value when the
// function that is returned is called.
func panicLater(m *own.Mutex[int], value any) (now func()) {
	release := make(chan struct{})
	go finish(func() {
		g := m.LockIgnorePoison()
		defer g.Unlock()
		<-release
		panic(value)
	})
	synctest.Wait()
	return func() { close(release); synctest.Wait() }
}

// If the holder panics, all who wait are told. Rust: test_arc_condvar_poison.
func TestWaitPoisoned(t *testing.T) {
	eachWait(t, func(t *testing.T, m *own.Mutex[int], lock func(context.Context) (*own.Guard[int], error)) {
		now := panicLater(m, "boom")
		first := wait(func() (*own.Guard[int], error) { return lock(t.Context()) })
		second := wait(func() (*own.Guard[int], error) { return lock(t.Context()) })
		now()
		require.ErrorIs(t, requireRefused(t, first), own.ErrPoisoned)
		require.ErrorIs(t, requireRefused(t, second), own.ErrPoisoned)
		requirePoisoned(t, m, "boom")

		_, err := lock(t.Context())
		require.ErrorIs(t, err, own.ErrPoisoned, "a free lock that is poisoned")
	})
}

// Whoever waits does so on its own goroutine, and there is no other.
func TestWaitStartsNoGoroutine(t *testing.T) {
	eachWait(t, func(t *testing.T, m *own.Mutex[int], lock func(context.Context) (*own.Guard[int], error)) {
		const waiters = 100
		ctx, cancel := context.WithCancel(t.Context())
		g := m.MustLock()
		before := runtime.NumGoroutine()
		var all []<-chan outcome[*own.Guard[int]]
		for range waiters {
			all = append(all, wait(func() (*own.Guard[int], error) { return lock(ctx) }))
		}
		require.LessOrEqual(t, runtime.NumGoroutine(), before+waiters)
		cancel()
		for _, w := range all {
			requireRefused(t, w)
		}
		g.Unlock()
	})
}

// Misuse is found before anything is locked.
func TestWaitMisuse(t *testing.T) {
	m := own.NewMutex(0)
	const noContext = "own: waiting with a nil context: pass context.Background() to wait without a limit"
	const noCondition = "own: waiting for a nil condition: pass the function to wait for, or use LockContext to wait for the lock only"
	require.PanicsWithValue(t, noContext, func() { m.LockContext(nil) })      //nolint:staticcheck // that is the test
	require.PanicsWithValue(t, noContext, func() { m.LockWhen(nil, always) }) //nolint:staticcheck // that is the test
	require.PanicsWithValue(t, noCondition, func() { m.LockWhen(t.Context(), nil) })
	requireHealthy(t, &m)

	g := m.MustLock()
	require.PanicsWithValue(t, noContext, func() { g.Await(nil, always) }) //nolint:staticcheck // that is the test
	require.PanicsWithValue(t, noCondition, func() { g.Await(t.Context(), nil) })
	require.Zero(t, *g.Value(), "the guard is still good")
	g.Unlock()
	requireHealthy(t, &m)
	require.PanicsWithValue(t, "own: Guard.Await after Unlock: the lock is not held any more, use LockWhen",
		func() { g.Await(t.Context(), always) })
	require.PanicsWithValue(t, "own: Guard.Await of a nil guard: check the error that came with it before using it",
		func() { (*own.Guard[int])(nil).Await(t.Context(), always) })
	requireHealthy(t, &m)
}

// conditionWaits are the ways to wait for a condition.
var conditionWaits = []struct {
	name string
	lock func(ctx context.Context, m *own.Mutex[int], cond func(*int) bool) (*own.Guard[int], error)
}{
	{"LockWhen", func(ctx context.Context, m *own.Mutex[int], cond func(*int) bool) (*own.Guard[int], error) {
		return m.LockWhen(ctx, cond)
	}},
	{"Await", func(ctx context.Context, m *own.Mutex[int], cond func(*int) bool) (*own.Guard[int], error) {
		g, err := m.Lock()
		if err != nil {
			return nil, err
		}
		defer func() {
			if err != nil {
				g.Unlock() // nothing to do any more
			}
		}()
		if err = g.Await(ctx, cond); err != nil {
			return nil, err
		}
		return g, nil
	}},
}

// eachCondition runs test once for each way to wait for a condition, in a bubble.
func eachCondition(t *testing.T, test func(t *testing.T, m *own.Mutex[int], lock func(context.Context, func(*int) bool) (*own.Guard[int], error))) {
	for _, w := range conditionWaits {
		t.Run(w.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := own.NewMutex(0)
				test(t, &m, func(ctx context.Context, cond func(*int) bool) (*own.Guard[int], error) {
					return w.lock(ctx, &m, cond)
				})
				synctest.Wait()
				requireFree(t, &m)
			})
		})
	}
}

// Whatever changes the value and releases the lock ends the wait: there is no
// notify to forget. Rust: wait_while, notify_one, test_mutex_arc_condvar.
func TestConditionAfterEachKindOfRelease(t *testing.T) {
	set := func(v *int) { *v = 1 }
	for name, change := range map[string]func(t *testing.T, m *own.Mutex[int]){
		"With":     func(_ *testing.T, m *own.Mutex[int]) { m.With(set) },
		"MustWith": func(_ *testing.T, m *own.Mutex[int]) { m.MustWith(set) },
		"WithErr": func(_ *testing.T, m *own.Mutex[int]) {
			m.WithErr(func(v *int) error { set(v); return errClosing })
		},
		"Store":   func(_ *testing.T, m *own.Mutex[int]) { m.Store(1) },
		"Swap":    func(_ *testing.T, m *own.Mutex[int]) { m.Swap(1) },
		"Guard":   func(_ *testing.T, m *own.Mutex[int]) { g := m.MustLock(); set(g.Value()); g.Unlock() },
		"TryLock": func(_ *testing.T, m *own.Mutex[int]) { g, _ := m.TryLock(); set(g.Value()); g.Unlock() },
		"LockIgnorePoison": func(_ *testing.T, m *own.Mutex[int]) {
			g := m.LockIgnorePoison()
			set(g.Value())
			g.Unlock()
		},
		"LockContext": func(t *testing.T, m *own.Mutex[int]) {
			g, err := m.LockContext(t.Context())
			require.NoError(t, err)
			set(g.Value())
			g.Unlock()
		},
		"LockWhen": func(t *testing.T, m *own.Mutex[int]) {
			g, err := m.LockWhen(t.Context(), always)
			require.NoError(t, err)
			set(g.Value())
			g.Unlock()
		},
		"MappedGuard": func(_ *testing.T, m *own.Mutex[int]) {
			p := own.MapGuard(m.MustLock(), func(v *int) *int { return v })
			set(p.Value())
			p.Unlock()
		},
		"Await that waits": func(t *testing.T, m *own.Mutex[int]) {
			ctx, cancel := context.WithCancel(t.Context())
			w := wait(func() (*own.Guard[int], error) {
				g := m.MustLock()
				set(g.Value())
				return nil, g.Await(ctx, atLeast(9))
			})
			cancel()
			requireRefused(t, w)
		},
		"Await that is cancelled before": func(t *testing.T, m *own.Mutex[int]) {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			g := m.MustLock()
			set(g.Value())
			require.Equal(t, context.Canceled, g.Await(ctx, always))
		},
	} {
		t.Run(name, func(t *testing.T) {
			eachCondition(t, func(t *testing.T, m *own.Mutex[int], lock func(context.Context, func(*int) bool) (*own.Guard[int], error)) {
				w := wait(func() (*own.Guard[int], error) { return lock(t.Context(), atLeast(1)) })
				requireWaiting(t, w)
				change(t, m)
				g := requireLocked(t, w)
				require.Equal(t, 1, *g.Value())
				g.Unlock()
			})
		})
	}
}

// IntoInner changes the value as well: it leaves the zero value.
func TestConditionAfterIntoInner(t *testing.T) {
	eachCondition(t, func(t *testing.T, m *own.Mutex[int], lock func(context.Context, func(*int) bool) (*own.Guard[int], error)) {
		m.Store(7)
		w := wait(func() (*own.Guard[int], error) {
			return lock(t.Context(), func(v *int) bool { return *v == 0 })
		})
		v, err := m.IntoInner()
		require.NoError(t, err)
		require.Equal(t, 7, v)
		requireLocked(t, w).Unlock()
	})
}

// A condition that holds at once needs no change. Rust: wait_while.
func TestConditionAtOnce(t *testing.T) {
	eachCondition(t, func(t *testing.T, m *own.Mutex[int], lock func(context.Context, func(*int) bool) (*own.Guard[int], error)) {
		calls := 0
		g, err := lock(t.Context(), func(*int) bool { calls++; return true })
		require.NoError(t, err)
		require.Equal(t, 1, calls)
		g.Unlock()
	})
}

// The condition is called with the lock held, once for each release by one that
// may have changed the value, and not after those that only look. Rust: smoke,
// where notifying nobody does no harm.
func TestConditionCalls(t *testing.T) {
	eachCondition(t, func(t *testing.T, m *own.Mutex[int], lock func(context.Context, func(*int) bool) (*own.Guard[int], error)) {
		calls, free := 0, 0
		w := wait(func() (*own.Guard[int], error) {
			return lock(t.Context(), func(v *int) bool {
				calls++
				if _, err := m.TryLock(); err != own.ErrWouldBlock {
					free++
				}
				return *v == 2
			})
		})
		require.Equal(t, 1, calls)
		m.Store(1)
		requireWaiting(t, w)
		require.Equal(t, 2, calls)
		m.Load()
		_ = fmt.Sprint(m)
		requireWaiting(t, w)
		require.Equal(t, 2, calls)
		m.Store(2)
		requireLocked(t, w).Unlock()
		require.Equal(t, 3, calls)
		require.Zero(t, free, "a condition was called without the lock")
	})
}

// Of those that wait, the first whose condition holds goes on: the ones before it
// do not keep it back, and go on in their turn. Rust: notify_all.
func TestConditionOrder(t *testing.T) {
	eachCondition(t, func(t *testing.T, m *own.Mutex[int], lock func(context.Context, func(*int) bool) (*own.Guard[int], error)) {
		var order []string
		for _, w := range []struct {
			name string
			cond func(*int) bool
		}{
			{"two", atLeast(2)}, {"one", atLeast(1)}, {"three", atLeast(3)}, {"one again", atLeast(1)}, {"two again", atLeast(2)},
		} {
			go func() {
				g, err := lock(t.Context(), w.cond)
				if err == nil {
					order = append(order, w.name)
				}
				g.Unlock()
			}()
			synctest.Wait()
		}
		for i, want := range [][]string{nil, {"one", "one again"}, {"two", "two again"}, {"three"}} {
			order = nil
			m.Store(i)
			synctest.Wait()
			require.Equal(t, want, order, "after Store(%d)", i)
		}
	})
}

// One that is let in and makes its neighbour's condition false again: the
// neighbour goes on waiting. Each item is taken once.
func TestConditionTakenByOther(t *testing.T) {
	eachCondition(t, func(t *testing.T, m *own.Mutex[int], lock func(context.Context, func(*int) bool) (*own.Guard[int], error)) {
		first := wait(func() (*own.Guard[int], error) { return lock(t.Context(), atLeast(1)) })
		second := wait(func() (*own.Guard[int], error) { return lock(t.Context(), atLeast(1)) })
		m.Store(1)
		g := requireLocked(t, first)
		*g.Value()--
		g.Unlock()
		requireWaiting(t, second)
		m.Store(1)
		requireLocked(t, second).Unlock()
	})
}

// A wait for a condition is cancelled as any other, whether the lock is free or
// held. Rust: wait_timeout_while_wait.
func TestConditionCancelled(t *testing.T) {
	eachCondition(t, func(t *testing.T, m *own.Mutex[int], lock func(context.Context, func(*int) bool) (*own.Guard[int], error)) {
		for _, held := range []bool{false, true} {
			ctx, cancel := context.WithCancelCause(t.Context())
			w := wait(func() (*own.Guard[int], error) { return lock(ctx, atLeast(9)) })
			var g *own.Guard[int]
			if held {
				g = m.MustLock()
			}
			requireWaiting(t, w)
			cancel(errClosing)
			err := requireRefused(t, w)
			require.ErrorIs(t, err, errClosing)
			require.ErrorIs(t, err, context.Canceled)
			g.Unlock()
		}
	})
}

// Rust: wait_timeout_while_wake, wait_timeout_wake: a timeout far away does not
// end the wait, nor keep it from ending.
func TestConditionFarTimeout(t *testing.T) {
	eachCondition(t, func(t *testing.T, m *own.Mutex[int], lock func(context.Context, func(*int) bool) (*own.Guard[int], error)) {
		ctx, cancel := context.WithTimeout(t.Context(), 1<<63-1)
		defer cancel()
		w := wait(func() (*own.Guard[int], error) { return lock(ctx, atLeast(1)) })
		requireWaiting(t, w)
		m.Store(1)
		requireLocked(t, w).Unlock()
	})
}

// A change and the end of the context at the same moment: the change is not lost
// on the one that waits behind.
func TestConditionCancelledWhenItHolds(t *testing.T) {
	eachCondition(t, func(t *testing.T, m *own.Mutex[int], lock func(context.Context, func(*int) bool) (*own.Guard[int], error)) {
		for i := range 200 {
			m.Store(0)
			ctx, cancel := context.WithCancel(t.Context())
			first := wait(func() (*own.Guard[int], error) { return lock(ctx, atLeast(1)) })
			second := wait(func() (*own.Guard[int], error) { return lock(t.Context(), atLeast(1)) })
			if i%2 == 0 {
				m.Store(1)
				cancel()
				synctest.Wait()
				o := <-first // it may have been quick enough to get it
				o.Unlock()
			} else {
				cancel()
				m.Store(1)
				require.ErrorIs(t, requireRefused(t, first), context.Canceled)
			}
			requireLocked(t, second).Unlock()
		}
	})
}

// If the lock is poisoned, all who wait are told, and their conditions are not
// asked about a value that is half updated.
func TestConditionPoisoned(t *testing.T) {
	eachCondition(t, func(t *testing.T, m *own.Mutex[int], lock func(context.Context, func(*int) bool) (*own.Guard[int], error)) {
		calls := 0
		never := func(*int) bool { calls++; return false }
		first := wait(func() (*own.Guard[int], error) { return lock(t.Context(), never) })
		second := wait(func() (*own.Guard[int], error) { return lock(t.Context(), never) })
		before := calls
		poison(m, "boom")
		require.ErrorIs(t, requireRefused(t, first), own.ErrPoisoned)
		require.ErrorIs(t, requireRefused(t, second), own.ErrPoisoned)
		requirePoisoned(t, m, "boom")
		_, err := lock(t.Context(), never)
		require.ErrorIs(t, err, own.ErrPoisoned)
		require.Equal(t, before, calls)
	})
}

// A condition that panics, or is left by Goexit, at its first call or at a later
// one, poisons and unlocks; the others that wait are told.
func TestConditionPanics(t *testing.T) {
	for _, test := range []struct {
		name string
		how  ending
		fail func()
		want any
	}{
		{"panic", panicked, func() { panic("boom") }, "boom"},
		{"Goexit", exited, runtime.Goexit, own.ErrGoexit},
	} {
		for _, at := range []int{0, 1} {
			t.Run(fmt.Sprint(test.name, " for value ", at), func(t *testing.T) {
				eachCondition(t, func(t *testing.T, m *own.Mutex[int], lock func(context.Context, func(*int) bool) (*own.Guard[int], error)) {
					before := wait(func() (*own.Guard[int], error) { return lock(t.Context(), atLeast(9)) })
					type end struct {
						how   ending
						value any
					}
					ended := make(chan end, 1)
					go func() {
						how, v := finish(func() {
							lock(t.Context(), func(v *int) bool {
								if *v == at {
									test.fail()
								}
								return false
							})
						})
						ended <- end{how, v}
					}()
					synctest.Wait()
					after := before
					if at == 1 {
						after = wait(func() (*own.Guard[int], error) { return lock(t.Context(), atLeast(9)) })
						m.Store(1)
					}
					synctest.Wait()
					require.Len(t, ended, 1)
					e := <-ended
					require.Equal(t, test.how, e.how)
					if test.how == panicked {
						require.Equal(t, test.want, e.value)
					}
					require.ErrorIs(t, requireRefused(t, before), own.ErrPoisoned)
					if at == 1 {
						require.ErrorIs(t, requireRefused(t, after), own.ErrPoisoned)
					}
					requirePoisoned(t, m, test.want)
				})
			})
		}
	}
}

// A condition that blocks has the lock and cannot be interrupted; but nobody
// else's wait is the longer for it than they want.
func TestConditionBlocks(t *testing.T) {
	eachCondition(t, func(t *testing.T, m *own.Mutex[int], lock func(context.Context, func(*int) bool) (*own.Guard[int], error)) {
		ctx, cancel := context.WithCancel(t.Context())
		goOn := make(chan bool)
		blocked := wait(func() (*own.Guard[int], error) {
			return lock(ctx, func(*int) bool { return <-goOn })
		})
		other := wait(func() (*own.Guard[int], error) { return m.LockContext(ctx) })
		_, err := m.TryLock()
		require.Equal(t, own.ErrWouldBlock, err)
		cancel()
		require.ErrorIs(t, requireRefused(t, other), context.Canceled)
		requireWaiting(t, blocked)
		goOn <- true
		requireLocked(t, blocked).Unlock() // it was free when asked
	})
}

// Await that need not wait has had the lock all the time.
func TestAwaitKeepsTheLock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := own.NewMutex(0)
		g := m.MustLock()
		other := wait(func() (*own.Guard[int], error) { return m.LockContext(t.Context()) })
		require.NoError(t, g.Await(t.Context(), always))
		requireWaiting(t, other)
		g.Unlock()
		requireLocked(t, other).Unlock()
		synctest.Wait()
		requireFree(t, &m)
	})
}

// Await gives the lock to others and comes back with it, and with the value that
// they left.
func TestAwait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := own.NewMutex(0)
		w := wait(func() (*own.Guard[int], error) {
			g := m.MustLock()
			*g.Value() = 1
			return g, g.Await(t.Context(), atLeast(3))
		})
		other := m.MustLock()
		require.Equal(t, 1, *other.Value())
		*other.Value() = 3
		other.Unlock()
		g := requireLocked(t, w)
		require.Equal(t, 3, *g.Value())
		g.Unlock()
		synctest.Wait()
		requireFree(t, &m)
	})
}

// After an error the guard is released: it refuses Value, its Unlock does
// nothing, and waiting again is misuse. A context that has ended counts also if
// the condition holds.
func TestAwaitErrorReleases(t *testing.T) {
	m := own.NewMutex(0)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	g := m.MustLock()
	defer g.Unlock()
	require.Equal(t, context.Canceled, g.Await(ctx, always))
	requireHealthy(t, &m)
	require.Equal(t, "<unlocked>", fmt.Sprint(g))
	require.Panics(t, func() { g.Value() })
	require.PanicsWithValue(t, "own: Guard.Await after Unlock: the lock is not held any more, use LockWhen",
		func() { g.Await(t.Context(), always) })

	other := m.MustLock()
	g.Unlock()
	_, err := m.TryLock()
	require.Equal(t, own.ErrWouldBlock, err, "the released guard released somebody else's lock")
	other.Unlock()
}

// After a panic of the condition the guard is released, too: the deferred Unlock
// finds nothing to do, and lets the panic by.
func TestAwaitPanicReleases(t *testing.T) {
	m := own.NewMutex(0)
	var g *own.Guard[int]
	how, v := finish(func() {
		g = m.MustLock()
		defer g.Unlock()
		g.Await(t.Context(), func(*int) bool { panic("boom") })
	})
	require.Equal(t, panicked, how)
	require.Equal(t, "boom", v)
	requirePoisoned(t, &m, "boom")
	require.Equal(t, "<unlocked>", fmt.Sprint(g))
}

// The condition is to use the pointer that it is given: the guard counts as
// released meanwhile, so it can do no harm.
func TestAwaitGuardInCondition(t *testing.T) {
	m := own.NewMutex(0)
	g := m.MustLock()
	require.NoError(t, g.Await(t.Context(), func(v *int) bool {
		g.Unlock()
		_, err := m.TryLock()
		require.Equal(t, own.ErrWouldBlock, err)
		require.Panics(t, func() { g.Value() })
		require.Panics(t, func() { g.Await(t.Context(), always) })
		return true
	}))
	require.Zero(t, *g.Value())
	g.Unlock()
	requireHealthy(t, &m)
}

// Poison that the guard ignores does not end its wait; new poison does, and so
// does the same poison for anybody else. Rust: wait_while, which looks at no flag
// if it need not wait.
func TestAwaitIgnoredPoison(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := own.NewMutex(0)
		poison(&m, "first")
		awaited := make(chan error, 3)
		var seen int
		go func() {
			g := m.LockIgnorePoison()
			awaited <- g.Await(t.Context(), always)
			awaited <- g.Await(t.Context(), atLeast(1))
			seen = *g.Value()
			awaited <- g.Await(t.Context(), atLeast(2))
		}()
		requireAwaiting := func() {
			t.Helper()
			synctest.Wait()
			require.Empty(t, awaited, "the wait is over")
		}
		require.NoError(t, <-awaited)
		requireAwaiting()
		poison(&m, "not a new cause")
		requireAwaiting()

		// It waits through a repair, and sees what the repair has done.
		require.NoError(t, m.Repair(func(v *int, _ *own.PoisonError) error { *v = 1; return nil }))
		require.NoError(t, <-awaited)
		requireAwaiting()
		require.Equal(t, 1, seen)

		poison(&m, "second")
		require.ErrorIs(t, <-awaited, own.ErrPoisoned)
		requirePoisoned(t, &m, "second")
		synctest.Wait()
		requireFree(t, &m)
	})
}

// Two that wait for each other in turn, and one that only locks: all get their
// share. Were the lock handed from one Await to the next, the third would starve.
func TestAwaitPingPong(t *testing.T) {
	const rounds = 1000
	m := own.NewMutex(0)
	var wg sync.WaitGroup
	for me := range 2 {
		wg.Go(func() {
			g := m.MustLock()
			defer g.Unlock()
			for range rounds {
				if err := g.Await(t.Context(), func(v *int) bool { return *v%2 == me }); err != nil {
					panic(err)
				}
				*g.Value()++
			}
		})
	}
	wg.Go(func() {
		for range rounds {
			m.MustWith(func(*int) {})
		}
	})
	wg.Wait()
	v, err := m.Load()
	require.NoError(t, err)
	require.Equal(t, 2*rounds, v)
	require.Zero(t, m.Waiting())
}

// One that comes just as the lock is released, when the holder has looked for
// waiters already, is not left behind. The test ends only if it is not. That it
// comes at that moment is left to chance, hence the many rounds.
func TestWaiterComesWhileReleased(t *testing.T) {
	for name, hold := range map[string]func(m *own.Mutex[int], f func()){
		"Guard":   func(m *own.Mutex[int], f func()) { g := m.MustLock(); f(); g.Unlock() },
		"With":    func(m *own.Mutex[int], f func()) { m.With(func(*int) { f() }) },
		"WithErr": func(m *own.Mutex[int], f func()) { m.WithErr(func(*int) error { f(); return nil }) },
	} {
		t.Run(name, func(t *testing.T) {
			m := own.NewMutex(0)
			meet(10_000, func(now func()) { hold(&m, now) }, func() {
				g, _ := m.LockContext(context.Background())
				g.Unlock()
			})
			requireHealthy(t, &m)
			require.Zero(t, m.Waiting())
		})
	}
}

// Sixty-four goroutines in all the ways to get in, to give up and to fail: no
// increment is lost, and nothing is left behind.
func TestWaitStress(t *testing.T) {
	const goroutines, rounds = 64, 200
	m := own.NewMutex(0)
	var want atomic.Int64
	add := func(g *own.Guard[int], err error) {
		if err == nil {
			defer g.Unlock()
			*g.Value()++
			want.Add(1)
		}
	}
	var wg sync.WaitGroup
	for i := range goroutines {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(2, uint64(i)))
			for range rounds {
				var ctx context.Context
				var cancel context.CancelFunc
				switch r.IntN(3) {
				case 0:
					ctx, cancel = context.WithTimeout(context.Background(), time.Duration(r.IntN(300))*time.Microsecond)
				case 1:
					ctx, cancel = context.WithCancel(context.Background())
					go cancel()
				case 2:
					ctx, cancel = context.WithTimeout(context.Background(), 5*time.Millisecond)
				}
				k := r.IntN(4)
				mine := func(v *int) bool { return *v%4 == k }
				switch r.IntN(10) {
				case 0:
					add(m.Lock())
				case 1:
					add(m.TryLock())
				case 2, 3:
					add(m.LockContext(ctx))
				case 4, 5:
					add(m.LockWhen(ctx, mine))
				case 6:
					if g, err := m.Lock(); err == nil {
						add(g, g.Await(ctx, mine))
					}
				case 7:
					g := m.LockIgnorePoison()
					add(g, g.Await(ctx, mine))
				case 8: // a section that fails
					func() {
						defer func() { _ = recover() }()
						g := m.LockIgnorePoison()
						defer g.Unlock()
						panic("now and then")
					}()
					m.ClearPoison()
				case 9: // a condition that fails
					func() {
						defer func() { _ = recover() }()
						m.LockWhen(ctx, func(v *int) bool { panic("now and then") })
					}()
					m.Repair(func(*int, *own.PoisonError) error { return nil })
				}
				cancel()
			}
		})
	}
	wg.Wait()
	requireFree(t, &m)
	require.Zero(t, m.Waiting())
	g := m.LockIgnorePoison()
	defer g.Unlock()
	require.EqualValues(t, want.Load(), *g.Value())
}

// One that is refused a poisoned lock gives it back, and must look for waiters as
// everybody does: here it is the only one that can find the waiter.
func TestRefusedLockLooksForWaiters(t *testing.T) {
	m := own.NewMutex(0)
	rw := own.NewRWMutex(0)
	poison(&m, "boom")
	poison(&rw, "boom")
	for _, lock := range []struct {
		hold    func()
		letGo   func()
		waiting func() int
		wait    func(context.Context) error
		refused func() error
	}{
		{func() { m.LockIgnorePoison() }, m.LetGo, m.Waiting,
			func(ctx context.Context) error { _, err := m.LockContext(ctx); return err },
			func() error { _, err := m.Lock(); return err }},
		{func() { rw.LockIgnorePoison() }, rw.LetGo, rw.Waiting,
			func(ctx context.Context) error { _, err := rw.LockContext(ctx); return err },
			func() error { _, err := rw.Lock(); return err }},
	} {
		lock.hold()
		waited := make(chan error)
		go func() { waited <- lock.wait(context.Background()) }()
		for lock.waiting() == 0 {
			runtime.Gosched()
		}
		lock.letGo() // free, and nobody has looked
		require.ErrorIs(t, lock.refused(), own.ErrPoisoned)
		require.ErrorIs(t, <-waited, own.ErrPoisoned)
	}
	requirePoisoned(t, &m, "boom")
	requirePoisoned(t, &rw, "boom")
}
