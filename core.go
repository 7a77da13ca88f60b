package own

import (
	"sync"
	"sync/atomic"
)

// core is the part of a lock that does not depend on the type of its value: a
// sync.Mutex, which does all the blocking, and the poison. It is not generic so
// that there is one copy of it in a program, and so that the generic methods on
// top of it are thin enough for the compiler to inline: only then does the
// guard that they make stay on the caller's stack.
//
// No race annotations are needed: every access to a value happens between
// mu.Lock and mu.Unlock, which the race detector understands.
type core struct {
	mu sync.Mutex

	// cause is set while the lock is poisoned. It is written with mu held, by
	// the section that fails, so that nobody gets in between the release and
	// the poison. ClearPoison alone writes it without mu.
	cause atomic.Pointer[PoisonError]
}

// lock acquires c. It returns a *PoisonError, with c released again, if c is
// poisoned.
//
// Looking at cause first and not waiting for mu at all would be quicker for a
// poisoned lock, and wrong: whoever holds mu may be repairing the value.
func (c *core) lock() error {
	c.mu.Lock()
	if e := c.cause.Load(); e != nil {
		return c.refuse(e)
	}
	return nil
}

// mustLock is lock that panics with the *PoisonError.
func (c *core) mustLock() {
	if err := c.lock(); err != nil {
		panic(err)
	}
}

// tryLock is lock that returns ErrWouldBlock instead of blocking.
func (c *core) tryLock() error {
	if !c.mu.TryLock() {
		return ErrWouldBlock
	}
	if e := c.cause.Load(); e != nil {
		return c.refuse(e)
	}
	return nil
}

// lockIgnorePoison acquires c, poisoned or not.
func (c *core) lockIgnorePoison() { c.mu.Lock() }

// tryLockIgnorePoison acquires c, poisoned or not, if it is free.
func (c *core) tryLockIgnorePoison() bool { return c.mu.TryLock() }

// refuse gives back a lock that turned out to be poisoned.
func (c *core) refuse(e *PoisonError) error {
	c.unlock()
	return e
}

// unlock releases c. All releases come through here.
func (c *core) unlock() { c.mu.Unlock() }

// abandon releases c for a critical section that did not come to its end:
// because of a panic with value v, or because of a Goexit if v is nil. It
// poisons first and unlocks then: the other way round, somebody could lock in
// between and trust a half-updated value. Then it lets the panic go on.
//
// The panic goes on as a new one with the same value, because it takes a
// recover to see a panic at all. The runtime prints the two as one, "panic: v
// [recovered, repanicked]", and the frames that panicked first are still on the
// stack below the deferred function that called abandon.
func (c *core) abandon(v any) {
	e := newPoisonError(v)
	first := c.cause.CompareAndSwap(nil, e)
	c.unlock()
	if first {
		callPoisonHooks(e)
	}
	if v != nil {
		panic(v)
	}
}

// A section is a critical section around the call of a user's function. It
// knows exactly whether that function came to its end:
//
//	s := section{c}
//	defer s.abandoned()
//	f(&value)
//	s.done().unlock()
//
// The flag (core set to nil, by done) is what tells a Goexit from a normal
// return. A deferred recover alone cannot: it returns nil for both.
type section struct{ core *core }

// done ends the section normally. It leaves the unlocking to the caller, to be
// small enough for both to be inlined.
func (s *section) done() *core {
	c := s.core
	s.core = nil
	return c
}

// abandoned releases and poisons the lock unless done has been called. It must
// be deferred directly, for recover to work.
func (s *section) abandoned() {
	if s.core != nil {
		s.core.abandon(recover())
	}
}
