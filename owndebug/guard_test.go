//go:build owndebug

package owndebug_test

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-own/own"
	"github.com/go-own/own/internal/goroutine"
	"github.com/go-own/own/internal/track"
	"github.com/go-own/own/owndebug"
)

// A guard that another goroutine uses is reported once, and does its work all the same.
func TestGuardIsSent(t *testing.T) {
	for name, use := range map[string]func(p *pair) func(){
		"Guard.Value": func(p *pair) func() {
			g := p.mutex.MustLock()
			return func() { *g.Value()++; *g.Value()++; g.Unlock() }
		},
		"Guard.Unlock":       func(p *pair) func() { return p.mutex.MustLock().Unlock },
		"MappedGuard.Value":  func(p *pair) func() { g := part(&p.mutex); return func() { *g.Value()++; g.Unlock() } },
		"MappedGuard.Unlock": func(p *pair) func() { return part(&p.mutex).Unlock },
		"ReadGuard.Value":    func(p *pair) func() { g := p.rw.MustRLock(); return func() { _ = *g.Value(); g.Unlock() } },
		"ReadGuard.Unlock":   func(p *pair) func() { return p.rw.MustRLock().Unlock },
		"WriteGuard.Value":   func(p *pair) func() { g := p.rw.MustLock(); return func() { *g.Value()++; g.Unlock() } },
		"WriteGuard.Unlock":  func(p *pair) func() { return p.rw.MustLock().Unlock },
		"Downgrade":          func(p *pair) func() { g := p.rw.MustLock(); return func() { g.Downgrade().Unlock() } },
	} {
		t.Run(name, func(t *testing.T) {
			r := record(t)
			p := new(pair)
			locked, used := make(chan func()), make(chan bool)
			var both sync.WaitGroup
			both.Go(func() {
				locked <- use(p)
				<-used // it still exists, so that its g is its own
			})
			(<-locked)()
			close(used)
			both.Wait()
			d := r.requireOne(t, owndebug.NotSend)
			require.NotZero(t, d.Goroutine)
			require.NotEqual(t, d.Goroutine, d.Guard.Goroutine)
			require.True(t, d.At.has("TestGuardIsSent"))
			require.True(t, d.Guard.Locked.has("TestGuardIsSent"))

			// It has been released, in the books as well.
			require.Empty(t, track.Look().Held)
			g, err := p.mutex.TryLock()
			require.NoError(t, err)
			g.Unlock()
			w, err := p.rw.TryLock()
			require.NoError(t, err)
			w.Unlock()
			r.requireNone(t)
		})
	}
}

// The lock goes to the account of the one that uses the guard.
func TestSentGuardChangesItsAccount(t *testing.T) {
	r := record(t, owndebug.Deadlock, owndebug.NotSend)
	var a, b own.Mutex[int]
	guards := make(chan *own.Guard[int])
	var first sync.WaitGroup
	first.Add(1)
	var both sync.WaitGroup
	both.Go(func() {
		guards <- a.MustLock()
		first.Wait()
		a.With(func(*int) {}) // waits for the other one, and not for itself
	})
	both.Go(func() {
		g := <-guards
		*g.Value()++
		requireKindOf(r.next(), owndebug.NotSend)
		first.Done()
		b.With(func(*int) {})
		g.Unlock()
	})
	both.Wait()
	r.reports()

	// And that one deadlocks with itself.
	g := a.MustLock()
	requireDeadlock(t, panics(func() {
		*g.Value()++
		defer g.Unlock()
		a.MustLock()
	}))
	require.Len(t, r.reports(), 2)
}

func requireKindOf(r owndebug.Report, kind owndebug.Kind) {
	if r.Kind != kind {
		panic(r.String())
	}
}

// A forgotten guard is found when it is collected.
func TestLeakedGuard(t *testing.T) {
	for _, w := range []way{byLock, byTryLock, byIgnore, byLockContext, byLockWhen, byRWLock, byRLock, byRWLockContext, byRLockContext} {
		t.Run(w.name, func(t *testing.T) {
			r := record(t)
			p := new(pair)
			alone(func() { w.must(p) })
			d := requireKind(t, owndebug.LeakedGuard, r.collected(t))
			require.Contains(t, d.Headline, "forgotten")
			require.True(t, d.Guard.Locked.has("TestLeakedGuard"))
			r.reports()
			runtime.GC()
			r.requireNone(t)

			if w.name == byRLock.name {
				_, err := p.rw.TryLock()
				require.ErrorIs(t, err, own.ErrWouldBlock, "it stays locked")
			}
		})
	}
	t.Run("with its lock", func(t *testing.T) {
		r := record(t)
		alone(func() { new(own.Mutex[[64]int]).MustLock() })
		d := requireKind(t, owndebug.LeakedGuard, r.collected(t))
		require.Equal(t, "Mutex[[64]int]", d.Guard.Lock.Type)
	})
	t.Run("downgraded", func(t *testing.T) {
		r := record(t)
		m := new(own.RWMutex[int])
		alone(func() { m.MustLock().Downgrade() })
		d := requireKind(t, owndebug.LeakedGuard, r.collected(t))
		require.Equal(t, "read", d.Guard.Mode)
		runtime.KeepAlive(m)
	})
	t.Run("mapped", func(t *testing.T) {
		r := record(t)
		m := new(own.Mutex[int])
		alone(func() { part(m) })
		requireKind(t, owndebug.LeakedGuard, r.collected(t))
		runtime.KeepAlive(m)
	})
}

// Guards that were released are not reported, however they were.
func TestReleasedGuardsAreNotLeaked(t *testing.T) {
	r := record(t)
	alone(func() {
		var p pair
		for range 100 {
			p.mutex.MustLock().Unlock()
			g := p.mutex.MustLock()
			g.Unlock()
			g.Unlock()
			p.rw.MustRLock().Unlock()
			p.rw.MustLock().Downgrade().Unlock()
			part(&p.mutex).Unlock()
			func() { defer func() { _ = recover() }(); defer p.mutex.LockIgnorePoison().Unlock(); panic("poison") }()
			p.mutex.Lock() // is refused
			p.mutex.ClearPoison()
		}
	})
	for range 3 {
		runtime.GC()
	}
	r.requireNone(t)
}

// leave has a goroutine end with a guard of p in its hands, and then f be called by another
// one that has the same g and began with another function.
func leave(t *testing.T, p *pair, w way, f func()) (left interface{ Unlock() }, id uint64) {
	t.Helper()
	for range 1000 {
		var g uintptr
		done := make(chan bool)
		go func() {
			defer close(done)
			g, left = goroutine.Address(), w.must(p)
		}()
		<-done
		held := track.Look().Held
		id = held[len(held)-1].Lock.ID
		next := make(chan bool)
		go func() {
			same := goroutine.Address() == g
			if same {
				f()
			}
			next <- same
		}()
		if <-next {
			return left, id
		}
		left.Unlock()
	}
	t.Skip("no g was used again")
	return nil, 0
}

// A goroutine ends with a lock held. The next one has its g, and not its locks.
func TestGoroutineEndsWithALockHeld(t *testing.T) {
	for _, w := range []way{byLock, byRWLock, byRLock} {
		t.Run(w.name, func(t *testing.T) {
			r := record(t, owndebug.Deadlock, owndebug.PotentialDeadlock)
			p, a, b := new(pair), new(pair), new(pair)
			left, id := leave(t, p, w, func() { nested(mutexes, a, b) })
			for _, e := range track.Look().Order {
				require.NotEqual(t, id, e.From.ID, "what it did not hold")
			}
			left.Unlock()
			alone(takes([]way{w}, p)) // and it can be had again
			r.requireNone(t)
		})
	}
}

// What a goroutine has locked in a function that is over is still its own: in a test, for
// its cleanups.
func TestLockedInAFunctionThatIsOver(t *testing.T) {
	r := record(t)
	a, b := new(pair), new(pair)
	t.Run("test", func(t *testing.T) {
		g := a.mutex.MustLock()
		t.Cleanup(func() { *g.Value()++; g.Unlock() })
		t.Cleanup(func() { nested(mutexes, b) })
	})
	alone(takes(mutexes, a, b))
	r.requireNone(t)
}

// Nor does it wait for itself, or for others in its stead.
func TestNoDeadlockWithAnEndedGoroutine(t *testing.T) {
	r := record(t, owndebug.Deadlock)
	p, x := new(pair), new(pair)
	holdsX, waits := make(chan bool), make(chan bool)
	var done sync.WaitGroup
	left, _ := leave(t, p, byLock, func() {
		// This one waits for x, whose holder waits for p, which the one before it left
		// locked. All that it takes for them to go on is that somebody unlocks p.
		done.Go(func() {
			defer byLock.must(x).Unlock()
			close(holdsX)
			nested(mutexes, p)
		})
		<-holdsX
		done.Go(func() { <-waits })
		done.Go(func() { nested(mutexes, new(pair), x) })
	})
	close(waits)
	for len(track.Look().Waiting) < 2 {
		runtime.Gosched()
	}
	left.Unlock()
	done.Wait()
	r.requireNone(t)
}

// A panic that an Unlock cannot see, and so does not poison for.
func TestPoisonBlind(t *testing.T) {
	type unlocker interface{ Unlock() }
	for name, defers := range map[string]func(g unlocker){
		"a closure":             func(g unlocker) { defer func() { g.Unlock() }(); panic("blind") },
		"a helper":              func(g unlocker) { defer release(g); panic("blind") },
		"a helper of a helper":  func(g unlocker) { defer func() { release(g) }(); panic("blind") },
		"as t.Cleanup":          func(g unlocker) { var c cleanups; c.add(g.Unlock); defer c.run(); panic("blind") },
		"after a recover":       func(g unlocker) { defer func() { _ = recover(); g.Unlock() }(); panic("blind") },
		"a runtime error":       func(g unlocker) { defer func() { g.Unlock() }(); var m map[int]int; m[1] = 1 },
		"a panic in a deferred": func(g unlocker) { defer func() { g.Unlock() }(); defer func() { panic("second") }(); panic("first") },
		"from further down":     func(g unlocker) { defer func() { g.Unlock() }(); deep(100) },
	} {
		for kind, lock := range map[string]func(p *pair) unlocker{
			"Guard":       func(p *pair) unlocker { return p.mutex.MustLock() },
			"MappedGuard": func(p *pair) unlocker { return part(&p.mutex) },
			"WriteGuard":  func(p *pair) unlocker { return p.rw.MustLock() },
		} {
			t.Run(kind+", "+name, func(t *testing.T) {
				r := record(t)
				p := new(pair)
				panics(func() { defers(lock(p)) })
				d := r.requireOne(t, owndebug.PoisonBlind)
				require.True(t, d.Guard.Locked.has("TestPoisonBlind"))
				require.NotZero(t, d.Goroutine)
				require.False(t, p.mutex.IsPoisoned() || p.rw.IsPoisoned(), "so it is said")
			})
		}
	}
}

func release(g interface{ Unlock() }) { g.Unlock() }

func deep(n int) {
	if n == 0 {
		panic("blind")
	}
	deep(n - 1)
}

// cleanups are run as those of a test.
type cleanups struct{ all []func() }

func (c *cleanups) add(f func()) { c.all = append(c.all, f) }

func (c *cleanups) run() {
	for _, f := range slices.Backward(c.all) {
		f()
	}
}

// What is deferred in any of these ways sees the panic, or there is none to be seen.
func TestNotPoisonBlind(t *testing.T) {
	type embeds struct{ *own.Guard[int] }
	var m own.Mutex[int]
	var rw own.RWMutex[int]
	for name, c := range map[string]struct {
		poisons bool
		f       func()
	}{
		"deferred directly":      {true, func() { g := m.MustLock(); defer g.Unlock(); panic("seen") }},
		"deferred as it is made": {true, func() { defer m.MustLock().Unlock(); panic("seen") }},
		"a method value":         {true, func() { unlock := m.MustLock().Unlock; defer unlock(); panic("seen") }},
		"an interface":           {true, func() { var g interface{ Unlock() } = m.MustLock(); defer g.Unlock(); panic("seen") }},
		"a method expression":    {true, func() { g := m.MustLock(); defer (*own.Guard[int]).Unlock(g); panic("seen") }},
		"embedded":               {true, func() { g := embeds{m.MustLock()}; defer g.Unlock(); panic("seen") }},
		"embedded, an interface": {true, func() { var g interface{ Unlock() } = embeds{m.MustLock()}; defer g.Unlock(); panic("seen") }},
		"mapped":                 {true, func() { defer part(&m).Unlock(); panic("seen") }},
		"a writer":               {true, func() { defer rw.MustLock().Unlock(); panic("seen") }},
		"one of many defers": {true, func() {
			defer func() {}()
			defer fmt.Sprint("one")
			g := m.MustLock()
			defer fmt.Sprint("two")
			defer g.Unlock()
			defer func() {}()
			w := rw.MustLock()
			defer w.Unlock()
			defer fmt.Sprint("three")
			panic("seen")
		}},
		"in a loop": {true, func() {
			locks := make([]own.Mutex[int], 20)
			for i := range locks {
				defer locks[i].MustLock().Unlock()
			}
			defer m.MustLock().Unlock()
			panic("seen")
		}},
		"in a generic function":        {true, func() { generic(&m) }},
		"in a generic function, inner": {true, func() { genericClosure(&m) }},
		"a runtime error":              {true, func() { defer m.MustLock().Unlock(); var p *int; *p = 1 }},
		"of two defers the second panics": {true, func() {
			defer m.MustLock().Unlock()
			defer func() { panic("second") }()
			panic("first")
		}},
		"through With":  {true, func() { m.With(func(*int) { panic("seen") }) }},
		"through WithW": {true, func() { rw.With(func(*int) { panic("seen") }) }},
		"locked while panicking": {false, func() {
			defer func() { g := m.MustLock(); g.Unlock() }()
			panic("before")
		}},
		"locked while panicking, deferred": {false, func() {
			defer func() { defer m.MustLock().Unlock() }()
			panic("before")
		}},
		"locked while panicking, in a helper": {false, func() {
			defer func() { g := m.MustLock(); defer release(g) }()
			panic("before")
		}},
		"With while panicking":  {false, func() { defer m.With(func(*int) {}); panic("before") }},
		"reads while panicking": {false, func() { defer func() { rw.MustRLock().Unlock() }(); panic("before") }},
		"a reader in a closure": {false, func() { g := rw.MustRLock(); defer func() { g.Unlock() }(); panic("not seen, and need not be") }},
		"a Goexit":              {false, func() { g := m.MustLock(); defer func() { g.Unlock() }(); runtime.Goexit() }},
		"no panic":              {false, func() { g := m.MustLock(); defer func() { g.Unlock() }() }},
		"a panic that is over": {false, func() {
			g := m.MustLock()
			defer func() { g.Unlock() }()
			func() { defer func() { _ = recover() }(); panic("over") }()
		}},
		"unlocked before": {false, func() { g := m.MustLock(); defer func() { g.Unlock() }(); g.Unlock(); panic("later") }},
		"a nil guard":     {false, func() { var g *own.Guard[int]; defer func() { g.Unlock() }(); panic("later") }},
	} {
		t.Run(name, func(t *testing.T) {
			m.ClearPoison()
			rw.ClearPoison()
			r := record(t)
			panics(c.f)
			r.requireNone(t)
			require.Equal(t, c.poisons, m.IsPoisoned() || rw.IsPoisoned())
		})
	}
}

func generic[T any](m *own.Mutex[T]) {
	defer fmt.Sprint("before")
	defer m.MustLock().Unlock()
	panic("seen")
}

func genericClosure[T any](m *own.Mutex[T]) {
	func() {
		g := m.MustLock()
		defer fmt.Sprint("after")
		defer g.Unlock()
		panic("seen")
	}()
}
