package blocking

import (
	"blocking/remote"
	"context"
	"net/http"
	"os/exec"
	"sync"
	"time"

	"github.com/go-own/own"
)

type store struct {
	items own.Mutex[map[string]int]
	names own.RWMutex[[]string]
	ready chan int
}

func send(s *store) { // want send:`waits`
	g := s.items.MustLock()
	defer g.Unlock()
	s.ready <- 1 // want `^blocking-while-locked: a send on a channel with a lock held that was taken on line 21; whoever wants it waits, too: unlock first$`
}

func receive(s *store) (n int, err error) { // want receive:`waits`
	g, err := s.items.Lock()
	if err != nil {
		return 0, err
	}
	n = <-s.ready // want `blocking-while-locked: a receive from a channel`
	g.Unlock()
	return n, nil
}

func selects(ctx context.Context, s *store) { // want selects:`waits`
	g := s.names.MustRLock()
	defer g.Unlock()
	select { // want `blocking-while-locked: a select without default`
	case <-s.ready:
	case <-ctx.Done():
	}
}

func ranges(s *store) { // want ranges:`waits`
	g := s.names.MustLock()
	defer func() { g.Unlock() }()
	for range s.ready { // want `blocking-while-locked: a receive from a channel`
	}
}

func sleeps(s *store) { // want sleeps:`waits for Sleep`
	s.items.MustWith(func(*map[string]int) {
		time.Sleep(time.Second) // want `blocking-while-locked: a call of time.Sleep with a lock held`
	})
	g := s.items.MustLock()
	time.Sleep(time.Second) // want `blocking-while-locked: a call of time.Sleep`
	g.Unlock()
	time.Sleep(time.Second)
}

func known(s *store, wg *sync.WaitGroup) { // want known:`waits`
	g := s.items.MustLock()
	defer g.Unlock()
	wg.Wait()                  // want `blocking-while-locked: a call of \(\*sync.WaitGroup\).Wait`
	http.Get("x")              // want `blocking-while-locked: a call of http.Get`
	exec.Command("true").Run() // want `blocking-while-locked: a call of \(\*exec.Cmd\).Run`
	remote.Fetch("x")          // want `blocking-while-locked: a call of remote.Fetch, which waits for Get \(remote.go:10\), with a lock held`
	remote.Twice("x")          // want `blocking-while-locked: a call of remote.Twice, which waits for Get`
	here(s)                    // want `blocking-while-locked: a call of here, which waits for a receive from a channel \(bugs.go:74\), with a lock held`
}

func here(s *store) int { // want here:`waits`
	return <-s.ready
}

func otherLock(ctx context.Context, s *store, m *own.Mutex[int]) error { // want otherLock:`waits`
	g := s.items.MustLock()
	defer g.Unlock()
	h, err := m.LockWhen(ctx, func(n *int) bool { return *n > 0 }) // want `blocking-while-locked: a call of \(\*own.Mutex\[int\]\).LockWhen`
	if err != nil {
		return err
	}
	defer h.Unlock()
	return h.Await(ctx, func(n *int) bool { return *n == 0 }) // want `blocking-while-locked: a call of \(\*own.Guard\[int\]\).Await`
}

func generic[T any](m *own.Mutex[T], ch chan T) { // want generic:`waits`
	g := m.MustLock()
	defer g.Unlock()
	ch <- *g.Value() // want `blocking-while-locked: a send on a channel`
}
