package errordropped

import (
	"context"

	"github.com/go-own/own"
)

type stats struct {
	hits  own.Mutex[int]
	names own.RWMutex[map[string]int]
}

func statement(s *stats) {
	s.hits.With(func(n *int) { *n++ }) // want `^error-dropped: the error of s.hits.With is lost, and on a poisoned lock the function does not run; check it, or use MustWith$`
}

func withErr(s *stats, f func(*int) error) {
	s.hits.WithErr(f) // want `error-dropped: the error of s.hits.WithErr is lost, and on a poisoned lock the function does not run, and its own error is lost, too; check it`
}

func values(s *stats) {
	s.hits.Store(1)    // want `error-dropped: the error of s.hits.Store is lost, and on a poisoned lock nothing is stored; check it`
	s.hits.Swap(1)     // want `error-dropped: the error of s.hits.Swap is lost, and on a poisoned lock nothing is swapped`
	s.hits.Load()      // want `error-dropped: the error of s.hits.Load is lost`
	s.hits.IntoInner() // want `error-dropped: the error of s.hits.IntoInner is lost`
}

func readWrite(s *stats) {
	s.names.With(func(m *map[string]int) {})         // want `error-dropped: the error of s.names.With`
	s.names.RWith(func(m *map[string]int) {})        // want `error-dropped: the error of s.names.RWith`
	s.names.RWithErr(func(m *map[string]int) error { // want `error-dropped: the error of s.names.RWithErr`
		return nil
	})
	s.names.Store(nil) // want `error-dropped: the error of s.names.Store`
}

func repair(s *stats) {
	s.hits.Repair(func(*int, *own.PoisonError) error { return nil }) // want `error-dropped: the error of s.hits.Repair is lost, and with one the lock stays poisoned`
}

func await(ctx context.Context, s *stats) {
	g := s.hits.MustLock()
	defer g.Unlock()
	g.Await(ctx, func(n *int) bool { return *n > 0 }) // want `error-dropped: the error of g.Await is lost, and with one the guard is released and the condition need not hold`
	*g.Value()--
}

func deferred(s *stats) {
	defer s.hits.Store(0)                     // want `error-dropped: the error of s.hits.Store`
	go s.hits.With(func(n *int) { *n++ })     // want `error-dropped: the error of s.hits.With`
	defer func() { s.hits.Store(0) }()        // want `error-dropped: the error of s.hits.Store`
	func() { s.hits.With(func(n *int) {}) }() // want `error-dropped: the error of s.hits.With`
}

func overwritten(s *stats) error {
	err := s.hits.Store(1) // want `error-dropped: the error of s.hits.Store`
	err = s.hits.Store(2)
	return err
}

func overwrittenInLoop(s *stats) (last error) {
	for i := range 3 {
		n, err := s.hits.Load()
		if err != nil {
			return err
		}
		err = s.hits.Store(n + i) // want `error-dropped: the error of s.hits.Store`
	}
	return nil
}

func generic[T any](m *own.Mutex[T], v T) {
	m.Store(v) // want `error-dropped: the error of m.Store`
}

func methodValue(s *stats) {
	with := s.hits.With
	with(func(n *int) { *n++ }) // want `error-dropped: the error of with is lost`
}

type embedded struct{ *own.Mutex[string] }

func promoted(e embedded) {
	e.Store("x") // want `error-dropped: the error of e.Store`
}

func inCase(s *stats, ch chan int) {
	select {
	case n := <-ch:
		s.hits.Store(n) // want `error-dropped: the error of s.hits.Store`
	default:
	}
}

func panicsSometimes(s *stats) {
	s.hits.With(func(n *int) { // want `error-dropped: the error of s.hits.With`
		if *n > 3 {
			panic("too many")
		}
	})
}
