package own

import (
	"fmt"
	"io"

	"github.com/go-own/own/internal/nocopy"
	"github.com/go-own/own/internal/prim"
	"github.com/go-own/own/internal/show"
	"github.com/go-own/own/internal/track"
)

// An Arc is one owner of a value that several goroutines or structs share. The
// value lives until its last owner is dropped; then, at once and exactly once,
// its drop hook runs. Give each goroutine, and each struct that keeps it, an
// owner of its own with [Arc.Clone], and call [Arc.Drop] where that owner is
// done:
//
//	go func(a *own.Arc[T]) {
//		defer a.Drop()
//		…
//	}(a.Clone())
//
// An Arc is a handle with identity: copies of the pointer are the same owner,
// and dropping it twice drops it once. A handle that was dropped or moved from,
// and the zero Arc, is empty: every use of an empty or nil handle panics, except
// Drop, which does nothing, and formatting. Do not copy what the pointer points
// to; go vet reports it.
//
// On one handle, Value, Clone, Downgrade, the counts, PtrEq and formatting may
// run concurrently. Drop, Move, GetMut, MakeMut, TryUnwrap, IntoInner and
// UnwrapOrClone change the handle and need it to themselves: two concurrent
// Drops of one handle are a data race, which the race detector reports, where
// two Drops of two clones are none. Different handles need no care.
//
// An Arc shares the value, it does not lock it: what several owners write needs
// a lock inside, as in Arc[Mutex[T]].
//
// In the terminology of [the Go memory model], each drop of an owner
// “synchronizes before” the drop hook of the value, and before the return of a
// GetMut, MakeMut, TryUnwrap, IntoInner or UnwrapOrClone that then finds itself
// the only owner. Clone and Downgrade establish no relation by themselves; what
// hands the new handle over does.
//
// Dropping is explicit. An owner that is forgotten keeps its value from being
// dropped: the hook never runs, and the memory is collected only when the
// handles themselves are. So do two values that own each other; use a [Weak] for
// the way back. An owner stored in a value is not dropped with it: that is for
// the hook to do, where Rust has drop glue.
//
// The value has an allocation of its own. The last drop runs the hook and lets
// go of the value but writes nothing to it, so a pointer from Value or a guard
// of a lock inside it that outlives the last owner stays valid memory.
//
// Use a plain pointer when nothing has to happen at the end: the garbage
// collector shares memory well enough. An Arc is for what must be closed,
// deleted or counted when the last user is gone.
//
// The semantics are those of Rust's std::sync::Arc with explicit clones and
// drops.
//
// [the Go memory model]: https://go.dev/ref/mem
type Arc[T any] struct {
	_     nocopy.Mark
	owner track.Owner // for the debug build; nothing in others
	s     *shared[T]  // nil once empty
}

// shared is what all owners and Weaks of one value point to.
type shared[T any] struct {
	cells track.Cells // for the debug build; nothing in others
	count count

	// published counts the stores into an AtomicArc, attempts included. Once it
	// is not zero, a reader may hold this pointer without being counted, between
	// its load of the cell and its upgrade, and become a second owner at any
	// time. So it is never edited in place again.
	published prim.Uint64

	// value and drop are written before the first owner exists and after the
	// last has gone. In between, owners read them.
	value *T
	drop  func(*T)
}

// newShared returns the shared part of a value with one owner.
func newShared[T any](value *T, drop func(*T)) *shared[T] {
	s := &shared[T]{value: value, drop: drop}
	s.count.word.Store(oneStrong)
	return s
}

// take gives out what the last owner leaves behind, and forgets it, so that a
// Weak does not keep the value's memory.
func (s *shared[T]) take() (value *T, drop func(*T)) {
	value, drop = s.value, s.drop
	s.value, s.drop = nil, nil
	return value, drop
}

// release drops an owner, and the value with the last.
func (s *shared[T]) release() {
	if s.count.drop() {
		s.end()
	}
}

// end drops the value after its last owner has gone. The hook comes last: if it
// panics, everything else is done.
func (s *shared[T]) end() {
	if value, drop := s.take(); drop != nil {
		drop(value)
	}
}

// only reports whether there is one owner and no Weak, and none can appear: the
// caller, who has the owner, makes none meanwhile, and nobody else can.
func (s *shared[T]) only() bool {
	// The count first. When it says that there is one owner, whatever others
	// published before they let go of theirs can be seen; the other way round,
	// an owner could publish and go in between.
	return s.count.word.Load() == oneStrong && s.published.Load() == 0
}

// The texts of misuse that all methods of a handle share. They are constants:
// a call that formats would keep the methods from being inlined.
const (
	nilArc   = "own: use of a nil Arc: check where the handle comes from"
	emptyArc = "own: use of an empty Arc: it was dropped or moved, Clone it before giving it away"
)

// NewArc returns the only owner of v, which has no drop hook. Rust: Arc::new.
func NewArc[T any](v T) *Arc[T] {
	return newArc(newShared(&v, nil))
}

// ArcFrom takes over *p and returns its only owner. When the last owner is
// dropped, drop is called with p; drop may be nil. p must not be nil.
//
//	f := own.ArcFrom(file, func(f *os.File) { f.Close() })
//
// drop runs once, at once, on the goroutine of the last [Arc.Drop] and under
// whatever locks that goroutine holds, so it must not take one of those. By
// then the value has no owner: a [Weak] cannot be upgraded any more. If drop
// panics, the panic comes out of that Drop; the value is dead all the same. It
// returns nothing, for whoever drops last may not know of the value's errors: a
// hook whose Close can fail writes the error to where somebody looks, a log or a
// [Mutex] of a slice.
//
// A hook that needs a Weak of its value, to find the entry of a cache that is to
// go with it, is given one before anybody else can drop the value:
//
//	var self *own.Weak[T]
//	a := own.ArcFrom(p, func(v *T) { forget(self) })
//	self = a.Downgrade()
//
// A hook that drops the next owner of a chain nests: that Drop runs the next hook
// inside the first, at a hundred bytes of stack or more. A chain of 100 000 is no
// trouble, one of ten million ends the process. Where chains can get that long,
// take them apart in a loop, with [Arc.IntoInner], which runs no hook.
//
// Rust: From<Box<T>> for Arc<T>, with the hook in place of Drop for T. No method
// of T is looked up by name: a Close that does not fit would be called, or one
// that nearly fits silently not.
func ArcFrom[T any](p *T, drop func(*T)) *Arc[T] {
	if p == nil {
		panic("own: ArcFrom(nil): pass the value to take over")
	}
	return newArc(newShared(p, drop))
}

// newArc returns the first owner of s.
func newArc[T any](s *shared[T]) *Arc[T] {
	a := &Arc[T]{s: s}
	if track.Enabled {
		track.Born[T](&a.owner, "Arc", "made")
	}
	return a
}

// NewCyclicArc makes a value that holds a [Weak] to itself. build is called with
// that Weak and returns the value. While it runs, the value has no owner: self
// cannot be upgraded and its counts are 0. When build returns, self, if it was
// kept, comes alive.
//
// self belongs to build, which either keeps it, in the value as a rule, or drops
// it. If build returns an error, NewCyclicArc returns nil and the error, and self
// stays dead; so it does if build panics, and the panic goes on. build must not
// be nil.
//
// The value has no drop hook. One that owns others, or has to be closed, is made
// with [ArcFrom] and given its Weak afterwards, before it is shared:
//
//	a := own.ArcFrom(&node{}, (*node).close)
//	a.Value().self = a.Downgrade()
//
// Rust: Arc::new_cyclic, whose closure borrows the Weak and cannot fail.
func NewCyclicArc[T any](build func(self *Weak[T]) (T, error)) (*Arc[T], error) {
	if build == nil {
		panic("own: NewCyclicArc(nil): pass the function that builds the value")
	}
	s := &shared[T]{}
	s.count.word.Store(oneWeak)
	v, err := build(&Weak[T]{s: s})
	if err != nil {
		return nil, err
	}
	s.value = &v
	s.count.word.Add(oneStrong) // from here on, self can be upgraded
	return newArc(s), nil
}

// Value returns the pointer to the shared value. It is the same for all owners.
// Value panics if a is nil or empty. Rust: Deref.
func (a *Arc[T]) Value() *T {
	if a == nil {
		panic(nilArc)
	}
	if a.s == nil {
		panic(emptyArc)
	}
	return a.s.value
}

// shared returns the shared part of a handle that must not be empty.
func (a *Arc[T]) shared() *shared[T] {
	if a == nil {
		panic(nilArc)
	}
	if a.s == nil {
		panic(emptyArc)
	}
	return a.s
}

// Drop gives up the owner and makes a empty. Dropping the last owner runs the
// drop hook, before Drop returns. Dropping an empty or nil handle does nothing,
// so that an early Drop and a deferred one go together.
//
// Whoever drops may be the last, so do not drop while holding a lock that the
// hook takes: take the handle out under the lock, and drop it after. Rust:
// drop(arc).
func (a *Arc[T]) Drop() {
	if a == nil {
		return
	}
	s := a.s
	a.s = nil
	if track.Enabled {
		a.owner.Gone()
	}
	if s != nil && s.count.drop() {
		s.end()
	}
}

// Downgrade returns a new [Weak] of the same value. It panics if a is nil or
// empty, or if the value has 2147483647 Weaks already; the count then stays as it
// was. Rust: Arc::downgrade.
func (a *Arc[T]) Downgrade() *Weak[T] {
	a.shared().count.addWeak()
	return &Weak[T]{s: a.s}
}

// StrongCount returns the number of owners, a among them and each [AtomicArc]
// that holds one. Others may change it at any time, so it is for tests and
// logs, not for decisions: GetMut, TryUnwrap and IntoInner decide. It panics if
// a is nil or empty. Rust: Arc::strong_count.
func (a *Arc[T]) StrongCount() int {
	strong, _ := a.shared().count.load()
	return strong
}

// WeakCount returns the number of Weaks. It panics if a is nil or empty. Rust:
// Arc::weak_count.
func (a *Arc[T]) WeakCount() int {
	_, weak := a.shared().count.load()
	return weak
}

// PtrEq reports whether a and b own the same value, as opposed to equal values.
// It panics if a or b is nil or empty. Rust: Arc::ptr_eq.
func (a *Arc[T]) PtrEq(b *Arc[T]) bool { return a.shared() == b.shared() }

// GetMut returns the pointer to the value for writing, and true, if nobody else
// can see it: a is the only owner, there is no [Weak], and the value has never
// been in an [AtomicArc], whose readers could become owners late. Otherwise it
// returns nil and false. The pointer is good for writing until a is next cloned
// or downgraded. GetMut panics if a is nil or empty. Rust: Arc::get_mut.
func (a *Arc[T]) GetMut() (*T, bool) {
	s := a.shared()
	if !s.only() {
		return nil, false
	}
	return s.value, true
}

// MakeMut returns a pointer to a value that only a owns, for writing:
//
//   - If there is no other owner and no Weak, it is the value as it is.
//   - If there are Weaks but no other owner, it is the value as it is, and the
//     Weaks are cut off: they cannot be upgraded any more.
//   - If there are other owners, or the value has ever been in an [AtomicArc],
//     it is what clone returns. a becomes an owner of that, with the same drop
//     hook, and gives up the old value, whose hook runs if nobody else owns it.
//
// If clone panics, nothing has changed. MakeMut panics if clone is nil, if it drops
// or moves a itself, or if a is nil or empty. Rust: Arc::make_mut.
func (a *Arc[T]) MakeMut(clone func(*T) T) *T {
	s := a.shared()
	if clone == nil {
		panic("own: Arc.MakeMut(nil): pass the function that clones the value")
	}
	if s.only() {
		return s.value
	}
	if s.published.Load() == 0 && s.count.dropIfOnly() {
		a.s = newShared(s.take())
		return a.s.value
	}
	v := clone(s.value)
	// Ask again: what clone has given up must not be given up once more, at the
	// cost of another owner.
	s = a.shared()
	a.s = newShared(&v, s.drop)
	s.release()
	return &v
}

// TryUnwrap gives up sharing: if a is the only owner, it returns the value and
// true, a becomes empty, Weaks cannot be upgraded any more, and the drop hook
// does not run: the value is the caller's, to close as well. Otherwise it
// returns nil and false, and a stays an owner. If several owners call it at the
// same time, it may fail for all of them; see [Arc.IntoInner].
//
// It returns a pointer, so that a T that contains a lock is not copied. It
// panics if a is nil or empty. Rust: Arc::try_unwrap.
func (a *Arc[T]) TryUnwrap() (*T, bool) {
	s := a.shared()
	if !s.count.dropIfOnly() {
		return nil, false
	}
	a.s = nil
	if track.Enabled {
		a.owner.Gone()
	}
	value, _ := s.take()
	return value, true
}

// IntoInner drops a, and returns the value and true if a was the last owner; the
// drop hook does not run then. Otherwise it returns nil and false. If it is
// called on every owner, instead of Drop, exactly one call gets the value. It
// panics if a is nil or empty. Rust: Arc::into_inner.
func (a *Arc[T]) IntoInner() (*T, bool) {
	s := a.shared()
	a.s = nil
	if track.Enabled {
		a.owner.Gone()
	}
	if !s.count.drop() {
		return nil, false
	}
	value, _ := s.take()
	return value, true
}

// UnwrapOrClone is [Arc.TryUnwrap] that returns a clone of the value if a is not
// the only owner. a is empty afterwards in both cases, also if clone has dropped it,
// and the caller has a value that no hook will close. If clone panics, a stays an
// owner. It panics if clone is nil, or if a is nil or empty. Rust: Arc::unwrap_or_clone.
func (a *Arc[T]) UnwrapOrClone(clone func(*T) T) *T {
	if clone == nil {
		panic("own: Arc.UnwrapOrClone(nil): pass the function that clones the value")
	}
	if value, ok := a.TryUnwrap(); ok {
		return value
	}
	v := clone(a.s.value)
	a.Drop()
	return &v
}

// Format implements [fmt.Formatter]: it prints the value, as the verb and its
// flags format it, or <dropped> for an empty handle. A value without a
// formatting method that contains a lock prints as its type and {..}.
func (a *Arc[T]) Format(s fmt.State, verb rune) {
	if a.s == nil {
		io.WriteString(s, "<dropped>")
		return
	}
	show.Value(s, verb, a.s.value)
}
