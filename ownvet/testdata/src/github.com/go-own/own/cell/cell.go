// Package cell has the API of the real package cell; see package own beside it.
package cell

import (
	"errors"
	"fmt"
)

type noCopy struct{}

func (*noCopy) Lock()   {}
func (*noCopy) Unlock() {}

var (
	ErrMutBorrowed = errors.New("own: RefCell already mutably borrowed")
	ErrBorrowed    = errors.New("own: RefCell already borrowed")
)

type RefCell[T any] struct {
	_     noCopy
	value T
}

type Ref[T any] struct {
	_ noCopy
	p *T
}

type RefMut[T any] struct {
	_ noCopy
	p *T
}

func (r *Ref[T]) Clone() *Ref[T]                        { return nil }
func (r *Ref[T]) Drop()                                 {}
func (r *Ref[T]) Format(s fmt.State, verb rune)         {}
func (r *Ref[T]) Value() *T                             { return nil }
func NewRefCell[T any](v T) RefCell[T]                  { return RefCell[T]{} }
func (c *RefCell[T]) Borrow() *Ref[T]                   { return nil }
func (c *RefCell[T]) BorrowMut() *RefMut[T]             { return nil }
func (c *RefCell[T]) Format(s fmt.State, verb rune)     {}
func (c *RefCell[T]) IntoInner() T                      { return *new(T) }
func (c *RefCell[T]) Replace(v T) (old T)               { return }
func (c *RefCell[T]) Swap(other *RefCell[T])            {}
func (c *RefCell[T]) Take() T                           { return *new(T) }
func (c *RefCell[T]) TryBorrow() (*Ref[T], error)       { return nil, nil }
func (c *RefCell[T]) TryBorrowMut() (*RefMut[T], error) { return nil, nil }
func (r *RefMut[T]) Drop()                              {}
func (r *RefMut[T]) Format(s fmt.State, verb rune)      {}
func (r *RefMut[T]) Value() *T                          { return nil }
