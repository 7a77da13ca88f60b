package main

import (
	"context"
	"errors"
	"slices"

	"github.com/go-own/own"
)

// A queue holds items up to a capacity, first in, first out. All methods may be
// called from any goroutine. What Push accepts, exactly one of Pop, Withdraw and
// Drain gives out.
//
// A buffered channel does that too, in fewer lines, several times as fast, and
// select waits for several of them. It is the better choice nearly always. What it
// cannot do: show what waits in it, give out an item that is not the next, put an
// urgent one first, be closed while others send (they panic), or say at the end
// exactly what is left. Each of these is a few lines here; Withdraw is one.
//
// With a sync.Cond, the conditions below become loops around Wait, and each method
// has to know whom it may have to wake. With one Cond for "not full" and "not
// empty" it takes a Broadcast, for Signal may pick one that has no use for it; with
// two, a Signal of the right one, and a Broadcast of both in Close. And nobody can
// give up a Wait. client-go's util/workqueue/queue.go, which Kubernetes controllers
// take their work from, is written that way: a Cond, a flag shuttingDown, three
// Signals, a Broadcast, and a Get that ends only with the whole queue
// (kubernetes/kubernetes#91800 asks for another way out).
type queue[T any] struct {
	capacity int // never written again, so it needs no lock
	state    own.Mutex[state[T]]
}

type state[T any] struct {
	items  []T
	closed bool
}

var errClosed = errors.New("queue closed")

func newQueue[T any](capacity int) *queue[T] {
	if capacity < 1 {
		panic("queue: a queue without room accepts nothing: the capacity is at least 1")
	}
	return &queue[T]{capacity: capacity}
}

// Push adds v as soon as there is room. It returns errClosed if the queue is or
// becomes closed, the cause if ctx ends first, and a PoisonError if the queue is
// broken. An error means that v was not added and is still the caller's.
func (q *queue[T]) Push(ctx context.Context, v T) error {
	g, err := q.state.LockWhen(ctx, func(s *state[T]) bool {
		return s.closed || len(s.items) < q.capacity
	})
	if err != nil {
		return err
	}
	defer g.Unlock()
	s := g.Value()
	if s.closed { // which of the two it was; still true, for the lock is held
		return errClosed
	}
	s.items = append(s.items, v)
	return nil
}

// Pop takes the next item out as soon as there is one. After Close it gives out
// what is left, and then errClosed. Its other errors are those of Push; with any
// of them, nothing was taken.
func (q *queue[T]) Pop(ctx context.Context) (v T, err error) {
	g, err := q.state.LockWhen(ctx, func(s *state[T]) bool {
		// All that can end the wait has to be in here. Without closed, whoever
		// waits at an empty queue would never hear that nothing will come.
		return s.closed || len(s.items) > 0
	})
	if err != nil {
		return v, err
	}
	defer g.Unlock()
	s := g.Value()
	if len(s.items) == 0 {
		return v, errClosed
	}
	v = s.items[0]
	// items = items[1:] would keep v reachable, and the array growing. To move the
	// rest is nothing for a short queue; a long one takes a ring.
	s.items = slices.Delete(s.items, 0, 1)
	return v, nil
}

// Close refuses what is pushed from now on, also by those who wait already. Its
// error says that the queue is poisoned: then all have been told.
func (q *queue[T]) Close() error {
	return q.state.With(func(s *state[T]) { s.closed = true })
}

// Drain closes the queue and takes out what is left, in one critical section. So
// what it returns is all that nobody has popped, and nothing comes after it.
func (q *queue[T]) Drain() (left []T, err error) {
	err = q.state.With(func(s *state[T]) {
		s.closed = true
		left, s.items = s.items, nil
	})
	return left, err
}

// Withdraw takes out the items for which match returns true, wherever they are,
// and returns them. Those who wait for room get it.
//
// match runs with the lock held, and while the items are being moved. If it panics,
// nobody knows any more what the queue holds, and the lock says so. To recover in
// here would keep the queue running, with items lost and doubled. Nothing is left
// to repair it from, either: who has to survive this keeps a journal, and makes a
// new queue of that, as examples/poison does with its ledger.
func (q *queue[T]) Withdraw(match func(T) bool) (taken []T, err error) {
	err = q.state.With(func(s *state[T]) {
		s.items = slices.DeleteFunc(s.items, func(v T) bool {
			if !match(v) {
				return false
			}
			taken = append(taken, v)
			return true
		})
	})
	return taken, err
}
