package cell

import (
	"fmt"
	"io"

	"github.com/go-own/own/internal/nocopy"
	"github.com/go-own/own/internal/show"
)

// A RefCell is a value that is borrowed before it is used: by any number of
// readers, who get a [Ref], or by one writer, who gets a [RefMut]. A borrow that
// does not go together with those that there are is refused at once.
//
// The zero RefCell is unborrowed and holds the zero T. A RefCell must not be
// copied after first use; go vet's copylocks check reports most copies.
//
// A RefCell and its handles are for one goroutine at a time. They may be handed
// to another by a means that synchronizes, such as a channel, if only one of the
// two uses them from then on. Nothing is locked, so two goroutines that use one
// cell are a data race, which the race detector reports; give them an own.Mutex or
// an own.RWMutex. In Rust, RefCell is Send and not Sync.
//
// There is no poisoning. A panic that goes past defer b.Drop() ends the borrow
// and leaves the value as it is, perhaps half changed. A borrow whose Drop is not
// deferred does not end then, nor does one that was forgotten: the cell stays
// borrowed for ever, and the next borrow that minds says so.
//
// Use a plain field unless the value is changed while a caller further up still
// walks it: the package comment says more.
//
// The semantics are those of Rust's std::cell::RefCell.
type RefCell[T any] struct {
	_       nocopy.Mark
	borrows borrows
	value   T
}

// NewRefCell returns an unborrowed RefCell that holds v. It returns it by value,
// to be stored in a variable or a struct field before first use. Rust:
// RefCell::new.
func NewRefCell[T any](v T) RefCell[T] {
	return RefCell[T]{value: v}
}

// Borrow borrows the value for reading, together with other readers, until the
// Ref is dropped:
//
//	b := c.Borrow()
//	defer b.Drop()
//
// It panics with "own: RefCell already mutably borrowed" if there is a [RefMut].
// That is a bug further up the call stack, or a Drop that is missing; where it is
// none, use [RefCell.TryBorrow]. It also panics if the cell has 2147483647
// readers, which takes a Drop that is missing in a loop.
//
// The Ref stays on the stack of a caller that uses it locally; one that is
// stored, captured or returned costs an allocation of one word.
//
// Rust: RefCell::borrow.
func (c *RefCell[T]) Borrow() *Ref[T] {
	return &Ref[T]{c: c, at: c.borrows.mustRead()}
}

// TryBorrow is [RefCell.Borrow] that returns nil and an error where Borrow panics:
// [ErrMutBorrowed] if there is a [RefMut], and another if the cell has 2147483647
// readers. Rust: RefCell::try_borrow.
func (c *RefCell[T]) TryBorrow() (*Ref[T], error) {
	at, ok := c.borrows.read()
	if !ok {
		return nil, c.borrows.readError()
	}
	return &Ref[T]{c: c, at: at}, nil
}

// BorrowMut borrows the value for reading and writing, alone, until the RefMut is
// dropped:
//
//	b := c.BorrowMut()
//	defer b.Drop()
//
// It panics with "own: RefCell already borrowed" if there is a [Ref] or a
// [RefMut]. That is a bug further up the call stack, or a Drop that is missing;
// where it is none, use [RefCell.TryBorrowMut].
//
// The RefMut stays on the stack of a caller that uses it locally, as the Ref of
// Borrow does. Rust: RefCell::borrow_mut.
func (c *RefCell[T]) BorrowMut() *RefMut[T] {
	return &RefMut[T]{c: c, at: c.borrows.mustWrite()}
}

// TryBorrowMut is [RefCell.BorrowMut] that returns nil and [ErrBorrowed] if there
// is a [Ref] or a [RefMut]. Rust: RefCell::try_borrow_mut.
func (c *RefCell[T]) TryBorrowMut() (*RefMut[T], error) {
	at, ok := c.borrows.write()
	if !ok {
		return nil, c.borrows.writeError()
	}
	return &RefMut[T]{c: c, at: at}, nil
}

// Replace replaces the value by v and returns the one that was there. If there is
// a [Ref] or a [RefMut] it panics with "own: RefCell already borrowed" and changes
// nothing. Rust: RefCell::replace.
func (c *RefCell[T]) Replace(v T) (old T) {
	c.borrows.mustBeFree()
	old, c.value = c.value, v
	return old
}

// Swap exchanges the values of c and other. If there is a [Ref] or a [RefMut] of
// either, it panics with "own: RefCell already borrowed" and changes nothing. It
// also panics if other is c, as in Rust, or nil. Rust: RefCell::swap.
func (c *RefCell[T]) Swap(other *RefCell[T]) {
	if other == nil {
		panic("own: RefCell.Swap(nil): pass the cell to exchange values with")
	}
	c.borrows.mustBeFree()
	other.borrows.mustBeFree()
	if c == other {
		panic("own: RefCell already borrowed by this very Swap: pass another cell, not the same")
	}
	c.value, other.value = other.value, c.value
}

// Take takes the value out of c and leaves the zero T. If there is a [Ref] or a
// [RefMut] it panics with "own: RefCell already borrowed" and changes nothing.
//
// A structure that is taken out can be walked without a borrow, and what is put
// into the cell meanwhile is seen afterwards. Rust: RefCell::take.
func (c *RefCell[T]) Take() T {
	var zero T
	return c.Replace(zero)
}

// IntoInner is [RefCell.Take], for when c has served its purpose. If there is a
// [Ref] or a [RefMut] it panics with "own: RefCell already borrowed": somebody
// still uses the value.
//
// Rust: RefCell::into_inner, which consumes the cell at compile time and so needs
// no such check.
func (c *RefCell[T]) IntoInner() T { return c.Take() }

// Format implements [fmt.Formatter]. It prints
//
//	RefCell { value: 5 }
//
// with the value as the verb and its flags format it, or <borrowed> in its place
// while it cannot be borrowed for reading. It never panics. The value is borrowed
// meanwhile, which its own formatting methods can notice. A value without a
// formatting method that contains a lock or a cell prints as its type and {..}.
func (c *RefCell[T]) Format(s fmt.State, verb rune) {
	b, err := c.TryBorrow()
	if err != nil {
		io.WriteString(s, "RefCell { value: <borrowed> }")
		return
	}
	defer b.Drop() // deferred, for a formatting method of T that calls Goexit
	io.WriteString(s, "RefCell { value: ")
	show.Value(s, verb, &c.value)
	io.WriteString(s, " }")
}
