package main

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc/mem"

	"github.com/go-own/own"
)

// A value that is exchanged while it is read, such as a configuration: each reader takes
// the current one, uses it, and says that it is done with it. A new one comes each
// millisecond.

type config struct {
	a int
	s string
}

func swapWorkloads() []*workload {
	all := []*workload{{
		name:  "Count/load",
		what:  "take the current value, read it, let it go, with nobody else there",
		alone: true,
		rust:  "rust.RwLock+Arc",
		sides: []side{
			taken("RWMutex+count", swapByHand),
			taken("own.AtomicArc", swapAtomicArc),
			taken("atomic.Pointer", swapPointer),
			taken("RWMutex+grpc.Buffer", swapBuffer),
		},
	}}
	for readers := 1; readers <= 16; readers *= 2 {
		all = append(all, &workload{
			name: fmt.Sprintf("Swap/%d", readers),
			what: fmt.Sprintf("%d goroutines take the current value, read it, and let it go", readers),
			rust: "rust.RwLock+Arc",
			sides: []side{
				swapped("RWMutex+count", readers, swapByHand),
				swapped("own.AtomicArc", readers, swapAtomicArc),
				swapped("atomic.Pointer", readers, swapPointer),
				swapped("RWMutex+grpc.Buffer", readers, swapBuffer),
			},
		})
	}
	return all
}

// taken returns a side that reads what nobody exchanges.
func taken(name string, start func() (read, write, stop func())) side {
	return side{name, func() (func(int) float64, func()) {
		read, _, stop := start()
		return timed(func(n int) {
			for range n {
				read()
			}
		}), stop
	}}
}

// swapped returns a side with that many readers, and a writer that works while they do.
func swapped(name string, readers int, start func() (read, write, stop func())) side {
	return side{name, func() (func(int) float64, func()) {
		read, write, stop := start()
		return timed(func(n int) {
			done, gone := make(chan struct{}), make(chan struct{})
			go func() {
				defer close(gone)
				tick := time.NewTicker(time.Millisecond)
				defer tick.Stop()
				for {
					select {
					case <-tick.C:
						write()
					case <-done:
						return
					}
				}
			}()
			share(readers, n, func(int) { read() })
			close(done)
			<-gone
		}), stop
	}}
}

// swapByHand is what services write in place of an AtomicArc: a pointer and a count, with a
// lock so that nobody counts what has just been dropped.
func swapByHand() (read, write, stop func()) {
	type counted struct {
		config
		refs atomic.Int32
	}
	fresh := func() *counted {
		c := &counted{config: config{a: 1, s: "config"}}
		c.refs.Store(1)
		return c
	}
	closed := new(atomic.Int64)
	release := func(c *counted) {
		if c.refs.Add(-1) == 0 {
			closed.Add(1)
		}
	}
	var mu sync.RWMutex
	current := fresh()
	load := func() *counted {
		mu.RLock()
		defer mu.RUnlock()
		current.refs.Add(1)
		return current
	}
	return func() {
			c := load()
			use(c.a)
			release(c)
		}, func() {
			c := fresh()
			mu.Lock()
			c, current = current, c
			mu.Unlock()
			release(c)
		}, nil
}

func swapAtomicArc() (read, write, stop func()) {
	closed := new(atomic.Int64)
	fresh := func() *own.Arc[config] {
		return own.ArcFrom(&config{a: 1, s: "config"}, func(*config) { closed.Add(1) })
	}
	cell := new(own.AtomicArc[config])
	cell.Store(fresh())
	return func() {
		c := cell.Load()
		use(c.Value().a)
		c.Drop()
	}, func() { cell.Store(fresh()) }, cell.Drop
}

// swapPointer leaves the old ones to the garbage collector, and so nothing can be closed.
func swapPointer() (read, write, stop func()) {
	current := new(atomic.Pointer[config])
	current.Store(&config{a: 1, s: "config"})
	return func() { use(current.Load().a) },
		func() { current.Store(&config{a: 1, s: "config"}) },
		nil
}

// swapBuffer counts with grpc's buffer, which needs the same lock as the count by hand.
func swapBuffer() (read, write, stop func()) {
	var mu sync.RWMutex
	pool := mem.NewTieredBufferPool(4096)
	fresh := func() mem.Buffer {
		data := pool.Get(4096)
		return mem.NewBuffer(data, pool)
	}
	current := fresh()
	load := func() mem.Buffer {
		mu.RLock()
		defer mu.RUnlock()
		current.Ref()
		return current
	}
	return func() {
			b := load()
			use(int(b.ReadOnlyData()[0]))
			b.Free()
		}, func() {
			b := fresh()
			mu.Lock()
			b, current = current, b
			mu.Unlock()
			b.Free()
		}, nil
}
