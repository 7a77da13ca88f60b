//go:build owndebug

package own

import (
	"context"

	"github.com/go-own/own/internal/track"
)

// The methods that return a guard, in the debug build, where the guard says so when it is
// forgotten. They are those of mutex_lock.go and rwmutex_lock.go, which say what they do.

// guard returns the guard of m, which has just been locked unless err says otherwise.
func (m *Mutex[T]) guard(err error) (*Guard[T], error) {
	if err != nil {
		return nil, err
	}
	g := &Guard[T]{m: m}
	track.Attach[T](&g.held, &m.core.track, "Mutex", track.Write)
	return g, nil
}

// must returns g: there can be no error.
func must[G any](g G, _ error) G { return g }

// Lock locks m.
func (m *Mutex[T]) Lock() (*Guard[T], error) { return m.guard(m.core.lock()) }

// MustLock is Lock that panics.
func (m *Mutex[T]) MustLock() *Guard[T] {
	m.core.mustLock()
	return must(m.guard(nil))
}

// TryLock is Lock that does not wait.
func (m *Mutex[T]) TryLock() (*Guard[T], error) { return m.guard(m.core.tryLock()) }

// LockContext is Lock that gives up when ctx ends.
func (m *Mutex[T]) LockContext(ctx context.Context) (*Guard[T], error) {
	return m.guard(m.core.lockContext(ctx))
}

// LockWhen locks m once cond returns true.
func (m *Mutex[T]) LockWhen(ctx context.Context, cond func(v *T) bool) (*Guard[T], error) {
	return m.guard(m.lockWhen(ctx, cond))
}

// LockIgnorePoison locks m, poisoned or not.
func (m *Mutex[T]) LockIgnorePoison() *Guard[T] {
	m.core.lockIgnorePoison()
	return must(m.guard(nil))
}

// readGuard returns the guard of m, which has just been locked for reading unless err says
// otherwise.
func (m *RWMutex[T]) readGuard(err error) (*ReadGuard[T], error) {
	if err != nil {
		return nil, err
	}
	g := &ReadGuard[T]{m: m}
	track.Attach[T](&g.held, &m.core.writers.track, "RWMutex", track.Read)
	return g, nil
}

// writeGuard is readGuard for writing.
func (m *RWMutex[T]) writeGuard(err error) (*WriteGuard[T], error) {
	if err != nil {
		return nil, err
	}
	g := &WriteGuard[T]{m: m}
	track.Attach[T](&g.held, &m.core.writers.track, "RWMutex", track.Write)
	return g, nil
}

// RLock locks m for reading.
func (m *RWMutex[T]) RLock() (*ReadGuard[T], error) { return m.readGuard(m.core.rlock()) }

// MustRLock is RLock that panics.
func (m *RWMutex[T]) MustRLock() *ReadGuard[T] {
	m.core.mustRLock()
	return must(m.readGuard(nil))
}

// TryRLock is RLock that does not wait.
func (m *RWMutex[T]) TryRLock() (*ReadGuard[T], error) { return m.readGuard(m.core.tryRLock()) }

// RLockContext is RLock that gives up when ctx ends.
func (m *RWMutex[T]) RLockContext(ctx context.Context) (*ReadGuard[T], error) {
	return m.readGuard(m.core.rlockContext(ctx))
}

// RLockIgnorePoison locks m for reading, poisoned or not.
func (m *RWMutex[T]) RLockIgnorePoison() *ReadGuard[T] {
	m.core.rlockIgnorePoison()
	return must(m.readGuard(nil))
}

// Lock locks m for writing.
func (m *RWMutex[T]) Lock() (*WriteGuard[T], error) { return m.writeGuard(m.core.lock()) }

// MustLock is Lock that panics.
func (m *RWMutex[T]) MustLock() *WriteGuard[T] {
	m.core.mustLock()
	return must(m.writeGuard(nil))
}

// TryLock is Lock that does not wait.
func (m *RWMutex[T]) TryLock() (*WriteGuard[T], error) { return m.writeGuard(m.core.tryLock()) }

// LockContext is Lock that gives up when ctx ends.
func (m *RWMutex[T]) LockContext(ctx context.Context) (*WriteGuard[T], error) {
	return m.writeGuard(m.core.lockContext(ctx))
}

// LockIgnorePoison locks m for writing, poisoned or not.
func (m *RWMutex[T]) LockIgnorePoison() *WriteGuard[T] {
	m.core.lockIgnorePoison()
	return must(m.writeGuard(nil))
}

// Downgrade turns the right to write into the right to read.
func (g *WriteGuard[T]) Downgrade() *ReadGuard[T] { return must(g.downgrade().readGuard(nil)) }
