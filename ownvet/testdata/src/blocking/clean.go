package blocking

import (
	"blocking/remote"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/go-own/own"
)

func unlockFirst(s *store) { // want unlockFirst:`waits`
	g := s.items.MustLock()
	n := len(*g.Value())
	g.Unlock()
	s.ready <- n
	time.Sleep(time.Second)
}

func notLocked(s *store) error { // want notLocked:`waits`
	g, err := s.items.Lock()
	if err != nil {
		time.Sleep(time.Second)
		<-s.ready
		return err
	}
	defer g.Unlock()
	return nil
}

func tryLock(s *store) { // want tryLock:`waits`
	for {
		g, err := s.items.TryLock()
		if err == nil {
			g.Unlock()
			return
		}
		time.Sleep(time.Millisecond)
	}
}

func doesNotWait(s *store) bool {
	g := s.items.MustLock()
	defer g.Unlock()
	select {
	case s.ready <- len(*g.Value()):
		return true
	default:
		return false
	}
}

func hasRoom(s *store) []int { // want hasRoom:`waits`
	results := make(chan int, 2)
	g := s.items.MustLock()
	results <- len(*g.Value())
	results <- 2
	g.Unlock()
	return []int{<-results, <-results}
}

func elsewhere(s *store) {
	g := s.items.MustLock()
	defer g.Unlock()
	go func() { s.ready <- 1 }()
	go here(s)
	remote.Start("x")
	remote.Name("x")
	fmt.Println(*g.Value())
}

func afterwards(s *store, wg *sync.WaitGroup) {
	defer wg.Wait()
	g := s.items.MustLock()
	defer g.Unlock()
}

func onOnePath(s *store, locked bool) { // want onOnePath:`waits`
	var g *own.Guard[map[string]int]
	if locked {
		g = s.items.MustLock()
	}
	<-s.ready
	g.Unlock()
}

func inLoop(s *store) { // want inLoop:`waits`
	for n := range s.ready {
		g := s.items.MustLock()
		(*g.Value())["n"] = n
		g.Unlock()
	}
}

func handedOver(s *store, release func(*own.Guard[map[string]int])) { // want handedOver:`waits`
	g := s.items.MustLock()
	release(g)
	<-s.ready
}

func own1(ctx context.Context, s *store) error { // want own1:`waits`
	g := s.items.MustLock()
	defer g.Unlock()
	return g.Await(ctx, func(m *map[string]int) bool { return len(*m) > 0 })
}

func withThenWait(s *store) { // want withThenWait:`waits`
	var n int
	s.items.MustWith(func(m *map[string]int) { n = len(*m) })
	s.ready <- n
}

func later(s *store) func() {
	g := s.items.MustLock()
	defer g.Unlock()
	return func() { <-s.ready }
}

func gotos(s *store) { // want gotos:`waits`
again:
	g := s.items.MustLock()
	if len(*g.Value()) == 0 {
		g.Unlock()
		<-s.ready
		goto again
	}
	g.Unlock()
}

func silenced(s *store) { // want silenced:`waits`
	g := s.items.MustLock()
	defer g.Unlock()
	<-s.ready //own:allow blocking-while-locked the sender needs no lock and is quick
}

func switchUnlocks(s *store, n int) { // want switchUnlocks:`waits`
	g := s.items.MustLock()
	switch n {
	case 0:
		g.Unlock()
	default:
		g.Unlock()
		s.ready <- n
		return
	}
	<-s.ready
}

func errorRefined(ctx context.Context, s *store) error { // want errorRefined:`waits`
	g, err := s.items.LockContext(ctx)
	if err == nil {
		g.Unlock()
	} else {
		<-ctx.Done()
	}
	return err
}

func mapped(s *own.Mutex[store]) { // want mapped:`waits`
	g := s.MustLock()
	part := own.MapGuard(g, func(s *store) *chan int { return &s.ready })
	ch := *part.Value()
	part.Unlock()
	<-ch
}

func downgraded(s *store) { // want downgraded:`waits`
	w := s.names.MustLock()
	r := w.Downgrade()
	r.Unlock()
	<-s.ready
}

func named() (g *own.Guard[map[string]int], err error) {
	var s store
	defer func() { <-s.ready }()
	g, err = s.items.Lock()
	return
}

// Not locked where errors.Is says that it was refused.
func retried(s *store) error { // want retried:`waits`
	for {
		g, err := s.items.TryLock()
		if errors.Is(err, own.ErrWouldBlock) {
			time.Sleep(time.Millisecond)
			continue
		}
		if err != nil {
			return err
		}
		g.Unlock()
		return nil
	}
}
