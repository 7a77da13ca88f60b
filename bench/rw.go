package main

import (
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/puzpuzpuz/xsync/v4"

	"github.com/go-own/own"
)

// Many readers or one writer.

const (
	rwGoroutines = 8
	rwKeys       = 64
)

func newTable() map[int]int {
	t := map[int]int{}
	for k := range rwKeys {
		t[k] = k
	}
	return t
}

func rwWorkloads() []*workload {
	all := []*workload{
		{
			name:  "RW/read",
			what:  "lock for reading, read, unlock",
			alone: true,
			rust:  "rust.RwLock",
			sides: []side{
				loop("sync.RWMutex", new(shared), (*shared).read),
				loop("by-hand", new(poisonableRW), (*poisonableRW).read),
				loop("own.RWMutex", new(own.RWMutex[int]), readGuard),
				loop("xsync.RBMutex", newBiased(), (*biased).read),
			},
		},
		{
			name:  "RW/write",
			what:  "lock for writing, add one, unlock",
			alone: true,
			rust:  "rust.RwLock",
			sides: []side{
				loop("sync.RWMutex", new(shared), (*shared).write),
				loop("by-hand", new(poisonableRW), (*poisonableRW).write),
				loop("own.RWMutex", new(own.RWMutex[int]), writeGuard),
				loop("xsync.RBMutex", newBiased(), (*biased).write),
			},
		},
	}
	for _, reads := range []int{99, 90, 50} {
		all = append(all, &workload{
			name:      fmt.Sprintf("RW/%d", reads),
			what:      fmt.Sprintf("%d goroutines: a map, %d %% reads", rwGoroutines, reads),
			rust:      "rust.RwLock",
			rustMutex: fmt.Sprintf("RW-mutex/%d", reads),
			sides: []side{
				mixed("sync.RWMutex", reads, func() (read, write func(k int)) {
					var mu sync.RWMutex
					t := newTable()
					return func(k int) {
							mu.RLock()
							defer mu.RUnlock()
							use(t[k])
						}, func(k int) {
							mu.Lock()
							defer mu.Unlock()
							t[k]++
						}
				}),
				mixed("own.RWMutex", reads, func() (read, write func(k int)) {
					m := own.NewRWMutex(newTable())
					return func(k int) {
							g := m.MustRLock()
							defer g.Unlock()
							use((*g.Value())[k])
						}, func(k int) {
							g := m.MustLock()
							defer g.Unlock()
							(*g.Value())[k]++
						}
				}),
				mixed("xsync.RBMutex", reads, func() (read, write func(k int)) {
					mu, t := xsync.NewRBMutex(), newTable()
					return func(k int) {
							token := mu.RLock()
							defer mu.RUnlock(token)
							use(t[k])
						}, func(k int) {
							mu.Lock()
							defer mu.Unlock()
							t[k]++
						}
				}),
				mixed("sync.Mutex", reads, func() (read, write func(k int)) {
					var mu sync.Mutex
					t := newTable()
					return func(k int) {
							mu.Lock()
							defer mu.Unlock()
							use(t[k])
						}, func(k int) {
							mu.Lock()
							defer mu.Unlock()
							t[k]++
						}
				}),
				mixed("own.Mutex", reads, func() (read, write func(k int)) {
					m := own.NewMutex(newTable())
					return func(k int) {
							g := m.MustLock()
							defer g.Unlock()
							use((*g.Value())[k])
						}, func(k int) {
							g := m.MustLock()
							defer g.Unlock()
							(*g.Value())[k]++
						}
				}),
			},
		})
	}
	return all
}

// mixed returns a side in which goroutines read, or write, keys of a table. Of a hundred
// operations, which are the same for all sides, as many read as reads says.
func mixed(name string, reads int, start func() (read, write func(k int))) side {
	return side{name, func() (func(int) float64, func()) {
		read, write := start()
		return timed(func(n int) {
			var at [rwGoroutines]struct {
				i int
				_ [7]int // a cache line for each
			}
			share(rwGoroutines, n, func(me int) {
				i := at[me].i + me*13
				at[me].i++
				if i%100 < reads {
					read(i % rwKeys)
				} else {
					write(i % rwKeys)
				}
			})
		}), nil
	}}
}

// use is for values that are read and not needed.
//
//go:noinline
func use(int) {}

var sink int // the same for one goroutine

type shared struct {
	mu sync.RWMutex
	n  int
}

//go:noinline
func (s *shared) read() {
	s.mu.RLock()
	defer s.mu.RUnlock()
	sink = s.n
}

//go:noinline
func (s *shared) write() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n++
}

// A poisonableRW is a shared that refuses after a writer's panic.
type poisonableRW struct {
	shared
	cause atomic.Pointer[poisonError]
}

func (p *poisonableRW) rlock() error {
	p.mu.RLock()
	if e := p.cause.Load(); e != nil {
		p.mu.RUnlock()
		return e
	}
	return nil
}

func (p *poisonableRW) lock() error {
	p.mu.Lock()
	if e := p.cause.Load(); e != nil {
		p.mu.Unlock()
		return e
	}
	return nil
}

func (p *poisonableRW) unlock() {
	if v := recover(); v != nil {
		p.cause.Store(&poisonError{v})
		p.mu.Unlock()
		panic(v)
	}
	p.mu.Unlock()
}

//go:noinline
func (p *poisonableRW) read() {
	if err := p.rlock(); err != nil {
		panic(err)
	}
	defer p.mu.RUnlock()
	sink = p.n
}

//go:noinline
func (p *poisonableRW) write() {
	if err := p.lock(); err != nil {
		panic(err)
	}
	defer p.unlock()
	p.n++
}

//go:noinline
func readGuard(m *own.RWMutex[int]) {
	g := m.MustRLock()
	defer g.Unlock()
	sink = *g.Value()
}

//go:noinline
func writeGuard(m *own.RWMutex[int]) {
	g := m.MustLock()
	defer g.Unlock()
	*g.Value()++
}

// biased is a shared whose readers go by tokens, each where no other counts.
type biased struct {
	mu *xsync.RBMutex
	n  int
}

func newBiased() *biased { return &biased{mu: xsync.NewRBMutex()} }

//go:noinline
func (b *biased) read() {
	t := b.mu.RLock()
	defer b.mu.RUnlock(t)
	sink = b.n
}

//go:noinline
func (b *biased) write() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.n++
}
