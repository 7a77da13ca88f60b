package cell

import (
	"fmt"
	"io"

	"github.com/go-own/own/internal/nocopy"
	"github.com/go-own/own/internal/show"
)

// A Ref is a borrow of the value of a [RefCell] for reading. [Ref.Value] gives the
// value, [Ref.Drop] ends the borrow.
//
// A Ref comes from [RefCell.Borrow], [RefCell.TryBorrow] or [Ref.Clone]; the zero
// Ref counts as dropped. It is a handle with identity: copies of the pointer are
// the same borrow, and a dropped Ref stays dropped, so it can neither reach the
// value nor end somebody else's borrow. Do not copy what it points to; go vet
// reports it.
//
// It belongs to the goroutine that uses the cell. A Ref that is forgotten keeps
// all writers out for ever.
//
// Rust: Ref.
type Ref[T any] struct {
	_  nocopy.Mark
	at site
	c  *RefCell[T] // nil once dropped
}

// Value returns the pointer to the value, valid until Drop. The value must not be
// changed through it. Go has no pointer that only reads, so this is left to the
// caller's care, as it is not to use the pointer after Drop: do not store it,
// return it or capture it.
//
// Value panics if r is nil or has been dropped. Rust: Deref of Ref.
func (r *Ref[T]) Value() *T {
	if r == nil {
		panic("own: Ref.Value of a nil Ref: check the error that came with it before using it")
	}
	if r.c == nil {
		panic("own: Ref.Value after Drop: the cell is not borrowed any more, borrow again")
	}
	return &r.c.value
}

// Clone returns another borrow for reading, to be dropped by itself: the cell is
// free for writing when both have been dropped. It panics if r is nil or has been
// dropped, or if the cell has 2147483647 readers already; their number stays as it
// is then. Rust: Ref::clone.
func (r *Ref[T]) Clone() *Ref[T] {
	c, at := r.again()
	return &Ref[T]{c: c, at: at}
}

// again is apart so that Clone is small enough to be inlined, and stays apart by
// its directive: with again in it, Clone would be too large.
//
//go:noinline
func (r *Ref[T]) again() (*RefCell[T], site) {
	if r == nil {
		panic("own: Ref.Clone of a nil Ref: check the error that came with it before using it")
	}
	if r.c == nil {
		panic("own: Ref.Clone after Drop: the cell is not borrowed any more, borrow again")
	}
	return r.c, r.c.borrows.mustRead()
}

// Drop ends the borrow. Dropping a Ref that is dropped already, or nil, does
// nothing, so that an early Drop and a deferred one go together. It may be
// deferred in any form. Rust: drop(ref).
func (r *Ref[T]) Drop() {
	if r == nil || r.c == nil {
		return
	}
	c := r.c
	r.c = nil
	c.borrows.endRead(r.at)
}

// Format implements [fmt.Formatter]: it prints the value, as the verb and its
// flags format it, or <dropped> after Drop.
func (r *Ref[T]) Format(s fmt.State, verb rune) {
	if r.c == nil {
		io.WriteString(s, "<dropped>")
		return
	}
	show.Value(s, verb, &r.c.value)
}

// A RefMut is the one borrow of the value of a [RefCell] for reading and writing.
// It comes from [RefCell.BorrowMut] or [RefCell.TryBorrowMut]; the zero RefMut
// counts as dropped.
//
// It is a handle as [Ref] is. It has no Clone: while there is a RefMut, there is
// no other borrow. One that is forgotten keeps everybody out for ever.
//
// Rust: RefMut.
type RefMut[T any] struct {
	_  nocopy.Mark
	at site
	c  *RefCell[T] // nil once dropped
}

// Value returns the pointer to the value, valid until Drop. Nothing stops it from
// being used afterwards but the caller's care: do not store it, return it or
// capture it.
//
// Value panics if r is nil or has been dropped. Rust: Deref and DerefMut of
// RefMut.
func (r *RefMut[T]) Value() *T {
	if r == nil {
		panic("own: RefMut.Value of a nil RefMut: check the error that came with it before using it")
	}
	if r.c == nil {
		panic("own: RefMut.Value after Drop: the cell is not borrowed any more, borrow again")
	}
	return &r.c.value
}

// Drop ends the borrow. Dropping a RefMut that is dropped already, or nil, does
// nothing, so that an early Drop and a deferred one go together. It may be
// deferred in any form: it does not look for a panic. Rust: drop(ref_mut).
func (r *RefMut[T]) Drop() {
	if r == nil || r.c == nil {
		return
	}
	c := r.c
	r.c = nil
	c.borrows.endWrite(r.at)
}

// Format implements [fmt.Formatter]: it prints the value, as the verb and its
// flags format it, or <dropped> after Drop.
func (r *RefMut[T]) Format(s fmt.State, verb rune) {
	if r.c == nil {
		io.WriteString(s, "<dropped>")
		return
	}
	show.Value(s, verb, &r.c.value)
}
