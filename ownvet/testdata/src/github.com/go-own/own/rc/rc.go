// Package rc has the API of the real package rc; see package own beside it.
package rc

import "fmt"

type noCopy struct{}

func (*noCopy) Lock()   {}
func (*noCopy) Unlock() {}

type Rc[T any] struct {
	_ noCopy
	p *T
}

type Weak[T any] struct {
	_ noCopy
	p *T
}

func From[T any](p *T, drop func(*T)) *Rc[T]                                { panic("stub") }
func New[T any](v T) *Rc[T]                                                 { panic("stub") }
func NewCyclic[T any](build func(self *Weak[T]) (T, error)) (*Rc[T], error) { panic("stub") }
func (r *Rc[T]) Clone() *Rc[T]                                              { panic("stub") }
func (r *Rc[T]) Downgrade() *Weak[T]                                        { panic("stub") }
func (r *Rc[T]) Drop()                                                      { panic("stub") }
func (r *Rc[T]) Format(s fmt.State, verb rune)                              { panic("stub") }
func (r *Rc[T]) GetMut() (*T, bool)                                         { panic("stub") }
func (r *Rc[T]) IntoInner() (*T, bool)                                      { panic("stub") }
func (r *Rc[T]) MakeMut(clone func(*T) T) *T                                { panic("stub") }
func (r *Rc[T]) Move() *Rc[T]                                               { panic("stub") }
func (r *Rc[T]) PtrEq(s *Rc[T]) bool                                        { panic("stub") }
func (r *Rc[T]) StrongCount() int                                           { panic("stub") }
func (r *Rc[T]) TryUnwrap() (*T, bool)                                      { panic("stub") }
func (r *Rc[T]) UnwrapOrClone(clone func(*T) T) *T                          { panic("stub") }
func (r *Rc[T]) Value() *T                                                  { panic("stub") }
func (r *Rc[T]) WeakCount() int                                             { panic("stub") }
func (w *Weak[T]) Clone() *Weak[T]                                          { panic("stub") }
func (w *Weak[T]) Drop()                                                    { panic("stub") }
func (w *Weak[T]) Format(s fmt.State, verb rune)                            { panic("stub") }
func (w *Weak[T]) PtrEq(v *Weak[T]) bool                                    { panic("stub") }
func (w *Weak[T]) StrongCount() int                                         { panic("stub") }
func (w *Weak[T]) Upgrade() (*Rc[T], bool)                                  { panic("stub") }
func (w *Weak[T]) WeakCount() int                                           { panic("stub") }
