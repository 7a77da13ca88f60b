// Package held hands guards over, and takes them. Its importers know by facts.
package held

import (
	"errors"

	"github.com/go-own/own"
)

type Store struct {
	users own.Mutex[map[string]int]
	keep  *own.Guard[map[string]int]
}

func (s *Store) Lock() (*own.Guard[map[string]int], error) { // want Lock:`new own\.Guard, locks 0\.users`
	g, err := s.users.Lock()
	if err != nil {
		return nil, errors.Join(errors.New("store"), err)
	}
	return g, nil
}

func (s *Store) TryLock() (*own.Guard[map[string]int], bool) { // want TryLock:`new own\.Guard`
	g, err := s.users.TryLock()
	return g, err == nil
}

func (s *Store) LockNonEmpty() *own.Guard[map[string]int] { // want LockNonEmpty:`new own\.Guard, locks 0\.users`
	g := s.users.MustLock()
	if len(*g.Value()) == 0 {
		g.Unlock()
		return nil
	}
	return g
}

// LockKept is not to be unlocked by the caller.
func (s *Store) LockKept() *own.Guard[map[string]int] { // want LockKept:`locks 0\.users`
	s.keep = s.users.MustLock()
	return s.keep
}

func Commit(g *own.Guard[map[string]int], name string) { // want Commit:`releases 0`
	(*g.Value())[name]++
	g.Unlock()
}

func Abort[T any](g *own.Guard[T]) { // want Abort:`releases 0`
	defer g.Unlock()
	println("aborted")
}

func Len(g *own.Guard[map[string]int]) int { // want Len:`borrows 0`
	return len(*g.Value())
}

func CommitIf(g *own.Guard[map[string]int], ok bool) {
	if ok {
		g.Unlock()
	}
}

func Wait(g *own.Guard[map[string]int]) error {
	return g.Await(nil, func(m *map[string]int) bool { return len(*m) > 0 })
}

func Later(g *own.Guard[map[string]int]) func() { return g.Unlock }
