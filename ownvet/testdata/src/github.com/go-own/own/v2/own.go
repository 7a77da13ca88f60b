// Package own is another major version, of which ownvet knows nothing.
package own

import "errors"

type Mutex[T any] struct{ value T }

type Guard[T any] struct{ p *T }

func NewMutex[T any](v T) Mutex[T] { return Mutex[T]{v} }

func (m *Mutex[T]) Lock() (*Guard[T], error) { return nil, errors.New("v2") }
func (m *Mutex[T]) MustLock() *Guard[T]      { return nil }
func (m *Mutex[T]) With(f func(v *T)) error  { return nil }

func (g *Guard[T]) Value() *T { return g.p }
func (g *Guard[T]) Unlock()   {}
