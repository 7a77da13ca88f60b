//go:build owndebug

package owndebug_test

import (
	"context"
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

// nested takes locks, each while it holds the ones before.
func nested(ways []way, locks ...*pair) {
	var held []interface{ Unlock() }
	for i, p := range locks {
		held = append(held, ways[i%len(ways)].must(p))
	}
	for _, g := range slices.Backward(held) {
		g.Unlock()
	}
}

// takes is nested, to be called later.
func takes(ways []way, locks ...*pair) func() { return func() { nested(ways, locks...) } }

// around returns what takes each lock and the next one, all around.
func around(ways []way, locks []*pair) (fs []func()) {
	for i := range locks {
		fs = append(fs, takes(ways, locks[i], locks[(i+1)%len(locks)]))
	}
	return fs
}

func pairs(n int) (locks []*pair) {
	for range n {
		locks = append(locks, new(pair))
	}
	return locks
}

var (
	mutexes = []way{byLock}
	writes  = []way{byRWLock}
	reads   = []way{byRLock}
)

// A cycle of any length is reported, once, though nobody ever waited.
func TestOrder(t *testing.T) {
	for _, c := range []struct {
		name string
		ways []way
	}{
		{"Mutex", mutexes},
		{"ignoring poison", []way{byIgnore}},
		{"with a context", []way{byLockContext}},
		{"with a condition", []way{byLockWhen}},
		{"writers", writes},
		{"writers with a context", []way{byRWLockContext}},
		{"writers, then readers", []way{byRWLock, byRLock}},
		{"readers, then writers", []way{byRLock, byRWLock}},
		{"readers with a context, then writers", []way{byRLockContext, byRWLock}},
		{"tried, then locked", []way{byTryLock, byLock}},
	} {
		for n := 2; n <= 6; n++ {
			t.Run(fmt.Sprint(c.name, ", ", n), func(t *testing.T) {
				r := record(t)
				locks := pairs(n)
				fs := around(c.ways, locks)
				alone(fs[1:]...)
				r.requireNone(t)
				alone(fs[0]) // which closes it
				d := r.requireOne(t, owndebug.PotentialDeadlock)
				requireCycle(t, n, n, n, d)
				require.Contains(t, d.Headline, fmt.Sprint(n, " locks"))
				require.True(t, d.At.has("nested"))

				alone(fs...)
				slices.Reverse(fs)
				alone(fs...)
				r.requireNone(t)
			})
		}
	}
}

// The stacks of an edge are where its beginning was locked and where its end was.
func TestStacksOfAnEdge(t *testing.T) {
	r := record(t)
	var a, b own.Mutex[int]
	alone(func() { first(&a, &b) }, func() { second(&b, &a) })
	d := r.requireOne(t, owndebug.PotentialDeadlock)
	requireCycle(t, 2, 2, 2, d)
	require.Equal(t, "first", d.Cycle[0].Holds.Locked.top(), "the cycle begins with the oldest lock")
	require.Equal(t, "first", d.Cycle[0].Wants.At.top())
	require.Equal(t, "second", d.Cycle[1].Holds.Locked.top())
	require.Equal(t, "second", d.Cycle[1].Wants.At.top())
	require.Less(t, d.Cycle[0].Holds.Locked[0].Line, d.Cycle[0].Wants.At[0].Line)
	require.Equal(t, "Mutex[int]", d.Cycle[0].Holds.Lock.Type)
	require.Equal(t, "first", d.Cycle[0].Holds.Lock.FirstLocked.top())
	require.Equal(t, d.Cycle[1].Goroutine, d.Goroutine, "the one that closed it")
}

func first(a, b *own.Mutex[int]) {
	defer a.MustLock().Unlock()
	b.With(func(*int) {})
}

func second(b, a *own.Mutex[int]) {
	defer b.MustLock().Unlock()
	a.With(func(*int) {})
}

// Mutex and RWMutex in one cycle.
func TestOrderOfBoth(t *testing.T) {
	r := record(t)
	var m own.Mutex[string]
	var rw own.RWMutex[[]byte]
	alone(
		func() { m.With(func(*string) { rw.RWith(func(*[]byte) {}) }) },
		func() { rw.With(func(*[]byte) { m.Load() }) },
	)
	d := r.requireOne(t, owndebug.PotentialDeadlock)
	requireCycle(t, 2, 2, 2, d)
	require.Equal(t, []string{"Mutex[string]", "read"}, []string{d.Cycle[0].Holds.Lock.Type, d.Cycle[0].Wants.Mode})
	require.Equal(t, []string{"RWMutex[[]uint8]", "write"}, []string{d.Cycle[1].Holds.Lock.Type, d.Cycle[1].Holds.Mode})
}

// Each cycle is reported, also of those that have locks in common.
func TestSeveralCycles(t *testing.T) {
	r := record(t)
	l := pairs(4)
	alone(takes(mutexes, l[0], l[1]), takes(mutexes, l[1], l[0]))
	require.Len(t, r.reports(), 1)
	alone(takes(mutexes, l[1], l[2]), takes(mutexes, l[2], l[0]))
	requireCycle(t, 3, 3, 3, r.requireOne(t, owndebug.PotentialDeadlock))
	alone(takes(mutexes, l[2], l[3]), takes(mutexes, l[3], l[2]))
	requireCycle(t, 2, 2, 2, r.requireOne(t, owndebug.PotentialDeadlock))
	r.requireNone(t)
}

// One lock may close several cycles. All are reported, the shortest first.
func TestSeveralCyclesAtOnce(t *testing.T) {
	r := record(t)
	l := pairs(6)
	alone(around(mutexes, l)[:5]...)  // from 0 to 5, the long way
	alone(takes(mutexes, l[0], l[3])) // and a short cut
	alone(takes(mutexes, l[3], l[5])) //
	alone(takes(mutexes, l[5], l[0])) // back
	all := r.reports()
	require.Len(t, all, 4)
	for i, n := range []int{3, 4, 5, 6} { // with the short cuts, or with one of them, or none
		requireCycle(t, n, n, n, requireKind(t, owndebug.PotentialDeadlock, all[i]))
	}

	// One more has been reported in part: the rest is new.
	alone(takes(mutexes, l[2], l[0]))
	requireCycle(t, 3, 3, 3, r.requireOne(t, owndebug.PotentialDeadlock))
}

// One chain of locks has an edge from each lock to each later one.
func TestOrderOfAChain(t *testing.T) {
	for i := range 5 {
		for j := range i {
			t.Run(fmt.Sprint(j, ", ", i), func(t *testing.T) {
				r := record(t)
				l := pairs(5)
				alone(takes(mutexes, l...), takes(mutexes, l[i], l[j]))
				requireCycle(t, 2, 2, 2, r.requireOne(t, owndebug.PotentialDeadlock))
			})
		}
	}
}

// What is taken with two others held, in their order or another, is a new edge each time
// something new is held.
func TestOrderUnderOthers(t *testing.T) {
	r := record(t)
	a, b, c := new(pair), new(pair), new(pair)
	alone(takes(mutexes, a, b), takes(mutexes, c, b), takes(mutexes, a, c, b))
	r.requireNone(t)
	alone(takes(mutexes, b, c))
	requireCycle(t, 2, 2, 2, r.requireOne(t, owndebug.PotentialDeadlock))
}

// Safe patterns.
func TestSafeOrders(t *testing.T) {
	lock := func(p *pair) *own.Guard[int] { return p.mutex.MustLock() }
	for name, run := range map[string]func(gate, a, b, c *pair){
		"a gate around both": func(gate, a, b, c *pair) {
			alone(takes(mutexes, gate, a, b), takes(mutexes, gate, b, a))
		},
		"a gate around both, which one reads": func(gate, a, b, c *pair) {
			alone(
				func() { defer byRWLock.must(gate).Unlock(); nested(mutexes, a, b) },
				func() { defer byRLock.must(gate).Unlock(); nested(mutexes, b, a) },
			)
		},
		"a gate around a cycle of three, at two places": func(gate, a, b, c *pair) {
			alone(takes(mutexes, gate, a, b), takes(mutexes, b, c), takes(mutexes, gate, c, a))
		},
		"a gate that was tried": func(gate, a, b, c *pair) {
			alone(
				func() { defer byTryLock.must(gate).Unlock(); nested(mutexes, a, b) },
				func() { defer byTryLock.must(gate).Unlock(); nested(mutexes, b, a) },
			)
		},
		"a gate, and another lock between": func(gate, a, b, c *pair) {
			alone(takes(mutexes, gate, a, b), takes(mutexes, gate, b, c, a))
		},
		"readers only": func(_, a, b, c *pair) {
			alone(takes(reads, a, b), takes(reads, b, a))
			alone(takes(reads, b, c), takes(reads, c, a))
		},
		"both meet as readers": func(_, a, b, c *pair) {
			alone(takes([]way{byRLock, byRLock}, a, b), takes([]way{byRLock, byRLock}, b, a))
		},
		"one place of the cycle is read by both": func(_, a, b, c *pair) {
			alone(takes([]way{byRWLock, byRLock}, a, b), takes([]way{byRLock, byRWLock}, b, a))
		},
		"tried in the other order": func(_, a, b, c *pair) {
			alone(takes(mutexes, a, b), takes([]way{byLock, byTryLock}, b, a))
			alone(takes([]way{byLock, byTryLock}, b, a), takes(mutexes, a, b))
		},
		"tried and refused": func(_, a, b, c *pair) {
			alone(takes(mutexes, a, b))
			g := lock(a)
			alone(func() {
				defer lock(b).Unlock()
				if _, err := a.mutex.TryLock(); err == nil {
					panic("it is held")
				}
			})
			g.Unlock()
		},
		"one goroutine in both orders": func(_, a, b, c *pair) {
			alone(func() {
				for range 10 {
					nested(mutexes, a, b)
					nested(mutexes, b, a)
				}
			})
		},
		"one goroutine all around": func(_, a, b, c *pair) {
			alone(func() {
				for _, f := range around(mutexes, []*pair{a, b, c}) {
					f()
				}
			})
		},
		"one goroutine in two of three orders": func(_, a, b, c *pair) {
			alone(
				func() { nested(mutexes, a, b); nested(mutexes, b, c) },
				func() { nested(mutexes, c, a) },
			)
		},
		"a hierarchy": func(_, a, b, c *pair) {
			alone(takes(mutexes, a, b, c), takes(mutexes, a, c), takes(mutexes, b, c), takes(mutexes, a, b))
		},
		"several goroutines in the same order": func(_, a, b, c *pair) {
			for range 50 {
				alone(takes(mutexes, a, b, c))
			}
		},
		"hand over hand": func(_, a, b, c *pair) {
			for range 3 {
				alone(func() {
					ga := lock(a)
					gb := lock(b)
					ga.Unlock()
					gc := lock(c)
					gb.Unlock()
					gc.Unlock()
				})
			}
		},
		"hand over hand, around a ring, by one": func(_, a, b, c *pair) {
			alone(func() {
				g := lock(a)
				for _, p := range []*pair{b, c, a, b, c} {
					next := lock(p)
					g.Unlock()
					g = next
				}
				g.Unlock()
			})
		},
		"released before the next": func(_, a, b, c *pair) {
			alone(
				func() { lock(a).Unlock(); lock(b).Unlock() },
				func() { lock(b).Unlock(); lock(a).Unlock() },
			)
		},
		"closures in closures": func(_, a, b, c *pair) {
			for range 2 {
				alone(func() {
					a.mutex.With(func(*int) {
						b.rw.RWith(func(*int) {
							c.mutex.WithErr(func(*int) error { return nil })
							c.mutex.Load()
						})
						b.rw.Store(1)
					})
					c.mutex.Swap(1)
				})
			}
		},
		"the lock is given up by Await": func(_, a, b, c *pair) {
			alone(takes(mutexes, a, b))
			alone(func() {
				g := lock(b)
				g.Await(context.Background(), func(*int) bool { return true })
				g.Unlock()
				lock(a).Unlock()
			})
		},
		"refused by poison": func(_, a, b, c *pair) {
			panics(func() { a.mutex.With(func(*int) { panic("poison") }) })
			alone(
				func() { a.mutex.Lock(); lock(b).Unlock() },
				func() { defer lock(b).Unlock(); a.mutex.Lock() },
			)
		},
		"a lock and itself, one after the other": func(_, a, b, c *pair) {
			alone(func() { lock(a).Unlock(); lock(a).Unlock() }, func() { lock(a).Unlock() })
		},
		"a reader twice": func(_, a, b, c *pair) {
			alone(takes(reads, a, a), takes(reads, a, a))
		},
		"a writer that becomes a reader": func(_, a, b, c *pair) {
			// Then it holds a for reading, as those do that take a and b the other way.
			alone(
				func() { r := a.rw.MustLock().Downgrade(); b.rw.MustRLock().Unlock(); r.Unlock() },
				func() { defer b.rw.MustRLock().Unlock(); a.rw.MustRLock().Unlock() },
			)
		},
		"Format does not wait": func(_, a, b, c *pair) {
			alone(takes(mutexes, a, b), func() { defer lock(b).Unlock(); _ = fmt.Sprint(&a.mutex) })
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := record(t)
			run(new(pair), new(pair), new(pair), new(pair))
			r.requireNone(t)
		})
	}
}

// What looks like a safe pattern, and is none.
func TestUnsafeOrders(t *testing.T) {
	for name, run := range map[string]func(gate, a, b, c *pair){
		"a gate around one only": func(gate, a, b, c *pair) {
			alone(takes(mutexes, gate, a, b), takes(mutexes, b, a))
		},
		"a gate, and once more without": func(gate, a, b, c *pair) {
			alone(takes(mutexes, gate, a, b), takes(mutexes, gate, b, a), takes(mutexes, b, a))
		},
		"two gates": func(gate, a, b, c *pair) {
			alone(takes(mutexes, gate, a, b), takes(mutexes, c, b, a))
		},
		"a gate that both read": func(gate, a, b, c *pair) {
			alone(
				func() { defer byRLock.must(gate).Unlock(); nested(mutexes, a, b) },
				func() { defer byRLock.must(gate).Unlock(); nested(mutexes, b, a) },
			)
		},
		"a gate taken too late": func(gate, a, b, c *pair) {
			alone(takes(mutexes, a, gate, b), takes(mutexes, b, a))
		},
		"readers, and a writer at each": func(_, a, b, c *pair) {
			alone(takes([]way{byRLock, byRWLock}, a, b), takes([]way{byRLock, byRWLock}, b, a))
		},
		"readers at first": func(_, a, b, c *pair) {
			alone(takes(reads, a, b), takes(reads, b, a))
			alone(takes([]way{byRLock, byRWLock}, a, b), takes([]way{byRLock, byRWLock}, b, a))
		},
		"one goroutine in both orders, then another": func(_, a, b, c *pair) {
			alone(func() { nested(mutexes, a, b); nested(mutexes, b, a) }, takes(mutexes, a, b))
		},
		"several in one order, one of them in the other": func(_, a, b, c *pair) {
			alone(takes(mutexes, a, b), func() { nested(mutexes, a, b); nested(mutexes, b, a) })
		},
		"two that did both": func(_, a, b, c *pair) {
			both := func() { nested(mutexes, a, b); nested(mutexes, b, a) }
			alone(both, both)
		},
		"in closures": func(_, a, b, c *pair) {
			alone(
				func() { a.mutex.With(func(*int) { b.mutex.With(func(*int) {}) }) },
				func() { b.mutex.With(func(*int) { a.mutex.With(func(*int) {}) }) },
			)
		},
		"a writer that becomes a reader": func(_, a, b, c *pair) {
			alone(
				func() { r := a.rw.MustLock().Downgrade(); b.rw.MustLock().Unlock(); r.Unlock() },
				func() { defer b.rw.MustLock().Unlock(); a.rw.MustLock().Unlock() },
			)
		},
		"the lock is taken again by Await": func(_, a, b, c *pair) {
			alone(takes(mutexes, a, b), func() {
				g := b.mutex.MustLock()
				defer g.Unlock()
				turn := 0
				go b.mutex.With(func(*int) {}) // a release, for the condition to be looked at again
				g.Await(context.Background(), func(*int) bool { turn++; return turn == 2 })
				a.mutex.MustLock().Unlock()
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := record(t)
			run(new(pair), new(pair), new(pair), new(pair))
			requireCycle(t, 2, 2, 2, r.requireOne(t, owndebug.PotentialDeadlock))
		})
	}
}

// The runtime gives the g of a goroutine that has ended to the next one. It is not the
// same goroutine.
func TestOrderOfGoroutinesThatReuseAG(t *testing.T) {
	for range 20 {
		r := record(t)
		a, b := new(pair), new(pair)
		g := make([]uintptr, 2)
		alone(
			func() { g[0] = goroutine.Address(); nested(mutexes, a, b) },
			func() { g[1] = goroutine.Address(); nested(mutexes, b, a) },
		)
		requireCycle(t, 2, 2, 2, r.requireOne(t, owndebug.PotentialDeadlock))
		if g[0] == g[1] {
			return
		}
	}
	t.Skip("no g was used again")
}

// Of a pool, anybody may take any order. That the first to come took them all says nothing
// of the others.
func TestOrderInAPool(t *testing.T) {
	for n := 2; n <= 6; n++ {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			r := record(t)
			fs := around(mutexes, pairs(n))
			every := func() {
				for _, f := range fs {
					f()
				}
			}
			// They exist at the same time, so that each has a g of its own.
			var done sync.WaitGroup
			var turn own.Mutex[int]
			for i := range n {
				done.Go(func() {
					if g, err := turn.LockWhen(context.Background(), func(v *int) bool { return *v == i }); err == nil {
						g.Unlock()
					}
					every()
					turn.With(func(v *int) { *v++ })
				})
			}
			done.Wait()
			requireCycle(t, n, n, n, r.requireOne(t, owndebug.PotentialDeadlock))
		})
	}
}

// The order of a phase that is over goes with its locks.
func TestOrderOfLocksThatDied(t *testing.T) {
	r := record(t)
	a, c := new(pair), new(pair)
	for range 3 {
		b := new(pair)
		alone(takes(mutexes, a, b), takes(mutexes, b, c))
		id := idOf(b)
		untilCollected(t, func() bool { return !inOrder(id) })
		alone(takes(mutexes, c, new(pair)), takes(mutexes, new(pair), a))
	}
	alone(takes(mutexes, c, a)) // and no edge through one that died leads anywhere
	r.requireNone(t)
	runtime.KeepAlive(a)
}

// A lock that lasts is part of many cycles, of locks that came and went. They are one finding;
// the edges of each are known to be reported, and nothing else is kept of those that are gone.
func TestCyclesThatComeAndGo(t *testing.T) {
	r := record(t)
	long := new(pair)
	var short *pair
	for i := range 100 {
		short = new(pair)
		alone(takes(mutexes, long, short), takes(mutexes, short, long))
		require.Equal(t, i+1, r.next().Times-r.all[0].Times+1)
	}
	id := idOf(short)
	edges := 0
	for _, e := range track.Look().Order {
		if e.From.ID == id || e.To.ID == id {
			require.True(t, e.Reported)
			edges++
		}
	}
	require.Equal(t, 2, edges)
	runtime.KeepAlive(short)
}

// idOf returns the number by which the mutex of p is known.
func idOf(p *pair) uint64 {
	defer p.mutex.MustLock().Unlock()
	held := track.Look().Held
	return held[len(held)-1].Lock.ID // the latest
}

// inOrder reports whether the lock with the given number is part of the graph.
func inOrder(id uint64) bool {
	return slices.ContainsFunc(track.Look().Order, func(b track.Before) bool { return b.From.ID == id || b.To.ID == id })
}

// A lock that lasts, among many that do not.
func TestOrderOfManyLocksUnderOne(t *testing.T) {
	r := record(t)
	long := new(pair)
	alone(func() {
		for range 5000 {
			nested(mutexes, long, new(pair))
			nested(mutexes, new(pair), long)
		}
	})
	short := new(pair)
	alone(takes(mutexes, long, short), takes(mutexes, short, long))
	requireCycle(t, 2, 2, 2, r.requireOne(t, owndebug.PotentialDeadlock))
}

// Several close the same cycle at the same time.
func TestOrderIsReportedOnceByMany(t *testing.T) {
	r := record(t)
	for range 50 {
		a, b := new(pair), new(pair)
		alone(takes(mutexes, b, a))
		var done sync.WaitGroup
		for range 8 {
			done.Go(takes(mutexes, a, b))
		}
		done.Wait()
		requireCycle(t, 2, 2, 2, r.requireOne(t, owndebug.PotentialDeadlock))
	}
}

// As many philosophers as there are forks.
func TestLongCycles(t *testing.T) {
	for _, n := range []int{12, 13, 32, 64} {
		r := record(t)
		alone(around(mutexes, pairs(n))...)
		requireCycle(t, n, n, n, r.requireOne(t, owndebug.PotentialDeadlock))
	}
}

// A goroutine takes both orders some times, and the next, at its address, takes one of them:
// it is another all the same.
func TestOrderOfTheNextGoroutineAtOnce(t *testing.T) {
	for n := 1; n <= 10; n++ {
		r := record(t)
		a, b := new(pair), new(pair)
		both := func() {
			for range n {
				nested(mutexes, a, b)
				nested(mutexes, b, a)
			}
		}
		alone(both, func() { nested(mutexes, b, a) })
		requireCycle(t, 2, 2, 2, r.requireOne(t, owndebug.PotentialDeadlock))
	}
}

// Who locks many at once, in order, pays for that with neither cubic time nor memory.
func TestManyHeld(t *testing.T) {
	r := record(t)
	l := pairs(1000)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	alone(func() { nested(mutexes, l...) })
	runtime.ReadMemStats(&after)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(400<<20))
	r.requireNone(t)
	alone(takes(mutexes, l[999], l[998]))
	requireCycle(t, 2, 2, 2, r.requireOne(t, owndebug.PotentialDeadlock))
	runtime.KeepAlive(l)
}
