//go:build !owndebug

package own

import "context"

// The methods of RWMutex that return a guard. Each is as large as the compiler inlines, so
// that the guard stays on the caller's stack; there is no room even for the call of a
// function without a body. So the debug build has others: lock_debug.go.

// RLock locks m for reading, waiting for as long as a writer holds it or waits
// for it. If m is poisoned it returns nil and a [*PoisonError], and m is not
// locked. Release it by defer g.Unlock(). Rust: RwLock::read.
func (m *RWMutex[T]) RLock() (*ReadGuard[T], error) {
	if err := m.core.rlock(); err != nil {
		return nil, err
	}
	return &ReadGuard[T]{m: m}, nil
}

// MustRLock is [RWMutex.RLock] that panics with the [*PoisonError] if m is
// poisoned. Rust: read().unwrap().
func (m *RWMutex[T]) MustRLock() *ReadGuard[T] {
	m.core.mustRLock()
	return &ReadGuard[T]{m: m}
}

// TryRLock is [RWMutex.RLock] that does not wait: it returns [ErrWouldBlock] if a
// writer holds m, or waits for its readers to go. Rust: RwLock::try_read.
func (m *RWMutex[T]) TryRLock() (*ReadGuard[T], error) {
	if err := m.core.tryRLock(); err != nil {
		return nil, err
	}
	return &ReadGuard[T]{m: m}, nil
}

// RLockContext is [RWMutex.RLock] that gives up when ctx ends, with the error
// that [Mutex.LockContext] returns then. A ctx that has ended already gets
// nothing, not even a free lock. It panics if ctx is nil.
//
// Rust has no such method.
func (m *RWMutex[T]) RLockContext(ctx context.Context) (*ReadGuard[T], error) {
	if err := m.core.rlockContext(ctx); err != nil {
		return nil, err
	}
	return &ReadGuard[T]{m: m}, nil
}

// RLockIgnorePoison locks m for reading, poisoned or not. The caller has to
// assume that the value is half updated. Rust:
// read().unwrap_or_else(PoisonError::into_inner).
func (m *RWMutex[T]) RLockIgnorePoison() *ReadGuard[T] {
	m.core.rlockIgnorePoison()
	return &ReadGuard[T]{m: m}
}

// Lock locks m for writing, waiting for as long as anybody else holds it. If m
// is poisoned it returns nil and a [*PoisonError], and m is not locked. Release
// it by defer g.Unlock(), directly: that is how it sees a panic. Rust:
// RwLock::write.
func (m *RWMutex[T]) Lock() (*WriteGuard[T], error) {
	if err := m.core.lock(); err != nil {
		return nil, err
	}
	return &WriteGuard[T]{m: m}, nil
}

// MustLock is [RWMutex.Lock] that panics with the [*PoisonError] if m is
// poisoned. Rust: write().unwrap().
func (m *RWMutex[T]) MustLock() *WriteGuard[T] {
	m.core.mustLock()
	return &WriteGuard[T]{m: m}
}

// TryLock is [RWMutex.Lock] that does not wait: it returns [ErrWouldBlock] if
// anybody holds m, or tries to at this moment. It holds nobody back, so that a
// loop of TryLock may never get in while readers overlap: use
// [RWMutex.LockContext]. Rust: RwLock::try_write.
func (m *RWMutex[T]) TryLock() (*WriteGuard[T], error) {
	if err := m.core.tryLock(); err != nil {
		return nil, err
	}
	return &WriteGuard[T]{m: m}, nil
}

// LockContext is [RWMutex.Lock] that gives up when ctx ends, with the error that
// [Mutex.LockContext] returns then. While it waits it holds back new readers as
// Lock does; when it gives up, they go on. A ctx that has ended already gets
// nothing, not even a free lock. It panics if ctx is nil.
//
// Rust has no such method.
func (m *RWMutex[T]) LockContext(ctx context.Context) (*WriteGuard[T], error) {
	if err := m.core.lockContext(ctx); err != nil {
		return nil, err
	}
	return &WriteGuard[T]{m: m}, nil
}

// LockIgnorePoison locks m for writing, poisoned or not, and leaves the poison as
// it is. To repair a value use [RWMutex.Repair]. Rust:
// write().unwrap_or_else(PoisonError::into_inner).
func (m *RWMutex[T]) LockIgnorePoison() *WriteGuard[T] {
	m.core.lockIgnorePoison()
	return &WriteGuard[T]{m: m}
}

// Downgrade turns the right to write into the right to read, without letting go:
// no writer gets in between, so that the reader sees what it has written itself.
// Readers that wait are let in. g counts as released from then on; the guard
// that is returned must be released by itself:
//
//	w := m.MustLock()
//	defer w.Unlock() // for a panic before the downgrade
//	*w.Value() = …
//	r := w.Downgrade()
//	defer r.Unlock()
//
// A panic after the downgrade does not poison. Downgrade panics if g is nil, has
// been released or has been downgraded before. Poison that is there, under a
// guard from [RWMutex.LockIgnorePoison], does not matter to it.
//
// Rust: RwLockWriteGuard::downgrade.
func (g *WriteGuard[T]) Downgrade() *ReadGuard[T] {
	return &ReadGuard[T]{m: g.downgrade()}
}
