//go:build owndebug

package owndebug_test

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-own/own"
	"github.com/go-own/own/owndebug"
)

// A recorder has the reports that were made during a test.
type recorder struct {
	mu   sync.Mutex
	all  []owndebug.Report
	came chan owndebug.Report
}

// record has reports recorded, and not printed, until t ends: those of the given kinds, or
// else of all.
func record(t *testing.T, kinds ...owndebug.Kind) *recorder {
	r := &recorder{came: make(chan owndebug.Report, 1000)}
	owndebug.OnReport(func(report owndebug.Report) {
		if len(kinds) > 0 && !slices.Contains(kinds, report.Kind) {
			return
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.all = append(r.all, report)
		r.came <- report
	})
	owndebug.Expect(t, owndebug.LeakedGuard, owndebug.LeakedOwner) // what it leaves behind is not there for the next test
	t.Cleanup(func() { owndebug.OnReport(nil) })
	return r
}

// next returns the next report. It waits for it, for as long as tests may run.
func (r *recorder) next() owndebug.Report { return <-r.came }

// reports returns all reports so far, and forgets them.
func (r *recorder) reports() []owndebug.Report {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.all
	r.all = nil
	for len(r.came) > 0 {
		<-r.came
	}
	return all
}

// requireNone fails t if there was a report.
func (r *recorder) requireNone(t *testing.T) {
	t.Helper()
	for _, report := range r.reports() {
		require.Fail(t, "a report", "%s", report)
	}
}

// requireOne fails t unless there was one report, of the given kind.
func (r *recorder) requireOne(t *testing.T, kind owndebug.Kind) details {
	t.Helper()
	all := r.reports()
	require.Len(t, all, 1, "reports")
	return requireKind(t, kind, all[0])
}

func requireKind(t *testing.T, kind owndebug.Kind, report owndebug.Report) details {
	t.Helper()
	require.Equal(t, kind, report.Kind, "%s", report)
	d := detailsOf(t, report)
	require.Equal(t, kind.String(), d.Kind)
	require.Equal(t, report.Headline, d.Headline)
	require.NotEmpty(t, d.Advice)
	require.True(t, strings.HasPrefix(report.String(), "own: "+strings.ToUpper(d.Kind)+": "+d.Headline+"\n"), "%s", report)
	return d
}

// The JSON of a report, as far as tests read it.
type (
	details struct {
		Kind, Headline, Advice string
		Goroutine              uint64
		At                     stack
		Cycle                  []struct {
			Goroutine uint64
			Holds     hold
			Wants     struct {
				Lock      lock
				Mode      string
				At        stack
				CanGiveUp bool
			}
		}
		Guard  *hold
		Owners []struct {
			Type, How string
			Count     int
			Made      stack
		}
	}
	hold struct {
		Lock      lock
		Mode      string
		Goroutine uint64
		Locked    stack
	}
	lock struct {
		ID          int
		Type        string
		Made        stack
		FirstLocked stack
	}
	stack []struct {
		Function, File string
		Line           int
	}
)

func detailsOf(t *testing.T, report owndebug.Report) (d details) {
	t.Helper()
	data, err := json.Marshal(report)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &d))
	return d
}

// top returns the innermost function of s, without its package.
func (s stack) top() string {
	if len(s) == 0 {
		return ""
	}
	return strings.TrimPrefix(s[0].Function, "github.com/go-own/own/owndebug_test.")
}

// has reports whether a function is on the stack.
func (s stack) has(function string) bool {
	for _, f := range s {
		if strings.Contains(f.Function, "owndebug_test."+function) {
			return true
		}
	}
	return false
}

// requireCycle fails t unless the cycle has n steps, each of which waits for the lock that
// the next one holds, with so many locks and goroutines.
func requireCycle(t *testing.T, n, ofLocks, goroutines int, d details) {
	t.Helper()
	require.Len(t, d.Cycle, n)
	locks, numbers := map[int]bool{}, map[uint64]bool{}
	for i, s := range d.Cycle {
		require.Equal(t, d.Cycle[(i+1)%n].Holds.Lock.ID, s.Wants.Lock.ID)
		require.NotEmpty(t, s.Holds.Locked)
		require.NotEmpty(t, s.Wants.At)
		locks[s.Holds.Lock.ID], numbers[s.Goroutine] = true, true
	}
	require.Len(t, locks, ofLocks)
	require.Len(t, numbers, goroutines)
	require.NotContains(t, numbers, 0)
}

// alone runs functions, each on a goroutine of its own, one after another. They may well
// be given the same g.
func alone(fs ...func()) {
	for _, f := range fs {
		done := make(chan struct{})
		go func() {
			defer close(done)
			f()
		}()
		<-done
	}
}

// panics runs f on a goroutine of its own and returns what it panicked with, or nil.
func panics(f func()) (v any) {
	alone(func() {
		defer func() { v = recover() }()
		f()
	})
	return v
}

// requireDeadlock fails t unless v is the report of one, as it is panicked with.
func requireDeadlock(t *testing.T, v any) {
	t.Helper()
	err, ok := v.(error)
	require.True(t, ok, "panicked with %v", v)
	require.True(t, strings.HasPrefix(err.Error(), "own: DEADLOCK: "), "%s", err)
}

// untilCollected collects garbage until f returns true.
func untilCollected(t *testing.T, f func() bool) {
	t.Helper()
	for range 1000 {
		runtime.GC() // which begins with a sweep, and lets cleanups run
		if f() {
			return
		}
		runtime.Gosched()
	}
	require.Fail(t, "what was to be collected is still there")
}

// collected collects garbage until there is a report.
func (r *recorder) collected(t *testing.T) owndebug.Report {
	t.Helper()
	untilCollected(t, func() bool { return len(r.came) > 0 })
	return r.next()
}

// A fakeT is a test that says what it was told.
type fakeT struct {
	mu      sync.Mutex
	errors  []string
	logs    []string
	cleanup []func()
}

func (t *fakeT) Helper() {}

func (t *fakeT) Errorf(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.errors = append(t.errors, fmt.Sprintf(format, args...))
}

func (t *fakeT) Logf(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.logs = append(t.logs, fmt.Sprintf(format, args...))
}

func (t *fakeT) Cleanup(f func()) { t.cleanup = append(t.cleanup, f) }

// end ends the test, and returns its errors.
func (t *fakeT) end() string {
	for i := len(t.cleanup) - 1; i >= 0; i-- {
		t.cleanup[i]()
	}
	t.cleanup = nil
	return strings.Join(t.errors, "\n")
}

// A pair is a lock of either kind, so that ways to lock can be chosen one by one.
type pair struct {
	mutex own.Mutex[int]
	rw    own.RWMutex[int]
}

// A way is a way to lock a pair. It returns the function that unlocks, to be deferred.
type way struct {
	name string
	lock func(ctx context.Context, p *pair) (interface{ Unlock() }, error)
}

// either makes a nil guard a nil interface.
func either[G interface{ Unlock() }](g G, err error) (interface{ Unlock() }, error) {
	if err != nil {
		return nil, err
	}
	return g, nil
}

var (
	byLock    = way{"Mutex.Lock", func(_ context.Context, p *pair) (interface{ Unlock() }, error) { return either(p.mutex.Lock()) }}
	byTryLock = way{"Mutex.TryLock", func(_ context.Context, p *pair) (interface{ Unlock() }, error) { return either(p.mutex.TryLock()) }}
	byIgnore  = way{"Mutex.LockIgnorePoison", func(_ context.Context, p *pair) (interface{ Unlock() }, error) {
		return p.mutex.LockIgnorePoison(), nil
	}}
	byLockContext = way{"Mutex.LockContext", func(ctx context.Context, p *pair) (interface{ Unlock() }, error) {
		return either(p.mutex.LockContext(ctx))
	}}
	byLockWhen = way{"Mutex.LockWhen", func(ctx context.Context, p *pair) (interface{ Unlock() }, error) {
		return either(p.mutex.LockWhen(ctx, func(*int) bool { return true }))
	}}
	byRWLock        = way{"RWMutex.Lock", func(_ context.Context, p *pair) (interface{ Unlock() }, error) { return either(p.rw.Lock()) }}
	byRLock         = way{"RWMutex.RLock", func(_ context.Context, p *pair) (interface{ Unlock() }, error) { return either(p.rw.RLock()) }}
	byRWLockContext = way{"RWMutex.LockContext", func(ctx context.Context, p *pair) (interface{ Unlock() }, error) {
		return either(p.rw.LockContext(ctx))
	}}
	byRLockContext = way{"RWMutex.RLockContext", func(ctx context.Context, p *pair) (interface{ Unlock() }, error) {
		return either(p.rw.RLockContext(ctx))
	}}
)

// must locks p, which nobody holds for long and which is not poisoned.
func (w way) must(p *pair) interface{ Unlock() } {
	g, err := w.lock(context.Background(), p)
	if err != nil {
		panic(fmt.Sprint(w.name, ": ", err))
	}
	return g
}
