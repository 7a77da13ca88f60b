package own

import (
	"context"

	"github.com/go-own/own/internal/prim"
	"github.com/go-own/own/internal/track"
)

// rwcore is the part of an RWMutex that does not depend on the type of its
// value: a core, which makes the writers one, and a sync.RWMutex between that
// writer and the readers.
//
// A sync.RWMutex alone can do neither of two things. It cannot be downgraded:
// between its Unlock and RLock another writer can slip in. And it cannot be
// waited for by a writer that may give up: a loop of TryLock lets new readers
// in, and as long as their sections overlap it never succeeds. A core before it
// solves both, because whoever holds that knows that no other writer is near.
type rwcore struct {
	// writers is held by a writer from before it asks the readers to go until
	// after it has let them in again. Its poison is that of the whole lock, its
	// queue is where readers wait, too, and its waiting counts all.
	writers core
	readers prim.RWMutex
}

// lock acquires c for writing. Poison is known once no other writer is there,
// and nobody has to wait for readers to hear of it.
func (c *rwcore) lock() error {
	c.writers.acquire() // core.lock written out: one call less
	if e := c.writers.cause.Load(); e != nil {
		return c.writers.refuse(e)
	}
	c.acquireWrite()
	return nil
}

// mustLock is lock that panics with the *PoisonError, without a call of lock: see
// core.mustLock.
func (c *rwcore) mustLock() {
	c.writers.acquire()
	if e := c.writers.cause.Load(); e != nil {
		panic(c.writers.refuse(e))
	}
	c.acquireWrite()
}

// tryLock is lock that returns ErrWouldBlock instead of blocking.
func (c *rwcore) tryLock() error {
	if !c.writers.tryLockIgnorePoison() {
		return ErrWouldBlock
	}
	if !c.readers.TryLock() {
		c.writers.unlockUnchanged()
		return ErrWouldBlock
	}
	if e := c.writers.cause.Load(); e != nil {
		c.unlock()
		return e
	}
	return nil
}

// lockIgnorePoison acquires c for writing, poisoned or not.
func (c *rwcore) lockIgnorePoison() {
	c.writers.lockIgnorePoison()
	c.acquireWrite()
}

// lockContext acquires c for writing unless ctx ends first.
func (c *rwcore) lockContext(ctx context.Context) error {
	if err := c.writers.lockContext(ctx); err != nil {
		return err
	}
	if c.readers.TryLock() {
		return nil
	}
	return c.drain(ctx)
}

// drain is how a writer that holds writers waits for readers to go: at a gate,
// which it closes to new readers, and where the last old one hands it the lock.
// If it gives up, it opens the gate again.
func (c *rwcore) drain(ctx context.Context) error {
	q, w := c.writers.line(), newWaiter(c.writers.done(ctx))
	q.mu.Lock()
	q.writer = w
	c.writers.waiting.Add(1)
	q.mu.Unlock()
	c.drained() // the last reader may have gone before it could see the gate

	waits := c.writers.track.Drain()
	held := q.sleep(w, c.openGate)
	waits.Over()
	if !held {
		c.writers.unlockUnchanged()
		return cancelled(ctx)
	}
	if ctx.Err() != nil {
		c.unlock()
		return cancelled(ctx)
	}
	return nil
}

// drained gets the lock for a writer at the gate if all readers have gone. It
// holds q.mu throughout: of two calls of TryLock at once both can fail, each
// because of the other, and the writer would be left behind.
func (c *rwcore) drained() {
	q := c.writers.queue.Load()
	q.mu.Lock()
	defer q.mu.Unlock()
	if w := q.writer; w != nil && c.readers.TryLock() {
		q.writer = nil
		c.writers.waiting.Add(-1)
		w.hand()
	}
}

// openGate lets the readers in that wait for a writer that gave up. It is called
// with q.mu held, by that writer.
func (c *rwcore) openGate() {
	c.writers.queue.Load().writer = nil
	c.writers.waiting.Add(-1)
	c.admit()
}

// admit lets all waiting readers in. It is called with q.mu held, by a writer
// that still holds writers, but not readers any more: no other can ask for
// readers, so that RLock cannot block.
func (c *rwcore) admit() {
	l := &c.writers.queue.Load().readers
	for l.Len() > 0 {
		w := l.Front().Value.(*waiter)
		w.in.Set()
		c.readers.RLock()
		c.forget(w)
		w.hand()
	}
}

// forget takes a reader out of the queue. It is called with q.mu held.
func (c *rwcore) forget(w *waiter) {
	c.writers.queue.Load().readers.Remove(w.place)
	c.writers.waiting.Add(-1)
}

// unlock releases c after writing. The second half is core.release and
// leaveToReaders, for when nobody waits, written out: a call there is measurable.
func (c *rwcore) unlock() {
	c.writers.track.Lost(track.Write)
	c.readers.Unlock()
	if c.writers.waiting.Load() != 0 {
		c.leaveToReaders()
		return
	}
	c.writers.mu.Unlock()
	if c.writers.waiting.Load() != 0 {
		c.writers.offer()
	}
}

// downgrade turns the writer into a reader. No writer gets in between, since
// this one still holds writers; waiting readers do.
func (c *rwcore) downgrade() {
	c.writers.track.Lost(track.Write)
	c.readers.Unlock()
	c.readers.RLock()
	c.writers.track.Got(track.Read)
	c.leaveToReaders()
}

// leaveToReaders lets waiting readers in, and then the next writer try: so a
// stream of writers does not keep readers out. The readers that do not wait with
// a context have been let in by readers.Unlock.
func (c *rwcore) leaveToReaders() {
	if c.writers.waiting.Load() != 0 {
		q := c.writers.queue.Load()
		q.mu.Lock()
		c.admit()
		q.mu.Unlock()
	}
	c.writers.unlockUnchanged() // there are no conditions to look at
}

// abandon is core.abandon for a writer.
func (c *rwcore) abandon(v any) {
	e := c.writers.poisoned(v)
	c.unlock()
	goOn(v, e)
}

// rlock acquires c for reading. It returns a *PoisonError, with c released
// again, if c is poisoned.
func (c *rwcore) rlock() error {
	switch {
	case c.writers.waiting.Load() != 0:
		c.rlockBehind()
	case track.Enabled:
		c.acquireRead()
	default:
		c.readers.RLock() // acquireRead is one too large to be inlined, with this in it
	}
	if e := c.writers.cause.Load(); e != nil {
		return c.rrefuse(e)
	}
	return nil
}

// mustRLock is rlock that panics with the *PoisonError, without a call of rlock: see
// core.mustLock.
func (c *rwcore) mustRLock() {
	switch {
	case c.writers.waiting.Load() != 0:
		c.rlockBehind()
	case track.Enabled:
		c.acquireRead()
	default:
		c.readers.RLock()
	}
	if e := c.writers.cause.Load(); e != nil {
		panic(c.rrefuse(e))
	}
}

// tryRLock is rlock that returns ErrWouldBlock instead of blocking.
func (c *rwcore) tryRLock() error {
	if !c.tryRLockIgnorePoison() {
		return ErrWouldBlock
	}
	return c.trust()
}

// rlockIgnorePoison acquires c for reading, poisoned or not.
func (c *rwcore) rlockIgnorePoison() {
	if c.writers.waiting.Load() == 0 {
		c.acquireRead()
		return
	}
	c.rlockBehind()
}

// rlockBehind is rlockIgnorePoison where others wait.
func (c *rwcore) rlockBehind() {
	c.writers.track.Want(track.Read)
	if !c.tryRLockIgnorePoison() {
		_ = c.rwait(context.Background(), false)
	}
}

// tryRLockIgnorePoison acquires c for reading, poisoned or not, unless a writer
// holds it or waits for readers to go.
func (c *rwcore) tryRLockIgnorePoison() bool {
	ok := c.tryReaders()
	if ok {
		c.writers.track.Got(track.Read)
	}
	return ok
}

// tryReaders is tryRLockIgnorePoison without anybody knowing.
func (c *rwcore) tryReaders() bool {
	if c.writers.waiting.Load() == 0 {
		return c.readers.TryRLock()
	}
	q := c.writers.queue.Load()
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.writer == nil && c.readers.TryRLock()
}

// rlockContext acquires c for reading unless ctx ends first.
func (c *rwcore) rlockContext(ctx context.Context) error {
	checkContext(ctx)
	if ctx.Err() != nil {
		return cancelled(ctx)
	}
	c.writers.track.Want(track.Read)
	if !c.tryRLockIgnorePoison() {
		if err := c.rwait(ctx, true); err != nil {
			return err
		}
	}
	return c.trust()
}

// rwait waits for a writer, at the gate or with the lock, to let readers in. What can
// give up has a context, whatever that is.
func (c *rwcore) rwait(ctx context.Context, canGiveUp bool) error {
	q, w := c.writers.line(), newWaiter(ctx.Done())
	q.mu.Lock()
	w.place = q.readers.PushBack(w)
	c.writers.waiting.Add(1)
	// Look again, now that a writer that leaves will see w.
	if q.writer == nil && c.readers.TryRLock() {
		c.forget(w)
		q.mu.Unlock()
		c.writers.track.Got(track.Read)
		return nil
	}
	q.mu.Unlock()

	waits := c.writers.track.Behind(&w.in, canGiveUp)
	if deadlock := waits.Deadlock(); deadlock != nil {
		q.mu.Lock()
		letIn := w.holds // since then, by a guard that was handed over
		if !letIn {
			c.forget(w)
		}
		q.mu.Unlock()
		if !letIn {
			panic(deadlock)
		}
	}
	held := q.sleep(w, func() { c.forget(w) })
	waits.Over()
	if !held {
		return cancelled(ctx)
	}
	c.writers.track.Got(track.Read)
	if ctx.Err() != nil {
		c.runlock()
		return cancelled(ctx)
	}
	return nil
}

// trust ends the acquisition of a reader: if c is poisoned, it is released.
func (c *rwcore) trust() error {
	if e := c.writers.cause.Load(); e != nil {
		return c.rrefuse(e)
	}
	return nil
}

// rrefuse gives back a lock for reading that turned out to be poisoned.
func (c *rwcore) rrefuse(e *PoisonError) error {
	c.runlock()
	return e
}

// runlock releases c after reading.
func (c *rwcore) runlock() {
	c.writers.track.Lost(track.Read)
	c.readers.RUnlock()
	if c.writers.waiting.Load() != 0 {
		c.drained()
	}
}
