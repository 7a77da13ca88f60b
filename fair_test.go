package own_test

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/go-own/own"
)

// Tests of who gets a Mutex that many want. Where a test is about somebody that
// must get in, it ends only if they do.

// onFewProcessors runs test with as many processors as there are, and with one,
// where who runs next is for the scheduler to say.
func onFewProcessors(t *testing.T, test func(t *testing.T)) {
	t.Run("all processors", test)
	t.Run("one processor", func(t *testing.T) {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
		test(t)
	})
}

// hammer runs f in a loop on several goroutines until the function that it
// returns is called.
func hammer(goroutines int, f func()) (stop func()) {
	var stopped atomic.Bool
	var wg sync.WaitGroup
	for range goroutines {
		wg.Go(func() {
			for !stopped.Load() {
				f()
			}
		})
	}
	return func() { stopped.Store(true); wg.Wait() }
}

// Waiters get in while others do nothing but lock.
func TestWaitersAreNotStarved(t *testing.T) {
	onFewProcessors(t, func(t *testing.T) {
		m := own.NewMutex(0)
		stop := hammer(8, func() { m.With(func(v *int) { *v++ }) })
		defer stop()
		for range 500 {
			g, err := m.LockContext(t.Context())
			require.NoError(t, err)
			want := *g.Value() + 1
			require.NoError(t, g.Await(t.Context(), atLeast(want)))
			g.Unlock()
			g, err = m.LockWhen(t.Context(), atLeast(want+1))
			require.NoError(t, err)
			g.Unlock()
		}
	})
}

// One behind many whose conditions do not hold gets in, too, while others do
// nothing but change the value: a round of turns is not begun anew before it has
// come to the end.
func TestLastWaiterIsNotStarved(t *testing.T) {
	onFewProcessors(t, func(t *testing.T) {
		m := own.NewMutex(0)
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for range 300 {
			wg.Go(func() { m.LockWhen(ctx, func(*int) bool { return false }) })
		}
		for m.Waiting() < 300 {
			runtime.Gosched()
		}
		stop := hammer(8, func() { m.With(func(v *int) { *v++ }) })
		for range 20 {
			g, err := m.LockWhen(t.Context(), always)
			require.NoError(t, err)
			g.Unlock()
		}
		stop()
		cancel()
		wg.Wait()
		require.Zero(t, m.Waiting())
	})
}

// A waiter that is alone is passed by no more sections than the lock has patience, and
// one that is quicker when it is out of it.
func TestWaitersArePassedByFew(t *testing.T) {
	onFewProcessors(t, func(t *testing.T) {
		m := own.NewMutex(0)
		most := 0 // protected by m
		stop := hammer(8, func() {
			m.With(func(passed *int) {
				if m.Waiting() > 0 {
					*passed++
					most = max(most, *passed)
				}
			})
		})
		for range 500 {
			g, err := m.LockContext(t.Context())
			require.NoError(t, err)
			*g.Value() = 0
			g.Unlock()
		}
		stop()
		require.LessOrEqual(t, most, own.Patience+1)
	})
}

// Plain Locks get in while others do nothing but wait, with and without a
// condition.
func TestLocksAreNotStarved(t *testing.T) {
	onFewProcessors(t, func(t *testing.T) {
		m := own.NewMutex(0)
		started := make(chan struct{}, 8)
		stop := hammer(8, func() {
			g, err := m.LockContext(context.Background())
			if err == nil {
				err = g.Await(context.Background(), always)
			}
			if err != nil {
				panic(err)
			}
			select {
			case started <- struct{}{}:
			default:
			}
			g.Unlock()
		})
		defer stop()
		for range cap(started) {
			<-started
		}
		for range 200 {
			m.MustLock().Unlock()
		}
	})
}

// Those that wait, get an error and come back do not pass the lock to each other
// for ever, while somebody wants to repair what the error is about.
func TestRepairIsNotStarved(t *testing.T) {
	onFewProcessors(t, func(t *testing.T) {
		for range 2 {
			m := own.NewMutex(0)
			g := m.MustLock()
			var refused atomic.Int64
			stop := hammer(64, func() {
				g, err := m.LockContext(context.Background())
				if err != nil {
					refused.Add(1)
					return
				}
				g.Unlock()
			})
			for m.Waiting() < 64 {
				runtime.Gosched()
			}
			func() {
				defer func() { _ = recover() }()
				defer g.Unlock()
				panic("boom")
			}()
			for refused.Load() < 100 {
				runtime.Gosched() // they pass it to each other now
			}
			require.NoError(t, m.Repair(func(*int, *own.PoisonError) error { return nil }))
			require.NoError(t, m.Store(1))
			stop()
		}
	})
}

// Nor do those whose conditions do not hold, and who come back with another one.
// The last of them has its turn all the same.
func TestLocksAreNotStarvedByConditions(t *testing.T) {
	onFewProcessors(t, func(t *testing.T) {
		m := own.NewMutex(0)
		never := func(*int) bool { return false }
		stop := hammer(64, func() {
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Microsecond)
			defer cancel()
			m.LockWhen(ctx, never)
		})
		defer stop()
		for i := range 20 {
			require.NoError(t, m.Store(i))
			g, err := m.LockWhen(t.Context(), atLeast(i))
			require.NoError(t, err)
			g.Unlock()
		}
	})
}

// The lock is left to others when waiters have had it for a time slice, and not
// before. The clock is that of the bubble.
func TestSliceOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := own.NewMutex(0)
		look := func() (over bool) { // the clock is looked at once in 16 releases
			for range 15 {
				require.False(t, m.SliceOver())
			}
			return m.SliceOver()
		}
		for range 3 {
			require.False(t, look(), "the slice begins here")
			time.Sleep(10*time.Millisecond - 1)
			require.False(t, look(), "it is not over yet")
			time.Sleep(1)
			require.True(t, look())
		}
	})
}

// When the slice is over, one that is ready on the same processor gets to run
// before the lock goes to the next waiter, and finds it free. Without that, the
// waiter would always be the first. The scheduler passes over the queue of a
// processor once in 61 times, hence the rounds.
func TestWaitersLetOthersRun(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	got := 0
	for range 20 {
		m := own.NewMutex(0)
		g := m.MustLock()
		var wg sync.WaitGroup
		goOn := make(chan struct{})
		wg.Go(func() {
			g, _ := m.LockContext(context.Background())
			<-goOn
			g.Unlock()
		})
		for m.Waiting() == 0 {
			runtime.Gosched()
		}
		m.EndSlice()
		wg.Go(func() {
			if g, err := m.TryLock(); err == nil {
				got++
				g.Unlock()
			}
			close(goOn)
		})
		g.Unlock()
		wg.Wait()
	}
	require.NotZero(t, got, "the one that was ready never got in")
}
