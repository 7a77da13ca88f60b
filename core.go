package own

import (
	"github.com/go-own/own/internal/prim"
	"github.com/go-own/own/internal/track"
)

// core is the part of a lock that does not depend on the type of its value: a
// sync.Mutex, which does all the blocking of Lock, the poison, and those who
// wait in a way that a sync.Mutex does not know. It is not generic so that there
// is one copy of it in a program, and so that the generic methods on top of it
// are thin enough for the compiler to inline: only then does the guard that they
// make stay on the caller's stack.
//
// No race annotations are needed: every access to a value happens between an
// acquisition of mu and its release or hand-over under the queue's mu, both of
// which the race detector understands.
type core struct {
	track track.Lock // what the debug build knows of it; nothing in others

	mu prim.Mutex

	poison

	// queue and waiting belong to queue.go. waiting is how many are in the queue,
	// and is all that a lock on which nobody waits looks at.
	queue   prim.Pointer[queue]
	waiting prim.Int32
}

// lock acquires c. It returns a *PoisonError, with c released again, if c is
// poisoned.
//
// Looking at cause first and not waiting for mu at all would be quicker for a
// poisoned lock, and wrong: whoever holds mu may be repairing the value.
func (c *core) lock() error {
	c.acquire()
	if e := c.cause.Load(); e != nil {
		return c.refuse(e)
	}
	return nil
}

// mustLock is lock that panics with the *PoisonError. It does not call lock, so that it
// is not inlined: who called it would have the error to look at.
func (c *core) mustLock() {
	c.acquire()
	if e := c.cause.Load(); e != nil {
		panic(c.refuse(e))
	}
}

// tryLock is lock that returns ErrWouldBlock instead of blocking.
func (c *core) tryLock() error {
	if !c.tryAcquire() {
		return ErrWouldBlock
	}
	if e := c.cause.Load(); e != nil {
		return c.refuse(e)
	}
	return nil
}

// lockIgnorePoison acquires c, poisoned or not.
func (c *core) lockIgnorePoison() { c.acquire() }

// tryLockIgnorePoison acquires c, poisoned or not, if it is free.
func (c *core) tryLockIgnorePoison() bool { return c.tryAcquire() }

// refuse gives back a lock that turned out to be poisoned.
func (c *core) refuse(e *PoisonError) error {
	c.unlockUnchanged()
	return e
}

// unlock releases c at the end of a critical section.
func (c *core) unlock() { c.release(true) }

// unlockUnchanged is unlock by one that has only read the value, so that no
// condition has to be looked at again.
func (c *core) unlockUnchanged() { c.release(false) }

// release looks for waiters twice. The first look is for those that are owed the
// lock, or have to be told that the value may have changed. The second is for
// one that came after the first and found the lock held.
//
// Guard.Unlock and Mutex.With have a copy of it: a call there is measurable.
func (c *core) release(changed bool) {
	c.track.Lost(track.Write)
	if c.waiting.Load() != 0 {
		c.releaseFrom(nil, changed)
		return
	}
	c.mu.Unlock()
	if c.waiting.Load() != 0 {
		c.offer()
	}
}

// abandon releases c for a critical section that did not come to its end:
// because of a panic with value v, or because of a Goexit if v is nil. It
// poisons first and unlocks then: the other way round, somebody could lock in
// between and trust a half-updated value. Then it lets the panic go on.
func (c *core) abandon(v any) {
	e := c.poisoned(v)
	c.unlock()
	goOn(v, e)
}

// poisoned poisons, as poison.set says.
func (c *core) poisoned(v any) *PoisonError {
	e := c.set(v)
	if e != nil {
		c.track.Poisoned(e)
	}
	return e
}

// clear ends the poison.
func (c *core) clear() {
	c.cause.Store(nil)
	c.track.Healthy()
}

// A section is a critical section around the call of a user's function. It
// knows exactly whether that function came to its end:
//
//	s := section{core: c}
//	defer s.abandoned()
//	f(&value)
//	s.done()
//	c.unlock()
//
// The flag (core set to nil, by done) is what tells a Goexit from a normal
// return. A deferred recover alone cannot: it returns nil for both.
//
// With has a copy of it: a deferred method is called through a function that the
// compiler makes for its receiver, a deferred function literal is not.
type section struct{ core *core }

// done ends the section normally. It leaves the unlocking to the caller, who
// may go on holding the lock.
func (s *section) done() { s.core = nil }

// abandoned releases and poisons the lock unless done has been called. It must
// be deferred directly, for recover to work.
func (s *section) abandoned() {
	if s.core != nil {
		s.core.abandon(recover())
	}
}
