package own

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-own/own/internal/track"
)

// Waiting that can be cancelled, or that is for a condition. A sync.Mutex knows
// neither, so those who wait that way stand in a queue of their own beside it.
// They hold the sync.Mutex when they hold the lock, like everybody else; they only
// try for it when they are woken, or it is handed to them by whoever releases it.
//
// The tempting ways to do without a queue, and what is wrong with them:
//
//   - A goroutine that calls Lock while the caller selects on it and on the
//     context. It lives on when the caller has given up, and there is one for
//     each waiter.
//   - A loop of TryLock and sleep. It wakes up late or burns a processor, and
//     under load it never gets in.
//   - A channel that is closed at each release, to wake all. They then race for
//     the lock with each other and with plain Locks, and the same one may lose
//     for ever.
//   - Conditions looked at by whoever releases. It saves switches between
//     goroutines, but a condition that panics would then take down a bystander.

// awaits returns how often Await has been called. The caller holds c.
func (c *core) awaits() uint64 {
	if q := c.queue.Load(); q != nil {
		return q.awaits
	}
	return 0
}

// lockContext acquires c unless ctx ends first. It returns a *PoisonError, with
// c released again, if c is poisoned.
func (c *core) lockContext(ctx context.Context) error {
	checkContext(ctx)
	if ctx.Err() != nil {
		return cancelled(ctx)
	}
	c.track.Want(track.Write)
	if !c.tryAcquire() {
		return c.wait(ctx, nil)
	}
	if e := c.cause.Load(); e != nil {
		return c.refuse(e)
	}
	return nil
}

// lockWhen acquires c once cond holds, unless ctx ends first. If c is poisoned
// by then, it returns a *PoisonError, with c released again.
func (c *core) lockWhen(ctx context.Context, cond func() bool) error {
	if ctx.Err() != nil {
		return cancelled(ctx)
	}
	c.track.Want(track.Write)
	if !c.tryAcquire() {
		return c.wait(ctx, cond)
	}
	ok, err := c.judge(ctx, cond, nil)
	if err != nil {
		c.unlockUnchanged()
		return err
	}
	if ok {
		return nil
	}
	return c.waitAgain(ctx, cond, nil, false)
}

// await is lockWhen for one that holds the lock already. It comes back with the
// lock, or with an error and without it. Poison that is there now does not count:
// the caller has chosen to ignore it.
func (c *core) await(ctx context.Context, cond func() bool) error {
	c.line().awaits++
	ignore := c.cause.Load()
	ok, err := c.judge(ctx, cond, ignore)
	if err != nil {
		c.unlock()
		return err
	}
	if ok {
		return nil
	}
	c.track.Want(track.Write)
	return c.waitAgain(ctx, cond, ignore, true)
}

// judge says, with the lock held, whether a wait is over: with the lock (true) or
// with an error. The context comes first: one that has ended gets nothing. Then
// comes poison: nobody is asked to judge a value that is half updated. If cond, or
// a method of ctx, panics or calls Goexit, the lock is released and poisoned.
func (c *core) judge(ctx context.Context, cond func() bool, ignore *PoisonError) (ok bool, err error) {
	s := section{core: c}
	defer s.abandoned()
	switch e := c.cause.Load(); {
	case ctx.Err() != nil:
		err = cancelled(ctx)
	case e != nil && e != ignore:
		err = e
	default:
		ok = cond == nil || cond()
	}
	s.done()
	return ok, err
}

// wait waits for the lock, and for cond unless it is nil.
func (c *core) wait(ctx context.Context, cond func() bool) error {
	w := newWaiter(ctx.Done())
	holds := c.enter(w)
	defer c.leave(w)
	return c.turns(ctx, w, cond, nil, holds)
}

// waitAgain gives up the lock and waits until it can be had again with cond,
// which has just been found false.
func (c *core) waitAgain(ctx context.Context, cond func() bool, ignore *PoisonError, changed bool) error {
	w := newWaiter(c.done(ctx))
	w.holds = true
	c.enter(w)
	defer c.leave(w)
	c.releaseFrom(w, changed)
	return c.turns(ctx, w, cond, ignore, false)
}

// done is the Done of ctx, for one that holds c. If that panics or calls Goexit, the
// lock is released and poisoned.
func (c *core) done(ctx context.Context) <-chan struct{} {
	s := section{core: c}
	defer s.abandoned()
	done := ctx.Done()
	s.done()
	return done
}

// turns takes the turns of w, which is in the queue, until one of them ends the
// wait: with the lock, or with an error and without it. It begins with one if w holds
// the lock already.
func (c *core) turns(ctx context.Context, w *waiter, cond func() bool, ignore *PoisonError, holds bool) error {
	for {
		if !holds && !c.sleep(w) {
			return cancelled(ctx)
		}
		holds = false
		c.track.Got(track.Write)
		ok, err := c.judge(ctx, cond, ignore)
		if err != nil {
			c.pass(w, false)
			return err
		}
		if ok {
			return nil
		}
		c.pass(w, true)
	}
}

// sleep waits until w has the lock, or its context ends. It reports whether w has it.
func (c *core) sleep(w *waiter) (holds bool) {
	q, withdraw := c.queue.Load(), func() { w.holds = true }
	waits := c.track.Await(track.Write)
	for !holds && q.sleep(w, withdraw) {
		holds = c.look(w)
	}
	waits.Over() // not deferred: a normal build would have that call
	return holds
}

// cancelled returns the error of a wait that ended because ctx did. It is the
// cause, and ctx.Err as well where the cause does not say it.
func cancelled(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	switch {
	case err == nil: // a Context that breaks its contract: an error there must be
		return context.Canceled
	case errors.Is(cause, err):
		return cause
	default:
		return fmt.Errorf("%w: %w", err, cause)
	}
}

func checkContext(ctx context.Context) {
	if ctx == nil {
		panic("own: waiting with a nil context: pass context.Background() to wait without a limit")
	}
}

func checkCondition(missing bool) {
	if missing {
		panic("own: waiting for a nil condition: pass the function to wait for, or use LockContext to wait for the lock only")
	}
}
