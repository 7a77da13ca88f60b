// Package own has the API of the real package without what is behind it, for
// the packages in testdata, which are checked and never run. What it has in place
// of bodies returns: a function that always panics is one that the analyzers expect
// never to return. A test compares it
// with the real one.
package own

import (
	"context"
	"errors"
	"fmt"
)

type noCopy struct{}

func (*noCopy) Lock()   {}
func (*noCopy) Unlock() {}

var (
	ErrPoisoned   = errors.New("own: lock poisoned")
	ErrWouldBlock = errors.New("own: lock is held, locking would block")
	ErrGoexit     = errors.New("own: runtime.Goexit")
)

type PoisonError struct {
	Value any
	Stack []byte
}

type Mutex[T any] struct {
	_     noCopy
	value T
}

type RWMutex[T any] struct {
	_     noCopy
	value T
}

type Guard[T any] struct {
	_ noCopy
	p *T
}

type ReadGuard[T any] struct {
	_ noCopy
	p *T
}

type WriteGuard[T any] struct {
	_ noCopy
	p *T
}

type MappedGuard[T any] struct {
	_ noCopy
	p *T
}

type Arc[T any] struct {
	_ noCopy
	p *T
}

type Weak[T any] struct {
	_ noCopy
	p *T
}

type AtomicArc[T any] struct {
	_ noCopy
	p *T
}

func OnPoison(f func(*PoisonError)) (remove func())                             { return }
func ArcFrom[T any](p *T, drop func(*T)) *Arc[T]                                { return nil }
func NewArc[T any](v T) *Arc[T]                                                 { return nil }
func NewCyclicArc[T any](build func(self *Weak[T]) (T, error)) (*Arc[T], error) { return nil, nil }
func (a *Arc[T]) Clone() *Arc[T]                                                { return nil }
func (a *Arc[T]) Downgrade() *Weak[T]                                           { return nil }
func (a *Arc[T]) Drop()                                                         {}
func (a *Arc[T]) Format(s fmt.State, verb rune)                                 {}
func (a *Arc[T]) GetMut() (*T, bool)                                            { return nil, false }
func (a *Arc[T]) IntoInner() (*T, bool)                                         { return nil, false }
func (a *Arc[T]) MakeMut(clone func(*T) T) *T                                   { return nil }
func (a *Arc[T]) Move() *Arc[T]                                                 { return nil }
func (a *Arc[T]) PtrEq(b *Arc[T]) bool                                          { return false }
func (a *Arc[T]) StrongCount() int                                              { return 0 }
func (a *Arc[T]) TryUnwrap() (*T, bool)                                         { return nil, false }
func (a *Arc[T]) UnwrapOrClone(clone func(*T) T) *T                             { return nil }
func (a *Arc[T]) Value() *T                                                     { return nil }
func (a *Arc[T]) WeakCount() int                                                { return 0 }
func (p *AtomicArc[T]) CompareAndSwap(old, new *Arc[T]) bool                    { return false }
func (p *AtomicArc[T]) Drop()                                                   {}
func (p *AtomicArc[T]) Format(s fmt.State, verb rune)                           {}
func (p *AtomicArc[T]) Load() *Arc[T]                                           { return nil }
func (p *AtomicArc[T]) Store(a *Arc[T])                                         {}
func (p *AtomicArc[T]) Swap(a *Arc[T]) *Arc[T]                                  { return nil }
func (g *Guard[T]) Await(ctx context.Context, cond func(v *T) bool) error       { return nil }
func (g *Guard[T]) Format(s fmt.State, verb rune)                               {}
func (g *Guard[T]) Unlock()                                                     {}
func (g *Guard[T]) Value() *T                                                   { return nil }
func MapGuard[T, U any](g *Guard[T], f func(v *T) *U) *MappedGuard[U]           { return nil }
func (g *MappedGuard[U]) Format(s fmt.State, verb rune)                         {}
func (g *MappedGuard[U]) Unlock()                                               {}
func (g *MappedGuard[U]) Value() *U                                             { return nil }
func NewMutex[T any](v T) Mutex[T]                                              { return Mutex[T]{} }
func (m *Mutex[T]) ClearPoison()                                                {}
func (m *Mutex[T]) Format(s fmt.State, verb rune)                               {}
func (m *Mutex[T]) IntoInner() (T, error)                                       { return *new(T), nil }
func (m *Mutex[T]) IsPoisoned() bool                                            { return false }
func (m *Mutex[T]) Load() (T, error)                                            { return *new(T), nil }
func (m *Mutex[T]) Lock() (*Guard[T], error)                                    { return nil, nil }
func (m *Mutex[T]) LockContext(ctx context.Context) (*Guard[T], error)          { return nil, nil }
func (m *Mutex[T]) LockIgnorePoison() *Guard[T]                                 { return nil }
func (m *Mutex[T]) LockWhen(ctx context.Context, cond func(v *T) bool) (g *Guard[T], err error) {
	return nil, nil
}
func (m *Mutex[T]) MustLock() *Guard[T]                                       { return nil }
func (m *Mutex[T]) MustWith(f func(v *T))                                     {}
func (m *Mutex[T]) Repair(f func(v *T, cause *PoisonError) error) error       { return nil }
func (m *Mutex[T]) Store(v T) error                                           { return nil }
func (m *Mutex[T]) Swap(v T) (old T, err error)                               { return }
func (m *Mutex[T]) TryLock() (*Guard[T], error)                               { return nil, nil }
func (m *Mutex[T]) With(f func(v *T)) error                                   { return nil }
func (m *Mutex[T]) WithErr(f func(v *T) error) error                          { return nil }
func (e *PoisonError) Error() string                                          { return "" }
func (e *PoisonError) Format(s fmt.State, verb rune)                          {}
func (e *PoisonError) Is(target error) bool                                   { return false }
func NewRWMutex[T any](v T) RWMutex[T]                                        { return RWMutex[T]{} }
func (m *RWMutex[T]) ClearPoison()                                            {}
func (m *RWMutex[T]) Format(s fmt.State, verb rune)                           {}
func (m *RWMutex[T]) IntoInner() (T, error)                                   { return *new(T), nil }
func (m *RWMutex[T]) IsPoisoned() bool                                        { return false }
func (m *RWMutex[T]) Load() (v T, err error)                                  { return }
func (m *RWMutex[T]) Lock() (*WriteGuard[T], error)                           { return nil, nil }
func (m *RWMutex[T]) LockContext(ctx context.Context) (*WriteGuard[T], error) { return nil, nil }
func (m *RWMutex[T]) LockIgnorePoison() *WriteGuard[T]                        { return nil }
func (m *RWMutex[T]) MustLock() *WriteGuard[T]                                { return nil }
func (m *RWMutex[T]) MustRLock() *ReadGuard[T]                                { return nil }
func (m *RWMutex[T]) MustWith(f func(v *T))                                   {}
func (m *RWMutex[T]) RLock() (*ReadGuard[T], error)                           { return nil, nil }
func (m *RWMutex[T]) RLockContext(ctx context.Context) (*ReadGuard[T], error) { return nil, nil }
func (m *RWMutex[T]) RLockIgnorePoison() *ReadGuard[T]                        { return nil }
func (m *RWMutex[T]) RWith(f func(v *T)) error                                { return nil }
func (m *RWMutex[T]) RWithErr(f func(v *T) error) error                       { return nil }
func (m *RWMutex[T]) Repair(f func(v *T, cause *PoisonError) error) error     { return nil }
func (m *RWMutex[T]) Store(v T) error                                         { return nil }
func (m *RWMutex[T]) Swap(v T) (old T, err error)                             { return }
func (m *RWMutex[T]) TryLock() (*WriteGuard[T], error)                        { return nil, nil }
func (m *RWMutex[T]) TryRLock() (*ReadGuard[T], error)                        { return nil, nil }
func (m *RWMutex[T]) With(f func(v *T)) error                                 { return nil }
func (m *RWMutex[T]) WithErr(f func(v *T) error) error                        { return nil }
func (g *ReadGuard[T]) Format(s fmt.State, verb rune)                         {}
func (g *ReadGuard[T]) Unlock()                                               {}
func (g *ReadGuard[T]) Value() *T                                             { return nil }
func (w *Weak[T]) Clone() *Weak[T]                                            { return nil }
func (w *Weak[T]) Drop()                                                      {}
func (w *Weak[T]) Format(s fmt.State, verb rune)                              {}
func (w *Weak[T]) PtrEq(v *Weak[T]) bool                                      { return false }
func (w *Weak[T]) StrongCount() int                                           { return 0 }
func (w *Weak[T]) Upgrade() (*Arc[T], bool)                                   { return nil, false }
func (w *Weak[T]) WeakCount() int                                             { return 0 }
func (g *WriteGuard[T]) Downgrade() *ReadGuard[T]                             { return nil }
func (g *WriteGuard[T]) Format(s fmt.State, verb rune)                        {}
func (g *WriteGuard[T]) Unlock()                                              {}
func (g *WriteGuard[T]) Value() *T                                            { return nil }
