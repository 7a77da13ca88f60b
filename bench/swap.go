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
			{"RWMutex+count", func() (func(int) float64, func()) {
				h := newByHand()
				return timed(func(n int) {
					for range n {
						c := h.load()
						sink = c.a
						h.release(c)
					}
				}), nil
			}},
			{"own.AtomicArc", func() (func(int) float64, func()) {
				cell := new(own.AtomicArc[config])
				cell.Store(own.NewArc(config{a: 1}))
				return timed(func(n int) {
					for range n {
						c := cell.Load()
						sink = c.Value().a
						c.Drop()
					}
				}), cell.Drop
			}},
			{"atomic.Pointer", func() (func(int) float64, func()) {
				current := new(atomic.Pointer[config])
				current.Store(&config{a: 1})
				return timed(func(n int) {
					for range n {
						sink = current.Load().a
					}
				}), nil
			}},
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

// byHand is what services write in place of an AtomicArc: a pointer and a count, with a
// lock so that nobody counts what has just been dropped.
type byHand struct {
	mu      sync.RWMutex
	current *counted
	closed  atomic.Int64
}

type counted struct {
	config
	refs atomic.Int32
}

func newCounted() *counted {
	c := &counted{config: config{a: 1, s: "config"}}
	c.refs.Store(1)
	return c
}

func newByHand() *byHand { return &byHand{current: newCounted()} }

func (h *byHand) load() *counted {
	h.mu.RLock()
	defer h.mu.RUnlock()
	h.current.refs.Add(1)
	return h.current
}

func (h *byHand) release(c *counted) {
	if c.refs.Add(-1) == 0 {
		h.closed.Add(1)
	}
}

func swapByHand() (read, write, stop func()) {
	h := newByHand()
	return func() {
			c := h.load()
			use(c.a)
			h.release(c)
		}, func() {
			c := newCounted()
			h.mu.Lock()
			c, h.current = h.current, c
			h.mu.Unlock()
			h.release(c)
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
