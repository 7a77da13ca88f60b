package own_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-own/own"
	"github.com/go-own/own/owndebug"
)

// Tests of RWMutex, ReadGuard and WriteGuard: what they do, misuse, formatting.
// Poison is in rwpoison_test.go, waiting with a context in rwwait_test.go, what
// they share in rwhelpers_test.go.

// The zero RWMutex is ready for use, by one writer or by several readers. Rust:
// smoke.
func TestRWMutexZeroValue(t *testing.T) {
	var m own.RWMutex[int]
	m.MustRLock().Unlock()
	m.MustLock().Unlock()
	a, err := m.RLock()
	require.NoError(t, err)
	b, err := m.RLock()
	require.NoError(t, err)
	require.Same(t, a.Value(), b.Value())
	a.Unlock()
	b.Unlock()
	w, err := m.Lock()
	require.NoError(t, err)
	require.Zero(t, *w.Value())
	w.Unlock()
	requireHealthy(t, &m)
}

// Readers and writers in any mix come to an end. Rust: frob.
func TestRWMutexFrob(t *testing.T) {
	const goroutines, rounds = 10, 1000
	var m own.RWMutex[int]
	var wg sync.WaitGroup
	for i := range goroutines {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(3, uint64(i)))
			for range rounds {
				if r.IntN(goroutines) == 0 {
					m.MustLock().Unlock()
				} else {
					m.MustRLock().Unlock()
				}
			}
		})
	}
	wg.Wait()
	requireHealthy(t, &m)
}

// No reader sees what a writer holds broken for a while. Rust: test_rw_arc.
func TestRWMutexExcludes(t *testing.T) {
	const writers, readers, rounds = 2, 5, 200
	m := own.NewRWMutex(0)
	var broken atomic.Int64
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for range rounds {
				g := m.MustLock()
				n := *g.Value()
				*g.Value() = -1
				runtime.Gosched()
				*g.Value() = n + 1
				g.Unlock()
			}
		})
	}
	for range readers {
		wg.Go(func() {
			for range rounds {
				g := m.MustRLock()
				if *g.Value() < 0 {
					broken.Add(1)
				}
				g.Unlock()
			}
		})
	}
	wg.Wait()
	require.Zero(t, broken.Load(), "a reader saw the value of a writer at work")
	n, err := m.Load()
	require.NoError(t, err)
	require.Equal(t, writers*rounds, n)
	requireHealthy(t, &m)
}

// While somebody reads, others may read and nobody may write; while somebody
// writes, nobody else may do either. Rust: poison_test_rwlock_try_write.
func TestRWMutexTry(t *testing.T) {
	eachRW(t, rwReads, func(t *testing.T, _ bool, m *rwMutex, section func(func())) {
		section(func() {
			r, err := m.TryRLock()
			require.NoError(t, err)
			w, err := m.TryLock()
			require.Nil(t, w)
			require.Equal(t, own.ErrWouldBlock, err)
			r.Unlock()
			_, err = m.TryLock()
			require.Equal(t, own.ErrWouldBlock, err, "the first reader is still there")
		})
		requireHealthy(t, m)
	})
	eachRW(t, rwWrites, func(t *testing.T, _ bool, m *rwMutex, section func(func())) {
		section(func() {
			w, err := m.TryLock()
			require.Nil(t, w)
			require.Equal(t, own.ErrWouldBlock, err)
			r, err := m.TryRLock()
			require.Nil(t, r)
			require.Equal(t, own.ErrWouldBlock, err)
		})
		requireHealthy(t, m)
	})
}

// A held lock tells a Try nothing about poison, unless it can be had for reading.
// Rust: TryLockError.
func TestRWMutexTryPoisoned(t *testing.T) {
	m := own.NewRWMutex(0)
	poison(&m, "boom")

	r := m.RLockIgnorePoison()
	_, err := m.TryLock()
	require.Equal(t, own.ErrWouldBlock, err)
	_, err = m.TryRLock()
	require.ErrorIs(t, err, own.ErrPoisoned)
	r.Unlock()

	w := m.LockIgnorePoison()
	_, err = m.TryLock()
	require.Equal(t, own.ErrWouldBlock, err)
	_, err = m.TryRLock()
	require.Equal(t, own.ErrWouldBlock, err)
	w.Unlock()

	_, err = m.TryLock()
	require.ErrorIs(t, err, own.ErrPoisoned)
	requirePoisoned(t, &m, "boom")
}

// Rust: test_rwlock_with, test_rwlock_with_mut.
func TestRWMutexWith(t *testing.T) {
	m := own.NewRWMutex(2)
	require.NoError(t, m.With(func(v *int) { *v++ }))
	m.MustWith(func(v *int) { *v *= 10 })
	seen := 0
	require.NoError(t, m.RWith(func(v *int) { seen = *v }))
	require.Equal(t, 30, seen)
	requireHealthy(t, &m)
}

// An error is not a panic: it comes back as it is and does not poison.
func TestRWMutexWithErr(t *testing.T) {
	m := own.NewRWMutex(0)
	boom := errors.New("boom")
	require.Same(t, boom, m.WithErr(func(v *int) error { *v = 7; return boom }))
	require.Same(t, boom, m.RWithErr(func(v *int) error { require.Equal(t, 7, *v); return boom }))
	require.NoError(t, m.WithErr(func(*int) error { return nil }))
	require.NoError(t, m.RWithErr(func(*int) error { return nil }))
	requireHealthy(t, &m)
}

// Rust: test_get_cloned, test_set, test_replace.
func TestRWMutexLoadStoreSwap(t *testing.T) {
	m := own.NewRWMutex("a")
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

// Load is a reader: it does not wait for others.
func TestRWMutexLoadWhileRead(t *testing.T) {
	m := own.NewRWMutex(1)
	defer m.MustRLock().Unlock()
	v, err := m.Load()
	require.NoError(t, err)
	require.Equal(t, 1, v)
}

// What changes the value is a writer: it waits for readers to go.
func TestRWMutexWritersWaitForReaders(t *testing.T) {
	for name, write := range map[string]func(m *rwMutex){
		"Store":            func(m *rwMutex) { m.Store(1) },
		"Swap":             func(m *rwMutex) { m.Swap(1) },
		"With":             func(m *rwMutex) { m.With(func(v *int) { *v = 1 }) },
		"LockIgnorePoison": func(m *rwMutex) { g := m.LockIgnorePoison(); defer g.Unlock(); *g.Value() = 1 },
		"Repair": func(m *rwMutex) {
			poison(m, "boom")
			m.Repair(func(v *int, _ *own.PoisonError) error { *v = 1; return nil })
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := own.NewRWMutex(0)
			r := m.MustRLock()
			done := make(chan struct{})
			go func() { defer close(done); write(&m) }()
			rwUntilWriter(&m)
			require.Zero(t, *r.Value())
			r.Unlock()
			<-done
			n, err := m.Load()
			require.NoError(t, err)
			require.Equal(t, 1, n)
			requireHealthy(t, &m)
		})
	}
}

// IntoInner leaves the zero value. Rust: test_into_inner, test_into_inner_drop.
func TestRWMutexIntoInner(t *testing.T) {
	m := own.NewRWMutex("v")
	v, err := m.IntoInner()
	require.NoError(t, err)
	require.Equal(t, "v", v)
	v, err = m.Load()
	require.NoError(t, err)
	require.Empty(t, v)
	requireHealthy(t, &m)
}

// The guards are the lock's, not the goroutine's: they can be handed over.
func TestRWMutexGuardHandedOver(t *testing.T) {
	owndebug.Expect(t, owndebug.NotSend)
	m := own.NewRWMutex(0)
	for _, g := range []func() rwGuard{
		func() rwGuard { return m.MustLock() },
		func() rwGuard { return m.MustRLock() },
	} {
		guards, done := make(chan rwGuard), make(chan struct{})
		go func() {
			defer close(done)
			g := <-guards
			defer g.Unlock()
		}()
		guards <- g()
		<-done
		requireHealthy(t, &m)
	}
}

// The reader sees what it has written, together with others, and then others
// write. Rust: test_downgrade_basic.
func TestRWMutexDowngrade(t *testing.T) {
	m := own.NewRWMutex(0)
	w := m.MustLock()
	*w.Value() = 1
	r := w.Downgrade()
	require.Equal(t, 1, *r.Value())
	other, err := m.TryRLock()
	require.NoError(t, err)
	other.Unlock()
	_, err = m.TryLock()
	require.Equal(t, own.ErrWouldBlock, err)
	r.Unlock()
	requireHealthy(t, &m)
}

// No write is lost, and nobody writes between a write and the look at it. Rust:
// test_downgrade_observe.
func TestRWMutexDowngradeObserve(t *testing.T) {
	const writers, rounds = 20, 100
	m := own.NewRWMutex(0)
	var changed atomic.Int64
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			for range rounds {
				var w *own.WriteGuard[int]
				if i%2 == 0 {
					w = m.MustLock()
				} else {
					w, _ = m.LockContext(context.Background())
				}
				*w.Value()++
				mine := *w.Value()
				r := w.Downgrade()
				if *r.Value() != mine {
					changed.Add(1)
				}
				r.Unlock()
			}
		})
	}
	wg.Wait()
	require.Zero(t, changed.Load(), "another writer came in between")
	n, err := m.Load()
	require.NoError(t, err)
	require.Equal(t, writers*rounds, n)
	requireHealthy(t, &m)
}

// Writers that wait do not get in at a downgrade. Of those of plain Lock one
// cannot know that they wait already, hence the rounds. Rust:
// test_downgrade_atomic.
func TestRWMutexDowngradeAtomic(t *testing.T) {
	const writers = 20
	for _, test := range []struct {
		name    string
		lock    rwLock
		waiting int
	}{
		{"Lock", byLock, 0},
		{"LockContext", byLockContext, writers},
	} {
		t.Run(test.name, func(t *testing.T) {
			for range 200 {
				m := own.NewRWMutex(0)
				w := m.MustLock()
				var wg sync.WaitGroup
				for range writers {
					wg.Go(func() {
						g, _ := test.lock(context.Background(), &m)
						*g.Value()++
						g.Unlock()
					})
				}
				rwUntil(&m, test.waiting)
				*w.Value() = -1
				r := w.Downgrade()
				for range 10 {
					require.Equal(t, -1, *r.Value())
					runtime.Gosched()
				}
				r.Unlock()
				wg.Wait()
				n, err := m.Load()
				require.NoError(t, err)
				require.Equal(t, writers-1, n)
				requireHealthy(t, &m)
			}
		})
	}
}

// Readers that wait get in at a downgrade, though a writer waits, too. It comes
// when all of them have left, and holds back new readers until then.
func TestRWMutexDowngradeLetsReadersIn(t *testing.T) {
	rwBubble(t, func(t *testing.T, m *rwMutex) {
		w := m.MustLock()
		writer := rwWait(t, t.Context(), m, byLockContext)
		plain := rwWait(t, t.Context(), m, byRLock)
		ctx := rwWait(t, t.Context(), m, byRLockContext)
		*w.Value() = 1

		r := w.Downgrade()
		for _, c := range []<-chan outcome[rwGuard]{plain, ctx} {
			g := requireLocked(t, c)
			require.Equal(t, 1, *g.Value())
			requireWaiting(t, writer)
			g.Unlock()
		}
		requireWaiting(t, writer)
		_, err := m.TryRLock()
		require.Equal(t, own.ErrWouldBlock, err)
		r.Unlock()
		requireLocked(t, writer).Unlock()
	})
}

// The same with a writer that waits in plain Lock.
func TestRWMutexDowngradeLetsReadersInBeforeLock(t *testing.T) {
	m := own.NewRWMutex(0)
	w := m.MustLock()
	ctx := rwStart(t.Context(), &m, byRLockContext)
	rwUntil(&m, 1)
	plain := rwStart(t.Context(), &m, byRLock)
	rwUntil(&m, 2)
	var wrote atomic.Bool
	var wg sync.WaitGroup
	wg.Go(func() {
		defer m.MustLock().Unlock()
		wrote.Store(true)
	})
	r := w.Downgrade()
	(<-ctx).Unlock()
	(<-plain).Unlock()
	require.False(t, wrote.Load())
	r.Unlock()
	wg.Wait()
	requireHealthy(t, &m)
}

// After Downgrade the write guard is a released one, and the two deferred
// Unlocks go together.
func TestRWMutexDowngradeReleasesWriteGuard(t *testing.T) {
	m := own.NewRWMutex(0)
	w := m.MustLock()
	r := w.Downgrade()
	w.Unlock()
	_, err := m.TryLock()
	require.Equal(t, own.ErrWouldBlock, err, "the write guard released the reader's lock")
	require.PanicsWithValue(t,
		"own: WriteGuard.Value after Unlock or Downgrade: the lock is not held for writing any more, lock again",
		func() { w.Value() })
	r.Unlock()
	w.Unlock()
	requireHealthy(t, &m)
}

func TestRWMutexDowngradeMisuse(t *testing.T) {
	const after = "own: WriteGuard.Downgrade after Unlock or Downgrade: the lock is not held for writing any more, lock again"
	m := own.NewRWMutex(0)
	w := m.MustLock()
	r := w.Downgrade()
	require.PanicsWithValue(t, after, func() { w.Downgrade() })
	r.Unlock()
	require.PanicsWithValue(t, after, func() { w.Downgrade() })

	w = m.MustLock()
	w.Unlock()
	require.PanicsWithValue(t, after, func() { w.Downgrade() })
	require.PanicsWithValue(t, after, func() { new(own.WriteGuard[int]).Downgrade() })
	require.PanicsWithValue(t,
		"own: WriteGuard.Downgrade of a nil guard: check the error that came with it before using it",
		func() { (*own.WriteGuard[int])(nil).Downgrade() })
	requireHealthy(t, &m)
}

// A downgrade neither minds poison nor clears it.
func TestRWMutexDowngradePoisoned(t *testing.T) {
	m := own.NewRWMutex(0)
	poison(&m, "boom")
	w := m.LockIgnorePoison()
	*w.Value() = 3
	r := w.Downgrade()
	require.Equal(t, 3, *r.Value())
	other := m.RLockIgnorePoison()
	other.Unlock()
	r.Unlock()
	requirePoisoned(t, &m, "boom")
}

// A missing function is found before the lock is taken, so it poisons nothing.
func TestRWMutexNilFunction(t *testing.T) {
	m := own.NewRWMutex(0)
	for _, test := range []struct {
		message string
		f       func()
	}{
		{"With(nil): pass the function to run with the lock held", func() { m.With(nil) }},
		{"With(nil): pass the function to run with the lock held", func() { m.MustWith(nil) }},
		{"WithErr(nil): pass the function to run with the lock held", func() { m.WithErr(nil) }},
		{"RWith(nil): pass the function to run with the lock held", func() { m.RWith(nil) }},
		{"RWithErr(nil): pass the function to run with the lock held", func() { m.RWithErr(nil) }},
		{"Repair(nil): pass the function that repairs the value", func() { m.Repair(nil) }},
	} {
		require.PanicsWithValue(t, "own: RWMutex."+test.message, test.f)
		requireHealthy(t, &m)
	}
}

// So is a missing context, whether the lock is free or not.
func TestRWMutexNilContext(t *testing.T) {
	const message = "own: waiting with a nil context: pass context.Background() to wait without a limit"
	m := own.NewRWMutex(0)
	check := func() {
		require.PanicsWithValue(t, message, func() { m.LockContext(nil) })  //nolint:staticcheck // that is the test
		require.PanicsWithValue(t, message, func() { m.RLockContext(nil) }) //nolint:staticcheck // that is the test
	}
	check()
	requireHealthy(t, &m)
	w := m.MustLock()
	check()
	w.Unlock()
	requireHealthy(t, &m)
}

// The guard that comes with an error is nil, and may be released all the same.
func TestRWMutexGuardNil(t *testing.T) {
	var r *own.ReadGuard[int]
	var w *own.WriteGuard[int]
	func() {
		defer r.Unlock()
		defer w.Unlock()
	}()
	require.PanicsWithValue(t,
		"own: ReadGuard.Value of a nil guard: check the error that came with it before using it",
		func() { r.Value() })
	require.PanicsWithValue(t,
		"own: WriteGuard.Value of a nil guard: check the error that came with it before using it",
		func() { w.Value() })
}

func TestRWMutexGuardValueAfterUnlock(t *testing.T) {
	const (
		read  = "own: ReadGuard.Value after Unlock: the lock is not held any more, lock again"
		write = "own: WriteGuard.Value after Unlock or Downgrade: the lock is not held for writing any more, lock again"
	)
	m := own.NewRWMutex(0)
	r := m.MustRLock()
	r.Unlock()
	require.PanicsWithValue(t, read, func() { r.Value() })
	require.PanicsWithValue(t, read, func() { new(own.ReadGuard[int]).Value() })
	w := m.MustLock()
	w.Unlock()
	require.PanicsWithValue(t, write, func() { w.Value() })
	require.PanicsWithValue(t, write, func() { new(own.WriteGuard[int]).Value() })
}

// A guard releases once. What comes later does nothing, not even to somebody
// else's lock, of either kind.
func TestRWMutexGuardUnlockTwice(t *testing.T) {
	m := own.NewRWMutex(0)
	r, w := m.MustRLock(), (*own.WriteGuard[int])(nil)
	r.Unlock()
	r.Unlock()
	w = m.MustLock()
	w.Unlock()
	w.Unlock()
	for _, g := range []func() rwGuard{
		func() rwGuard { return m.MustRLock() },
		func() rwGuard { return m.MustLock() },
	} {
		other := g()
		r.Unlock()
		w.Unlock()
		_, err := m.TryLock()
		require.Equal(t, own.ErrWouldBlock, err, "a stale guard released somebody else's lock")
		other.Unlock()
		requireHealthy(t, &m)
	}
}

// A panic after an early Unlock has nothing to do with the lock.
func TestRWMutexEarlyUnlockThenPanic(t *testing.T) {
	m := own.NewRWMutex(0)
	how, _ := finish(func() {
		g := m.MustLock()
		defer g.Unlock()
		g.Unlock()
		panic("later")
	})
	require.Equal(t, panicked, how)
	requireHealthy(t, &m)
}

// Who holds the lock still uses the value, be it for reading only.
func TestRWMutexIntoInnerLocked(t *testing.T) {
	m := own.NewRWMutex(6)
	for _, sections := range [][]rwSection{rwReads, rwWrites} {
		for _, s := range sections {
			s.run(&m, func() {
				require.PanicsWithValue(t,
					"own: RWMutex.IntoInner of a locked mutex: release every guard first, or use Swap to wait for them",
					func() { m.IntoInner() }, s.name)
			})
		}
	}
	n, err := m.IntoInner()
	require.NoError(t, err)
	require.Equal(t, 6, n, "nothing was taken")
}

// Rust's format, but for the quotes that Rust 1.95 puts around <locked>.
func TestFormatRWMutex(t *testing.T) {
	m := own.NewRWMutex(6)
	require.Equal(t, "RWMutex { data: 6, poisoned: false, .. }", fmt.Sprint(&m))
	require.Equal(t, "RWMutex { data: 006, poisoned: false, .. }", fmt.Sprintf("%03d", &m))
	r := m.MustRLock()
	require.Equal(t, "RWMutex { data: 6, poisoned: false, .. }", fmt.Sprint(&m), "while read")
	r.Unlock()
	w := m.MustLock()
	require.Equal(t, "RWMutex { data: <locked>, poisoned: false, .. }", fmt.Sprint(&m))
	w.Unlock()

	poison(&m, "boom")
	require.Equal(t, "RWMutex { data: 6, poisoned: true, .. }", fmt.Sprint(&m), "formatting does not panic or refuse")
	w = m.LockIgnorePoison()
	require.Equal(t, "RWMutex { data: <locked>, poisoned: true, .. }", fmt.Sprint(&m))
	w.Unlock()
	requirePoisoned(t, &m, "boom")
}

// Formatting does not wait for a writer that waits.
func TestFormatRWMutexWriterWaits(t *testing.T) {
	rwBubble(t, func(t *testing.T, m *rwMutex) {
		r := m.MustRLock()
		w := rwWait(t, t.Context(), m, byLockContext)
		require.Equal(t, "RWMutex { data: <locked>, poisoned: false, .. }", fmt.Sprint(m))
		r.Unlock()
		requireLocked(t, w).Unlock()
	})
}

// Guards print as the value does, until they are released.
func TestFormatRWGuards(t *testing.T) {
	m := own.NewRWMutex(point{1, 2})
	w := m.MustLock()
	require.Equal(t, "{1 2}", fmt.Sprint(w))
	require.Equal(t, "{X:1 Y:2}", fmt.Sprintf("%+v", w))
	r := w.Downgrade()
	require.Equal(t, "<unlocked>", fmt.Sprint(w))
	require.Equal(t, "{1 2}", fmt.Sprint(r))
	require.Equal(t, "own_test.point{X:1, Y:2}", fmt.Sprintf("%#v", r))
	r.Unlock()
	require.Equal(t, "<unlocked>", fmt.Sprint(r))
	w = m.MustLock()
	w.Unlock()
	require.Equal(t, "<unlocked>", fmt.Sprint(w))
}

// Nil pointers print as fmt prints nil; a struct that holds a lock prints without
// a look at the lock's insides.
func TestFormatRWMutexNilAndInStruct(t *testing.T) {
	require.Equal(t, "<nil>", fmt.Sprint((*own.RWMutex[int])(nil)))
	require.Equal(t, "<nil>", fmt.Sprint((*own.ReadGuard[int])(nil)))
	require.Equal(t, "<nil>", fmt.Sprint((*own.WriteGuard[int])(nil)))

	m := own.NewRWMutex(1)
	s := struct{ Lock, None *own.RWMutex[int] }{Lock: &m}
	require.Equal(t, "{Lock:RWMutex { data: 1, poisoned: false, .. } None:<nil>}", fmt.Sprintf("%+v", s))
	defer m.MustLock().Unlock()
	require.Equal(t, "{Lock:RWMutex { data: <locked>, poisoned: false, .. } None:<nil>}", fmt.Sprintf("%+v", s))
}

// Whatever a formatting method of the value does, the lock is released and not
// poisoned.
func TestFormatRWMutexMethodFails(t *testing.T) {
	m := own.NewRWMutex(formatFails{func() { panic("boom") }})
	require.Contains(t, fmt.Sprint(&m), "PANIC=String method: boom")
	requireHealthy(t, &m)

	require.NoError(t, m.Store(formatFails{runtime.Goexit}))
	how, _ := finish(func() { _ = fmt.Sprint(&m) })
	require.Equal(t, exited, how)
	requireHealthy(t, &m)
}

// Formatting is for log lines: it may run beside everything else.
func TestFormatRWMutexConcurrently(t *testing.T) {
	m := own.NewRWMutex(map[int]int{})
	var strange atomic.Int64
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range 200 {
				m.MustWith(func(v *map[int]int) { (*v)[i]++ })
			}
		})
		wg.Go(func() {
			for range 200 {
				if !strings.HasPrefix(fmt.Sprint(&m), "RWMutex { data: ") {
					strange.Add(1)
				}
			}
		})
	}
	wg.Wait()
	require.Zero(t, strange.Load())
	requireHealthy(t, &m)
}
