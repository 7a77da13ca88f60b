package own_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-own/own"
	"github.com/go-own/own/rc"
)

// compare measures two ways to do the same work against each other: both run in
// turns of n operations, in one process, many times, and the median of the
// ratios is reported. A machine that is busy or changes its clock in between
// hits both sides alike, which two separate benchmarks do not survive.
//
//	go test -run '^$' -bench Ratio -cpu 1
func compare(b *testing.B, base, ours func(n int)) {
	const n = 5000
	lap := func(f func(int)) float64 {
		start := time.Now()
		f(n)
		return float64(time.Since(start).Nanoseconds()) / n
	}
	base(n)
	ours(n)
	var bases, ourss, ratios []float64
	for b.Loop() {
		x, y := lap(base), lap(ours)
		bases, ourss, ratios = append(bases, x), append(ourss, y), append(ratios, y/x)
	}
	b.ReportMetric(median(ratios), "ratio")
	b.ReportMetric(median(bases), "base-ns")
	b.ReportMetric(median(ourss), "own-ns")
	b.ReportMetric(0, "ns/op") // of a whole turn: says nothing
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}

// The two sides of a comparison are functions that are not inlined, as the
// methods of a service that lock are not.

type plain struct {
	mu sync.Mutex
	n  int
}

//go:noinline
func plainDefer(p *plain) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.n++
}

// plainCalling is plainDefer with a Lock that the compiler does not inline.
//
//go:noinline
func plainCalling(p *plain) {
	lockCalled(&p.mu)
	defer p.mu.Unlock()
	p.n++
}

//go:noinline
func lockCalled(mu *sync.Mutex) { mu.Lock() }

//go:noinline
func guardDirect(m *own.Mutex[int]) {
	g := m.MustLock()
	*g.Value()++
	g.Unlock()
}

//go:noinline
func guardDefer(m *own.Mutex[int]) {
	g := m.MustLock()
	defer g.Unlock()
	*g.Value()++
}

//go:noinline
func guardChecked(m *own.Mutex[int]) {
	g, err := m.Lock()
	if err != nil {
		panic(err)
	}
	defer g.Unlock()
	*g.Value()++
}

//go:noinline
func with(m *own.Mutex[int]) {
	if err := m.With(func(v *int) { *v++ }); err != nil {
		panic(err)
	}
}

func times[T any](x *T, f func(*T)) func(int) {
	return func(n int) {
		for range n {
			f(x)
		}
	}
}

func BenchmarkRatioMutex(b *testing.B) {
	base := times(new(plain), plainDefer)
	b.Run("LockCalled", func(b *testing.B) { compare(b, base, times(new(plain), plainCalling)) })
	m := new(own.Mutex[int])
	for _, bench := range []struct {
		name string
		f    func(*own.Mutex[int])
	}{
		{"With", with},
		{"GuardDirect", guardDirect},
		{"GuardDefer", guardDefer},
		{"GuardCheckedDefer", guardChecked},
	} {
		b.Run(bench.name, func(b *testing.B) { compare(b, base, times(m, bench.f)) })
	}
}

// Contended: goroutines that do nothing but lock. The section is empty but for
// an increment, or takes about 200 ns.
func BenchmarkRatioContended(b *testing.B) {
	p, m := new(plain), new(own.Mutex[int])
	for _, section := range []struct {
		name string
		work func()
	}{
		{"Empty", func() {}},
		{"200ns", spinner(200 * time.Nanosecond)},
	} {
		for _, goroutines := range []int{2, 10, 100} {
			b.Run(fmt.Sprintf("%s/%d", section.name, goroutines), func(b *testing.B) {
				compare(b,
					together(goroutines, func() {
						p.mu.Lock()
						defer p.mu.Unlock()
						p.n++
						section.work()
					}),
					together(goroutines, func() {
						m.With(func(v *int) { *v++; section.work() })
					}))
			})
		}
	}
}

// together returns a function that does f n times, shared among goroutines.
func together(goroutines int, f func()) func(n int) {
	return func(n int) {
		var wg sync.WaitGroup
		for range goroutines {
			wg.Go(func() {
				for range n / goroutines {
					f()
				}
			})
		}
		wg.Wait()
	}
}

// spinner returns a function that keeps a processor busy for about d.
func spinner(d time.Duration) func() {
	spin := func(n int) {
		x := spinSink
		for range n {
			x = x*5 + 1 // each step has to wait for the last
		}
		spinSink = x
	}
	const n = 100_000
	fastest := time.Duration(1<<63 - 1) // the first ones are measured before the clock of the processor is up
	for range 50 {
		start := time.Now()
		spin(n)
		fastest = min(fastest, time.Since(start))
	}
	turns := int(n * d / fastest)
	return func() { spin(turns) }
}

var spinSink int

// A lock that can be given up, free, against the usual way to have one: a channel
// with one slot. The bench module compares it with x/sync's semaphore as well.
func BenchmarkRatioLockContext(b *testing.B) {
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	p := &slot{c: make(chan struct{}, 1)}
	b.Run("Channel", func(b *testing.B) {
		compare(b,
			times(p, func(p *slot) { p.add(ctx) }),
			times(new(own.Mutex[int]), func(m *own.Mutex[int]) { guardContext(ctx, m) }))
	})
}

type slot struct {
	c chan struct{}
	n int
}

//go:noinline
func (p *slot) add(ctx context.Context) error {
	select {
	case p.c <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { <-p.c }()
	p.n++
	return nil
}

//go:noinline
func guardContext(ctx context.Context, m *own.Mutex[int]) error {
	g, err := m.LockContext(ctx)
	if err != nil {
		return err
	}
	defer g.Unlock()
	*g.Value()++
	return nil
}

// Waiting for a condition: two goroutines that take turns, against sync.Cond; and
// a lock that nobody but its holder wants, with a condition waiting beside it,
// which each release has looked at, against one with nobody waiting.
func BenchmarkRatioCondition(b *testing.B) {
	b.Run("Turns", func(b *testing.B) {
		turn := func(me int) func(*int) bool { return func(v *int) bool { return *v%2 == me } }
		var mu sync.Mutex
		cond, n := sync.NewCond(&mu), 0
		m := own.NewMutex(0)
		compare(b,
			both(func(me, rounds int) {
				mu.Lock()
				defer mu.Unlock()
				for range rounds {
					for n%2 != me {
						cond.Wait()
					}
					n++
					cond.Signal()
				}
			}),
			both(func(me, rounds int) {
				g := m.MustLock()
				defer g.Unlock()
				for range rounds {
					if g.Await(context.Background(), turn(me)) != nil {
						return
					}
					*g.Value()++
				}
			}))
	})
	for _, conditions := range []int{1, 10, 100} {
		b.Run(fmt.Sprint("Waiting/", conditions), func(b *testing.B) {
			ctx, cancel := context.WithCancel(b.Context())
			idle, busy := new(own.Mutex[int]), new(own.Mutex[int])
			var wg sync.WaitGroup
			for range conditions {
				wg.Go(func() { busy.LockWhen(ctx, func(v *int) bool { return *v < 0 }) })
			}
			for busy.Waiting() < conditions {
				runtime.Gosched()
			}
			compare(b, times(idle, with), times(busy, with))
			cancel()
			wg.Wait()
		})
	}
}

// both returns a function that does f n times in all, on two goroutines.
func both(f func(me, rounds int)) func(n int) {
	return func(n int) {
		var wg sync.WaitGroup
		for me := range 2 {
			wg.Go(func() { f(me, n/2) })
		}
		wg.Wait()
	}
}

type plainRW struct {
	mu sync.RWMutex
	n  int
}

//go:noinline
func plainRead(p *plainRW) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	_ = p.n
}

//go:noinline
func plainWrite(p *plainRW) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.n++
}

//go:noinline
func guardRead(m *own.RWMutex[int]) {
	g := m.MustRLock()
	defer g.Unlock()
	_ = *g.Value()
}

//go:noinline
func guardWrite(m *own.RWMutex[int]) {
	g := m.MustLock()
	defer g.Unlock()
	*g.Value()++
}

func BenchmarkRatioRWMutex(b *testing.B) {
	p, m := new(plainRW), new(own.RWMutex[int])
	b.Run("ReadDefer", func(b *testing.B) {
		compare(b, times(p, plainRead), times(m, guardRead))
	})
	b.Run("WriteDefer", func(b *testing.B) {
		compare(b, times(p, plainWrite), times(m, guardWrite))
	})
}

// The least that a shared owner can cost is an atomic add to make it and one to
// drop it. An upgrade must look before it adds: its least is a load and a
// compare-and-swap.
func BenchmarkRatioArc(b *testing.B) {
	var count atomic.Int64
	adds := func(n int) {
		for range n {
			count.Add(1)
			count.Add(-1)
		}
	}
	a := own.NewArc(1)
	w := a.Downgrade()
	var cell own.AtomicArc[int]
	cell.Store(a.Clone())

	b.Run("CloneDrop", func(b *testing.B) {
		compare(b, adds, func(n int) {
			for range n {
				c := a.Clone()
				c.Drop()
			}
		})
	})
	b.Run("UpgradeDrop", func(b *testing.B) {
		compare(b, adds, func(n int) {
			for range n {
				c, _ := w.Upgrade()
				c.Drop()
			}
		})
	})
	b.Run("UpgradeDropFloor", func(b *testing.B) {
		compare(b, adds, func(n int) {
			for range n {
				for {
					v := count.Load()
					if v >= 0 && count.CompareAndSwap(v, v+1) {
						break
					}
				}
				count.Add(-1)
			}
		})
	})
	b.Run("AtomicArcLoadDrop", func(b *testing.B) {
		h := &handWritten{current: &counted{}}
		compare(b,
			func(n int) {
				for range n {
					h.load().release()
				}
			},
			func(n int) {
				for range n {
					c := cell.Load()
					c.Drop()
				}
			})
	})
}

// What plain integers save: the base is an Arc on one goroutine.
func BenchmarkRatioRc(b *testing.B) {
	a, r := own.NewArc(1), rc.New(1)
	defer a.Drop()
	defer r.Drop()
	aw, rw := a.Downgrade(), r.Downgrade()
	defer aw.Drop()
	defer rw.Drop()

	b.Run("CloneDrop", func(b *testing.B) {
		compare(b,
			func(n int) {
				for range n {
					c := a.Clone()
					c.Drop()
				}
			},
			func(n int) {
				for range n {
					c := r.Clone()
					c.Drop()
				}
			})
	})
	b.Run("UpgradeDrop", func(b *testing.B) {
		compare(b,
			func(n int) {
				for range n {
					c, _ := aw.Upgrade()
					c.Drop()
				}
			},
			func(n int) {
				for range n {
					c, _ := rw.Upgrade()
					c.Drop()
				}
			})
	})
}

// handWritten is what services write in place of an AtomicArc: a pointer and a
// count, with a lock so that nobody counts what has just been dropped.
type handWritten struct {
	mu      sync.RWMutex
	current *counted
}

type counted struct{ refs atomic.Int32 }

//go:noinline
func (h *handWritten) load() *counted {
	h.mu.RLock()
	defer h.mu.RUnlock()
	h.current.refs.Add(1)
	return h.current
}

//go:noinline
func (c *counted) release() { c.refs.Add(-1) }

// A handle that is stored costs one allocation.
func BenchmarkArcStored(b *testing.B) {
	a := own.NewArc(1)
	handles := make([]*own.Arc[int], 1)
	b.ReportAllocs()
	for b.Loop() {
		handles[0] = a.Clone()
		handles[0].Drop()
	}
}
