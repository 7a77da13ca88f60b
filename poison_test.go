package own_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-own/own"
	"github.com/go-own/own/owndebug"
)

// A critical section is one way to run f with the lock of m held. recovers says
// whether it sees how f ended: a closure does, a guard sees a panic only.
var sections = []struct {
	name    string
	closure bool
	run     func(m *own.Mutex[int], f func())
}{
	{"Lock", false, func(m *own.Mutex[int], f func()) {
		g, err := m.Lock()
		if err != nil {
			return
		}
		defer g.Unlock()
		f()
	}},
	{"MustLock", false, func(m *own.Mutex[int], f func()) {
		defer m.MustLock().Unlock()
		f()
	}},
	{"TryLock", false, func(m *own.Mutex[int], f func()) {
		g, err := m.TryLock()
		if err != nil {
			return
		}
		defer g.Unlock()
		f()
	}},
	{"LockIgnorePoison", false, func(m *own.Mutex[int], f func()) {
		g := m.LockIgnorePoison()
		defer g.Unlock()
		f()
	}},
	{"method value", false, func(m *own.Mutex[int], f func()) {
		g := m.MustLock()
		unlock := g.Unlock
		defer unlock()
		f()
	}},
	{"interface", false, func(m *own.Mutex[int], f func()) {
		var g interface{ Unlock() } = m.MustLock()
		defer g.Unlock()
		f()
	}},
	{"promoted", false, func(m *own.Mutex[int], f func()) {
		g := struct{ *own.Guard[int] }{m.MustLock()}
		defer g.Unlock()
		f()
	}},
	{"LockContext", false, func(m *own.Mutex[int], f func()) {
		if g, err := m.LockContext(context.Background()); err == nil {
			defer g.Unlock()
			f()
		}
	}},
	{"LockWhen", false, func(m *own.Mutex[int], f func()) {
		if g, err := m.LockWhen(context.Background(), always); err == nil {
			defer g.Unlock()
			f()
		}
	}},
	{"Await", false, func(m *own.Mutex[int], f func()) {
		g := m.LockIgnorePoison()
		defer g.Unlock()
		if g.Await(context.Background(), always) == nil {
			f()
		}
	}},
	{"MappedGuard", false, func(m *own.Mutex[int], f func()) {
		p := own.MapGuard(m.LockIgnorePoison(), func(v *int) *int { return v })
		defer p.Unlock()
		f()
	}},
	{"MappedGuard and its parent", false, func(m *own.Mutex[int], f func()) {
		g := m.LockIgnorePoison()
		defer g.Unlock()
		p := own.MapGuard(g, func(v *int) *int { return v })
		defer p.Unlock()
		f()
	}},
	{"parent of a MappedGuard", false, func(m *own.Mutex[int], f func()) {
		g := m.LockIgnorePoison()
		defer g.Unlock()
		own.MapGuard(g, func(v *int) *int { return v })
		f()
	}},
	{"LockWhen's condition", true, func(m *own.Mutex[int], f func()) {
		g, _ := m.LockWhen(context.Background(), func(*int) bool { f(); return true })
		g.Unlock()
	}},
	{"Await's condition", true, func(m *own.Mutex[int], f func()) {
		g := m.LockIgnorePoison()
		defer g.Unlock()
		g.Await(context.Background(), func(*int) bool { f(); return true })
	}},
	{"MapGuard's function", true, func(m *own.Mutex[int], f func()) {
		g := m.LockIgnorePoison()
		defer g.Unlock()
		own.MapGuard(g, func(v *int) *int { f(); return v })
	}},
	{"With", true, func(m *own.Mutex[int], f func()) { m.With(func(*int) { f() }) }},
	{"WithErr", true, func(m *own.Mutex[int], f func()) { m.WithErr(func(*int) error { f(); return nil }) }},
	{"MustWith", true, func(m *own.Mutex[int], f func()) { m.MustWith(func(*int) { f() }) }},
}

// eachSection runs test once for each kind of critical section.
func eachSection(t *testing.T, test func(t *testing.T, closure bool, m *own.Mutex[int], section func(f func()))) {
	for _, s := range sections {
		t.Run(s.name, func(t *testing.T) {
			m := own.NewMutex(0)
			test(t, s.closure, &m, func(f func()) { s.run(&m, f) })
		})
	}
}

// A panic unlocks, poisons, and goes on with the same value. Rust:
// test_mutex_arc_poison.
func TestPoisonPanic(t *testing.T) {
	eachSection(t, func(t *testing.T, _ bool, m *own.Mutex[int], section func(func())) {
		for _, value := range []any{"boom", errors.New("boom"), 42, []int{1}, fmt.Errorf("%w", sql.ErrNoRows)} {
			m.ClearPoison()
			require.False(t, m.IsPoisoned())
			how, v := finish(func() { section(func() { panic(value) }) })
			require.Equal(t, panicked, how)
			require.Equal(t, value, v)
			requirePoisoned(t, m, value)
		}
	})
}

// Panics of the runtime are panics, and panic(nil) is one of them since Go 1.21.
func TestPoisonRuntimePanic(t *testing.T) {
	eachSection(t, func(t *testing.T, _ bool, m *own.Mutex[int], section func(func())) {
		for _, f := range []func(){
			func() { var m map[int]int; m[1] = 1 },
			func() { var p *int; *p = 1 },
			func() { s := []int{}; _ = s[len(s)] },
			func() { panic(nil) },
		} {
			m.ClearPoison()
			how, v := finish(func() { section(f) })
			require.Equal(t, panicked, how)
			_, ok := v.(runtime.Error)
			require.True(t, ok, "%T", v)
			requirePoisoned(t, m, v)
		}
	})
}

// Two locks held when the panic goes by are both poisoned, by the same value.
func TestPoisonTwoLocks(t *testing.T) {
	eachSection(t, func(t *testing.T, _ bool, m *own.Mutex[int], section func(func())) {
		outer := own.NewMutex(0)
		how, v := finish(func() {
			g := outer.MustLock()
			defer g.Unlock()
			section(func() { panic("boom") })
		})
		require.Equal(t, panicked, how)
		require.Equal(t, "boom", v)
		inner := requirePoisoned(t, m, "boom")
		require.Equal(t, inner.Error(), requirePoisoned(t, &outer, "boom").Error(),
			"both name the line that panicked first")
	})
}

// A Goexit, such as t.FailNow's, unlocks and goes on. A closure knows that it
// was cut short and poisons; a deferred Unlock cannot tell it from a return.
func TestPoisonGoexit(t *testing.T) {
	eachSection(t, func(t *testing.T, closure bool, m *own.Mutex[int], section func(func())) {
		how, _ := finish(func() { section(runtime.Goexit) })
		require.Equal(t, exited, how)
		if closure {
			requirePoisoned(t, m, own.ErrGoexit)
		} else {
			requireHealthy(t, m)
		}
	})
}

// A Goexit in a deferred function puts an end to a panic. What is left is a
// Goexit.
func TestPoisonPanicReplacedByGoexit(t *testing.T) {
	eachSection(t, func(t *testing.T, closure bool, m *own.Mutex[int], section func(func())) {
		how, _ := finish(func() {
			section(func() {
				defer runtime.Goexit()
				panic("gone")
			})
		})
		require.Equal(t, exited, how)
		if closure {
			requirePoisoned(t, m, own.ErrGoexit)
		} else {
			requireHealthy(t, m)
		}
	})
}

// A panic in a deferred function during a Goexit is a panic.
func TestPoisonGoexitReplacedByPanic(t *testing.T) {
	eachSection(t, func(t *testing.T, _ bool, m *own.Mutex[int], section func(func())) {
		how, v := finish(func() {
			section(func() {
				defer func() { panic("boom") }()
				runtime.Goexit()
			})
		})
		require.Equal(t, panicked, how)
		require.Equal(t, "boom", v)
		requirePoisoned(t, m, "boom")
	})
}

// A panic that a second one replaces poisons with the second: it is the one
// that goes on.
func TestPoisonPanicReplacedByPanic(t *testing.T) {
	eachSection(t, func(t *testing.T, _ bool, m *own.Mutex[int], section func(func())) {
		how, v := finish(func() {
			section(func() {
				defer panic("second")
				panic("first")
			})
		})
		require.Equal(t, panicked, how)
		require.Equal(t, "second", v)
		requirePoisoned(t, m, "second")
	})
}

// A panic that is recovered before it leaves the section is the section's own
// business. Rust: catch_unwind while the guard is held.
func TestPoisonRecoveredInside(t *testing.T) {
	eachSection(t, func(t *testing.T, _ bool, m *own.Mutex[int], section func(func())) {
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
// is not to blame for that panic. Rust: test_mutex_arc_access_in_unwind.
func TestPoisonLockedWhilePanicking(t *testing.T) {
	eachSection(t, func(t *testing.T, _ bool, m *own.Mutex[int], section func(func())) {
		ran := false
		how, v := finish(func() {
			defer func() {
				section(func() { ran = true })
			}()
			panic("before")
		})
		require.True(t, ran)
		require.Equal(t, panicked, how)
		require.Equal(t, "before", v)
		requireHealthy(t, m)
	})
}

// The same, when the deferred function is the one that locks and unlocks.
func TestPoisonLockedByDeferredFunction(t *testing.T) {
	m := own.NewMutex(0)
	cleanup := func() {
		g := m.MustLock()
		defer g.Unlock()
		*g.Value()++
	}
	how, _ := finish(func() {
		defer cleanup()
		panic("before")
	})
	require.Equal(t, panicked, how)
	requireHealthy(t, &m)
}

// A new panic that crosses such a lock is its own. Here own sees more than Rust,
// which asks only whether the thread was panicking when it locked.
func TestPoisonSecondPanicWhilePanicking(t *testing.T) {
	eachSection(t, func(t *testing.T, _ bool, m *own.Mutex[int], section func(func())) {
		how, v := finish(func() {
			defer func() {
				defer func() { _ = recover() }() // the second one only
				section(func() { panic("second") })
			}()
			panic("first")
		})
		require.Equal(t, panicked, how)
		require.Equal(t, "first", v)
		requirePoisoned(t, m, "second")
	})
}

// These forms release the lock but cannot see the panic: recover works only in
// the function that was deferred. It is a limit, not a promise, and pinned so
// that the documentation stays true.
func TestPoisonBlindUnlock(t *testing.T) {
	owndebug.Expect(t, owndebug.PoisonBlind)
	release := func(g *own.Guard[int]) { g.Unlock() }
	for name, section := range map[string]func(m *own.Mutex[int]){
		"closure": func(m *own.Mutex[int]) {
			g := m.MustLock()
			defer func() { g.Unlock() }()
			panic("unseen")
		},
		"helper": func(m *own.Mutex[int]) {
			g := m.MustLock()
			defer release(g)
			panic("unseen")
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := own.NewMutex(0)
			how, v := finish(func() { section(&m) })
			require.Equal(t, panicked, how)
			require.Equal(t, "unseen", v)
			requireHealthy(t, &m)
		})
	}
}

// t.Cleanup runs its functions itself: an Unlock there is blind, but releases.
func TestPoisonBlindCleanup(t *testing.T) {
	m := own.NewMutex(0)
	t.Run("inner", func(t *testing.T) {
		g := m.MustLock()
		t.Cleanup(g.Unlock)
	})
	requireHealthy(t, &m)
}

// The first cause is kept until somebody clears it: later panics under
// LockIgnorePoison are likely to be its consequences. Rust: test_panics.
func TestPoisonTwice(t *testing.T) {
	m := own.NewMutex(0)
	for _, v := range []string{"first", "second", "third"} {
		poison(&m, v)
		requirePoisoned(t, &m, "first")
	}
	m.ClearPoison()
	requireHealthy(t, &m)
	poison(&m, "fourth")
	requirePoisoned(t, &m, "fourth")
}

// ClearPoison works with the lock held, too, and a panic after it poisons anew.
func TestClearPoisonWhileLocked(t *testing.T) {
	m := own.NewMutex(0)
	poison(&m, "first")
	how, _ := finish(func() {
		g := m.LockIgnorePoison()
		defer g.Unlock()
		m.ClearPoison()
		panic("second")
	})
	require.Equal(t, panicked, how)
	requirePoisoned(t, &m, "second")
}

// LockIgnorePoison leaves the poison where it is. Rust:
// PoisonError::into_inner.
func TestLockIgnorePoison(t *testing.T) {
	m := own.NewMutex(1)
	g := m.LockIgnorePoison()
	*g.Value() = 2
	g.Unlock()
	requireHealthy(t, &m)

	poison(&m, "boom")
	g = m.LockIgnorePoison()
	require.Equal(t, 2, *g.Value())
	g.Unlock()
	requirePoisoned(t, &m, "boom")
}

func TestRepair(t *testing.T) {
	m := own.NewMutex(1)
	never := func(*int, *own.PoisonError) error { t.Error("repaired a healthy value"); return nil }
	require.NoError(t, m.Repair(never))

	poison(&m, "boom")
	want := requirePoisoned(t, &m, "boom")
	refused := errors.New("beyond repair")
	require.Same(t, refused, m.Repair(func(v *int, cause *own.PoisonError) error {
		require.Same(t, want, cause)
		_, err := m.TryLock()
		require.Equal(t, own.ErrWouldBlock, err, "the lock is held meanwhile")
		return refused
	}))
	requirePoisoned(t, &m, "boom")

	require.NoError(t, m.Repair(func(v *int, _ *own.PoisonError) error { *v = 10; return nil }))
	requireHealthy(t, &m)
	n, err := m.Load()
	require.NoError(t, err)
	require.Equal(t, 10, n)
	require.NoError(t, m.Repair(never))
}

// A repair that fails by a panic or a Goexit unlocks, and the lock stays
// poisoned with the first cause; after ClearPoison, with its own.
func TestRepairThatFails(t *testing.T) {
	for _, test := range []struct {
		name string
		how  ending
		fail func()
		want any
	}{
		{"panic", panicked, func() { panic("again") }, "again"},
		{"Goexit", exited, runtime.Goexit, own.ErrGoexit},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := own.NewMutex(0)
			poison(&m, "first")
			how, _ := finish(func() { m.Repair(func(*int, *own.PoisonError) error { test.fail(); return nil }) })
			require.Equal(t, test.how, how)
			requirePoisoned(t, &m, "first")

			how, _ = finish(func() {
				m.Repair(func(*int, *own.PoisonError) error { m.ClearPoison(); test.fail(); return nil })
			})
			require.Equal(t, test.how, how)
			requirePoisoned(t, &m, test.want)
		})
	}
}

// Of many goroutines that see the poison, one repairs.
func TestRepairOnce(t *testing.T) {
	m := own.NewMutex(0)
	poison(&m, "boom")
	var repairs atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			m.Repair(func(*int, *own.PoisonError) error { repairs.Add(1); return nil })
		})
	}
	wg.Wait()
	require.EqualValues(t, 1, repairs.Load())
	requireHealthy(t, &m)
}

// Everybody gets the same *PoisonError, through errors.Is and errors.AsType.
func TestPoisonErrorIs(t *testing.T) {
	m := own.NewMutex(0)
	poison(&m, sql.ErrNoRows)
	_, first := m.Lock()
	_, second := m.Lock()
	require.Same(t, first, second)
	wrapped := fmt.Errorf("handle: %w", first)
	require.ErrorIs(t, wrapped, own.ErrPoisoned)
	perr, ok := errors.AsType[*own.PoisonError](wrapped)
	require.True(t, ok)
	require.Equal(t, sql.ErrNoRows, perr.Value)
	require.NotErrorIs(t, wrapped, sql.ErrNoRows, "one request's error must not become another's")
	require.NotErrorIs(t, wrapped, own.ErrGoexit)
}

// panicHere panics in a line of its own, so that tests can look for its name.
func panicHere(v any) { panic(v) }

// The error names the panic and the function that panicked; the stack goes with
// %+v only.
func TestPoisonErrorText(t *testing.T) {
	eachSection(t, func(t *testing.T, closure bool, m *own.Mutex[int], section func(func())) {
		finish(func() { section(func() { panicHere("halfway") }) })
		perr := requirePoisoned(t, m, "halfway")
		require.Regexp(t, `^own: lock poisoned by panic: halfway, in github\.com/go-own/own_test\.panicHere \(poison_test\.go:\d+\)$`, perr.Error())
		require.Equal(t, perr.Error(), fmt.Sprint(perr))
		require.Equal(t, perr.Error(), fmt.Sprintf("%s", perr))
		require.Equal(t, fmt.Sprintf("%q", perr.Error()), fmt.Sprintf("%q", perr))

		long := fmt.Sprintf("%+v", perr)
		require.True(t, strings.HasPrefix(long, perr.Error()+"\n"))
		require.Contains(t, long, "own_test.panicHere(")
		require.NotContains(t, long, "[running]", "the goroutine is not running any more")
		require.Contains(t, string(perr.Stack), "own_test.panicHere(")

		if closure {
			m.ClearPoison()
			finish(func() { section(runtime.Goexit) })
			require.Regexp(t, `^own: lock poisoned by runtime\.Goexit, in github\.com/go-own/own_test\..* \(poison_test\.go:\d+\)$`,
				requirePoisoned(t, m, own.ErrGoexit).Error())
		}
	})
}

// A run-time error panics deep inside the runtime; what counts is the line that
// caused it.
func TestPoisonErrorTextRuntimePanic(t *testing.T) {
	m := own.NewMutex(0)
	finish(func() { m.With(func(*int) { var p *int; *p = 1 }) })
	_, err := m.Lock()
	require.Regexp(t, `invalid memory address or nil pointer dereference, in github\.com/go-own/own_test\.TestPoisonErrorTextRuntimePanic\S* \(poison_test\.go:\d+\)$`, err.Error())
}

// A PoisonError of one's own, in a test for example, has no site to name.
func TestPoisonErrorLiteral(t *testing.T) {
	err := &own.PoisonError{Value: "boom", Stack: []byte("here")}
	require.Equal(t, "own: lock poisoned by panic: boom", err.Error())
	require.Equal(t, "own: lock poisoned by panic: boom\nhere", fmt.Sprintf("%+v", err))
	require.ErrorIs(t, err, own.ErrPoisoned)
}

// OnPoison hears of each poisoning once, after the lock has been released.
func TestOnPoison(t *testing.T) {
	eachSection(t, func(t *testing.T, closure bool, m *own.Mutex[int], section func(func())) {
		var heard []*own.PoisonError
		free := true
		remove := own.OnPoison(func(e *own.PoisonError) {
			heard = append(heard, e)
			g, err := m.TryLock()
			free = free && !errors.Is(err, own.ErrWouldBlock)
			g.Unlock()
		})
		defer remove()

		finish(func() { section(func() { panic("boom") }) })
		require.Len(t, heard, 1)
		require.Same(t, requirePoisoned(t, m, "boom"), heard[0])
		require.True(t, free, "the hook ran with the lock held")

		poison(m, "not a new poisoning")
		require.Len(t, heard, 1)

		m.ClearPoison()
		if closure {
			finish(func() { section(runtime.Goexit) })
			require.Len(t, heard, 2)
			require.Equal(t, own.ErrGoexit, heard[1].Value)
			m.ClearPoison()
		}

		remove()
		remove()
		n := len(heard)
		finish(func() { section(func() { panic("unheard") }) })
		require.Len(t, heard, n)
	})
}

// Hooks run in order. One that panics does not keep the next one, nor the panic
// that the program needs to see, from going on.
func TestOnPoisonPanics(t *testing.T) {
	var order []string
	hook := func(name string) func(*own.PoisonError) {
		return func(*own.PoisonError) { order = append(order, name) }
	}
	defer own.OnPoison(hook("first"))()
	defer own.OnPoison(func(*own.PoisonError) { panic("hook") })()
	defer own.OnPoison(hook("third"))()

	m := own.NewMutex(0)
	how, v := finish(func() { m.With(func(*int) { panic("boom") }) })
	require.Equal(t, panicked, how)
	require.Equal(t, "boom", v)
	require.Equal(t, []string{"first", "third"}, order)
	requirePoisoned(t, &m, "boom")
}

func TestOnPoisonNil(t *testing.T) {
	require.PanicsWithValue(t, "own: OnPoison(nil): pass the function to call", func() { own.OnPoison(nil) })
}

// The hooks may change while locks are poisoned.
func TestOnPoisonConcurrently(t *testing.T) {
	var wg sync.WaitGroup
	var heard atomic.Int64
	for range 8 {
		wg.Go(func() {
			for range 50 {
				remove := own.OnPoison(func(*own.PoisonError) { heard.Add(1) })
				m := own.NewMutex(0)
				poison(&m, "boom")
				remove()
			}
		})
	}
	wg.Wait()
	require.GreaterOrEqual(t, heard.Load(), int64(8*50), "each poisoning is heard by the hook of its goroutine at least")
}

// When nobody recovers, the runtime's trace shows the line that panicked, even
// though two deferred guards recovered and panicked again on the way.
func TestCrashTrace(t *testing.T) {
	out := crash(t, "TestCrashTrace")
	if out == "" {
		outer, inner := own.NewMutex(0), own.NewMutex(0)
		g := outer.MustLock()
		defer g.Unlock()
		h := inner.MustLock()
		defer h.Unlock()
		panicHere("halfway")
	}
	require.Contains(t, out, "panic: halfway [recovered, repanicked")
	require.Contains(t, out, "own_test.panicHere(")
	require.Contains(t, out, "poison_test.go:")
}
