//go:build owndebug

package owndebug_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/go-own/own"
	"github.com/go-own/own/owndebug"
)

// Handlers that misbehave.

func TestHandlerThatPanics(t *testing.T) {
	t.Cleanup(func() { owndebug.OnReport(nil) })
	calls := 0
	owndebug.OnReport(func(owndebug.Report) { calls++; panic("in the handler") })
	requireDeadlock(t, panics(selfDeadlock)) // what was found is what the program sees
	a, b := new(pair), new(pair)
	alone(takes(mutexes, a, b), takes(mutexes, b, a))
	requireDeadlock(t, panics(selfDeadlock))
	require.Equal(t, 3, calls)
}

func TestHandlerThatEndsItsGoroutine(t *testing.T) {
	t.Cleanup(func() { owndebug.OnReport(nil) })
	calls := 0
	owndebug.OnReport(func(owndebug.Report) { calls++; runtime.Goexit() })
	for range 3 { // on goroutines that may have the same g
		a, b := new(pair), new(pair)
		alone(takes(mutexes, a, b), func() {
			defer byLock.must(b).Unlock()
			defer byLock.must(a).Unlock()
		})
		alone(takes(mutexes, a, b)) // both are free again
	}
	require.Equal(t, 3, calls)
}

// A handler uses locks, the reported ones and its own, and is told of none of that.
func TestHandlerThatLocks(t *testing.T) {
	t.Cleanup(func() { owndebug.OnReport(nil) })
	a, b := new(pair), new(pair)
	var mine own.Mutex[[]owndebug.Kind]
	var tried []error
	owndebug.OnReport(func(r owndebug.Report) {
		mine.With(func(v *[]owndebug.Kind) { *v = append(*v, r.Kind) })
		_ = r.String()
		for _, p := range []*pair{a, b} {
			g, err := p.mutex.TryLock()
			g.Unlock()
			tried = append(tried, err)
		}
		a.mutex.With(func(*int) {}) // is not held by then: Want goes before Lock
	})
	alone(takes(mutexes, a, b), takes(mutexes, b, a))
	kinds, err := mine.Load()
	require.NoError(t, err)
	require.Equal(t, []owndebug.Kind{owndebug.PotentialDeadlock}, kinds)
	require.Equal(t, []error{nil, own.ErrWouldBlock}, tried, "b is held by the one that closes the cycle")
}

// Reports that a handler makes are kept, and not handed to it.
func TestReportsDuringReports(t *testing.T) {
	t.Cleanup(func() { owndebug.OnReport(nil) })
	calls := 0
	owndebug.OnReport(func(owndebug.Report) {
		calls++
		func() {
			defer func() { _ = recover() }()
			selfDeadlock()
		}()
		a, b := new(pair), new(pair)
		nested(mutexes, a, b)
		alone(func() { defer func() { _ = recover() }(); nested(mutexes, a, b) })
	})
	ft := new(fakeT)
	owndebug.VerifyNone(ft)
	panics(selfDeadlock)
	require.Equal(t, 1, calls)
	require.Equal(t, 2, strings.Count(ft.end(), "own: DEADLOCK"))
}

// A handler that takes for ever keeps nobody else waiting: neither those that lock, nor
// those that have something to report.
func TestHandlerThatBlocks(t *testing.T) {
	t.Cleanup(func() { owndebug.OnReport(nil) })
	entered, leave := make(chan bool), make(chan bool)
	var first atomic.Bool
	var others atomic.Int32
	owndebug.OnReport(func(r owndebug.Report) {
		if first.CompareAndSwap(false, true) {
			close(entered)
			<-leave
			return
		}
		others.Add(1)
	})
	a, b := new(pair), new(pair)
	var stuck sync.WaitGroup
	alone(takes(mutexes, a, b))
	stuck.Go(takes(mutexes, b, a)) // holds b as long as the handler takes
	<-entered

	alone(takes(mutexes, new(pair), a), takes(writes, new(pair), new(pair)))
	requireDeadlock(t, panics(selfDeadlock))
	c, d := new(pair), new(pair)
	alone(takes(mutexes, c, d), takes(mutexes, d, c))
	require.EqualValues(t, 2, others.Load())
	own.NewArc(1).Drop()
	require.NotEmpty(t, owndebug.Reports())
	owndebug.OnReport(func(owndebug.Report) { others.Add(1) })
	requireDeadlock(t, panics(selfDeadlock))
	require.EqualValues(t, 3, others.Load())
	_, err := b.mutex.TryLock()
	require.ErrorIs(t, err, own.ErrWouldBlock)

	close(leave)
	stuck.Wait()
	alone(takes(mutexes, b))
}

// Everything at once.
func TestOnReportAndReportsAtOnce(t *testing.T) {
	t.Cleanup(func() { owndebug.OnReport(nil) })
	var calls atomic.Int32
	handle := func(r owndebug.Report) { calls.Add(1); _ = r.String() }
	owndebug.OnReport(handle)
	var done sync.WaitGroup
	for range 4 {
		done.Go(func() {
			for range 30 {
				panics(selfDeadlock)
			}
		})
		done.Go(func() {
			for range 30 {
				owndebug.OnReport(handle)
				for _, r := range owndebug.Reports() {
					_ = r.Headline
				}
			}
		})
	}
	done.Wait()
	require.EqualValues(t, 120, calls.Load())
}

// What is found at the same places, for other locks, is one finding with a number. The
// handler is given all of them, standard error one line for each doubling.
func TestTheSameAgain(t *testing.T) {
	other := func(r owndebug.Report) bool { return !strings.Contains(r.String(), "owndebug_test.theSame\n") }
	r := record(t)
	before := slices.DeleteFunc(owndebug.Reports(), other)
	times := 0 // with -count
	if len(before) > 0 {
		times = before[0].Times
	}
	outer, inner := new(fakeT), new(fakeT)
	owndebug.VerifyNone(outer)
	for i := range 3 {
		again()
		require.Equal(t, times+i+1, r.next().Times)
	}
	r.reports()
	owndebug.VerifyNone(inner)
	for range 2 {
		again()
	}
	for range 3 {
		panics(selfDeadlock) // elsewhere
	}
	require.Contains(t, inner.end(), "That was found 2 times.")
	left := outer.end()
	require.Contains(t, left, "That was found 5 times.")
	require.Contains(t, left, "That was found 3 times.")
	require.Equal(t, 2, strings.Count(left, "own: DEADLOCK"))

	all := slices.DeleteFunc(owndebug.Reports(), other)
	require.Len(t, all, 1)
	require.Equal(t, times+5, all[0].Times)
}

//go:noinline
func again() { panics(theSame) }

func theSame() { selfDeadlock() }

// A report is what it is, also one that nobody made.
func TestZeroReport(t *testing.T) {
	var r owndebug.Report
	require.Empty(t, r.String())
	data, err := r.MarshalJSON()
	require.NoError(t, err)
	require.Equal(t, "null", string(data))
	require.Equal(t, "unknown", owndebug.Kind(0).String())
	require.Equal(t, "unknown", owndebug.Kind(99).String())
}

// Locks that are there before main, and were locked then.

var (
	early     own.Mutex[int]
	earlyMade = own.NewMutex(1)
	earlyRW   = own.NewRWMutex("")
	earlyHeld = early.MustLock()
)

func init() {
	earlyMade.With(func(v *int) { *v++ })
	earlyRW.With(func(*string) { earlyMade.Load() })
	earlyHeld.Unlock()
	earlyRW.RWith(func(*string) {})
}

func TestLocksOfPackageVariables(t *testing.T) {
	require.NotContains(t, fmt.Sprint(owndebug.Reports()), "misuse_test.init", "early was unlocked by the one that locked it")
	r := record(t)
	alone(func() { early.With(func(*int) { earlyMade.With(func(*int) {}) }) })
	r.requireNone(t)
	for range 2 { // -count: it is reported once in the life of a process
		alone(func() { earlyMade.With(func(*int) { earlyRW.With(func(*string) {}) }) })
	}
	for _, report := range r.reports() {
		d := requireKind(t, owndebug.PotentialDeadlock, report)
		requireCycle(t, 2, 2, 2, d)
		require.NotContains(t, report.String(), "<autogenerated>", "the line of a var is not known if the call is inlined")
	}
	requireDeadlock(t, panics(func() { defer early.LockIgnorePoison().Unlock(); early.LockIgnorePoison() }))
	early.ClearPoison()
	require.Contains(t, fmt.Sprint(r.reports()), "(first locked at owndebug/misuse_test.go:", "it was not made by a constructor")
}

// Tests in a bubble.
func TestInABubble(t *testing.T) {
	r := record(t)
	synctest.Test(t, func(t *testing.T) {
		var m own.Mutex[int]
		var rw own.RWMutex[int]
		ctx, cancel := context.WithCancel(t.Context())
		g := m.MustLock()
		go func() {
			if g, err := m.LockWhen(ctx, func(v *int) bool { return *v == 1 }); err == nil {
				*g.Value()++
				g.Unlock()
			}
		}()
		go func() {
			if g, err := rw.RLockContext(ctx); err == nil {
				g.Unlock()
			}
		}()
		synctest.Wait() // counts waits with a context as blocked, as in a normal build
		*g.Value() = 1
		g.Unlock()
		synctest.Wait()
		v, err := m.Load()
		require.NoError(t, err)
		require.Equal(t, 2, v)
		cancel()
	})
	r.requireNone(t)

	// A deadlock that can be given up.
	synctest.Test(t, func(t *testing.T) {
		var a, b own.Mutex[int]
		ctx, cancel := context.WithCancel(t.Context())
		hold := make(chan bool)
		for _, l := range [][2]*own.Mutex[int]{{&a, &b}, {&b, &a}} {
			go func() {
				g := l[0].MustLock()
				defer g.Unlock()
				<-hold
				l[1].LockContext(ctx)
			}()
		}
		synctest.Wait()
		close(hold)
		synctest.Wait()
		cancel()
	})
	require.Len(t, r.reports(), 2, "a deadlock, and the order")

	synctest.Test(t, func(t *testing.T) { requireDeadlock(t, panics(selfDeadlock)) })
	r.requireOne(t, owndebug.Deadlock)
}

// A lock that is poisoned is refused, and never held by those that get the error.
func TestPoisonedLocks(t *testing.T) {
	r := record(t)
	ft := new(fakeT)
	owndebug.VerifyNone(ft)
	p, q := new(pair), new(pair)
	panics(func() { p.mutex.With(func(*int) { panic("poison") }) })
	panics(func() { p.rw.With(func(*int) { panic("poison") }) })
	alone(func() {
		for _, w := range []way{byLock, byTryLock, byLockContext, byLockWhen, byRWLock, byRLock, byRWLockContext, byRLockContext} {
			_, err := w.lock(context.Background(), p)
			if err == nil {
				panic(w.name)
			}
			nested(mutexes, q)
		}
		p.mutex.Load()
		p.rw.Load()
		p.mutex.Store(1)
		p.rw.Swap(1)
	})
	alone(func() { defer byLock.must(q).Unlock(); p.mutex.Lock(); p.rw.RLock() })
	r.requireNone(t)
	p.mutex.ClearPoison()
	p.rw.Repair(func(*int, *own.PoisonError) error { return nil })
	alone(takes(mutexes, p, q))
	// q, then p was taken while p was poisoned: the orders do not agree all the same.
	requireCycle(t, 2, 2, 2, r.requireOne(t, owndebug.PotentialDeadlock))
	require.NotContains(t, ft.end(), "still")
}

// Guards of locks in a struct, and a value in them that formats itself, are no trouble.
func TestCopyBeforeUse(t *testing.T) {
	type account struct{ balance own.Mutex[int] }
	r := record(t)
	accounts := make([]account, 3)
	for i := range accounts {
		accounts[i].balance = own.NewMutex(i) // copied before first use
	}
	alone(func() {
		a := accounts[0].balance.MustLock()
		defer a.Unlock()
		accounts[1].balance.With(func(*int) {})
	})
	alone(func() {
		a := accounts[1].balance.MustLock()
		defer a.Unlock()
		accounts[2].balance.With(func(*int) {})
	})
	r.requireNone(t)
	alone(func() {
		a := accounts[2].balance.MustLock()
		defer a.Unlock()
		accounts[0].balance.With(func(*int) {})
	})
	requireCycle(t, 3, 3, 3, r.requireOne(t, owndebug.PotentialDeadlock))
}
