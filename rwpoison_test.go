package own_test

import (
	"errors"
	"runtime"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/go-own/own"
)

// Tests of poison and RWMutex.

// A writer's panic unlocks, poisons for readers and writers, and goes on with the
// same value. Rust: test_rw_arc_poison_wr, test_rw_arc_poison_ww.
func TestRWMutexPoisonPanic(t *testing.T) {
	eachRW(t, rwWrites, func(t *testing.T, _ bool, m *rwMutex, section func(func())) {
		require.False(t, m.IsPoisoned())
		how, v := finish(func() { section(func() { panic("boom") }) })
		require.Equal(t, panicked, how)
		require.Equal(t, "boom", v)
		requirePoisoned(t, m, "boom")
		_, err := m.Lock()
		require.ErrorIs(t, err, own.ErrPoisoned)
	})
}

// A closure knows that a Goexit cut it short, and poisons; a deferred Unlock
// cannot tell it from a return. Both unlock.
func TestRWMutexPoisonGoexit(t *testing.T) {
	eachRW(t, rwWrites, func(t *testing.T, closure bool, m *rwMutex, section func(func())) {
		how, _ := finish(func() { section(runtime.Goexit) })
		require.Equal(t, exited, how)
		if closure {
			requirePoisoned(t, m, own.ErrGoexit)
		} else {
			requireHealthy(t, m)
		}
	})
}

// A reader that fails unlocks and does not poison: it has changed nothing. This
// goes for one that was a writer before, too. Rust: test_rw_arc_no_poison_rr,
// test_rw_arc_no_poison_rw.
func TestRWMutexReaderDoesNotPoison(t *testing.T) {
	for _, fail := range []struct {
		name string
		how  ending
		f    func()
	}{
		{"panic", panicked, func() { panic("boom") }},
		{"runtime error", panicked, func() { var p *int; *p = 1 }},
		{"Goexit", exited, runtime.Goexit},
	} {
		t.Run(fail.name, func(t *testing.T) {
			eachRW(t, rwReads, func(t *testing.T, _ bool, m *rwMutex, section func(func())) {
				how, v := finish(func() { section(fail.f) })
				require.Equal(t, fail.how, how)
				if fail.name == "panic" {
					require.Equal(t, "boom", v)
				}
				requireHealthy(t, m)
			})
		})
	}
}

// A panic that is recovered before it leaves the section is the section's own
// business.
func TestRWMutexPoisonRecoveredInside(t *testing.T) {
	eachRW(t, rwWrites, func(t *testing.T, _ bool, m *rwMutex, section func(func())) {
		how, _ := finish(func() {
			section(func() {
				defer func() { _ = recover() }()
				panic("handled")
			})
		})
		require.Equal(t, returned, how)
		requireHealthy(t, m)
	})
}

// A lock taken by a deferred function while the goroutine is panicking already
// is not to blame for that panic. Rust: test_rw_arc_access_in_unwind.
func TestRWMutexLockedWhilePanicking(t *testing.T) {
	eachRW(t, append(rwReads[:len(rwReads):len(rwReads)], rwWrites...),
		func(t *testing.T, _ bool, m *rwMutex, section func(func())) {
			ran := false
			how, v := finish(func() {
				defer func() { section(func() { ran = true }) }()
				panic("before")
			})
			require.True(t, ran)
			require.Equal(t, panicked, how)
			require.Equal(t, "before", v)
			requireHealthy(t, m)
		})
}

// Whatever would hand out the value of a poisoned lock returns the same
// *PoisonError, and leaves the lock free and the value as it is. Rust:
// test_get_cloned_poison, test_set_poison, test_replace_poison,
// test_into_inner_poison.
func TestRWMutexMethodsPoisoned(t *testing.T) {
	m := own.NewRWMutex("old")
	poison(&m, "boom")
	want := requirePoisoned(t, &m, "boom")
	ran := func(*string) { t.Error("the function ran") }
	for name, method := range map[string]func() (any, error){
		"RLock":        func() (any, error) { return m.RLock() },
		"TryRLock":     func() (any, error) { return m.TryRLock() },
		"RLockContext": func() (any, error) { return m.RLockContext(t.Context()) },
		"Lock":         func() (any, error) { return m.Lock() },
		"TryLock":      func() (any, error) { return m.TryLock() },
		"LockContext":  func() (any, error) { return m.LockContext(t.Context()) },
		"Load":         func() (any, error) { return m.Load() },
		"Store":        func() (any, error) { return nil, m.Store("new") },
		"Swap":         func() (any, error) { return m.Swap("new") },
		"IntoInner":    func() (any, error) { return m.IntoInner() },
		"With":         func() (any, error) { return nil, m.With(ran) },
		"WithErr":      func() (any, error) { return nil, m.WithErr(func(v *string) error { ran(v); return nil }) },
		"RWith":        func() (any, error) { return nil, m.RWith(ran) },
		"RWithErr":     func() (any, error) { return nil, m.RWithErr(func(v *string) error { ran(v); return nil }) },
	} {
		v, err := method()
		require.Same(t, want, err, name)
		require.Empty(t, v, "%s returned something besides the error", name)
		requirePoisoned(t, &m, "boom")
	}
	for name, method := range map[string]func(){
		"MustRLock": func() { m.MustRLock() },
		"MustLock":  func() { m.MustLock() },
		"MustWith":  func() { m.MustWith(ran) },
	} {
		how, v := finish(method)
		require.Equal(t, panicked, how, name)
		require.Same(t, want, v, name)
		requirePoisoned(t, &m, "boom")
	}
	g := m.RLockIgnorePoison()
	defer g.Unlock()
	require.Equal(t, "old", *g.Value())
}

// A writer need not wait for readers to hear of poison.
func TestRWMutexPoisonedWhileRead(t *testing.T) {
	m := own.NewRWMutex(0)
	poison(&m, "boom")
	r := m.RLockIgnorePoison()
	_, err := m.Lock()
	require.ErrorIs(t, err, own.ErrPoisoned)
	_, err = m.LockContext(t.Context())
	require.ErrorIs(t, err, own.ErrPoisoned)
	r.Unlock()
	requirePoisoned(t, &m, "boom")
}

// If the writer panics, all who wait are told.
func TestRWMutexPoisonedWhileWaiting(t *testing.T) {
	rwBubble(t, func(t *testing.T, m *rwMutex) {
		fail := make(chan struct{})
		go finish(func() { m.With(func(*int) { <-fail; panic("boom") }) })
		synctest.Wait()
		var all []<-chan outcome[rwGuard]
		for _, lock := range []rwLock{byLockContext, byRLockContext, byRLock, byLockContext} {
			all = append(all, rwWait(t, t.Context(), m, lock))
		}
		close(fail)
		for _, c := range all {
			require.ErrorIs(t, requireRefused(t, c), own.ErrPoisoned)
		}
		requirePoisoned(t, m, "boom")
	})
}

// A reader that panics lets the writer in that waits for it.
func TestRWMutexReaderPanicsWriterWaits(t *testing.T) {
	rwBubble(t, func(t *testing.T, m *rwMutex) {
		fail := make(chan struct{})
		go finish(func() { m.RWith(func(*int) { <-fail; panic("boom") }) })
		synctest.Wait()
		w := rwWait(t, t.Context(), m, byLockContext)
		close(fail)
		requireLocked(t, w).Unlock()
		requireHealthy(t, m)
	})
}

// IgnorePoison leaves the poison where it is, and the first cause is kept until
// somebody clears it. Rust: PoisonError::into_inner, clear_poison.
func TestRWMutexIgnoreAndClearPoison(t *testing.T) {
	m := own.NewRWMutex(1)
	for range 2 {
		w := m.LockIgnorePoison()
		*w.Value()++
		w.Unlock()
		poison(&m, "first")
		poison(&m, "second")
		requirePoisoned(t, &m, "first")
		r := m.RLockIgnorePoison()
		require.Equal(t, 2, *r.Value())
		r.Unlock()

		m.ClearPoison()
		requireHealthy(t, &m)
		require.NoError(t, m.Store(1))
	}
}

// Repair repairs what is poisoned, and nothing else, with the lock held.
func TestRWMutexRepair(t *testing.T) {
	m := own.NewRWMutex(1)
	never := func(*int, *own.PoisonError) error { t.Error("repaired a healthy value"); return nil }
	require.NoError(t, m.Repair(never))

	poison(&m, "boom")
	want := requirePoisoned(t, &m, "boom")
	refused := errors.New("beyond repair")
	require.Same(t, refused, m.Repair(func(_ *int, cause *own.PoisonError) error {
		require.Same(t, want, cause)
		_, err := m.TryRLock()
		require.Equal(t, own.ErrWouldBlock, err, "the lock is held meanwhile")
		return refused
	}))
	require.Same(t, want, requirePoisoned(t, &m, "boom"))

	require.NoError(t, m.Repair(func(v *int, _ *own.PoisonError) error { *v = 10; return nil }))
	requireHealthy(t, &m)
	n, err := m.Load()
	require.NoError(t, err)
	require.Equal(t, 10, n)
	require.NoError(t, m.Repair(never))
}

// A repair that fails by a panic or a Goexit unlocks, and the first cause stays.
func TestRWMutexRepairThatFails(t *testing.T) {
	for want, fail := range map[ending]func(){
		panicked: func() { panic("again") },
		exited:   runtime.Goexit,
	} {
		m := own.NewRWMutex(0)
		poison(&m, "first")
		how, _ := finish(func() { m.Repair(func(*int, *own.PoisonError) error { fail(); return nil }) })
		require.Equal(t, want, how)
		requirePoisoned(t, &m, "first")
	}
}

// OnPoison hears of each poisoning once, after the lock has been released, and of
// no reader.
func TestRWMutexOnPoison(t *testing.T) {
	eachRW(t, rwWrites, func(t *testing.T, _ bool, m *rwMutex, section func(func())) {
		var heard []*own.PoisonError
		var tried []error
		defer own.OnPoison(func(e *own.PoisonError) {
			heard = append(heard, e)
			_, err := m.TryLock()
			tried = append(tried, err)
		})()
		finish(func() { m.RWith(func(*int) { panic("a reader's") }) })
		require.Empty(t, heard)
		finish(func() { section(func() { panic("boom") }) })
		poison(m, "not a new poisoning")
		require.Len(t, heard, 1)
		require.Same(t, requirePoisoned(t, m, "boom"), heard[0])
		require.Equal(t, []error{heard[0]}, tried, "the hook ran with the lock held")
	})
}
