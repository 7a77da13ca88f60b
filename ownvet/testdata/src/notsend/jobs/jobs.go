// Package jobs does not know of own. It passes on what it is given, in ways that
// its callers cannot see.
package jobs

import (
	"sync"
	"time"
)

func Run(f func()) { // want Run:`crosses\[0\]`
	go f()
}

func RunAll(fs ...func()) { // want RunAll:`crosses\[0\]`
	for _, f := range fs {
		go func() { f() }()
	}
}

// Indirect crosses because Run does.
func Indirect(name string, f func()) { // want Indirect:`crosses\[1\]`
	Run(func() { f() })
}

type Queue[T any] struct{ ch chan T }

func (q *Queue[T]) Put(v T) { // want Put:`crosses\[1\]`
	q.ch <- v
}

type Pool struct {
	mu   sync.Mutex
	todo chan any
}

func (p *Pool) Submit(job any) bool { // want Submit:`crosses\[1\]`
	select {
	case p.todo <- job:
		return true
	default:
		return false
	}
}

// Within waits for f, which runs on another goroutine for the time limit's sake.
func Within(limit time.Duration, f func()) bool {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
		return true
	case <-time.After(limit):
		return false
	}
}

// Parallel waits, too, but for several.
func Parallel(n int, f func()) { // want Parallel:`crosses\[1\]`
	var wg sync.WaitGroup
	for range n {
		wg.Go(f)
	}
	wg.Wait()
}

// Here runs f on the caller's goroutine.
func Here(f func()) { f() }

// Stack keeps what it is given.
type Stack[T any] struct{ values []T }

func (s *Stack[T]) Push(v T) { s.values = append(s.values, v) }

func Print(args ...any) {}
