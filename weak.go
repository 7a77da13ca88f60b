package own

import (
	"fmt"
	"io"

	"github.com/go-own/own/internal/nocopy"
)

// A Weak refers to a value that [Arc] handles own, without owning it: it does
// not keep the value from being dropped, nor its memory. [Weak.Upgrade] makes an
// owner of it if the value still has one.
//
// Use it for the way back in a cycle, such as from child to parent, for caches
// and for registries of observers.
//
// The zero Weak refers to nothing: Upgrade fails and the counts are 0. So does a
// Weak after [Weak.Drop]. Using a nil *Weak panics, except for Drop, which does
// nothing. Like an Arc, a Weak is a handle with identity; do not copy what it
// points to. Drop needs the handle to itself, all other methods may run
// concurrently.
//
// Dropping a Weak matters to [Arc.GetMut], [Arc.MakeMut] and the counts, and to
// nothing else: a Weak that is forgotten keeps a few words of memory until it is
// collected itself. So one that is deleted from the map of a cache, where others
// may be upgrading it, need not be dropped.
//
// In the terminology of [the Go memory model], a successful Upgrade is as good
// as a Clone; a failed one establishes no “synchronizes before” relation: it
// may return while the drop hook is still running elsewhere.
//
// Unlike a weak.Pointer of the standard library, a Weak goes dead at a known
// moment, the last Drop, and not when the garbage collector gets to it.
//
// The semantics are those of Rust's std::sync::Weak.
//
// [the Go memory model]: https://go.dev/ref/mem
type Weak[T any] struct {
	_ nocopy.Mark
	s *shared[T] // nil for the zero Weak and after Drop
}

const nilWeak = "own: use of a nil Weak: the zero Weak is the one that refers to nothing"

// Clone returns a new Weak that refers to the same value, or to nothing if w
// does. It panics if w is nil, or if the value has 2147483647 Weaks already; the
// count then stays as it was. Rust: Weak::clone.
func (w *Weak[T]) Clone() *Weak[T] {
	if w == nil {
		panic(nilWeak)
	}
	if w.s != nil {
		w.s.count.addWeak()
	}
	return &Weak[T]{s: w.s}
}

// Drop gives up the reference; w refers to nothing afterwards. Dropping it again,
// or dropping nil, does nothing. Rust: drop(weak).
func (w *Weak[T]) Drop() {
	if w == nil || w.s == nil {
		return
	}
	s := w.s
	w.s = nil
	s.count.dropWeak()
}

// StrongCount returns the number of owners of the value, or 0 if it has been
// dropped or w refers to nothing. It panics if w is nil. Rust:
// Weak::strong_count.
func (w *Weak[T]) StrongCount() int {
	strong, _ := w.counts()
	return strong
}

// WeakCount returns the number of Weaks of the value, w among them, or 0 if the
// value has no owner or w refers to nothing. It panics if w is nil. Rust:
// Weak::weak_count.
func (w *Weak[T]) WeakCount() int {
	strong, weak := w.counts()
	if strong == 0 {
		return 0
	}
	return weak
}

// counts returns both counts as of one moment.
func (w *Weak[T]) counts() (strong, weak int) {
	if w == nil {
		panic(nilWeak)
	}
	if w.s == nil {
		return 0, 0
	}
	return w.s.count.load()
}

// PtrEq reports whether w and v refer to the same value, dead or alive, or both
// to nothing. It panics if w or v is nil. Rust: Weak::ptr_eq.
func (w *Weak[T]) PtrEq(v *Weak[T]) bool {
	if w == nil || v == nil {
		panic(nilWeak)
	}
	return w.s == v.s
}

// Format implements [fmt.Formatter]: it prints (Weak), as Rust does, and <nil> for
// nil.
func (w *Weak[T]) Format(s fmt.State, verb rune) {
	if w == nil {
		io.WriteString(s, "<nil>")
		return
	}
	io.WriteString(s, "(Weak)")
}
