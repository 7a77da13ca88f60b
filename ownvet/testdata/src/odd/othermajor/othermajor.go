// Package othermajor is full of misuse of another major version of own.
package othermajor

import (
	"fmt"

	"github.com/go-own/own/v2"
)

type stats struct{ hits own.Mutex[int] }

func misuse(m *own.Mutex[int], s *stats, ch chan *own.Guard[int]) *int {
	m.MustLock()
	m.With(func(*int) {})
	g := m.MustLock()
	defer func() { g.Unlock() }()
	m.MustLock()
	go g.Unlock()
	ch <- g
	fmt.Println(s)
	s.hits.MustLock()
	s.hits = own.NewMutex(1)
	g.Unlock()
	return g.Value()
}
