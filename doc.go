// Package own provides locks that own the value they protect, and shared
// ownership that ends at a known moment: what Rust has as Mutex, MutexGuard,
// poisoning, Arc and Weak.
//
// # The model
//
// A value lives inside its lock. The only way in is a guard, and a guard that
// was released refuses access:
//
//	var balance own.Mutex[int] // zero value: unlocked, holds 0
//
//	g, err := balance.Lock()
//	if err != nil {
//		return err // poisoned, and not locked
//	}
//	defer g.Unlock()
//	*g.Value() += 10
//
// If the goroutine panics in between, the lock is released and poisoned: the
// value may be half updated, and whoever locks next is told so, with the panic
// and the line it came from, until somebody repairs it. net/http and the usual
// gRPC interceptors recover panics, so a service lives to see the next request;
// with a [sync.Mutex] that request finds the lock held for ever, or trusts
// what is left of the value.
//
// A value that several goroutines share, and that must be closed, deleted or
// counted when the last of them is done, has owners. Each goroutine drops its
// own, as often as it likes, and the last one runs the drop hook, exactly once:
//
//	file := own.ArcFrom(f, func(f *os.File) { f.Close() })
//	go func(file *own.Arc[os.File]) {
//		defer file.Drop()
//		…
//	}(file.Clone())
//	file.Drop()
//
// An Arc shares and does not lock; a Mutex locks and does not share. Together,
// Arc[Mutex[T]], they do both. A [Weak] refers to a value without owning it, an
// [AtomicArc] is a cell whose owner can be exchanged under its readers. An
// [RWMutex] is a lock for many readers or one writer. Package
// github.com/go-own/own/rc has Rc, an Arc for one goroutine, and package
// github.com/go-own/own/cell has RefCell, which finds a structure that is changed
// while somebody walks it.
//
// # Waiting
//
// A wait can be given up, and it can be for a condition on the value:
//
//	g, err := jobs.LockWhen(ctx, func(q *[]job) bool { return len(*q) > 0 })
//
// There is no condition variable and nothing to notify: after releases by somebody
// that may have changed the value, the conditions are looked at, by those who wait,
// under the lock. [Guard.Await] does the same for one that holds the lock.
// [Mutex.LockContext] has the rules of who goes first.
//
// # Handles
//
// Guards, Arcs and Weaks are pointers with identity. Releasing one twice, or a
// nil one, does nothing, so a deferred release and an early one go together.
// Using one after its release panics with a line that starts with "own: " and
// says what to do. A handle that is used where it was made costs no allocation.
//
// An error from a lock always means that the lock is not held.
//
// # Poisoning
//
//	event in a critical section                 effect
//	panic, with g.Unlock deferred directly      unlocked, poisoned, the panic goes on
//	panic or Goexit in With, WithErr, MustWith  unlocked, poisoned, it goes on
//	panic or Goexit in Repair                   unlocked, stays poisoned
//	the same in a condition or MapGuard's f     unlocked, poisoned, it goes on
//	panic while reading, or after a Downgrade   unlocked, not poisoned
//	lock poisoned while somebody waits for it   the wait ends with the error
//	panic, with func() { g.Unlock() } deferred  unlocked, not poisoned: it cannot see the panic
//	Goexit, with g.Unlock deferred              unlocked, not poisoned
//	panic recovered before the release          not poisoned
//	lock taken while already panicking          not poisoned, unless a new panic comes by
//	panic replaced by a Goexit, guard           not poisoned
//	Goexit replaced by a panic                  poisoned
//	poisoned again                              the first cause is kept until cleared
//
// Poisoning needs recover to see the panic. It does not see panic(nil) under
// GODEBUG=panicnil=1, and it says nothing of invariants that were broken without
// a panic.
//
// # What it cannot check
//
// Go has no borrow checker. A pointer from Value can be kept after the release,
// a guard can be forgotten, an owner can be left undropped, and two goroutines
// can lock two mutexes in two orders. [Mutex.With] and deferred releases make
// the first three unlikely; the debug build finds the last three when they happen.
// go vet reports copies of locks and handles; run it on its own, for go test leaves
// that check out. The tool ownvet (github.com/go-own/own/ownvet) reports much of what
// Rust's compiler refuses. In a testing/synctest bubble,
// waiting in Lock or RLock does not count as durably blocked, as with sync.Mutex;
// waiting with a context does.
//
// # The debug build
//
// With -tags owndebug, everything behaves as it does without, and says what goes
// wrong: deadlocks when they happen, and before they happen where locks are taken in
// orders that do not agree; guards and owners that are collected and were never
// released; releases that cannot see a panic; handles that cross to another
// goroutine. Run the tests with it:
//
//	go test -tags owndebug ./...
//
// Package github.com/go-own/own/owndebug has what to do with the reports: to fail a
// test for them, to collect them, to look at a running process. A normal build has no
// trace of all this.
//
// # When to use plain sync
//
// Use [sync.Mutex] where a lock protects no value, where one struct has fields
// under several locks, or where nanoseconds count: an uncontended lock costs a few
// more here (the README has the figures). Use [sync.Cond]
// where goroutines hand a turn to each other all the time. Use sync/atomic
// for a counter or a flag, a plain pointer for a value that only the garbage
// collector has to clean up, and a channel for work that moves on.
//
// # For readers who know Rust
//
//	Rust                                     Go
//	Mutex::new(v)                            NewMutex(v)
//	m.lock()?                                m.Lock()
//	m.lock().unwrap()                        m.MustLock()
//	m.lock().unwrap_or_else(|e| e.into_inner())
//	                                         m.LockIgnorePoison()
//	m.try_lock()                             m.TryLock()
//	*guard                                   *g.Value()
//	drop(guard)                              g.Unlock()
//	m.is_poisoned(), m.clear_poison()        m.IsPoisoned(), m.ClearPoison()
//	m.get_cloned(), m.set(v), m.replace(v)   m.Load(), m.Store(v), m.Swap(v)
//	m.into_inner()                           m.IntoInner()
//	nonpoison m.with_mut(f)                  m.With(f), m.WithErr(f), m.MustWith(f)
//	-                                        m.Repair(f), OnPoison(f)
//	-                                        m.LockContext(ctx)
//	Condvar::wait_while                      m.LockWhen(ctx, cond), g.Await(ctx, cond)
//	Condvar::wait_timeout_while              the same, with a context that has a timeout
//	notify_one, notify_all                   - not needed
//	MutexGuard::map, filter_map              MapGuard(g, f)
//	RwLock::new(v)                           NewRWMutex(v)
//	l.read()?, l.write()?                    l.RLock(), l.Lock()
//	l.try_read(), l.try_write()              l.TryRLock(), l.TryLock()
//	RwLockWriteGuard::downgrade(w)           w.Downgrade()
//	nonpoison l.with(f), l.with_mut(f)       l.RWith(f), l.With(f)
//	PoisonError                              *PoisonError, errors.Is(err, ErrPoisoned)
//	TryLockError::WouldBlock                 ErrWouldBlock
//	Arc::new(v)                              NewArc(v)
//	Arc::from(Box) of a type with Drop       ArcFrom(p, drop)
//	Arc::new_cyclic(f)                       NewCyclicArc(f)
//	*arc                                     a.Value()
//	arc.clone(), drop(arc)                   a.Clone(), a.Drop()
//	let b = a (a move)                       b := a.Move()
//	Arc::strong_count, weak_count, ptr_eq    a.StrongCount(), a.WeakCount(), a.PtrEq(b)
//	Arc::get_mut, make_mut                   a.GetMut(), a.MakeMut(clone)
//	Arc::try_unwrap, into_inner              a.TryUnwrap(), a.IntoInner()
//	Arc::unwrap_or_clone                     a.UnwrapOrClone(clone)
//	Arc::downgrade(&arc), Weak::new()        a.Downgrade(), new(Weak[T])
//	w.upgrade()                              w.Upgrade()
//	arc_swap::ArcSwapOption                  AtomicArc
//	Rc::new(v), rc::Weak                     rc.New(v), rc.Weak, with the methods of Arc
//	RefCell::new(v)                          cell.NewRefCell(v)
//	c.borrow(), c.borrow_mut()               c.Borrow(), c.BorrowMut()
//	c.try_borrow(), c.try_borrow_mut()       c.TryBorrow(), c.TryBorrowMut()
//
// A Rust error from lock holds the lock; an error here never does. Rust drops by
// scope; here defer does, and what a dropped value owns is dropped by its hook.
package own
