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

func (r *Ref[T]) Clone() *Ref[T]                        { panic("stub") }
func (r *Ref[T]) Drop()                                 { panic("stub") }
func (r *Ref[T]) Format(s fmt.State, verb rune)         { panic("stub") }
func (r *Ref[T]) Value() *T                             { panic("stub") }
func NewRefCell[T any](v T) RefCell[T]                  { panic("stub") }
func (c *RefCell[T]) Borrow() *Ref[T]                   { panic("stub") }
func (c *RefCell[T]) BorrowMut() *RefMut[T]             { panic("stub") }
func (c *RefCell[T]) Format(s fmt.State, verb rune)     { panic("stub") }
func (c *RefCell[T]) IntoInner() T                      { panic("stub") }
func (c *RefCell[T]) Replace(v T) (old T)               { panic("stub") }
func (c *RefCell[T]) Swap(other *RefCell[T])            { panic("stub") }
func (c *RefCell[T]) Take() T                           { panic("stub") }
func (c *RefCell[T]) TryBorrow() (*Ref[T], error)       { panic("stub") }
func (c *RefCell[T]) TryBorrowMut() (*RefMut[T], error) { panic("stub") }
func (r *RefMut[T]) Drop()                              { panic("stub") }
func (r *RefMut[T]) Format(s fmt.State, verb rune)      { panic("stub") }
func (r *RefMut[T]) Value() *T                          { panic("stub") }
