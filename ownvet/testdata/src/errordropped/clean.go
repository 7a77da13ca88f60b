package errordropped

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/go-own/own"
	"github.com/go-own/own/cell"
)

func checked(s *stats) error {
	if err := s.hits.With(func(n *int) { *n++ }); err != nil {
		return err
	}
	err := s.hits.Store(1)
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return s.hits.WithErr(func(n *int) error { return nil })
}

func returned(s *stats) (int, error) { return s.hits.Load() }

func returnedOne(s *stats) (int, error) {
	n, err := s.hits.Swap(3)
	return n, err
}

func namedResult(s *stats) (err error) {
	defer func() { err = errors.Join(err, s.hits.Store(0)) }()
	err = s.hits.With(func(n *int) {})
	return
}

func namedResultDeferred(s *stats) (err error) {
	defer func() {
		if err != nil {
			fmt.Println(err)
		}
	}()
	err = s.hits.Store(1)
	return err
}

func onPurpose(s *stats) {
	_ = s.hits.With(func(n *int) { *n++ })
	_ = s.hits.Store(1)
	n, _ := s.hits.Load()
	fmt.Println(n)
	var _ = s.hits.Store(2)
	var old, _ = s.hits.Swap(4)
	fmt.Println(old)
}

func onPurposeLater(s *stats) {
	err := s.hits.Store(1)
	_ = err
}

func must(s *stats) {
	s.hits.MustWith(func(n *int) { *n++ })
	defer s.names.MustWith(func(m *map[string]int) { clear(*m) })
	s.hits.ClearPoison()
	s.hits.IsPoisoned()
	g := s.hits.LockIgnorePoison()
	defer g.Unlock()
}

func passedOn(s *stats, errs chan error) {
	errs <- s.hits.Store(1)
	report(s.hits.Store(2))
	func(err error) {}(s.hits.Store(3))
	all := []error{s.hits.Store(4), s.hits.Store(5)}
	fmt.Println(all)
}

func report(err error) {}

func captured(s *stats) error {
	var err error
	var wg sync.WaitGroup
	wg.Go(func() { err = s.hits.Store(1) })
	wg.Wait()
	return err
}

type result struct{ err error }

func stored(s *stats, r *result) {
	r.err = s.hits.Store(1)
	_, r.err = s.hits.Load()
}

func loops(s *stats) error {
	var errs []error
	for i := range 10 {
		errs = append(errs, s.hits.Store(i))
	}
	var err error
	for err == nil {
		err = s.hits.With(func(n *int) { *n++ })
	}
	for {
		if err = s.hits.Store(0); err == nil {
			break
		}
	}
	return errors.Join(errs...)
}

func lastOne(s *stats, names []int) (err error) {
	for _, n := range names {
		err = s.hits.Store(n) // the last error is returned
	}
	return err
}

func branches(s *stats, b bool) error {
	var err error
	if b {
		err = s.hits.Store(1)
	} else {
		err = s.names.Store(nil)
	}
	return err
}

func switches(s *stats) bool {
	switch err := s.hits.Store(1); {
	case errors.Is(err, own.ErrPoisoned):
		return false
	default:
		return err == nil
	}
}

func gotos(s *stats) (err error) {
again:
	err = s.hits.Store(1)
	if err != nil {
		goto again
	}
	return nil
}

func awaitChecked(ctx context.Context, s *stats) error {
	g, err := s.hits.LockWhen(ctx, func(n *int) bool { return *n > 0 })
	if err != nil {
		return err
	}
	defer g.Unlock()
	return g.Await(ctx, func(n *int) bool { return *n == 0 })
}

// Others have a With, a Store and a Load, too.
func others(p *atomic.Pointer[int], v *atomic.Value, c *cell.RefCell[int], a *own.AtomicArc[int]) {
	p.Store(nil)
	v.Load()
	p.Swap(nil)
	c.Take()
	a.Store(nil)
	a.Load().Drop()
	mine{}.With(func(*int) {})
}

type mine struct{}

func (mine) With(f func(*int)) error { return nil }

// What an interface hides may be anything.
type storer interface{ Store(int) error }

func throughInterface(s storer) { s.Store(1) }

// It panics, and With with it: the error is not lost, there is none.
func poison(s *stats) {
	defer func() { recover() }()
	s.hits.With(func(*int) { panic("poisoned for a test") })
}

func poisonDeferred(s *stats) {
	s.hits.With(func(*int) {
		defer fmt.Println("unwinding")
		panic("poisoned for a test")
	})
}

func genericChecked[T any](m *own.Mutex[T], v T) (T, error) {
	if err := m.Store(v); err != nil {
		var zero T
		return zero, err
	}
	return m.Load()
}

func methodExpression(s *stats) error {
	return (*own.Mutex[int]).Store(&s.hits, 1)
}

func assigned(s *stats) func(func(*int)) error {
	f := s.hits.With
	return f
}

func inCondition(s *stats) int {
	if s.hits.Store(1) == nil && s.names.Store(nil) == nil {
		return 1
	}
	for s.hits.Store(2) != nil {
	}
	return 0
}

func inStruct(s *stats) result { return result{s.hits.Store(1)} }

func panics(s *stats) {
	if err := s.hits.Store(1); err != nil {
		panic(err)
	}
}

func deferredCheck(s *stats) (err error) {
	defer func() {
		if e := s.hits.Store(0); e != nil && err == nil {
			err = e
		}
	}()
	return nil
}

func goChecked(s *stats, errs chan<- error) {
	go func() { errs <- s.hits.Store(0) }()
}
