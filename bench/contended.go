package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
	"tailscale.com/syncs"

	"github.com/go-own/own"
)

// Goroutines that do nothing but lock. What a service does between two sections makes
// all of these figures smaller and more alike.

// A state is what the lock protects.
type state struct {
	n int
	m map[int]int
}

func newState() state { return state{m: map[int]int{}} }

func contendedWorkloads() []*workload {
	spin := spinner(200 * time.Nanosecond)
	var all []*workload
	for _, section := range []struct {
		name, what string
		work       func(*state)
	}{
		{"empty", "a section that adds one", func(s *state) { s.n++ }},
		{"200ns", "a section of 200 ns", func(s *state) { s.n++; spin() }},
		{"map", "a section that changes a map", func(s *state) { s.n++; s.m[s.n%64]++ }},
	} {
		for _, goroutines := range []int{2, 10, 100} {
			all = append(all, &workload{
				name:  fmt.Sprintf("Contended/%s/%d", section.name, goroutines),
				what:  fmt.Sprintf("%d goroutines: %s", goroutines, section.what),
				rust:  "rust.Mutex",
				sides: contenders(goroutines, section.work),
			})
		}
	}
	// The scaling picture has one section and many counts.
	for goroutines := 1; goroutines <= 1024; goroutines *= 4 {
		all = append(all, &workload{
			name:  fmt.Sprintf("Goroutines/%d", goroutines),
			what:  fmt.Sprintf("%d goroutines: a section that adds one", goroutines),
			sides: contenders(goroutines, func(s *state) { s.n++ })[:3],
		})
	}
	return all
}

func contenders(goroutines int, work func(*state)) []side {
	ctx := context.Background()
	return []side{
		together("sync.Mutex", goroutines, func() func() {
			var mu sync.Mutex
			s := newState()
			return func() {
				mu.Lock()
				defer mu.Unlock()
				work(&s)
			}
		}),
		together("own.With", goroutines, func() func() {
			m := own.NewMutex(newState())
			return func() { _ = m.With(work) }
		}),
		together("own.Guard", goroutines, func() func() {
			m := own.NewMutex(newState())
			return func() {
				g, err := m.Lock()
				if err != nil {
					return
				}
				defer g.Unlock()
				work(g.Value())
			}
		}),
		together("tailscale.MutexValue", goroutines, func() func() {
			var m syncs.MutexValue[state]
			m.Store(newState())
			return func() { m.WithLock(work) }
		}),
		together("semaphore.Weighted", goroutines, func() func() {
			sem := semaphore.NewWeighted(1)
			s := newState()
			return func() {
				if sem.Acquire(ctx, 1) != nil {
					return
				}
				defer sem.Release(1)
				work(&s)
			}
		}),
		together("channel", goroutines, func() func() {
			c := make(chan struct{}, 1)
			s := newState()
			return func() {
				c <- struct{}{}
				defer func() { <-c }()
				work(&s)
			}
		}),
	}
}

// together returns a side that shares its operations among goroutines.
func together(name string, goroutines int, start func() func()) side {
	return side{name, func() (func(int) float64, func()) {
		f := start()
		return timed(func(n int) { share(goroutines, n, func(int) { f() }) }), nil
	}}
}

// share does f n times, in as many goroutines. Each gets the number of its own.
func share(goroutines, n int, f func(me int)) {
	var wg sync.WaitGroup
	for me := range goroutines {
		rounds := n / goroutines
		if me < n%goroutines {
			rounds++
		}
		wg.Go(func() {
			for range rounds {
				f(me)
			}
		})
	}
	wg.Wait()
}

// spinner returns a function that keeps a processor busy for about d.
func spinner(d time.Duration) func() {
	const n = 100_000
	fastest := time.Duration(1<<63 - 1) // the first ones are measured before the clock of the processor is up
	for range 50 {
		begin := time.Now()
		spin(n)
		fastest = min(fastest, time.Since(begin))
	}
	turns := int(n * d / fastest)
	return func() { spin(turns) }
}

// spin takes n steps, each of which has to wait for the last.
//
//go:noinline
func spin(n int) int {
	x := n
	for range n {
		x = x*5 + 1
	}
	return x
}
