// Package own has the API of the real package without what is behind it, for
// the packages in testdata, which are checked and never run. A test compares it
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

func OnPoison(f func(*PoisonError)) (remove func())                             { panic("stub") }
func ArcFrom[T any](p *T, drop func(*T)) *Arc[T]                                { panic("stub") }
func NewArc[T any](v T) *Arc[T]                                                 { panic("stub") }
func NewCyclicArc[T any](build func(self *Weak[T]) (T, error)) (*Arc[T], error) { panic("stub") }
func (a *Arc[T]) Clone() *Arc[T]                                                { panic("stub") }
func (a *Arc[T]) Downgrade() *Weak[T]                                           { panic("stub") }
func (a *Arc[T]) Drop()                                                         { panic("stub") }
func (a *Arc[T]) Format(s fmt.State, verb rune)                                 { panic("stub") }
func (a *Arc[T]) GetMut() (*T, bool)                                            { panic("stub") }
func (a *Arc[T]) IntoInner() (*T, bool)                                         { panic("stub") }
func (a *Arc[T]) MakeMut(clone func(*T) T) *T                                   { panic("stub") }
func (a *Arc[T]) Move() *Arc[T]                                                 { panic("stub") }
func (a *Arc[T]) PtrEq(b *Arc[T]) bool                                          { panic("stub") }
func (a *Arc[T]) StrongCount() int                                              { panic("stub") }
func (a *Arc[T]) TryUnwrap() (*T, bool)                                         { panic("stub") }
func (a *Arc[T]) UnwrapOrClone(clone func(*T) T) *T                             { panic("stub") }
func (a *Arc[T]) Value() *T                                                     { panic("stub") }
func (a *Arc[T]) WeakCount() int                                                { panic("stub") }
func (p *AtomicArc[T]) CompareAndSwap(old, new *Arc[T]) bool                    { panic("stub") }
func (p *AtomicArc[T]) Drop()                                                   { panic("stub") }
func (p *AtomicArc[T]) Format(s fmt.State, verb rune)                           { panic("stub") }
func (p *AtomicArc[T]) Load() *Arc[T]                                           { panic("stub") }
func (p *AtomicArc[T]) Store(a *Arc[T])                                         { panic("stub") }
func (p *AtomicArc[T]) Swap(a *Arc[T]) *Arc[T]                                  { panic("stub") }
func (g *Guard[T]) Await(ctx context.Context, cond func(v *T) bool) error       { panic("stub") }
func (g *Guard[T]) Format(s fmt.State, verb rune)                               { panic("stub") }
func (g *Guard[T]) Unlock()                                                     { panic("stub") }
func (g *Guard[T]) Value() *T                                                   { panic("stub") }
func MapGuard[T, U any](g *Guard[T], f func(v *T) *U) *MappedGuard[U]           { panic("stub") }
func (g *MappedGuard[U]) Format(s fmt.State, verb rune)                         { panic("stub") }
func (g *MappedGuard[U]) Unlock()                                               { panic("stub") }
func (g *MappedGuard[U]) Value() *U                                             { panic("stub") }
func NewMutex[T any](v T) Mutex[T]                                              { panic("stub") }
func (m *Mutex[T]) ClearPoison()                                                { panic("stub") }
func (m *Mutex[T]) Format(s fmt.State, verb rune)                               { panic("stub") }
func (m *Mutex[T]) IntoInner() (T, error)                                       { panic("stub") }
func (m *Mutex[T]) IsPoisoned() bool                                            { panic("stub") }
func (m *Mutex[T]) Load() (T, error)                                            { panic("stub") }
func (m *Mutex[T]) Lock() (*Guard[T], error)                                    { panic("stub") }
func (m *Mutex[T]) LockContext(ctx context.Context) (*Guard[T], error)          { panic("stub") }
func (m *Mutex[T]) LockIgnorePoison() *Guard[T]                                 { panic("stub") }
func (m *Mutex[T]) LockWhen(ctx context.Context, cond func(v *T) bool) (g *Guard[T], err error) {
	panic("stub")
}
func (m *Mutex[T]) MustLock() *Guard[T]                                       { panic("stub") }
func (m *Mutex[T]) MustWith(f func(v *T))                                     { panic("stub") }
func (m *Mutex[T]) Repair(f func(v *T, cause *PoisonError) error) error       { panic("stub") }
func (m *Mutex[T]) Store(v T) error                                           { panic("stub") }
func (m *Mutex[T]) Swap(v T) (old T, err error)                               { panic("stub") }
func (m *Mutex[T]) TryLock() (*Guard[T], error)                               { panic("stub") }
func (m *Mutex[T]) With(f func(v *T)) error                                   { panic("stub") }
func (m *Mutex[T]) WithErr(f func(v *T) error) error                          { panic("stub") }
func (e *PoisonError) Error() string                                          { panic("stub") }
func (e *PoisonError) Format(s fmt.State, verb rune)                          { panic("stub") }
func (e *PoisonError) Is(target error) bool                                   { panic("stub") }
func NewRWMutex[T any](v T) RWMutex[T]                                        { panic("stub") }
func (m *RWMutex[T]) ClearPoison()                                            { panic("stub") }
func (m *RWMutex[T]) Format(s fmt.State, verb rune)                           { panic("stub") }
func (m *RWMutex[T]) IntoInner() (T, error)                                   { panic("stub") }
func (m *RWMutex[T]) IsPoisoned() bool                                        { panic("stub") }
func (m *RWMutex[T]) Load() (v T, err error)                                  { panic("stub") }
func (m *RWMutex[T]) Lock() (*WriteGuard[T], error)                           { panic("stub") }
func (m *RWMutex[T]) LockContext(ctx context.Context) (*WriteGuard[T], error) { panic("stub") }
func (m *RWMutex[T]) LockIgnorePoison() *WriteGuard[T]                        { panic("stub") }
func (m *RWMutex[T]) MustLock() *WriteGuard[T]                                { panic("stub") }
func (m *RWMutex[T]) MustRLock() *ReadGuard[T]                                { panic("stub") }
func (m *RWMutex[T]) MustWith(f func(v *T))                                   { panic("stub") }
func (m *RWMutex[T]) RLock() (*ReadGuard[T], error)                           { panic("stub") }
func (m *RWMutex[T]) RLockContext(ctx context.Context) (*ReadGuard[T], error) { panic("stub") }
func (m *RWMutex[T]) RLockIgnorePoison() *ReadGuard[T]                        { panic("stub") }
func (m *RWMutex[T]) RWith(f func(v *T)) error                                { panic("stub") }
func (m *RWMutex[T]) RWithErr(f func(v *T) error) error                       { panic("stub") }
func (m *RWMutex[T]) Repair(f func(v *T, cause *PoisonError) error) error     { panic("stub") }
func (m *RWMutex[T]) Store(v T) error                                         { panic("stub") }
func (m *RWMutex[T]) Swap(v T) (old T, err error)                             { panic("stub") }
func (m *RWMutex[T]) TryLock() (*WriteGuard[T], error)                        { panic("stub") }
func (m *RWMutex[T]) TryRLock() (*ReadGuard[T], error)                        { panic("stub") }
func (m *RWMutex[T]) With(f func(v *T)) error                                 { panic("stub") }
func (m *RWMutex[T]) WithErr(f func(v *T) error) error                        { panic("stub") }
func (g *ReadGuard[T]) Format(s fmt.State, verb rune)                         { panic("stub") }
func (g *ReadGuard[T]) Unlock()                                               { panic("stub") }
func (g *ReadGuard[T]) Value() *T                                             { panic("stub") }
func (w *Weak[T]) Clone() *Weak[T]                                            { panic("stub") }
func (w *Weak[T]) Drop()                                                      { panic("stub") }
func (w *Weak[T]) Format(s fmt.State, verb rune)                              { panic("stub") }
func (w *Weak[T]) PtrEq(v *Weak[T]) bool                                      { panic("stub") }
func (w *Weak[T]) StrongCount() int                                           { panic("stub") }
func (w *Weak[T]) Upgrade() (*Arc[T], bool)                                   { panic("stub") }
func (w *Weak[T]) WeakCount() int                                             { panic("stub") }
func (g *WriteGuard[T]) Downgrade() *ReadGuard[T]                             { panic("stub") }
func (g *WriteGuard[T]) Format(s fmt.State, verb rune)                        { panic("stub") }
func (g *WriteGuard[T]) Unlock()                                              { panic("stub") }
func (g *WriteGuard[T]) Value() *T                                            { panic("stub") }
