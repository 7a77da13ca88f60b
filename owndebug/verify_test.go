//go:build owndebug

package owndebug_test

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/go-own/own"
	"github.com/go-own/own/owndebug"
)

func leakALock(m *own.Mutex[int]) *own.Guard[int] { return m.MustLock() }

func leakAnOwner() *own.Arc[int] { return own.NewArc(1) }

// A test fails for what it leaves behind, and is told which function that was.
func TestVerifyNone(t *testing.T) {
	record(t)
	for name, c := range map[string]struct {
		want []string // "" for nothing
		test func(t owndebug.TestingT)
	}{
		"nothing": {nil, func(owndebug.TestingT) {
			new(own.Mutex[int]).With(func(*int) {})
			own.NewArc(1).Drop()
		}},
		"a lock": {[]string{"still locked", "Mutex[int]", "leakALock"}, func(t owndebug.TestingT) {
			g := leakALock(new(own.Mutex[int]))
			atEnd = append(atEnd, g.Unlock)
		}},
		"a lock for reading": {[]string{"still locked for reading", "RWMutex[int]"}, func(t owndebug.TestingT) {
			atEnd = append(atEnd, new(own.RWMutex[int]).MustRLock().Unlock)
		}},
		"an owner": {[]string{"still alive", "1 Arc[int], made at", "leakAnOwner"}, func(t owndebug.TestingT) {
			atEnd = append(atEnd, leakAnOwner().Drop)
		}},
		"an owner in a cell": {[]string{"still alive", "1 AtomicArc[int], stored at"}, func(t owndebug.TestingT) {
			p := new(own.AtomicArc[int])
			p.Store(leakAnOwner())
			atEnd = append(atEnd, p.Drop)
		}},
		"a report": {[]string{"DEADLOCK", "selfDeadlock"}, func(owndebug.TestingT) { panics(selfDeadlock) }},
		"what is cleaned up": {nil, func(t owndebug.TestingT) {
			t.Cleanup(leakAnOwner().Drop)
			t.Cleanup(new(own.Mutex[int]).MustLock().Unlock)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			ft := new(fakeT)
			owndebug.VerifyNone(ft)
			c.test(ft)
			left := ft.end()
			for _, f := range atEnd {
				f()
			}
			atEnd = nil
			for _, want := range c.want {
				require.Contains(t, left, want)
			}
			if c.want == nil {
				require.Empty(t, left)
			}
			require.Empty(t, ft.logs)

			// The next test has nothing to do with it.
			next := new(fakeT)
			owndebug.VerifyNone(next)
			require.Empty(t, next.end())
		})
	}
}

// atEnd is what TestVerifyNone undoes after a fake test has ended.
var atEnd []func()

func selfDeadlock() {
	var m own.Mutex[int]
	defer m.MustLock().Unlock()
	m.MustLock()
}

// What was there before is not the test's.
func TestVerifyNoneIsAboutTheTest(t *testing.T) {
	record(t)
	var m own.Mutex[int]
	g, a := m.MustLock(), own.NewArc(1)
	panics(selfDeadlock)
	ft := new(fakeT)
	owndebug.VerifyNone(ft)
	require.Empty(t, ft.end())
	g.Unlock()
	a.Drop()
}

// A goroutine that is about to finish gets some time.
func TestVerifyNoneWaits(t *testing.T) {
	ft := new(fakeT)
	owndebug.VerifyNone(ft)
	var m own.Mutex[int]
	locked, go_on := make(chan bool), make(chan bool)
	var done sync.WaitGroup
	done.Go(func() {
		defer own.NewArc(1).Drop()
		defer m.MustLock().Unlock()
		close(locked)
		<-go_on
		for range 100 {
			runtime.Gosched()
		}
	})
	<-locked
	close(go_on)
	require.Empty(t, ft.end())
	done.Wait()
}

// In a bubble the clock stands still, so that a lock is no younger than the test.
func TestVerifyNoneInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m own.Mutex[int]
		ft := new(fakeT)
		owndebug.VerifyNone(ft)
		g := leakALock(&m)
		left := ft.end()
		g.Unlock()
		require.Contains(t, left, "leakALock")
	})
}

// The clock of a bubble is another one.
func TestVerifyNoneAroundABubble(t *testing.T) {
	var before, inside own.Mutex[int]
	g := before.MustLock()
	ft := new(fakeT)
	owndebug.VerifyNone(ft)
	var h *own.Guard[int]
	synctest.Test(t, func(t *testing.T) {
		ft := new(fakeT)
		owndebug.VerifyNone(ft)
		require.Empty(t, ft.end(), "what was locked outside")
		h = leakALock(&inside)
	})
	require.Contains(t, ft.end(), "leakALock")
	record(t) // for the guard of another goroutine
	h.Unlock()
	g.Unlock()
}

// A fakeM is a package of tests.
type fakeM struct {
	run  func()
	code int
}

func (m fakeM) Run() int { m.run(); return m.code }

func TestTestMain(t *testing.T) {
	record(t)
	for name, c := range map[string]struct {
		code int
		run  func()
		want int
		says string
	}{
		"nothing left":     {0, func() {}, 0, ""},
		"failed":           {3, func() {}, 3, ""},
		"failed, and left": {3, func() { atEnd = append(atEnd, leakAnOwner().Drop) }, 3, ""},
		"an owner left":    {0, func() { atEnd = append(atEnd, leakAnOwner().Drop) }, 1, "leakAnOwner"},
		"a lock left":      {0, func() { atEnd = append(atEnd, leakALock(new(own.Mutex[int])).Unlock) }, 1, "leakALock"},
		"a report left":    {0, func() { panics(selfDeadlock) }, 1, "selfDeadlock"},
	} {
		t.Run(name, func(t *testing.T) {
			said := stderr(t, func() { require.Equal(t, c.want, owndebug.TestMain(fakeM{c.run, c.code}).Run()) })
			for _, f := range atEnd {
				f()
			}
			atEnd = nil
			require.Contains(t, said, c.says)
			require.Equal(t, c.says != "", said != "")
		})
	}
}

// stderr returns what f writes to standard error.
func stderr(t *testing.T, f func()) string {
	t.Helper()
	file, err := os.CreateTemp(t.TempDir(), "stderr")
	require.NoError(t, err)
	defer file.Close()
	old := os.Stderr
	os.Stderr = file
	defer func() { os.Stderr = old }()
	f()
	data, err := os.ReadFile(file.Name())
	require.NoError(t, err)
	return string(data)
}

// A report that nobody asked for is printed, in whole. When the same is found again, one
// line says so for each doubling.
func TestReportIsPrinted(t *testing.T) {
	owndebug.OnReport(nil)
	runs++
	said := stderr(t, func() {
		for range 5 {
			panics(func() { printed(runs) })
		}
	})
	all := owndebug.Reports()
	last := all[len(all)-1]
	require.Equal(t, 5, last.Times)
	again := func(n int) string {
		return fmt.Sprintf("own: DEADLOCK, the same again, %d times now: %s\n", n, last.Headline)
	}
	goroutines := regexp.MustCompile(`goroutine \d+`)
	require.Equal(t,
		goroutines.ReplaceAllString(last.String()+"\n"+again(2)+again(4), "goroutine"),
		goroutines.ReplaceAllString(said, "goroutine"))
}

// runs is how often TestReportIsPrinted has run: with -count, it needs another stack each time.
var runs int

// printed is selfDeadlock under so many calls.
func printed(calls int) {
	if calls > 0 {
		printed(calls - 1)
		return
	}
	selfDeadlock()
}

// What is expected is not printed, and not counted, while the test lasts.
func TestExpect(t *testing.T) {
	owndebug.OnReport(nil)
	outer, inner := new(fakeT), new(fakeT)
	owndebug.VerifyNone(outer)
	owndebug.Expect(inner, owndebug.Deadlock)
	before := found()
	require.Empty(t, stderr(t, func() { panics(selfDeadlock) }))
	require.Equal(t, before+1, found(), "it is kept")
	require.Empty(t, inner.end())
	require.Empty(t, outer.end())

	r := record(t) // a handler gets them
	inner = new(fakeT)
	owndebug.Expect(inner, owndebug.Deadlock)
	owndebug.Expect(inner, owndebug.Deadlock, owndebug.NotSend)
	panics(selfDeadlock)
	r.requireOne(t, owndebug.Deadlock)
	inner.end()

	// Another kind is not expected, and after the end nothing is.
	for _, kind := range []owndebug.Kind{owndebug.LeakedGuard, owndebug.Deadlock} {
		outer, inner = new(fakeT), new(fakeT)
		owndebug.VerifyNone(outer)
		owndebug.Expect(inner, kind)
		if kind == owndebug.Deadlock {
			inner.end()
		}
		panics(selfDeadlock)
		inner.end()
		require.Contains(t, outer.end(), "DEADLOCK")
	}
}

// found returns how much has been found.
func found() (times int) {
	for _, r := range owndebug.Reports() {
		times += r.Times
	}
	return times
}

// What a test leaks on purpose is forgotten when it ends: it is not reported later.
func TestExpectLeaks(t *testing.T) {
	r := record(t)
	outer, inner := new(fakeT), new(fakeT)
	owndebug.VerifyNone(outer)
	owndebug.Expect(inner, owndebug.LeakedGuard, owndebug.LeakedOwner)
	var kept []any
	alone(func() {
		leakALock(new(own.Mutex[int]))
		leakAnOwner()
		kept = append(kept, leakALock(new(own.Mutex[int])), leakAnOwner())
	})
	inner.end()
	require.Empty(t, outer.end())
	r.reports() // those that were collected before the end
	runtime.KeepAlive(kept)
	kept = nil
	for range 3 {
		runtime.GC()
	}
	r.requireNone(t)
}

// A deadlock that was found, and given up, leaves nothing held.
func TestNothingIsHeldAfterADeadlock(t *testing.T) {
	ft := new(fakeT)
	owndebug.VerifyNone(ft)
	owndebug.Expect(ft, owndebug.Deadlock, owndebug.PotentialDeadlock)
	record(t)
	for _, w := range []way{byLock, byRWLock} {
		ring(context.Background(), 3, func(int) way { return w }, func(int) way { return w }, func() {})
	}
	require.Empty(t, strings.TrimSpace(ft.end()))
}
