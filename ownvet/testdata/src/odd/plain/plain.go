// Package plain does not import own, and has names that look like it.
package plain

import "sync"

type Mutex[T any] struct {
	mu    sync.Mutex
	value T
}

type Guard[T any] struct{ m *Mutex[T] }

func (m *Mutex[T]) Lock() (*Guard[T], error) { m.mu.Lock(); return &Guard[T]{m}, nil }
func (m *Mutex[T]) With(f func(*T)) error    { f(&m.value); return nil }
func (g *Guard[T]) Value() *T                { return &g.m.value }
func (g *Guard[T]) Unlock()                  { g.m.mu.Unlock() }

func misuse(m *Mutex[int], ch chan *Guard[int]) *int {
	m.Lock()
	m.With(func(*int) {})
	g, _ := m.Lock()
	defer func() { g.Unlock() }()
	go g.Unlock()
	ch <- g
	return g.Value()
}
