package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/go-own/own"
)

// In a bubble, synctest.Wait returns when all others are blocked. A wait in
// LockWhen counts as that, so "still waiting" needs no sleep.

func TestFirstInFirstOut(t *testing.T) {
	ctx := context.Background()
	q := newQueue[int](3)
	for round := range 3 {
		for i := range 3 {
			require.NoError(t, q.Push(ctx, 10*round+i))
		}
		for i := range 3 {
			v, err := q.Pop(ctx)
			require.NoError(t, err)
			require.Equal(t, 10*round+i, v)
		}
	}
}

func TestPushWaitsWhileFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		q := newQueue[int](2)
		require.NoError(t, q.Push(ctx, 1))
		require.NoError(t, q.Push(ctx, 2))
		var pushed atomic.Int32
		for i := range 2 {
			go func() {
				if q.Push(ctx, 3+i) == nil {
					pushed.Add(1)
				}
			}()
		}
		for taken := range int32(3) {
			synctest.Wait()
			require.Equal(t, taken, pushed.Load(), "each Pop lets one in")
			_, err := q.Pop(ctx)
			require.NoError(t, err)
		}
	})
}

func TestPopWaitsWhileEmpty(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		q := newQueue[int](2)
		got := make(chan int, 1)
		go func() {
			v, _ := q.Pop(ctx)
			got <- v
		}()
		synctest.Wait()
		require.Empty(t, got)
		require.NoError(t, q.Push(ctx, 7))
		require.Equal(t, 7, <-got)
	})
}

// waiters starts a Push for each of n when q is full, and a Pop when it is empty,
// and returns their errors. It must be called in a bubble, with the queue in one
// of the two states; they all wait when it returns.
func waiters(ctx context.Context, q *queue[int], n int) <-chan error {
	items := q.state.MustLock()
	full := len(items.Value().items) > 0
	items.Unlock()
	errs := make(chan error, n)
	for i := range n {
		go func() {
			if full {
				errs <- q.Push(ctx, 100+i)
			} else {
				_, err := q.Pop(ctx)
				errs <- err
			}
		}()
	}
	synctest.Wait()
	return errs
}

// forFullAndEmpty runs f in a bubble with a queue on which a Push waits, and with
// one on which a Pop does. left is what is in it.
func forFullAndEmpty(t *testing.T, f func(t *testing.T, q *queue[int], left []int)) {
	t.Helper()
	for name, items := range map[string][]int{"push": {1, 2}, "pop": nil} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := newQueue[int](2)
				for _, v := range items {
					require.NoError(t, q.Push(context.Background(), v))
				}
				f(t, q, items)
			})
		})
	}
}

// Whoever gives up is told why, and has changed nothing.
func TestCancelWhileWaiting(t *testing.T) {
	forFullAndEmpty(t, func(t *testing.T, q *queue[int], items []int) {
		cause := errors.New("new release")
		ctx, cancel := context.WithCancelCause(context.Background())
		errs := waiters(ctx, q, 3)
		require.Empty(t, errs)
		cancel(cause)
		for range 3 {
			err := <-errs
			require.ErrorIs(t, err, cause)
			require.ErrorIs(t, err, context.Canceled)
		}
		left, err := q.Drain()
		require.NoError(t, err)
		require.Equal(t, items, left)
	})
}

// A context that has ended gets nothing, room or not. A select might.
func TestEndedContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	q := newQueue[int](2)
	require.NoError(t, q.Push(ctx, 1))
	cancel()
	for range 100 {
		require.ErrorIs(t, q.Push(ctx, 2), context.Canceled)
		_, err := q.Pop(ctx)
		require.ErrorIs(t, err, context.Canceled)
	}
	left, err := q.Drain()
	require.NoError(t, err)
	require.Equal(t, []int{1}, left)
}

func TestCloseWhileWaiting(t *testing.T) {
	forFullAndEmpty(t, func(t *testing.T, q *queue[int], items []int) {
		ctx := context.Background()
		errs := waiters(ctx, q, 3)
		require.Empty(t, errs)
		require.NoError(t, q.Close())
		for range 3 {
			require.ErrorIs(t, <-errs, errClosed)
		}
		// What was accepted before is given out.
		for _, want := range items {
			v, err := q.Pop(ctx)
			require.NoError(t, err)
			require.Equal(t, want, v)
		}
		_, err := q.Pop(ctx)
		require.ErrorIs(t, err, errClosed)
	})
}

func TestDrainWhileWaiting(t *testing.T) {
	forFullAndEmpty(t, func(t *testing.T, q *queue[int], items []int) {
		errs := waiters(context.Background(), q, 3)
		left, err := q.Drain()
		require.NoError(t, err)
		require.Equal(t, items, left)
		for range 3 {
			require.ErrorIs(t, <-errs, errClosed, "there is room, but it is closed")
		}
		left, err = q.Drain()
		require.NoError(t, err)
		require.Empty(t, left)
	})
}

func TestCloseTwice(t *testing.T) {
	ctx := context.Background()
	q := newQueue[int](2)
	require.NoError(t, q.Push(ctx, 1))
	require.NoError(t, q.Close())
	require.NoError(t, q.Close())
	require.ErrorIs(t, q.Push(ctx, 2), errClosed)
	left, err := q.Drain()
	require.NoError(t, err)
	require.Equal(t, []int{1}, left)
	require.NoError(t, q.Close())
}

func TestWithdraw(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		q := newQueue[int](4)
		for i := range 4 {
			require.NoError(t, q.Push(ctx, i))
		}
		errs := waiters(ctx, q, 1)
		even := func(v int) bool { return v%2 == 0 }
		taken, err := q.Withdraw(even)
		require.NoError(t, err)
		require.Equal(t, []int{0, 2}, taken)
		require.NoError(t, <-errs, "there is room for the one that waited")
		taken, err = q.Withdraw(func(int) bool { return false })
		require.NoError(t, err)
		require.Empty(t, taken)
		left, err := q.Drain()
		require.NoError(t, err)
		require.Equal(t, []int{1, 3, 100}, left)
	})
}

// A panic under the lock, in a closure or in a condition, is told to all: to those
// who wait, at once, and to those who come later.
func TestPoisonIsToldToAll(t *testing.T) {
	for name, panics := range map[string]func(q *queue[int]){
		"closure": func(q *queue[int]) {
			_ = q.state.With(func(*state[int]) { panic("jam") })
		},
		"condition": func(q *queue[int]) {
			_, _ = q.state.LockWhen(context.Background(), func(*state[int]) bool { panic("jam") })
		},
	} {
		t.Run(name, func(t *testing.T) {
			forFullAndEmpty(t, func(t *testing.T, q *queue[int], _ []int) {
				ctx := context.Background()
				errs := waiters(ctx, q, 3)
				require.Empty(t, errs)
				require.PanicsWithValue(t, "jam", func() { panics(q) })
				for range 3 {
					require.ErrorIs(t, <-errs, own.ErrPoisoned)
				}
				require.ErrorIs(t, q.Push(ctx, 1), own.ErrPoisoned)
				_, err := q.Pop(ctx)
				require.ErrorIs(t, err, own.ErrPoisoned)
				_, err = q.Withdraw(func(int) bool { return true })
				require.ErrorIs(t, err, own.ErrPoisoned)
				_, err = q.Drain()
				require.ErrorIs(t, err, own.ErrPoisoned)
				require.ErrorIs(t, q.Close(), own.ErrPoisoned)
			})
		})
	}
}

func TestCapacity(t *testing.T) {
	require.Panics(t, func() { newQueue[int](0) })
}

// Many push, pop and withdraw, a third of them with a context that is being ended
// at that moment, and somebody drains in the middle of it. Each item that was
// accepted comes out, once, and no other.
func TestNothingIsLost(t *testing.T) {
	const producers, consumers, each = 8, 6, 200
	for round := range uint64(5) {
		q := newQueue[int](1 + int(round))
		var accepted, out own.Mutex[[]int]
		add := func(to *own.Mutex[[]int], items ...int) {
			to.MustWith(func(v *[]int) { *v = append(*v, items...) })
		}
		var wg sync.WaitGroup
		// hurried returns a context that may end any moment.
		hurried := func(random *rand.Rand) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(context.Background())
			if random.IntN(3) == 0 {
				wg.Go(cancel)
			}
			return ctx, cancel
		}
		var offered own.Mutex[int]

		for p := range producers {
			wg.Go(func() {
				random := rand.New(rand.NewPCG(round, uint64(p)))
				for i := range each {
					item := p*each + i
					ctx, cancel := hurried(random)
					if q.Push(ctx, item) == nil {
						add(&accepted, item)
					}
					cancel()
					offered.MustWith(func(n *int) { *n++ })
				}
			})
		}
		for c := range consumers {
			wg.Go(func() {
				random := rand.New(rand.NewPCG(round, uint64(100+c)))
				for {
					ctx, cancel := hurried(random)
					item, err := q.Pop(ctx)
					cancel()
					switch {
					case err == nil:
						add(&out, item)
					case !errors.Is(err, context.Canceled):
						return // closed
					}
					if random.IntN(10) == 0 {
						taken, _ := q.Withdraw(func(v int) bool { return v%7 == 0 })
						add(&out, taken...)
					}
				}
			})
		}
		g, err := offered.LockWhen(context.Background(), func(n *int) bool { return *n >= producers*each/2 })
		require.NoError(t, err)
		g.Unlock()
		left, err := q.Drain()
		require.NoError(t, err)
		add(&out, left...)
		wg.Wait()

		want, err := accepted.IntoInner()
		require.NoError(t, err)
		got, err := out.IntoInner()
		require.NoError(t, err)
		slices.Sort(want)
		slices.Sort(got)
		require.NotEmpty(t, want)
		require.Equal(t, want, got)
	}
}
