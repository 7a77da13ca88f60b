//go:build owndebug

package owndebug_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-own/own"
	"github.com/go-own/own/owndebug"
)

// A goroutine that waits for what it holds panics, where it would have hung.
func TestSelfDeadlock(t *testing.T) {
	for _, c := range []struct{ holds, wants way }{
		{byLock, byLock},
		{byIgnore, byLock},
		{byTryLock, byIgnore},
		{byLockContext, byLock},
		{byLockWhen, byLock},
		{byRWLock, byRWLock},
		{byRWLock, byRLock},
		{byRWLockContext, byRWLock},
		{byRLock, byRWLock}, // an upgrade
		{byRLockContext, byRWLock},
	} {
		t.Run(c.holds.name+", "+c.wants.name, func(t *testing.T) {
			r := record(t, owndebug.Deadlock)
			p := new(pair)
			requireDeadlock(t, panics(func() {
				defer c.holds.must(p).Unlock()
				c.wants.must(p)
			}))
			d := r.requireOne(t, owndebug.Deadlock)
			requireCycle(t, 1, 1, 1, d)
			require.Contains(t, d.Headline, "holds itself")
			require.Equal(t, d.Goroutine, d.Cycle[0].Goroutine)
			require.True(t, d.At.has("TestSelfDeadlock"))

			// Nothing is left of it: both locks can be had.
			alone(func() {
				p.mutex.LockIgnorePoison().Unlock()
				p.rw.LockIgnorePoison().Unlock()
			})
			r.requireNone(t)
		})
	}
}

// As a writer that is refused, and with the guards of closures.
func TestSelfDeadlockInClosures(t *testing.T) {
	var m own.Mutex[int]
	var rw own.RWMutex[int]
	nothing := func(*int) {}
	for name, f := range map[string]func(){
		"With in With":       func() { m.With(func(*int) { m.With(nothing) }) },
		"WithErr in With":    func() { m.With(func(*int) { m.WithErr(func(*int) error { return nil }) }) },
		"Load in With":       func() { m.With(func(*int) { m.Load() }) },
		"Store under Lock":   func() { defer m.LockIgnorePoison().Unlock(); m.Store(1) },
		"Swap under Lock":    func() { defer m.LockIgnorePoison().Unlock(); m.Swap(1) },
		"Repair in Repair":   func() { m.Repair(func(*int, *own.PoisonError) error { m.MustLock(); return nil }) },
		"RWith in With":      func() { rw.With(func(*int) { rw.RWith(nothing) }) },
		"With in RWith":      func() { rw.RWith(func(*int) { rw.With(nothing) }) },
		"Lock in RWith":      func() { rw.RWith(func(*int) { rw.Lock() }) },
		"Lock after a Load":  func() { rw.Load(); defer rw.LockIgnorePoison().Unlock(); rw.Lock() },
		"Lock, downgraded":   func() { g := rw.LockIgnorePoison().Downgrade(); defer g.Unlock(); rw.Lock() },
		"Lock under a part":  func() { defer part(&m).Unlock(); m.Lock() },
		"LockContext inside": func() { defer m.LockIgnorePoison().Unlock(); m.Lock() },
	} {
		t.Run(name, func(t *testing.T) {
			m.ClearPoison()
			rw.ClearPoison()
			if name == "Repair in Repair" {
				panics(func() { m.With(func(*int) { panic("to be repaired") }) })
			}
			r := record(t, owndebug.Deadlock)
			requireDeadlock(t, panics(f))
			requireCycle(t, 1, 1, 1, r.requireOne(t, owndebug.Deadlock))
			alone(func() {
				m.LockIgnorePoison().Unlock()
				rw.LockIgnorePoison().Unlock()
			})
		})
	}
}

func part(m *own.Mutex[int]) *own.MappedGuard[int] {
	return own.MapGuard(m.LockIgnorePoison(), func(v *int) *int { return v })
}

// A reader that reads again waits for a writer that waits for it.
func TestRecursiveRead(t *testing.T) {
	for _, writer := range []way{byRWLock, byRWLockContext} {
		for _, again := range []way{byRLock, byRLockContext} {
			t.Run(writer.name+", "+again.name, func(t *testing.T) {
				r := record(t, owndebug.Deadlock)
				p := new(pair)
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				reads := make(chan struct{})
				var both sync.WaitGroup
				var readerPanics any
				both.Go(func() {
					defer func() { readerPanics = recover() }()
					g := byRLock.must(p)
					defer g.Unlock()
					close(reads)
					for {
						again, err := p.rw.TryRLock()
						if err != nil {
							break // the writer waits
						}
						again.Unlock()
						runtime.Gosched()
					}
					if g, err := again.lock(ctx, p); err == nil {
						g.Unlock()
					}
				})
				both.Go(func() {
					<-reads
					if g, err := writer.lock(ctx, p); err == nil {
						g.Unlock()
					}
				})
				d := requireKind(t, owndebug.Deadlock, r.next())
				cancel()
				both.Wait()
				requireCycle(t, 2, 1, 2, d)
				require.Len(t, r.reports(), 1)
				if writer.name == byRWLock.name && again.name == byRLock.name {
					requireDeadlock(t, readerPanics)
				} else {
					require.Nil(t, readerPanics, "the wait can be given up")
				}
			})
		}
	}
}

// A reader may read again as long as no writer waits.
func TestRecursiveReadWithoutWriter(t *testing.T) {
	r := record(t)
	var m own.RWMutex[int]
	alone(func() {
		a := m.MustRLock()
		b := m.MustRLock()
		m.RWith(func(*int) {})
		a.Unlock()
		b.Unlock()
		m.With(func(*int) {})
	})
	r.requireNone(t)
}

// ring has n goroutines hold a lock each, and then want that of the next one. It returns
// what they ended with once all have: a panic, or the error of the lock that they wanted.
func ring(ctx context.Context, n int, holds, wants func(i int) way, meanwhile func()) (ends []any) {
	locks := make([]pair, n)
	ends = make([]any, n)
	var all, done sync.WaitGroup
	all.Add(n)
	for i := range n {
		done.Go(func() {
			defer func() {
				if v := recover(); v != nil {
					ends[i] = v
				}
			}()
			defer holds(i).must(&locks[i]).Unlock()
			all.Done()
			all.Wait()
			next := (i + 1) % n
			g, err := wants(next).lock(ctx, &locks[next])
			if err != nil {
				ends[i] = err
				return
			}
			g.Unlock()
		})
	}
	meanwhile()
	done.Wait()
	return ends
}

// A deadlock of several ends with a panic of one of them, whose lock the others get then.
func TestRing(t *testing.T) {
	always := func(w way) func(int) way { return func(int) way { return w } }
	even := func(a, b way) func(int) way {
		return func(i int) way {
			if i%2 == 0 {
				return a
			}
			return b
		}
	}
	for _, c := range []struct {
		name         string
		holds, wants func(int) way
	}{
		{"Mutex", always(byLock), always(byLock)},
		{"tried Mutex", always(byTryLock), always(byLock)},
		{"writers", always(byRWLock), always(byRWLock)},
		{"readers of writers", always(byRWLock), always(byRLock)},
		{"writers of readers", always(byRLock), always(byRWLock)},
		{"Mutex and writers", even(byLock, byRWLock), even(byLock, byRWLock)},
		{"readers and writers", even(byRLock, byRWLock), even(byRWLock, byRLock)},
		{"Mutex and readers", even(byLock, byRLock), even(byLock, byRWLock)},
	} {
		for n := 2; n <= 6; n++ {
			t.Run(fmt.Sprint(c.name, ", ", n), func(t *testing.T) {
				r := record(t, owndebug.Deadlock)
				ends := ring(context.Background(), n, c.holds, c.wants, func() {})
				requireCycle(t, n, n, n, r.requireOne(t, owndebug.Deadlock))
				panicked := 0
				for _, v := range ends {
					var poisoned *own.PoisonError
					switch err, _ := v.(error); {
					case v == nil, errors.As(err, &poisoned):
					default:
						requireDeadlock(t, v)
						panicked++
					}
				}
				require.Equal(t, 1, panicked)
			})
		}
	}
}

// If one of them can give up, it is left to that one; the deadlock is reported all the
// same, once.
func TestRingThatCanGiveUp(t *testing.T) {
	for _, c := range []struct{ hold, want, patient way }{
		{byLock, byLock, byLockContext},
		{byLock, byLock, byLockWhen},
		{byRWLock, byRWLock, byRWLockContext},
		{byRWLock, byRWLock, byRLockContext},
		{byRLock, byRWLock, byRWLockContext},
	} {
		for n := 2; n <= 6; n++ {
			for patient := range 2 { // one of them, and all of them
				t.Run(fmt.Sprint(c.patient.name, ", ", n, ", ", patient), func(t *testing.T) {
					r := record(t, owndebug.Deadlock)
					ctx, cancel := context.WithCancel(context.Background())
					defer cancel()
					var first owndebug.Report
					ends := ring(ctx, n, func(int) way { return c.hold }, func(i int) way {
						if i == 0 || patient == 1 {
							return c.patient
						}
						return c.want
					}, func() {
						first = r.next()
						cancel()
					})
					d := requireKind(t, owndebug.Deadlock, first)
					requireCycle(t, n, n, n, d)
					require.Len(t, r.reports(), 1)
					canGiveUp, cancelled := 0, 0
					for _, s := range d.Cycle {
						if s.Wants.CanGiveUp {
							canGiveUp++
						}
					}
					for _, v := range ends {
						if err, _ := v.(error); errors.Is(err, context.Canceled) {
							cancelled++
						} else {
							require.Nil(t, v)
						}
					}
					require.Equal(t, max(1, patient*n), canGiveUp)
					require.Positive(t, cancelled)
				})
			}
		}
	}
}

// An Await whose condition holds needs the lock back.
func TestDeadlockOfAwait(t *testing.T) {
	r := record(t, owndebug.Deadlock)
	var a, b own.Mutex[int]
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	awaits := make(chan struct{})
	var both sync.WaitGroup
	both.Go(func() {
		defer b.MustLock().Unlock()
		g := a.MustLock()
		defer g.Unlock()
		once := sync.OnceFunc(func() { close(awaits) })
		if err := g.Await(ctx, func(*int) bool { once(); return false }); !errors.Is(err, context.Canceled) {
			panic(err)
		}
	})
	both.Go(func() {
		<-awaits
		defer a.MustLock().Unlock()
		b.MustLock().Unlock() // and the other cannot have a back before
	})
	d := requireKind(t, owndebug.Deadlock, r.next())
	cancel()
	both.Wait()
	requireCycle(t, 2, 2, 2, d)
	require.Len(t, r.reports(), 1)
}

// Whoever hangs on a deadlock, and is no part of it, is no part of the report.
func TestBystanders(t *testing.T) {
	r := record(t, owndebug.Deadlock)
	var a, b, mine own.Mutex[int]
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var all sync.WaitGroup
	var aHeld, bHeld sync.WaitGroup
	aHeld.Add(1)
	bHeld.Add(1)
	all.Go(func() {
		defer a.MustLock().Unlock()
		aHeld.Done()
		bHeld.Wait()
		b.LockContext(ctx)
	})
	all.Go(func() {
		defer b.MustLock().Unlock()
		aHeld.Wait()
		bHeld.Done()
		a.LockContext(ctx)
	})
	for range 4 {
		all.Go(func() {
			aHeld.Wait()
			defer mine.LockIgnorePoison().Unlock()
			a.LockContext(ctx)
		})
	}
	d := requireKind(t, owndebug.Deadlock, r.next())
	requireCycle(t, 2, 2, 2, d)
	cancel()
	all.Wait()
	require.Len(t, r.reports(), 1)
}

// Correct code is left alone, however much its goroutines wait for each other: locks are
// taken in one order, by all means, for long and for short.
func TestContentionIsNoDeadlock(t *testing.T) {
	r := record(t)
	const goroutines, rounds, locks = 16, 300, 5
	waits := []way{byLock, byIgnore, byLockContext, byLockWhen, byRWLock, byRWLockContext, byRLock, byRLockContext}
	all := make([]pair, locks)
	var done sync.WaitGroup
	for seed := range uint64(goroutines) {
		done.Go(func() {
			random := rand.New(rand.NewPCG(seed, 0))
			for range rounds {
				ctx, cancel := context.WithCancel(context.Background())
				var held []interface{ Unlock() }
				for i := range all {
					// Of the two locks of a pair, the mutex comes first.
					for _, w := range []way{waits[random.IntN(4)], waits[4+random.IntN(4)]} {
						if random.IntN(3) == 0 {
							continue
						}
						if random.IntN(8) == 0 {
							cancel()
						}
						if g, err := w.lock(ctx, &all[i]); err == nil {
							held = append(held, g)
						}
					}
				}
				// It is tried in any order, and nothing taken then.
				if g, err := all[random.IntN(locks)].mutex.TryLock(); err == nil {
					held = append(held, g)
				}
				if random.IntN(4) == 0 {
					runtime.Gosched()
				}
				random.Shuffle(len(held), func(i, j int) { held[i], held[j] = held[j], held[i] })
				for _, g := range held {
					g.Unlock()
				}
				cancel()
			}
		})
	}
	done.Wait()
	r.requireNone(t)
}

// Locks that are handed on from one to the next, with a condition.
func TestConditionsAreNoDeadlock(t *testing.T) {
	r := record(t)
	var turn own.Mutex[int]
	var log own.RWMutex[[]int]
	const goroutines, rounds = 6, 100
	var done sync.WaitGroup
	for i := range goroutines {
		done.Go(func() {
			for range rounds {
				g, err := turn.LockWhen(context.Background(), func(v *int) bool { return *v%goroutines == i })
				if err != nil {
					panic(err)
				}
				log.With(func(v *[]int) { *v = append(*v, i) })
				w := log.MustLock()
				d := w.Downgrade()
				*g.Value()++
				d.Unlock()
				if err := g.Await(context.Background(), func(v *int) bool { return *v%goroutines != i }); err != nil {
					panic(err)
				}
				g.Unlock()
			}
		})
	}
	done.Wait()
	log.RWith(func(v *[]int) { require.Len(t, *v, goroutines*rounds) })
	r.requireNone(t)
}

// A deadlock among many goroutines that have nothing to do with it.
func TestDeadlockInACrowd(t *testing.T) {
	r := record(t, owndebug.Deadlock)
	var shared own.Mutex[int]
	var stop own.RWMutex[bool]
	var crowd sync.WaitGroup
	for range 8 {
		crowd.Go(func() {
			for over := false; !over; over, _ = stop.Load() {
				shared.With(func(v *int) { *v++ })
				runtime.Gosched()
			}
		})
	}
	for range 20 {
		ring(context.Background(), 3, func(int) way { return byLock }, func(int) way { return byLock }, func() {})
		requireCycle(t, 3, 3, 3, r.requireOne(t, owndebug.Deadlock))
	}
	stop.Store(true)
	crowd.Wait()
	r.requireNone(t)
}
