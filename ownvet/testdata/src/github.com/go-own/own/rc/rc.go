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

func From[T any](p *T, drop func(*T)) *Rc[T]                                { return nil }
func New[T any](v T) *Rc[T]                                                 { return nil }
func NewCyclic[T any](build func(self *Weak[T]) (T, error)) (*Rc[T], error) { return nil, nil }
func (r *Rc[T]) Clone() *Rc[T]                                              { return nil }
func (r *Rc[T]) Downgrade() *Weak[T]                                        { return nil }
func (r *Rc[T]) Drop()                                                      {}
func (r *Rc[T]) Format(s fmt.State, verb rune)                              {}
func (r *Rc[T]) GetMut() (*T, bool)                                         { return nil, false }
func (r *Rc[T]) IntoInner() (*T, bool)                                      { return nil, false }
func (r *Rc[T]) MakeMut(clone func(*T) T) *T                                { return nil }
func (r *Rc[T]) Move() *Rc[T]                                               { return nil }
func (r *Rc[T]) PtrEq(s *Rc[T]) bool                                        { return false }
func (r *Rc[T]) StrongCount() int                                           { return 0 }
func (r *Rc[T]) TryUnwrap() (*T, bool)                                      { return nil, false }
func (r *Rc[T]) UnwrapOrClone(clone func(*T) T) *T                          { return nil }
func (r *Rc[T]) Value() *T                                                  { return nil }
func (r *Rc[T]) WeakCount() int                                             { return 0 }
func (w *Weak[T]) Clone() *Weak[T]                                          { return nil }
func (w *Weak[T]) Drop()                                                    {}
func (w *Weak[T]) Format(s fmt.State, verb rune)                            {}
func (w *Weak[T]) PtrEq(v *Weak[T]) bool                                    { return false }
func (w *Weak[T]) StrongCount() int                                         { return 0 }
func (w *Weak[T]) Upgrade() (*Rc[T], bool)                                  { return nil, false }
func (w *Weak[T]) WeakCount() int                                           { return 0 }
