package own_test

import (
	"context"
	"runtime"
	"testing"
	"testing/synctest"

	"github.com/go-own/own"
)

// What the tests of RWMutex share. Those that need to know that somebody waits run
// in a synctest bubble, where a wait with a context, and that of a plain RLock
// behind it, counts as durably blocked. A plain Lock that waits does not: tests of
// it run outside.

type rwMutex = own.RWMutex[int]

// rwGuard is a guard of either kind.
type rwGuard = intGuard

// Ways to get a guard.

type rwLock func(ctx context.Context, m *rwMutex) (rwGuard, error)

func byRLock(_ context.Context, m *rwMutex) (rwGuard, error)     { return m.RLock() }
func byMustRLock(_ context.Context, m *rwMutex) (rwGuard, error) { return m.MustRLock(), nil }
func byRLockIgnorePoison(_ context.Context, m *rwMutex) (rwGuard, error) {
	return m.RLockIgnorePoison(), nil
}
func byRLockContext(ctx context.Context, m *rwMutex) (rwGuard, error) { return m.RLockContext(ctx) }
func byLock(_ context.Context, m *rwMutex) (rwGuard, error)           { return m.Lock() }
func byLockContext(ctx context.Context, m *rwMutex) (rwGuard, error)  { return m.LockContext(ctx) }

// An rwSection is one way to run f with the lock of m held. closure says whether
// it sees how f ended: a guard sees a panic only.
type rwSection struct {
	name    string
	closure bool
	run     func(m *rwMutex, f func())
}

// rwGuarded is the section of a caller that gets its guard by lock.
func rwGuarded(name string, lock func(m *rwMutex) (rwGuard, error)) rwSection {
	return rwSection{name, false, func(m *rwMutex, f func()) {
		g, err := lock(m)
		if err != nil {
			return
		}
		defer g.Unlock()
		f()
	}}
}

var rwWrites = []rwSection{
	{"Lock", false, func(m *rwMutex, f func()) {
		g, err := m.Lock()
		if err != nil {
			return
		}
		defer g.Unlock()
		f()
	}},
	rwGuarded("MustLock", func(m *rwMutex) (rwGuard, error) { return m.MustLock(), nil }),
	rwGuarded("TryLock", func(m *rwMutex) (rwGuard, error) { return m.TryLock() }),
	rwGuarded("LockContext", func(m *rwMutex) (rwGuard, error) { return m.LockContext(context.Background()) }),
	rwGuarded("LockIgnorePoison", func(m *rwMutex) (rwGuard, error) { return m.LockIgnorePoison(), nil }),
	{"With", true, func(m *rwMutex, f func()) { m.With(func(*int) { f() }) }},
	{"WithErr", true, func(m *rwMutex, f func()) { m.WithErr(func(*int) error { f(); return nil }) }},
	{"MustWith", true, func(m *rwMutex, f func()) { m.MustWith(func(*int) { f() }) }},
}

var rwReads = []rwSection{
	rwGuarded("RLock", func(m *rwMutex) (rwGuard, error) { return m.RLock() }),
	rwGuarded("MustRLock", func(m *rwMutex) (rwGuard, error) { return m.MustRLock(), nil }),
	rwGuarded("TryRLock", func(m *rwMutex) (rwGuard, error) { return m.TryRLock() }),
	rwGuarded("RLockContext", func(m *rwMutex) (rwGuard, error) { return m.RLockContext(context.Background()) }),
	rwGuarded("RLockIgnorePoison", func(m *rwMutex) (rwGuard, error) { return m.RLockIgnorePoison(), nil }),
	{"RWith", true, func(m *rwMutex, f func()) { m.RWith(func(*int) { f() }) }},
	{"RWithErr", true, func(m *rwMutex, f func()) { m.RWithErr(func(*int) error { f(); return nil }) }},
	{"Downgrade", false, func(m *rwMutex, f func()) {
		w := m.MustLock()
		defer w.Unlock()
		r := w.Downgrade()
		defer r.Unlock()
		f()
	}},
}

// eachRW runs test once for each of the sections.
func eachRW(t *testing.T, sections []rwSection, test func(t *testing.T, closure bool, m *rwMutex, section func(f func()))) {
	for _, s := range sections {
		t.Run(s.name, func(t *testing.T) {
			m := own.NewRWMutex(0)
			test(t, s.closure, &m, func(f func()) { s.run(&m, f) })
		})
	}
}

// rwBubble runs test in a bubble, and checks that it leaves m free.
func rwBubble(t *testing.T, test func(t *testing.T, m *rwMutex)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		m := own.NewRWMutex(0)
		test(t, &m)
		synctest.Wait()
		requireFree(t, &m)
	})
}

// rwStart locks on a goroutine of its own.
func rwStart(ctx context.Context, m *rwMutex, lock rwLock) <-chan outcome[rwGuard] {
	return start(func() (rwGuard, error) { return lock(ctx, m) })
}

// rwWait is rwStart in a bubble, for one that has to wait.
func rwWait(t *testing.T, ctx context.Context, m *rwMutex, lock rwLock) <-chan outcome[rwGuard] {
	t.Helper()
	c := rwStart(ctx, m, lock)
	requireWaiting(t, c)
	return c
}

// rwUntil waits until n wait for m in a way that Waiting counts.
func rwUntil(m *rwMutex, n int) {
	for m.Waiting() != n {
		runtime.Gosched()
	}
}

// rwUntilWriter waits until a writer holds m or waits for it.
func rwUntilWriter(m *rwMutex) {
	for {
		g, err := m.TryRLock()
		if err == own.ErrWouldBlock { //nolint:errorlint // documented to be returned as it is
			return
		}
		g.Unlock()
		runtime.Gosched()
	}
}
