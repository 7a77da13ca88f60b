package api

// An Effect is what a function or method of own does to handles.
type Effect struct {
	New   Type    // the handle that is result 0, to be released by the caller; NotOwn if none
	Fails Failure // how the call says that there is no New

	Recv Fate // what becomes of the receiver, if that is a handle
	Arg0 Fate // and of the first argument
	Arg1 Fate // and of the second

	Lock Lock // what the call takes of its receiver, a lock or a cell
}

// A Failure is how a call says that its result 0 is nil.
type Failure uint8

const (
	Never   Failure = iota // it is never nil, or the call panics
	ByError                // the last result is an error that is not nil
	ByFalse                // the last result is false
	ByNil                  // by result 0 alone
)

// A Fate is what a call does to a handle that it is given.
type Fate uint8

const (
	Kept     Fate = iota // the caller has it as before
	Released             // released or moved from: not to be used any more
	Perhaps              // Released or Kept; the call's last result says which (see the method)
)

// A Lock is how a call takes the lock or borrows the cell that is its receiver.
type Lock uint8

const (
	NoLock   Lock = iota
	ForWrite      // alone
	ForRead       // together with other readers
)

// Try reports whether f takes its lock only if that is free: it never waits.
func (f Func) Try() bool {
	switch f.Name {
	case "TryLock", "TryRLock", "TryBorrow", "TryBorrowMut":
		return true
	}
	return false
}

// Effect returns what f does. A function that is not known here, as one that a
// later version of own adds, has none.
func (f Func) Effect() Effect { return effects[f] }

var effects = func() map[Func]Effect {
	m := map[Func]Effect{}

	lock := func(t, guard Type, how Lock, letter string) {
		m[Func{t, letter + "Lock"}] = Effect{New: guard, Fails: ByError, Lock: how}
		m[Func{t, letter + "LockContext"}] = Effect{New: guard, Fails: ByError, Lock: how}
		m[Func{t, letter + "LockIgnorePoison"}] = Effect{New: guard, Lock: how}
		m[Func{t, "Must" + letter + "Lock"}] = Effect{New: guard, Lock: how}
		m[Func{t, "Try" + letter + "Lock"}] = Effect{New: guard, Fails: ByError, Lock: how}
	}
	lock(Mutex, Guard, ForWrite, "")
	lock(RWMutex, WriteGuard, ForWrite, "")
	lock(RWMutex, ReadGuard, ForRead, "R")
	m[Func{Mutex, "LockWhen"}] = Effect{New: Guard, Fails: ByError, Lock: ForWrite}

	// Those that take the lock and give it back before they return.
	for _, t := range []Type{Mutex, RWMutex} {
		for _, name := range []string{"With", "WithErr", "MustWith", "Repair", "Store", "Swap"} {
			m[Func{t, name}] = Effect{Lock: ForWrite}
		}
	}
	m[Func{Mutex, "Load"}] = Effect{Lock: ForWrite}
	for _, name := range []string{"RWith", "RWithErr", "Load"} {
		m[Func{RWMutex, name}] = Effect{Lock: ForRead}
	}

	for _, guard := range []Type{Guard, MappedGuard, ReadGuard, WriteGuard} {
		m[Func{guard, "Unlock"}] = Effect{Recv: Released}
	}
	m[Func{Guard, "Await"}] = Effect{Recv: Perhaps} // released if it returns an error
	m[Func{WriteGuard, "Downgrade"}] = Effect{New: ReadGuard, Recv: Released}
	// The guard that MapGuard is given stays usable for Unlock, which releases both.
	m[Func{Name: "own.MapGuard"}] = Effect{New: MappedGuard, Fails: ByNil}

	own := func(owner, weak Type, new, from, cyclic string) {
		m[Func{Name: new}] = Effect{New: owner}
		m[Func{Name: from}] = Effect{New: owner}
		m[Func{Name: cyclic}] = Effect{New: owner, Fails: ByError}

		m[Func{owner, "Clone"}] = Effect{New: owner}
		m[Func{owner, "Drop"}] = Effect{Recv: Released}
		m[Func{owner, "Move"}] = Effect{New: owner, Recv: Released}
		m[Func{owner, "Downgrade"}] = Effect{New: weak}
		m[Func{owner, "TryUnwrap"}] = Effect{Recv: Perhaps} // released if it returns true
		m[Func{owner, "IntoInner"}] = Effect{Recv: Released}
		m[Func{owner, "UnwrapOrClone"}] = Effect{Recv: Released}

		m[Func{weak, "Clone"}] = Effect{New: weak}
		m[Func{weak, "Drop"}] = Effect{Recv: Released}
		m[Func{weak, "Upgrade"}] = Effect{New: owner, Fails: ByFalse}
	}
	own(Arc, Weak, "own.NewArc", "own.ArcFrom", "own.NewCyclicArc")
	own(Rc, RcWeak, "rc.New", "rc.From", "rc.NewCyclic")

	m[Func{AtomicArc, "Load"}] = Effect{New: Arc, Fails: ByNil}
	m[Func{AtomicArc, "Store"}] = Effect{Arg0: Released}
	m[Func{AtomicArc, "Swap"}] = Effect{New: Arc, Fails: ByNil, Arg0: Released}
	m[Func{AtomicArc, "CompareAndSwap"}] = Effect{Arg1: Perhaps} // released if it returns true

	m[Func{RefCell, "Borrow"}] = Effect{New: Ref, Lock: ForRead}
	m[Func{RefCell, "BorrowMut"}] = Effect{New: RefMut, Lock: ForWrite}
	m[Func{RefCell, "TryBorrow"}] = Effect{New: Ref, Fails: ByError, Lock: ForRead}
	m[Func{RefCell, "TryBorrowMut"}] = Effect{New: RefMut, Fails: ByError, Lock: ForWrite}
	for _, name := range []string{"Replace", "Swap", "Take", "IntoInner"} {
		m[Func{RefCell, name}] = Effect{Lock: ForWrite} // for as long as the call lasts
	}
	m[Func{Ref, "Clone"}] = Effect{New: Ref}
	m[Func{Ref, "Drop"}] = Effect{Recv: Released}
	m[Func{RefMut, "Drop"}] = Effect{Recv: Released}
	return m
}()
