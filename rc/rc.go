package rc

import (
	"fmt"
	"io"
	"math"

	"github.com/go-own/own/internal/nocopy"
	"github.com/go-own/own/internal/show"
	"github.com/go-own/own/internal/track"
)

// An Rc is one owner of a value that several parts of one goroutine's work share.
// The value lives until its last owner is dropped; then, at once and exactly
// once, its drop hook runs. Give each struct that keeps it an owner of its own
// with [Rc.Clone], and call [Rc.Drop] where that owner is done:
//
//	left := &branch{leaf: r.Clone()}
//	…
//	left.leaf.Drop()
//
// An Rc is a handle with identity: copies of the pointer are the same owner, and
// dropping it twice drops it once. A handle that was dropped or moved from, and
// the zero Rc, is empty: every use of an empty or nil handle panics, except Drop,
// which does nothing, and formatting. Do not copy what the pointer points to; go
// vet reports it.
//
// All Rcs and Weaks of one value are for one goroutine at a time, whatever the
// method; the package comment has the rule. Handles of different values need no
// care. Use own.Arc, whose methods are the same, for a value that goroutines
// share, and when in doubt.
//
// An Rc shares the value, it does not keep its owners from changing it under each
// other: the RefCell of package cell finds that, in an Rc[RefCell[T]].
//
// Dropping is explicit. An owner that is forgotten keeps its value from being
// dropped: the hook never runs, and the memory is collected only when the
// handles themselves are. So do two values that own each other; use a [Weak] for
// the way back. An owner stored in a value is not dropped with it: that is for
// the hook to do, where Rust has drop glue. [From] says what that means for a
// long chain.
//
// The value has an allocation of its own. The last drop runs the hook and lets
// go of the value but writes nothing to it, so a pointer from Value that outlives
// the last owner stays valid memory.
//
// Use a plain pointer when nothing has to happen at the end: the garbage
// collector shares memory well enough. An Rc is for what must be closed, deleted
// or counted when the last user is gone.
//
// The semantics are those of Rust's std::rc::Rc with explicit clones and drops.
type Rc[T any] struct {
	_     nocopy.Mark
	owner track.Owner // for the debug build; nothing in others
	s     *shared[T]  // nil once empty
}

// shared is what all owners and Weaks of one value point to.
type shared[T any] struct {
	home track.Home // for the debug build; nothing in others

	// Plain numbers, where an Arc has one atomic word: they belong to one
	// goroutine. Rust's weak count has an implicit one for all owners together,
	// which keeps the allocation for the Weaks. Here the garbage collector does
	// that.
	strong, weak int32

	value *T // nil before there is an owner, and after the last one
	drop  func(*T)
}

// maxCount is the most owners, and the most Weaks, that a value can have. It is
// that of an Arc, so that a program which changes from one to the other meets the
// same limit.
const maxCount = math.MaxInt32

// newShared returns the shared part of a value with one owner.
func newShared[T any](value *T, drop func(*T)) *shared[T] {
	return &shared[T]{strong: 1, value: value, drop: drop}
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
	if s.strong--; s.strong == 0 {
		s.end()
	}
}

// end drops the value after its last owner has gone. The hook comes last: if it
// panics, everything else is done. It is apart from release for that to be
// inlined.
func (s *shared[T]) end() {
	if value, drop := s.take(); drop != nil {
		drop(value)
	}
}

// The texts of misuse that all methods of a handle share. They are constants: a
// call that formats would keep the methods from being inlined.
const (
	nilRc         = "own: use of a nil Rc: check where the handle comes from"
	emptyRc       = "own: use of an empty Rc: it was dropped or moved, Clone it before giving it away"
	tooManyOwners = "own: more than 2147483647 owners of one value: a Drop is missing"
	tooManyWeaks  = "own: more than 2147483647 Weaks of one value: a Drop is missing"
)

// New returns the only owner of v, which has no drop hook. Rust: Rc::new.
func New[T any](v T) *Rc[T] {
	return newRc(newShared(&v, nil))
}

// From takes over *p and returns its only owner. When the last owner is dropped,
// drop is called with p; drop may be nil. p must not be nil.
//
//	f := rc.From(file, func(f *os.File) { f.Close() })
//
// drop runs once, at once, inside the last [Rc.Drop]. By then the value has no
// owner: a [Weak] cannot be upgraded any more. If drop panics, the panic comes out
// of that Drop; the value is dead all the same.
//
// A hook that drops the next owner of a chain nests: that Drop runs the next hook
// inside the first. Each level takes a hundred bytes of stack or more, of the 1 GB
// that a goroutine can have (250 MB on 32 bits). A chain of 100 000 is no trouble,
// one of ten million ends the process. Where chains can get that long, the hook
// takes them apart in a loop, with [Rc.IntoInner], which runs no hook:
//
//	func (n *node) close() {
//		for next := n.next; next != nil; {
//			v, last := next.IntoInner()
//			if !last {
//				return // the rest has other owners
//			}
//			next = v.next
//		}
//	}
//
// Rust: From<Box<T>> for Rc<T>, with the hook in place of Drop for T. No method of
// T is looked up by name: a Close that does not fit would be called, or one that
// nearly fits silently not.
func From[T any](p *T, drop func(*T)) *Rc[T] {
	if p == nil {
		panic("own: rc.From(nil): pass the value to take over")
	}
	return newRc(newShared(p, drop))
}

// newRc returns the first owner of s.
func newRc[T any](s *shared[T]) *Rc[T] {
	if track.Enabled {
		s.home.Here("an Rc")
	}
	r := &Rc[T]{s: s}
	if track.Enabled {
		track.Born[T](&r.owner, "Rc", "made")
	}
	return r
}

// NewCyclic makes a value that holds a [Weak] to itself. build is called with that
// Weak and returns the value. While it runs, the value has no owner: self cannot
// be upgraded and its counts are 0. When build returns, self, if it was kept,
// comes alive.
//
// self belongs to build, which either keeps it, in the value as a rule, or drops
// it. If build returns an error, NewCyclic returns nil and the error, and self
// stays dead; so it does if build panics, and the panic goes on. build must not be
// nil.
//
// The value has no drop hook. One that owns others, or has to be closed, is made
// with [From] and given its Weak afterwards, before it is shared:
//
//	r := rc.From(&node{}, (*node).close)
//	r.Value().self = r.Downgrade()
//
// Rust: Rc::new_cyclic, whose closure borrows the Weak and cannot fail.
func NewCyclic[T any](build func(self *Weak[T]) (T, error)) (*Rc[T], error) {
	if build == nil {
		panic("own: rc.NewCyclic(nil): pass the function that builds the value")
	}
	s := &shared[T]{weak: 1}
	v, err := build(&Weak[T]{s: s})
	if err != nil {
		return nil, err
	}
	s.value = &v
	s.strong = 1 // from here on, self can be upgraded
	return newRc(s), nil
}

// Value returns the pointer to the shared value. It is the same for all owners.
// Value panics if r is nil or empty. Rust: Deref.
func (r *Rc[T]) Value() *T { return r.shared().value }

// Drop gives up the owner and makes r empty. Dropping the last owner runs the
// drop hook, before Drop returns. Dropping an empty or nil handle does nothing, so
// that an early Drop and a deferred one go together. Rust: drop(rc).
func (r *Rc[T]) Drop() {
	if r == nil || r.s == nil {
		return
	}
	s := r.s
	if track.Enabled {
		s.home.Here("an Rc")
	}
	r.s = nil
	if track.Enabled {
		r.owner.Gone()
	}
	s.release()
}

// Downgrade returns a new [Weak] of the same value. It panics if r is nil or
// empty, or if the value has 2147483647 Weaks already; the count then stays as it
// was. Rust: Rc::downgrade.
func (r *Rc[T]) Downgrade() *Weak[T] {
	s := r.shared()
	if s.weak == maxCount {
		panic(tooManyWeaks)
	}
	s.weak++
	return &Weak[T]{s: s}
}

// StrongCount returns the number of owners, r among them. It panics if r is nil or
// empty. Rust: Rc::strong_count.
func (r *Rc[T]) StrongCount() int { return int(r.shared().strong) }

// WeakCount returns the number of Weaks. It panics if r is nil or empty. Rust:
// Rc::weak_count.
func (r *Rc[T]) WeakCount() int { return int(r.shared().weak) }

// PtrEq reports whether r and s own the same value, as opposed to equal values. It
// panics if r or s is nil or empty. Rust: Rc::ptr_eq.
func (r *Rc[T]) PtrEq(s *Rc[T]) bool { return r.shared() == s.shared() }

// GetMut returns the pointer to the value for writing, and true, if nobody else
// can see it: r is the only owner, and there is no [Weak]. Otherwise it returns
// nil and false. The pointer is good for writing until r is next cloned or
// downgraded. GetMut panics if r is nil or empty. Rust: Rc::get_mut.
func (r *Rc[T]) GetMut() (*T, bool) {
	s := r.shared()
	if s.strong != 1 || s.weak != 0 {
		return nil, false
	}
	return s.value, true
}

// MakeMut returns a pointer to a value that only r owns, for writing:
//
//   - If there is no other owner and no Weak, it is the value as it is.
//   - If there are Weaks but no other owner, it is the value as it is, and the
//     Weaks are cut off: they cannot be upgraded any more.
//   - If there are other owners, it is what clone returns. r becomes an owner of
//     that, with the same drop hook, and gives up the old value, whose hook runs if
//     nobody else owns it: clone may have dropped the others.
//
// If clone panics, nothing has changed. MakeMut panics if clone is nil, if it drops
// or moves r itself, or if r is nil or empty. Rust: Rc::make_mut.
func (r *Rc[T]) MakeMut(clone func(*T) T) *T {
	s := r.shared()
	if clone == nil {
		panic("own: Rc.MakeMut(nil): pass the function that clones the value")
	}
	if s.strong == 1 {
		if s.weak != 0 {
			s.strong = 0
			r.s = newShared(s.take())
		}
		return r.s.value
	}
	v := clone(s.value)
	// Ask again: what clone has given up must not be given up once more, at the
	// cost of another owner.
	s = r.shared()
	r.s = newShared(&v, s.drop)
	s.release()
	return &v
}

// TryUnwrap gives up sharing: if r is the only owner, it returns the value and
// true, r becomes empty, Weaks cannot be upgraded any more, and the drop hook does
// not run: the value is the caller's, to close as well. Otherwise it returns nil
// and false, and r stays an owner.
//
// It returns a pointer, so that a T that must not be copied is not. It panics if r
// is nil or empty. Rust: Rc::try_unwrap.
func (r *Rc[T]) TryUnwrap() (*T, bool) {
	if r.shared().strong != 1 {
		return nil, false
	}
	return r.IntoInner()
}

// IntoInner drops r, and returns the value and true if r was the last owner; the
// drop hook does not run then. Otherwise it returns nil and false. If it is called
// on every owner, instead of Drop, exactly one call gets the value. It panics if r
// is nil or empty. Rust: Rc::into_inner.
func (r *Rc[T]) IntoInner() (*T, bool) {
	s := r.shared()
	r.s = nil
	if track.Enabled {
		r.owner.Gone()
	}
	if s.strong--; s.strong != 0 {
		return nil, false
	}
	value, _ := s.take()
	return value, true
}

// UnwrapOrClone is [Rc.TryUnwrap] that returns a clone of the value if r is not the
// only owner. r is empty afterwards in both cases, and the caller has a value that
// no hook will close. If clone panics, r stays an owner. It panics if clone is nil,
// or if r is nil or empty. Rust: Rc::unwrap_or_clone.
func (r *Rc[T]) UnwrapOrClone(clone func(*T) T) *T {
	if clone == nil {
		panic("own: Rc.UnwrapOrClone(nil): pass the function that clones the value")
	}
	if value, ok := r.TryUnwrap(); ok {
		return value
	}
	v := clone(r.s.value)
	r.Drop()
	return &v
}

// Format implements [fmt.Formatter]: it prints the value, as the verb and its
// flags format it, or <dropped> for an empty handle. A value without a formatting
// method that contains a lock prints as its type and {..}.
func (r *Rc[T]) Format(s fmt.State, verb rune) {
	if r.s == nil {
		io.WriteString(s, "<dropped>")
		return
	}
	show.Value(s, verb, r.s.value)
}
