// Package rc provides shared ownership for one goroutine: what Rust has as Rc and
// its Weak. An [Rc] is an own.Arc whose counts are plain integers. It has the
// same methods, with the same signatures and the same semantics, and it works on
// one goroutine at a time.
//
// # The rule
//
// All handles of one value, Rcs and Weaks, belong to one goroutine. No method of
// this package synchronizes anything.
//
// The whole lot may move to another goroutine, through something that
// synchronizes: a channel, a lock, the go statement that starts the goroutine. To
// hand over some of the handles and keep others is against the rule, even if each
// goroutine only touches its own: a Clone here and a Drop there write the same
// count. Rust refuses all of this, and so the debug build and ownvet report it, the
// sound move too: neither can see that nothing is kept. A finalizer or a cleanup of
// package runtime runs on a goroutine of its own, so it must not drop an Rc that
// others share.
//
// Two goroutines that use handles of one value, and of which one changes a count,
// are a data race, which the race detector reports. Unnoticed, it makes a count
// wrong: the drop hook runs too early, twice or never.
//
// Rust's compiler refuses a program that sends an Rc to another thread (the type
// is not Send: error E0277). Go has nothing like Send, so here it is a rule and
// not an error.
//
// # When to use it
//
// Use it where the sharing stays inside one algorithm: the nodes of a graph or a
// syntax tree, the values of an interpreter, what an event loop hands around; and
// where a profile shows what the counts cost. A Clone and a Drop together take
// half the time that they take with an own.Arc (the README of the module has the
// figure).
//
// Use own.Arc in all other cases: in the API of a package, in what a request
// handler keeps, and whenever you are not sure that no second goroutine will ever
// have a handle. To change from Rc to Arc later is to change a few names; to find
// out that it has to be done is the hard part.
//
// Use a plain pointer when nothing has to happen at the end: the garbage
// collector shares memory well enough.
//
// There is no AtomicArc here: a cell that is exchanged under its readers is for
// several goroutines. On one goroutine a variable of type *Rc does it.
//
// # For readers who know Rust
//
//	Rust                                     Go
//	Rc::new(v)                               rc.New(v)
//	Rc::from(Box) of a type with Drop        rc.From(p, drop)
//	Rc::new_cyclic(f)                        rc.NewCyclic(f)
//	*rc                                      r.Value()
//	rc.clone(), drop(rc)                     r.Clone(), r.Drop()
//	let s = r (a move)                       s := r.Move()
//	Rc::strong_count, weak_count, ptr_eq     r.StrongCount(), r.WeakCount(), r.PtrEq(s)
//	Rc::get_mut, make_mut                    r.GetMut(), r.MakeMut(clone)
//	Rc::try_unwrap, into_inner               r.TryUnwrap(), r.IntoInner()
//	Rc::unwrap_or_clone                      r.UnwrapOrClone(clone)
//	Rc::downgrade(&rc), Weak::new()          r.Downgrade(), new(rc.Weak[T])
//	w.upgrade()                              w.Upgrade()
//
// Rust drops by scope; here defer does, and what a dropped value owns is dropped
// by its hook.
package rc
