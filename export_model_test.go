//go:build ownmodel

package own

import (
	"github.com/go-own/own/internal/model"
)

// Content returns what [model.World.Content] asks for, of a world that has m. value
// returns a hash of what m protects.
func (m *Mutex[T]) Content(value func(*T) uint64) func(lock *model.Object) uint64 {
	waiters := waitersOf{}
	c := &m.core
	c.show()
	return func(lock *model.Object) uint64 {
		q := c.queue.Peek()
		protected := value(&m.value)
		if q != nil {
			protected = model.Mix(protected, q.awaits)
		}
		switch {
		case lock == nil:
			return model.Mix(protected, model.Mix(c.content(waiters), waiters.content(q)))
		case q != nil && lock == q.mu.Object():
			return waiters.content(q)
		default: // of the lock itself, or a channel through which it is handed over
			return protected
		}
	}
}

// Content is [Mutex.Content] of an RWMutex.
func (m *RWMutex[T]) Content(value func(*T) uint64) func(lock *model.Object) uint64 {
	waiters := waitersOf{}
	c := &m.core
	c.writers.show()
	c.readers.Enter()
	return func(lock *model.Object) uint64 {
		q := c.writers.queue.Peek()
		switch {
		case lock == nil:
			h := model.Mix(value(&m.value), c.readers.Content())
			return model.Mix(h, model.Mix(c.writers.content(waiters), waiters.content(q)))
		case lock == c.writers.mu.Object():
			return 0 // the value comes with readers
		case q != nil && lock == q.mu.Object():
			return waiters.content(q)
		default:
			return value(&m.value)
		}
	}
}

// show makes all of c part of the state.
func (c *core) show() {
	for _, o := range []*model.Object{c.mu.Object(), c.cause.Object(), c.waiting.Object(), c.queue.Object()} {
		o.Enter()
	}
}

// content is a hash of c without what waits.
func (c *core) content(waiters waitersOf) uint64 {
	h := uint64(0)
	for _, o := range []*model.Object{c.mu.Object(), c.cause.Object(), c.waiting.Object()} {
		h = model.Mix(h, o.Content())
	}
	if q := c.queue.Peek(); q != nil {
		h = model.Mix(h, 1+q.mu.Object().Content())
	}
	return h
}

// waitersOf has the last waiter of each thread, by [model.Owner]: one that is handed the
// lock may have left the queue before it wakes up.
type waitersOf map[uint64]*waiter

// content is a hash of q. Left out are when and how often the lock was released, which
// only says when to yield, and the version by itself.
func (waiters waitersOf) content(q *queue) uint64 {
	if q == nil {
		return 0
	}
	h := model.Mix(flag(q.owed)+uint64(q.passed)<<1, uint64(q.left))
	add := func(w *waiter) {
		owner := model.Owner(w)
		waiters[owner] = w
		h = model.Mix(h, owner)
	}
	for e := q.waiters.Front(); e != nil; e = e.Next() {
		add(e.Value.(*waiter))
	}
	h = model.Mix(h, 'r')
	for e := q.readers.Front(); e != nil; e = e.Next() {
		add(e.Value.(*waiter))
	}
	h = model.Mix(h, 'w')
	if q.writer != nil {
		add(q.writer)
	}
	for owner := range uint64(maxOwners) {
		if w := waiters[owner]; w != nil && (!w.holds || w.woken) {
			h = model.Mix(h, owner<<4+flag(w.woken)<<3+flag(w.holds)<<2+flag(w.saw == q.version)<<1+uint64(len(w.wake)))
		}
	}
	return h
}

const maxOwners = 12 // threads, and the world itself

func flag(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// LastOwner is what is asked of a count that an owner has been taken from.
func LastOwner(word uint64) uint64 { return flag(strongOf(word) == 0) }
