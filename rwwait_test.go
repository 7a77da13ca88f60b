package own_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/go-own/own"
)

// Tests of waiting for an RWMutex: contexts, who goes first, nobody starves.

// An ended context gets nothing, not even a free lock, and does not look at
// poison.
func TestRWMutexContextEnded(t *testing.T) {
	m := own.NewRWMutex(0)
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errClosing)
	check := func() {
		for _, lock := range []rwLock{byLockContext, byRLockContext} {
			g, err := lock(ctx, &m)
			require.Nil(t, g)
			require.ErrorIs(t, err, context.Canceled)
			require.ErrorIs(t, err, errClosing)
			require.NotErrorIs(t, err, own.ErrPoisoned)
		}
	}
	check()
	requireHealthy(t, &m)
	r := m.MustRLock()
	check()
	r.Unlock()
	poison(&m, "boom")
	check()
	requirePoisoned(t, &m, "boom")
}

// rwBlocked are the situations in which one waits with a context.
var rwBlocked = []struct {
	name string
	hold func(m *rwMutex) rwGuard
	lock rwLock
}{
	{"reader behind writer", func(m *rwMutex) rwGuard { return m.MustLock() }, byRLockContext},
	{"writer behind reader", func(m *rwMutex) rwGuard { return m.MustRLock() }, byLockContext},
	{"writer behind writer", func(m *rwMutex) rwGuard { return m.MustLock() }, byLockContext},
}

// A wait that is cancelled is over at once, though the lock is still held, and
// says why.
func TestRWMutexCancelled(t *testing.T) {
	for _, b := range rwBlocked {
		for _, c := range contexts {
			t.Run(b.name+"/"+c.name, func(t *testing.T) {
				rwBubble(t, func(t *testing.T, m *rwMutex) {
					g := b.hold(m)
					ctx, end := c.make()
					w := rwWait(t, ctx, m, b.lock)
					time.Sleep(time.Hour) // of the bubble
					end()
					err := requireRefused(t, w)
					for _, want := range append(c.match[:len(c.match):len(c.match)], ctx.Err(), context.Cause(ctx)) {
						require.ErrorIs(t, err, want)
					}
					require.Equal(t, c.text, err.Error())
					require.Zero(t, m.Waiting())
					_, err = m.TryLock()
					require.Equal(t, own.ErrWouldBlock, err, "the holder has lost the lock")
					g.Unlock()
				})
			})
		}
	}
}

// A context that is done and has no error breaks its contract. An error must come
// of it all the same, or the caller would believe that it holds the lock.
func TestRWMutexStrangeContext(t *testing.T) {
	for _, b := range rwBlocked {
		rwBubble(t, func(t *testing.T, m *rwMutex) {
			ctx, cancel := context.WithCancel(t.Context())
			g := b.hold(m)
			w := rwWait(t, strange{ctx}, m, b.lock)
			cancel()
			require.Equal(t, context.Canceled, requireRefused(t, w), b.name)
			g.Unlock()
		})
	}
}

// A writer that waits with a context holds back new readers, and gets in when the
// last old one leaves. Then they get in.
func TestRWMutexWriterHoldsBackReaders(t *testing.T) {
	rwBubble(t, func(t *testing.T, m *rwMutex) {
		first, last := m.MustRLock(), m.MustRLock()
		w := rwWait(t, t.Context(), m, byLockContext)
		_, err := m.TryRLock()
		require.Equal(t, own.ErrWouldBlock, err)
		_, err = m.TryLock()
		require.Equal(t, own.ErrWouldBlock, err)
		var readers []<-chan outcome[rwGuard]
		for _, lock := range []rwLock{byRLock, byMustRLock, byRLockIgnorePoison, byRLockContext} {
			readers = append(readers, rwWait(t, t.Context(), m, lock))
		}
		require.Equal(t, 5, m.Waiting())

		first.Unlock()
		requireWaiting(t, append(readers, w)...)
		last.Unlock()
		g := requireLocked(t, w)
		*g.Value() = 1
		requireWaiting(t, readers...)
		g.Unlock()
		for _, c := range readers {
			g := requireLocked(t, c)
			require.Equal(t, 1, *g.Value())
			defer g.Unlock()
		}
	})
}

// One that gave up keeps nobody out: the readers that it held back get in at once,
// while the old one still reads.
func TestRWMutexWriterGivesUp(t *testing.T) {
	rwBubble(t, func(t *testing.T, m *rwMutex) {
		old := m.MustRLock()
		ctx, cancel := context.WithCancel(t.Context())
		w := rwWait(t, ctx, m, byLockContext)
		plain := rwWait(t, t.Context(), m, byRLock)
		withCtx := rwWait(t, t.Context(), m, byRLockContext)
		cancel()
		require.Equal(t, context.Canceled, requireRefused(t, w))
		a, b := requireLocked(t, plain), requireLocked(t, withCtx)
		require.Zero(t, m.Waiting())
		c, err := m.TryRLock()
		require.NoError(t, err)
		for _, g := range []rwGuard{a, b, c, old} {
			_, err := m.TryLock()
			require.Equal(t, own.ErrWouldBlock, err, "somebody still reads")
			g.Unlock()
		}
	})
}

// When a writer gives up, the next takes its place, after the readers that the
// first one held back.
func TestRWMutexWriterGivesUpBeforeNext(t *testing.T) {
	rwBubble(t, func(t *testing.T, m *rwMutex) {
		old := m.MustRLock()
		ctx, cancel := context.WithCancel(t.Context())
		first := rwWait(t, ctx, m, byLockContext)
		next := rwWait(t, t.Context(), m, byLockContext)
		r := rwWait(t, t.Context(), m, byRLock)
		cancel()
		requireRefused(t, first)
		g := requireLocked(t, r)
		late := rwWait(t, t.Context(), m, byRLock)
		old.Unlock()
		requireWaiting(t, next, late)
		g.Unlock()
		w := requireLocked(t, next)
		requireWaiting(t, late)
		w.Unlock()
		requireLocked(t, late).Unlock()
	})
}

// The next may be a plain Lock.
func TestRWMutexWriterGivesUpBeforeLock(t *testing.T) {
	m := own.NewRWMutex(0)
	for range 50 {
		old := m.MustRLock()
		ctx, cancel := context.WithCancel(t.Context())
		first := rwStart(ctx, &m, byLockContext)
		rwUntil(&m, 1)
		next := rwStart(ctx, &m, byLock)
		cancel()
		require.Equal(t, context.Canceled, (<-first).err)
		rwUntilWriter(&m) // next, at the latest now
		require.Empty(t, next)
		old.Unlock()
		(<-next).Unlock()
		requireHealthy(t, &m)
	}
}

// A writer that waits in plain Lock holds back readers as well, also those with a
// context, which can give up.
func TestRWMutexLockHoldsBackReaders(t *testing.T) {
	m := own.NewRWMutex(0)
	old := m.MustRLock()
	w := rwStart(t.Context(), &m, byLock)
	rwUntilWriter(&m)
	ctx, cancel := context.WithCancel(t.Context())
	impatient := rwStart(ctx, &m, byRLockContext)
	patient := rwStart(t.Context(), &m, byRLockContext)
	rwUntil(&m, 2)
	plain := rwStart(t.Context(), &m, byRLock)
	rwUntil(&m, 3)
	cancel()
	require.Equal(t, context.Canceled, (<-impatient).err)
	require.Empty(t, w)
	old.Unlock()
	g := <-w
	require.Empty(t, patient)
	require.Empty(t, plain)
	g.Unlock()
	(<-patient).Unlock()
	(<-plain).Unlock()
	requireHealthy(t, &m)
}

// A reader that gives up goes alone.
func TestRWMutexReaderGivesUp(t *testing.T) {
	rwBubble(t, func(t *testing.T, m *rwMutex) {
		w := m.MustLock()
		ctx, cancel := context.WithCancel(t.Context())
		before := rwWait(t, t.Context(), m, byRLockContext)
		impatient := rwWait(t, ctx, m, byRLockContext)
		after := rwWait(t, t.Context(), m, byRLock)
		cancel()
		require.Equal(t, context.Canceled, requireRefused(t, impatient))
		requireWaiting(t, before, after)
		w.Unlock()
		requireLocked(t, before).Unlock()
		requireLocked(t, after).Unlock()
	})
}

// A writer that releases lets in the readers that wait, before the next writer,
// though that one was there first.
func TestRWMutexReadersBeforeNextWriter(t *testing.T) {
	rwBubble(t, func(t *testing.T, m *rwMutex) {
		w := m.MustLock()
		next := rwWait(t, t.Context(), m, byLockContext)
		plain := rwWait(t, t.Context(), m, byRLock)
		ctx := rwWait(t, t.Context(), m, byRLockContext)
		w.Unlock()
		a, b := requireLocked(t, plain), requireLocked(t, ctx)
		requireWaiting(t, next)
		a.Unlock()
		requireWaiting(t, next)
		b.Unlock()
		requireLocked(t, next).Unlock()
	})
}

// The same with writers of plain Lock.
func TestRWMutexReadersBeforeNextLock(t *testing.T) {
	m := own.NewRWMutex(0)
	for range 50 {
		w := m.MustLock()
		r := rwStart(t.Context(), &m, byRLockContext)
		rwUntil(&m, 1)
		next := rwStart(t.Context(), &m, byLock)
		w.Unlock()
		select {
		case o := <-r:
			o.Unlock()
		case o := <-next:
			o.Unlock()
			require.Fail(t, "a writer was first")
		}
		(<-next).Unlock()
	}
	requireHealthy(t, &m)
}

// Whoever is cancelled just when it is handed the lock lets go of it. Which of
// the two it sees first is left to chance, hence the many rounds.
func TestRWMutexCancelledWhenHanded(t *testing.T) {
	for _, b := range rwBlocked {
		t.Run(b.name, func(t *testing.T) {
			rwBubble(t, func(t *testing.T, m *rwMutex) {
				for i := range 200 {
					g := b.hold(m)
					ctx, cancel := context.WithCancel(t.Context())
					first := rwWait(t, ctx, m, b.lock)
					second := rwWait(t, t.Context(), m, []rwLock{byLockContext, byRLockContext}[i/2%2])
					if i%2 == 0 {
						g.Unlock()
						cancel()
						synctest.Wait()
						o := <-first // it may have been quick enough to get it
						o.Unlock()
					} else {
						cancel()
						g.Unlock()
						require.Equal(t, context.Canceled, requireRefused(t, first))
					}
					requireLocked(t, second).Unlock()
					requireFree(t, m)
				}
			})
		})
	}
}

// The same with the two really at once, outside of a bubble, and everybody who
// waits releases by itself. The test ends only if nobody is left behind.
func TestRWMutexCancelRace(t *testing.T) {
	for _, b := range rwBlocked {
		t.Run(b.name, func(t *testing.T) {
			m := own.NewRWMutex(0)
			var strayed atomic.Int64
			for i := range 1000 {
				ctx, cancel := context.WithCancel(t.Context())
				var wg sync.WaitGroup
				held, release := make(chan struct{}), make(chan struct{})
				wg.Go(func() {
					g := b.hold(&m)
					close(held)
					<-release
					g.Unlock()
				})
				<-held
				wg.Go(func() {
					g, err := b.lock(ctx, &m)
					if err != nil && !errors.Is(err, context.Canceled) {
						strayed.Add(1)
					}
					g.Unlock()
				})
				rwUntil(&m, 1)
				for _, lock := range []rwLock{byRLock, byLockContext, byRLockContext}[i%3:] {
					wg.Go(func() {
						g, _ := lock(context.Background(), &m)
						g.Unlock()
					})
				}
				wg.Go(cancel)
				close(release)
				wg.Wait()
				requireHealthy(t, &m)
			}
			require.Zero(t, strayed.Load())
		})
	}
}

// No wake-up is lost when one comes just when the other leaves. The test ends only
// if nobody is left behind.
func TestRWMutexComesWhileReleased(t *testing.T) {
	for _, b := range rwBlocked {
		t.Run(b.name, func(t *testing.T) {
			m := own.NewRWMutex(0)
			meet(5000, func(now func()) {
				g := b.hold(&m)
				now()
				g.Unlock()
			}, func() {
				g, _ := b.lock(context.Background(), &m)
				g.Unlock()
			})
			requireHealthy(t, &m)
		})
	}
}

// Readers that overlap so that there is always one do not keep a writer out. The
// test ends only if it gets in.
func TestRWMutexReadersDoNotStarveWriters(t *testing.T) {
	for name, lock := range map[string]rwLock{"Lock": byLock, "LockContext": byLockContext} {
		t.Run(name, func(t *testing.T) {
			m := own.NewRWMutex(0)
			var stopped atomic.Bool
			var wg sync.WaitGroup
			for range 8 {
				wg.Go(func() {
					g := m.MustRLock()
					for !stopped.Load() {
						// Lets go of the one when it has the next, unless a writer
						// holds it back.
						next, err := m.TryRLock()
						g.Unlock()
						if err != nil {
							next = m.MustRLock()
						}
						g = next
						runtime.Gosched()
					}
					g.Unlock()
				})
			}
			for range 100 {
				g, err := lock(t.Context(), &m)
				require.NoError(t, err)
				g.Unlock()
			}
			stopped.Store(true)
			wg.Wait()
			requireHealthy(t, &m)
		})
	}
}

// A stream of writers keeps out neither readers nor other writers. The test ends
// only if they get in.
func TestRWMutexWritersDoNotStarve(t *testing.T) {
	for name, lock := range map[string]rwLock{
		"RLock": byRLock, "RLockContext": byRLockContext, "Lock": byLock, "LockContext": byLockContext,
	} {
		t.Run(name, func(t *testing.T) {
			m := own.NewRWMutex(0)
			use := func(g rwGuard, err error) {
				if err != nil {
					panic(err)
				}
				g.Unlock()
			}
			stop := hammer(4, func() { use(byLock(context.Background(), &m)) })
			stopContext := hammer(4, func() { use(byLockContext(context.Background(), &m)) })
			for range 100 {
				use(lock(t.Context(), &m))
			}
			stop()
			stopContext()
			requireHealthy(t, &m)
		})
	}
}

// Sixty-four goroutines in all the ways to get in, to give up and to fail: no
// increment is lost, no reader sees a writer at work, and nothing is left behind.
func TestRWMutexStress(t *testing.T) {
	const goroutines, rounds = 64, 200
	m := own.NewRWMutex(0)
	var want, broken atomic.Int64
	add := func(v *int) {
		n := *v
		*v = -1
		*v = n + 1
		want.Add(1)
	}
	write := func(g *own.WriteGuard[int], err error) {
		if err == nil {
			defer g.Unlock()
			add(g.Value())
		}
	}
	read := func(g *own.ReadGuard[int], err error) {
		if err == nil {
			defer g.Unlock()
			n := *g.Value()
			runtime.Gosched()
			if n < 0 || *g.Value() != n {
				broken.Add(1)
			}
		}
	}
	downgrade := func(g *own.WriteGuard[int], err error) {
		if err == nil {
			defer g.Unlock()
			add(g.Value())
			n := *g.Value()
			r := g.Downgrade()
			defer r.Unlock()
			if *r.Value() != n {
				broken.Add(1)
			}
		}
	}
	// as runs f in each of the ways in which a context can end.
	as := func(way, micros int, f func(ctx context.Context)) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Duration(micros)*time.Microsecond)
		defer cancel()
		switch way {
		case 0:
			ctx = context.Background()
		case 1:
			cancel()
		case 2:
			go cancel()
		}
		f(ctx)
	}
	var wg sync.WaitGroup
	for i := range goroutines {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(4, uint64(i)))
			for range rounds {
				as(r.IntN(5), r.IntN(300), func(ctx context.Context) {
					switch r.IntN(16) {
					case 0:
						write(m.Lock())
					case 1:
						write(m.TryLock())
					case 2, 3:
						write(m.LockContext(ctx))
					case 4:
						m.With(add)
					case 5:
						read(m.RLock())
					case 6:
						read(m.TryRLock())
					case 7, 8:
						read(m.RLockContext(ctx))
					case 9:
						read(m.RLockIgnorePoison(), nil)
					case 10:
						downgrade(m.Lock())
					case 11:
						downgrade(m.LockContext(ctx))
					case 12: // a writer that fails
						func() {
							defer func() { _ = recover() }()
							g := m.LockIgnorePoison()
							defer g.Unlock()
							add(g.Value())
							panic("now and then")
						}()
						m.ClearPoison()
					case 13: // the same, repaired by whoever is first
						func() {
							defer func() { _ = recover() }()
							m.MustWith(func(v *int) { add(v); panic("now and then") })
						}()
						m.Repair(func(v *int, _ *own.PoisonError) error { add(v); return nil })
					case 14:
						if n, err := m.Load(); err == nil && n < 0 {
							broken.Add(1)
						}
					case 15: // a reader that fails
						func() {
							defer func() { _ = recover() }()
							m.RWith(func(*int) { panic("now and then") })
						}()
					}
				})
			}
		})
	}
	wg.Wait()
	require.Zero(t, broken.Load(), "a reader saw the value change")
	m.ClearPoison()
	requireHealthy(t, &m)
	n, err := m.Load()
	require.NoError(t, err)
	require.EqualValues(t, want.Load(), n)
}
