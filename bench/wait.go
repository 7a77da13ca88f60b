package main

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/semaphore"

	"github.com/go-own/own"
)

// Waits: for what another goroutine does, and among many others.

const room = 64 // in a queue

func waitWorkloads() []*workload {
	all := []*workload{{
		name: "Turns/2",
		what: "two goroutines take turns",
		rust: "rust.Condvar",
		sides: []side{
			taking("sync.Cond", turnsCond),
			taking("own.Await", turnsAwait),
			taking("channel", turnsChannel),
		},
	}}
	for _, many := range []int{1, 4} {
		all = append(all, &workload{
			name: fmt.Sprintf("Queue/%dx%d", many, many),
			what: fmt.Sprintf("%d goroutines hand items to %d through a queue for %d", many, many, room),
			rust: "rust.Condvar",
			sides: []side{
				queue("sync.Cond", many, queueCond),
				queue("own.LockWhen", many, queueWhen),
				queue("channel", many, queueChannel),
			},
		})
	}
	for _, waiters := range []int{1, 10, 100, 1000, 10_000} {
		all = append(all, &workload{
			name: fmt.Sprintf("Waiters/%d", waiters),
			what: fmt.Sprintf("%d goroutines in line for a lock, each time one gets it it lines up again", waiters),
			n:    max(20_000, 2*waiters),
			sides: []side{
				line("sync.Mutex", waiters, func() func() {
					var mu sync.Mutex
					n := 0
					return func() {
						mu.Lock()
						n++
						runtime.Gosched()
						mu.Unlock()
					}
				}),
				line("own.LockContext", waiters, func() func() {
					var m own.Mutex[int]
					ctx := context.Background()
					return func() {
						g, err := m.LockContext(ctx)
						if err != nil {
							return
						}
						*g.Value()++
						runtime.Gosched()
						g.Unlock()
					}
				}),
				line("semaphore.Weighted", waiters, func() func() {
					s := semaphore.NewWeighted(1)
					ctx := context.Background()
					n := 0
					return func() {
						if s.Acquire(ctx, 1) != nil {
							return
						}
						n++
						runtime.Gosched()
						s.Release(1)
					}
				}),
			},
		})
	}
	for _, conditions := range []int{0, 1, 10, 100, 1000, 10_000} {
		all = append(all, &workload{
			name:  fmt.Sprintf("Conditions/%d", conditions),
			what:  fmt.Sprintf("lock, add one, unlock, while %d wait for a condition that does not hold", conditions),
			sides: []side{waitedFor("own.LockWhen", conditions)},
		})
	}
	return all
}

// taking returns a side in which two goroutines take turns, n in all.
func taking(name string, start func() (turns func(me, rounds int))) side {
	return side{name, func() (func(int) float64, func()) {
		turns := start()
		return timed(func(n int) {
			var wg sync.WaitGroup
			for me := range 2 {
				wg.Go(func() { turns(me, (n+1)/2) })
			}
			wg.Wait()
		}), nil
	}}
}

func turnsCond() func(me, rounds int) {
	var mu sync.Mutex
	cond, n := sync.NewCond(&mu), 0
	return func(me, rounds int) {
		mu.Lock()
		defer mu.Unlock()
		for range rounds {
			for n%2 != me {
				cond.Wait()
			}
			n++
			cond.Signal()
		}
	}
}

func turnsAwait() func(me, rounds int) {
	var m own.Mutex[int]
	return func(me, rounds int) {
		mine := func(v *int) bool { return *v%2 == me }
		g := m.MustLock()
		defer g.Unlock()
		for range rounds {
			if g.Await(context.Background(), mine) != nil {
				return
			}
			*g.Value()++
		}
	}
}

func turnsChannel() func(me, rounds int) {
	var turn [2]chan struct{}
	for i := range turn {
		turn[i] = make(chan struct{}, 1)
	}
	turn[0] <- struct{}{}
	return func(me, rounds int) {
		for range rounds {
			<-turn[me]
			turn[1-me] <- struct{}{}
		}
	}
}

// queue returns a side in which some goroutines put n items into a queue, and as many take
// them out.
func queue(name string, many int, start func() (put func(int), take func() int)) side {
	return side{name, func() (func(int) float64, func()) {
		put, take := start()
		return timed(func(n int) {
			var wg sync.WaitGroup
			wg.Go(func() { share(many, n, func(me int) { put(me) }) })
			share(many, n, func(int) { use(take()) })
			wg.Wait()
		}), nil
	}}
}

func queueCond() (put func(int), take func() int) {
	var mu sync.Mutex
	var items []int
	notFull, notEmpty := sync.NewCond(&mu), sync.NewCond(&mu)
	return func(v int) {
			mu.Lock()
			defer mu.Unlock()
			for len(items) == room {
				notFull.Wait()
			}
			items = append(items, v)
			notEmpty.Signal()
		}, func() int {
			mu.Lock()
			defer mu.Unlock()
			for len(items) == 0 {
				notEmpty.Wait()
			}
			v := items[0]
			items = items[1:]
			notFull.Signal()
			return v
		}
}

func queueWhen() (put func(int), take func() int) {
	var m own.Mutex[[]int]
	ctx := context.Background()
	notFull := func(q *[]int) bool { return len(*q) < room }
	notEmpty := func(q *[]int) bool { return len(*q) > 0 }
	return func(v int) {
			g, err := m.LockWhen(ctx, notFull)
			if err != nil {
				return
			}
			defer g.Unlock()
			*g.Value() = append(*g.Value(), v)
		}, func() int {
			g, err := m.LockWhen(ctx, notEmpty)
			if err != nil {
				return 0
			}
			defer g.Unlock()
			items := g.Value()
			v := (*items)[0]
			*items = (*items)[1:]
			return v
		}
}

func queueChannel() (put func(int), take func() int) {
	c := make(chan int, room)
	return func(v int) { c <- v }, func() int { return <-c }
}

// line returns a side in which goroutines share its operations. Each is to yield while it
// has the lock, so that all others come to stand in line for it.
func line(name string, waiters int, start func() func()) side {
	return together(name, waiters+1, start)
}

// waitedFor returns a side that changes a value for which goroutines wait.
func waitedFor(name string, conditions int) side {
	return side{name, func() (func(int) float64, func()) {
		m := new(own.Mutex[int])
		ctx, cancel := context.WithCancel(context.Background())
		var looked atomic.Int64
		var wg sync.WaitGroup
		for range conditions {
			wg.Go(func() {
				first := true
				_, _ = m.LockWhen(ctx, func(v *int) bool {
					if first {
						looked.Add(1)
						first = false
					}
					return *v < 0
				})
			})
		}
		for looked.Load() < int64(conditions) {
			runtime.Gosched()
		}
		return timed(func(n int) {
			for range n {
				incrementDeferred(m)
			}
		}), func() { cancel(); wg.Wait() }
	}}
}
