// Package store has methods that lock, which its importers know by facts.
package store

import "github.com/go-own/own"

type Store struct {
	users own.Mutex[map[string]int]
	Names own.RWMutex[[]string]
}

func (s *Store) Len() int { // want Len:`locks 0\.users`
	g := s.users.MustLock()
	defer g.Unlock()
	return len(*g.Value())
}

func (s *Store) Lock() (*own.Guard[map[string]int], error) { // want Lock:`new own\.Guard, locks 0\.users`
	return s.users.Lock()
}

func (s *Store) LenIfAny(any bool) int {
	if !any {
		return 0
	}
	return s.Len()
}

func Count(m *own.Mutex[int]) { // want Count:`locks 0`
	m.MustWith(func(v *int) { *v++ })
}

func (s *Store) Try() bool {
	g, err := s.users.TryLock()
	g.Unlock()
	return err == nil
}
