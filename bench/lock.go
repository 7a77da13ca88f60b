package main

import (
	"context"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/semaphore"
	"tailscale.com/syncs"

	"github.com/go-own/own"
)

// A free lock, one goroutine: what all pay on the way through.

func lockWorkloads() []*workload {
	ctx, cancel := context.WithCancel(context.Background())
	_ = cancel // that it could end is what is measured
	return []*workload{
		{
			name:  "Lock/increment",
			what:  "lock, add one, unlock",
			alone: true,
			rust:  "rust.Mutex",
			sides: []side{
				loop("sync.Mutex", new(counter), (*counter).incrementDeferred),
				loop("sync.Mutex-direct", new(counter), (*counter).increment),
				loop("by-hand", new(poisonable), (*poisonable).increment),
				loop("own.With", new(own.Mutex[int]), incrementWith),
				loop("own.Guard-direct", new(own.Mutex[int]), incrementDirect),
				loop("own.Guard-deferred", new(own.Mutex[int]), incrementDeferred),
				loop("own.Guard-checked", new(own.Mutex[int]), incrementChecked),
				loop("tailscale.MutexValue", new(syncs.MutexValue[int]), incrementTailscale),
				loop("semaphore.Weighted", newWeighted(ctx), (*weighted).increment),
				loop("channel", newSlot(ctx), (*slot).increment),
			},
		},
		{
			name:  "Lock/try",
			what:  "TryLock, add one, unlock",
			alone: true,
			rust:  "rust.Mutex",
			sides: []side{
				loop("sync.Mutex", new(counter), (*counter).incrementTry),
				loop("own.Guard", new(own.Mutex[int]), incrementTry),
			},
		},
		{
			name:  "Lock/context",
			what:  "lock unless the context has ended, add one, unlock",
			alone: true,
			sides: []side{
				loop("semaphore.Weighted", newWeighted(ctx), (*weighted).increment),
				loop("channel", newSlot(ctx), (*slot).increment),
				loop("own.LockContext", &cancellable{ctx: ctx}, (*cancellable).increment),
			},
		},
	}
}

// A counter is what people write today.
type counter struct {
	mu sync.Mutex
	n  int
}

//go:noinline
func (c *counter) incrementDeferred() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
}

// increment leaves the lock held for ever if there is a panic.
//
//go:noinline
func (c *counter) increment() {
	c.mu.Lock()
	c.n++
	c.mu.Unlock()
}

//go:noinline
func (c *counter) incrementTry() {
	if !c.mu.TryLock() {
		return
	}
	defer c.mu.Unlock()
	c.n++
}

// A poisonable is the least that poisons: a counter that refuses after a panic, without a
// guard, so that it can be read without the lock, or released twice.
type poisonable struct {
	counter
	cause atomic.Pointer[poisonError]
}

type poisonError struct{ value any }

func (*poisonError) Error() string { return "poisoned" }

func (p *poisonable) lock() error {
	p.mu.Lock()
	if e := p.cause.Load(); e != nil {
		p.mu.Unlock()
		return e
	}
	return nil
}

func (p *poisonable) unlock() {
	if v := recover(); v != nil {
		p.cause.Store(&poisonError{v})
		p.mu.Unlock()
		panic(v)
	}
	p.mu.Unlock()
}

//go:noinline
func (p *poisonable) increment() {
	if err := p.lock(); err != nil {
		panic(err)
	}
	defer p.unlock()
	p.n++
}

//go:noinline
func incrementWith(m *own.Mutex[int]) {
	if err := m.With(func(v *int) { *v++ }); err != nil {
		panic(err)
	}
}

//go:noinline
func incrementDirect(m *own.Mutex[int]) {
	g := m.MustLock()
	*g.Value()++
	g.Unlock()
}

//go:noinline
func incrementDeferred(m *own.Mutex[int]) {
	g := m.MustLock()
	defer g.Unlock()
	*g.Value()++
}

//go:noinline
func incrementChecked(m *own.Mutex[int]) {
	g, err := m.Lock()
	if err != nil {
		panic(err)
	}
	defer g.Unlock()
	*g.Value()++
}

//go:noinline
func incrementTry(m *own.Mutex[int]) {
	g, err := m.TryLock()
	if err != nil {
		return
	}
	defer g.Unlock()
	*g.Value()++
}

//go:noinline
func incrementTailscale(m *syncs.MutexValue[int]) {
	m.WithLock(func(v *int) { *v++ })
}

// A cancellable is a counter whose lock can be given up.
type cancellable struct {
	ctx context.Context
	m   own.Mutex[int]
}

//go:noinline
func (c *cancellable) increment() {
	g, err := c.m.LockContext(c.ctx)
	if err != nil {
		return
	}
	defer g.Unlock()
	*g.Value()++
}

// weighted is that with a semaphore of weight one.
type weighted struct {
	ctx context.Context
	s   *semaphore.Weighted
	n   int
}

func newWeighted(ctx context.Context) *weighted {
	return &weighted{ctx: ctx, s: semaphore.NewWeighted(1)}
}

//go:noinline
func (w *weighted) increment() {
	if w.s.Acquire(w.ctx, 1) != nil {
		return
	}
	defer w.s.Release(1)
	w.n++
}

// slot is that with a channel that has room for one.
type slot struct {
	ctx context.Context
	c   chan struct{}
	n   int
}

func newSlot(ctx context.Context) *slot { return &slot{ctx: ctx, c: make(chan struct{}, 1)} }

//go:noinline
func (s *slot) increment() {
	select {
	case s.c <- struct{}{}:
	case <-s.ctx.Done():
		return
	}
	defer func() { <-s.c }()
	s.n++
}
