package own_test

import (
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-own/own"
	"github.com/go-own/own/owndebug"
)

// The zero Mutex is ready for use. Rust: smoke.
func TestMutexZeroValue(t *testing.T) {
	var m own.Mutex[int]
	for range 2 {
		g, err := m.Lock()
		require.NoError(t, err)
		require.Zero(t, *g.Value())
		g.Unlock()
	}
	requireHealthy(t, &m)
}

// Guards exclude each other, and each sees what the one before wrote. Rust:
// lots_and_lots.
func TestMutexExcludes(t *testing.T) {
	const goroutines, rounds = 6, 1000
	m := own.NewMutex(0)
	var wg sync.WaitGroup
	for range goroutines {
		wg.Go(func() {
			for range rounds {
				g := m.MustLock()
				*g.Value()++
				g.Unlock()
			}
		})
	}
	wg.Wait()
	n, err := m.Load()
	require.NoError(t, err)
	require.Equal(t, goroutines*rounds, n)
}

// All ways to get in exclude each other: whatever mix of them runs, no
// increment is lost and the lock is free in the end.
func TestMutexStress(t *testing.T) {
	const goroutines, rounds = 16, 500
	m := own.NewMutex(0)
	var want atomic.Int64
	add := func(v *int) { *v++; want.Add(1) }
	guarded := func(g *own.Guard[int], err error) {
		if err == nil {
			defer g.Unlock()
			add(g.Value())
		}
	}
	var wg sync.WaitGroup
	for i := range goroutines {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(1, uint64(i)))
			for range rounds {
				switch r.IntN(8) {
				case 0:
					guarded(m.Lock())
				case 1:
					guarded(m.TryLock())
				case 2:
					guarded(m.LockIgnorePoison(), nil)
				case 3:
					m.With(add)
				case 4:
					m.WithErr(func(v *int) error { add(v); return errors.New("no matter") })
				case 5:
					// Poison, and do it before others see it half done.
					func() {
						defer func() { _ = recover() }()
						m.MustWith(func(v *int) { add(v); panic("now and then") })
					}()
				case 6:
					m.Repair(func(v *int, _ *own.PoisonError) error { add(v); return nil })
				case 7:
					m.IsPoisoned()
					m.ClearPoison()
				}
			}
		})
	}
	wg.Wait()
	requireFree(t, &m)
	g := m.LockIgnorePoison()
	defer g.Unlock()
	require.EqualValues(t, want.Load(), *g.Value())
}

// TryLock gets a free lock and does not wait for a held one, whoever holds it.
// Rust: try_lock.
func TestMutexTryLock(t *testing.T) {
	m := own.NewMutex(1)
	g, err := m.TryLock()
	require.NoError(t, err)
	*g.Value() = 2

	again, err := m.TryLock()
	require.Nil(t, again)
	require.Equal(t, own.ErrWouldBlock, err)
	require.NotErrorIs(t, err, own.ErrPoisoned)

	g.Unlock()
	g, err = m.TryLock()
	require.NoError(t, err)
	require.Equal(t, 2, *g.Value())
	g.Unlock()
}

// Whether a held lock is poisoned cannot be trusted: TryLock says that it would
// block. A free one that is poisoned says so. Rust: TryLockError.
func TestMutexTryLockPoisoned(t *testing.T) {
	m := own.NewMutex(0)
	poison(&m, "boom")

	g := m.LockIgnorePoison()
	_, err := m.TryLock()
	require.Equal(t, own.ErrWouldBlock, err)
	g.Unlock()

	g, err = m.TryLock()
	require.Nil(t, g)
	require.ErrorIs(t, err, own.ErrPoisoned)
	requireFree(t, &m)
}

// A guard releases once. What comes later, in sequence, does nothing: not even
// to somebody else's lock.
func TestGuardUnlockTwice(t *testing.T) {
	m := own.NewMutex(0)
	first := m.MustLock()
	first.Unlock()
	first.Unlock()

	second := m.MustLock()
	first.Unlock()
	_, err := m.TryLock()
	require.Equal(t, own.ErrWouldBlock, err, "a stale guard released somebody else's lock")
	second.Unlock()
	requireHealthy(t, &m)
}

// An early Unlock and a deferred one go together; a panic after the early one
// has nothing to do with the lock.
func TestGuardEarlyUnlockThenPanic(t *testing.T) {
	m := own.NewMutex(0)
	how, v := finish(func() {
		g := m.MustLock()
		defer g.Unlock()
		g.Unlock()
		panic("later")
	})
	require.Equal(t, panicked, how)
	require.Equal(t, "later", v)
	requireHealthy(t, &m)
}

// The guard that comes with an error is nil, and may be released all the same.
func TestGuardNil(t *testing.T) {
	var g *own.Guard[int]
	g.Unlock()
	func() {
		defer g.Unlock()
	}()
	require.PanicsWithValue(t,
		"own: Guard.Value of a nil guard: check the error that came with it before using it",
		func() { g.Value() })
}

func TestGuardValueAfterUnlock(t *testing.T) {
	m := own.NewMutex(0)
	g := m.MustLock()
	g.Unlock()
	require.PanicsWithValue(t,
		"own: Guard.Value after Unlock: the lock is not held any more, lock again",
		func() { g.Value() })
	require.PanicsWithValue(t,
		"own: Guard.Value after Unlock: the lock is not held any more, lock again",
		func() { new(own.Guard[int]).Value() })
}

// The guard is the lock's, not the goroutine's: it can be handed over.
func TestGuardHandedOver(t *testing.T) {
	owndebug.Expect(t, owndebug.NotSend)
	m := own.NewMutex(1)
	guards := make(chan *own.Guard[int])
	done := make(chan struct{})
	go func() {
		defer close(done)
		g := <-guards
		defer g.Unlock()
		*g.Value()++
	}()
	guards <- m.MustLock()
	<-done
	n, err := m.Load()
	require.NoError(t, err)
	require.Equal(t, 2, n)
}

// Only Lock itself waits: a lock that is held for long is still taken in the
// end. The other goroutine can be seen to have waited, because it finds 2.
func TestMutexLockWaits(t *testing.T) {
	m := own.NewMutex(1)
	g := m.MustLock()
	found := make(chan int)
	go func() {
		g := m.MustLock()
		defer g.Unlock()
		found <- *g.Value()
	}()
	*g.Value() = 2
	g.Unlock()
	require.Equal(t, 2, <-found)
}

func TestMutexWith(t *testing.T) {
	m := own.NewMutex([]string{"a"})
	require.NoError(t, m.With(func(v *[]string) {
		*v = append(*v, "b")
		_, err := m.TryLock()
		require.Equal(t, own.ErrWouldBlock, err, "the lock is held meanwhile")
	}))
	m.MustWith(func(v *[]string) { require.Equal(t, []string{"a", "b"}, *v) })
	requireHealthy(t, &m)
}

// An error is not a panic: it comes back as it is and does not poison.
func TestMutexWithErr(t *testing.T) {
	m := own.NewMutex(0)
	boom := errors.New("boom")
	require.Same(t, boom, m.WithErr(func(v *int) error { *v = 7; return boom }))
	require.NoError(t, m.WithErr(func(v *int) error { require.Equal(t, 7, *v); return nil }))
	requireHealthy(t, &m)
}

// Rust: test_get_cloned, test_set, test_replace.
func TestMutexLoadStoreSwap(t *testing.T) {
	m := own.NewMutex("a")
	v, err := m.Load()
	require.NoError(t, err)
	require.Equal(t, "a", v)

	require.NoError(t, m.Store("b"))
	v, err = m.Swap("c")
	require.NoError(t, err)
	require.Equal(t, "b", v)
	v, err = m.Load()
	require.NoError(t, err)
	require.Equal(t, "c", v)
	requireHealthy(t, &m)
}

// A poisoned value stays as it is: nothing is read, replaced or taken. Rust:
// test_get_cloned_poison, test_set_poison, test_replace_poison,
// test_into_inner_poison.
func TestMutexValueMethodsPoisoned(t *testing.T) {
	m := own.NewMutex("old")
	poison(&m, "boom")

	v, err := m.Load()
	require.ErrorIs(t, err, own.ErrPoisoned)
	require.Empty(t, v)
	require.ErrorIs(t, m.Store("new"), own.ErrPoisoned)
	v, err = m.Swap("new")
	require.ErrorIs(t, err, own.ErrPoisoned)
	require.Empty(t, v)
	v, err = m.IntoInner()
	require.ErrorIs(t, err, own.ErrPoisoned)
	require.Empty(t, v)
	require.ErrorIs(t, m.With(func(*string) { t.Error("With ran its function") }), own.ErrPoisoned)
	require.ErrorIs(t, m.WithErr(func(*string) error { t.Error("WithErr ran its function"); return nil }), own.ErrPoisoned)

	requirePoisoned(t, &m, "boom")
	g := m.LockIgnorePoison()
	require.Equal(t, "old", *g.Value())
	g.Unlock()
}

// Must means: the *PoisonError comes as a panic.
func TestMutexMustPoisoned(t *testing.T) {
	m := own.NewMutex(0)
	poison(&m, "boom")
	want := requirePoisoned(t, &m, "boom")

	how, v := finish(func() { m.MustLock() })
	require.Equal(t, panicked, how)
	require.Same(t, want, v)
	how, v = finish(func() { m.MustWith(func(*int) {}) })
	require.Equal(t, panicked, how)
	require.Same(t, want, v)
	requireFree(t, &m)
}

// IntoInner leaves the zero value. Rust: test_into_inner, test_into_inner_drop.
func TestMutexIntoInner(t *testing.T) {
	m := own.NewMutex("v")
	v, err := m.IntoInner()
	require.NoError(t, err)
	require.Equal(t, "v", v)
	v, err = m.Load()
	require.NoError(t, err)
	require.Empty(t, v)
}

func TestMutexIntoInnerLocked(t *testing.T) {
	m := own.NewMutex("v")
	g := m.MustLock()
	require.PanicsWithValue(t,
		"own: Mutex.IntoInner of a locked mutex: release every guard first, or use Swap to wait for them",
		func() { m.IntoInner() })
	require.Equal(t, "v", *g.Value(), "nothing was taken")
	g.Unlock()
	requireHealthy(t, &m)
}

// A missing function is found before the lock is taken, so it poisons nothing.
func TestMutexNilFunction(t *testing.T) {
	m := own.NewMutex(0)
	require.PanicsWithValue(t, "own: Mutex.With(nil): pass the function to run with the lock held",
		func() { m.With(nil) })
	require.PanicsWithValue(t, "own: Mutex.With(nil): pass the function to run with the lock held",
		func() { m.MustWith(nil) })
	require.PanicsWithValue(t, "own: Mutex.WithErr(nil): pass the function to run with the lock held",
		func() { m.WithErr(nil) })
	require.PanicsWithValue(t, "own: Mutex.Repair(nil): pass the function that repairs the value",
		func() { m.Repair(nil) })
	requireHealthy(t, &m)
}

// Rust: test_mutex_arc_nested.
func TestMutexNested(t *testing.T) {
	inner := own.NewArc(own.NewMutex(1))
	defer inner.Drop()
	outer := own.NewArc(own.NewMutex(inner.Clone()))
	defer outer.Drop()

	how, _ := finish(func() {
		g := outer.Value().MustLock()
		defer g.Unlock()
		defer (*g.Value()).Drop()
		v, err := (*g.Value()).Value().Load()
		if v != 1 || err != nil {
			panic("the inner value was not reached")
		}
	})
	require.Equal(t, returned, how)
}
