//go:build !owndebug

package own

import "context"

// The methods of Mutex that return a guard. Each is as large as the compiler inlines, so
// that the guard stays on the caller's stack; there is no room even for the call of a
// function without a body. So the debug build has others: lock_debug.go.

// Lock locks m, waiting for as long as somebody else holds it, and returns the
// guard through which the value can be used. If m is poisoned it returns nil
// and a [*PoisonError], and m is not locked.
//
//	g, err := m.Lock()
//	if err != nil {
//		return err
//	}
//	defer g.Unlock()
//
// The guard stays on the stack of a caller that uses it locally; one that is
// stored, captured or returned costs an allocation of one word.
//
// Rust: Mutex::lock, whose error holds the lock where this one does not.
func (m *Mutex[T]) Lock() (*Guard[T], error) {
	if err := m.core.lock(); err != nil {
		return nil, err
	}
	return &Guard[T]{m: m}, nil
}

// MustLock is [Mutex.Lock] that panics with the [*PoisonError] if m is
// poisoned. It suits programs in which a panic in a critical section is a crash
// anyway. Rust: lock().unwrap().
func (m *Mutex[T]) MustLock() *Guard[T] {
	m.core.mustLock()
	return &Guard[T]{m: m}
}

// TryLock is [Mutex.Lock] that does not wait: it returns [ErrWouldBlock] if m is
// locked, by another goroutine or by the caller. Whether m is poisoned is known
// only with the lock, so that a lock that is held reports ErrWouldBlock, poisoned
// or not. As with [sync.Mutex.TryLock], correct uses are rare; one that tries
// again until it succeeds never does if the holder is the caller. Rust:
// Mutex::try_lock.
func (m *Mutex[T]) TryLock() (*Guard[T], error) {
	if err := m.core.tryLock(); err != nil {
		return nil, err
	}
	return &Guard[T]{m: m}, nil
}

// LockContext is [Mutex.Lock] that gives up when ctx ends. Whoever gives up does
// not hold the lock, and gets an error that matches both ctx.Err() and
// context.Cause(ctx), for [errors.Is]. A ctx that has ended already gets
// nothing, not even a free lock.
//
// Those who wait with a context are served in the order in which they came. As with
// [sync.Mutex], the one whose turn it is has to wake up first, and whoever finds the
// lock free meanwhile takes it, another LockContext included: often the goroutine that
// has just released it. If the one that woke up finds it held, the next release hands
// it over; and it is passed by no more than 65 others, if it does not get to run. In the
// other direction, plain Locks get in after each round of those who wait, or the next,
// as soon as [sync.Mutex] finds that one has waited for a millisecond and lets nobody
// else in. Goroutines that do nothing but hand the lock to each other yield about once
// in a time slice of 10 ms (later where very many wait), so that others get to run on
// the same processor. So neither keeps the other out, with one processor or many.
//
// A wait needs no goroutine and no timer. It costs three small allocations; a free
// lock costs none. In a testing/synctest bubble it counts as durably blocked,
// which waiting in Lock does not; a mutex on which a goroutine of a bubble waits
// must be used in that bubble only.
//
// LockContext panics if ctx is nil, with m not locked. Rust has no such method:
// there a wait cannot be cancelled.
func (m *Mutex[T]) LockContext(ctx context.Context) (*Guard[T], error) {
	if err := m.core.lockContext(ctx); err != nil {
		return nil, err
	}
	return &Guard[T]{m: m}, nil
}

// LockWhen locks m once cond returns true for the value, or gives up when ctx
// ends, with the error that [Mutex.LockContext] returns then. It returns with the
// lock held, so that cond still holds:
//
//	g, err := queue.LockWhen(ctx, func(q *[]job) bool { return len(*q) > 0 })
//
// There is nothing to notify: when somebody has changed the value and releases the lock,
// by whatever method, the conditions are looked at again soon. cond is called with the
// lock held, on the goroutine that waits, before waiting and then after releases by
// somebody that may have changed the value. So it may be called any number of times,
// and what holds only for a moment between two of them goes by unseen. It may read the
// value and anything that the lock protects. It must not write, block, or use m: others
// wait for the lock meanwhile, and that ctx ends does not interrupt it. What it looks at
// besides the value (the time, an atomic) is not waited for, because a change of that
// releases no lock. The pointer must not be kept.
//
// Whatever can end the wait has to be in cond: one who waits for an item of a
// queue that has been closed since waits for ever, unless cond also asks for that.
// Which of the two it was is still true when LockWhen returns:
//
//	g, err := queue.LockWhen(ctx, func(q *state) bool { return q.closed || len(q.items) > 0 })
//
// Among those that wait, the first one in the order in which they came whose cond
// holds goes on; the others, those whose cond does not hold, do not keep it back. Who
// comes and finds the lock free and cond true does not wait: see [Mutex.LockContext].
//
// If m is poisoned, before the wait or during it, LockWhen returns a
// [*PoisonError] and does not call cond. If cond panics or calls
// [runtime.Goexit], m is unlocked and poisoned, and the panic or Goexit goes on.
// LockWhen panics if ctx or cond is nil, with m not locked.
//
// A waiting condition costs a switch to its goroutine and back, half a microsecond or
// more, when it is looked at, and each release a look at its place in the queue. Where
// one goroutine changes the value again and again, conditions are looked at once for
// some dozens of changes. That is right for a few that wait, as at the two ends of a
// queue. For hundreds, or under a lock that is busy with other things, give the
// part that is waited for a lock of its own, or use a channel.
//
// Rust: Condvar::wait_while on a lock just taken, but the condition says what to
// wait for, not while what, and a notify cannot be forgotten or sent to the wrong
// one. [sync.Cond] has the same two faults and no context. The nearest relative is
// LockWhen of absl::Mutex, where the one that unlocks looks at the conditions of
// others.
func (m *Mutex[T]) LockWhen(ctx context.Context, cond func(v *T) bool) (g *Guard[T], err error) {
	if err = m.lockWhen(ctx, cond); err == nil {
		g = &Guard[T]{m: m}
	}
	return // of named results: with two return statements it is too large to be inlined
}

// LockIgnorePoison locks m, poisoned or not, and leaves the poison as it is.
// The caller has to assume that the value is half updated. It is meant for
// looking at a poisoned value, for closing what is in it at shutdown, or for
// values that have no invariant to break; to repair a value use [Mutex.Repair]. A
// panic under the guard of an already poisoned lock changes nothing: the first
// cause is kept.
//
// Rust: lock().unwrap_or_else(PoisonError::into_inner).
func (m *Mutex[T]) LockIgnorePoison() *Guard[T] {
	m.core.lockIgnorePoison()
	return &Guard[T]{m: m}
}
