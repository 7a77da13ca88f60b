package own

import (
	"fmt"

	"github.com/go-own/own/internal/track"
)

// An RWMutex is a reader–writer lock that owns the value it protects: any number
// of readers can hold it at a time, or one writer. Readers get a [ReadGuard],
// writers a [WriteGuard].
//
// The zero RWMutex is unlocked, healthy and holds the zero T. An RWMutex must not
// be copied after first use; go vet's copylocks check reports most copies.
//
// All methods may be called from any goroutine at any time. Readers share the
// value, so they must not change it: Go cannot keep them from it, but the race
// detector sees it.
//
// A writer that waits holds back new readers, or it would never get in while
// readers overlap. This holds also for a writer that waits with a context, until
// it gets in or gives up; one that gave up keeps nobody out. A writer that
// releases lets in the readers that wait, and those that come until the next
// writer runs, before that writer: so neither side keeps the other out. A
// goroutine must not lock for reading while it holds a read guard: with a writer
// in between, the second waits for the writer, which waits for the first, for
// ever. As with [sync.RWMutex], a lock for reading cannot be upgraded to one for
// writing: release, lock, and look at the value again. The other direction is
// [WriteGuard.Downgrade].
//
// An RWMutex is poisoned when a critical section that writes panics, as a
// [Mutex] is. A reader's panic does not poison: it has changed nothing. While
// poisoned, every method that would hand out the value, for reading too, returns
// a [*PoisonError] instead. An error always means that the caller does not hold
// the lock.
//
// In the terminology of [the Go memory model], the relations are those of
// [sync.RWMutex]: the n'th release by a writer “synchronizes before” the m'th
// acquisition by a writer for any n < m, and for each acquisition by a reader
// there is an n such that the n'th release by a writer “synchronizes before” it,
// and its release “synchronizes before” the acquisition by writer n+1. A
// downgrade counts as a release by the writer and an acquisition by the reader.
// An acquisition that reports poison is an acquisition too. A TryLock or TryRLock
// that returns [ErrWouldBlock], and a wait that ends with its context, establish
// no “synchronizes before” relation at all.
//
// There is no LockWhen and no Await: after each release, every waiting condition
// would have to be looked at by a writer, which shuts out the readers for whose
// sake the lock is an RWMutex. Nor are there mapped guards. Use a [Mutex] for
// these.
//
// Use a Mutex unless readers are many and hold the lock for long: it is smaller
// and quicker, and readers of an RWMutex contend for its counter all the same.
// For a value that is replaced as a whole, an [AtomicArc] or an atomic.Pointer
// has no readers to wait for. Use a plain [sync.RWMutex] where a lock protects no
// value.
//
// The semantics are those of Rust's std::sync::RwLock, except that a poisoned
// lock is not handed out inside the error, and that who goes first is specified.
//
// [the Go memory model]: https://go.dev/ref/mem
type RWMutex[T any] struct {
	core  rwcore
	value T
}

// NewRWMutex returns an unlocked, healthy RWMutex that holds v. It returns it by
// value, to be stored in a variable or a struct field, or to be given to
// [NewArc], before first use. Rust: RwLock::new.
func NewRWMutex[T any](v T) RWMutex[T] {
	if track.Enabled {
		return RWMutex[T]{core: rwcore{writers: core{track: track.Made()}}, value: v}
	}
	return RWMutex[T]{value: v}
}

// With locks m for writing, calls f with a pointer to the value and unlocks m,
// as [Mutex.With] does: if f panics or calls [runtime.Goexit], m is unlocked and
// poisoned. If m is poisoned it returns the [*PoisonError] and does not call f.
// It panics if f is nil. Rust: nonpoison::RwLock::with_mut, which has no poison.
func (m *RWMutex[T]) With(f func(v *T)) error {
	if track.Enabled {
		track.Name[T](&m.core.writers.track, "RWMutex")
	}
	if f == nil {
		panic("own: RWMutex.With(nil): pass the function to run with the lock held")
	}
	if err := m.core.lock(); err != nil {
		return err
	}
	return m.write(func(v *T) error { f(v); return nil })
}

// WithErr is [RWMutex.With] for a function that can fail: it returns f's error as
// it is, and an error does not poison.
func (m *RWMutex[T]) WithErr(f func(v *T) error) error {
	if track.Enabled {
		track.Name[T](&m.core.writers.track, "RWMutex")
	}
	if f == nil {
		panic("own: RWMutex.WithErr(nil): pass the function to run with the lock held")
	}
	if err := m.core.lock(); err != nil {
		return err
	}
	return m.write(f)
}

// write calls f with the lock held for writing, and releases it. It is section for
// a writer.
func (m *RWMutex[T]) write(f func(v *T) error) error {
	open := &m.core
	defer func() {
		if open != nil {
			open.abandon(recover())
		}
	}()
	err := f(&m.value)
	open = nil
	m.core.unlock()
	return err
}

// MustWith is [RWMutex.With] that panics with the [*PoisonError] if m is
// poisoned.
func (m *RWMutex[T]) MustWith(f func(v *T)) {
	if err := m.With(f); err != nil {
		panic(err)
	}
}

// RWith locks m for reading, calls f with a pointer to the value and unlocks m.
// f must not change the value, nor use the pointer after it has returned. If f
// panics or calls [runtime.Goexit], m is unlocked and not poisoned. If m is
// poisoned it returns the [*PoisonError] and does not call f. It panics if f is
// nil. Rust: nonpoison::RwLock::with.
func (m *RWMutex[T]) RWith(f func(v *T)) error {
	if track.Enabled {
		track.Name[T](&m.core.writers.track, "RWMutex")
	}
	if f == nil {
		panic("own: RWMutex.RWith(nil): pass the function to run with the lock held")
	}
	if err := m.core.rlock(); err != nil {
		return err
	}
	defer m.core.runlock()
	f(&m.value)
	return nil
}

// RWithErr is [RWMutex.RWith] for a function that can fail: it returns f's error
// as it is.
func (m *RWMutex[T]) RWithErr(f func(v *T) error) error {
	if track.Enabled {
		track.Name[T](&m.core.writers.track, "RWMutex")
	}
	if f == nil {
		panic("own: RWMutex.RWithErr(nil): pass the function to run with the lock held")
	}
	if err := m.core.rlock(); err != nil {
		return err
	}
	defer m.core.runlock()
	return f(&m.value)
}

// Repair locks m for writing and, if it is poisoned, calls f with the value and
// the cause. It is [Mutex.Repair] in all else.
func (m *RWMutex[T]) Repair(f func(v *T, cause *PoisonError) error) error {
	if track.Enabled {
		track.Name[T](&m.core.writers.track, "RWMutex")
	}
	if f == nil {
		panic("own: RWMutex.Repair(nil): pass the function that repairs the value")
	}
	m.core.lockIgnorePoison()
	return m.write(func(v *T) error { return repair(&m.core.writers, v, f) })
}

// IsPoisoned reports whether m is poisoned. It does not lock: unless the caller
// holds the lock, the answer may be out of date when it arrives. Rust:
// RwLock::is_poisoned.
func (m *RWMutex[T]) IsPoisoned() bool { return m.core.writers.cause.Load() != nil }

// ClearPoison makes m healthy again without looking at the value. It does not
// lock, and may be called with the lock held. Prefer [RWMutex.Repair]. Rust:
// RwLock::clear_poison.
func (m *RWMutex[T]) ClearPoison() { m.core.writers.clear() }

// Load returns a shallow copy of the value, made with the lock held for reading.
// If m is poisoned it returns the zero T and a [*PoisonError]. What
// [Mutex.Load] says of copies holds here. Rust: RwLock::get_cloned.
func (m *RWMutex[T]) Load() (v T, err error) {
	if track.Enabled {
		track.Name[T](&m.core.writers.track, "RWMutex")
	}
	if err := m.core.rlock(); err != nil {
		return v, err
	}
	v = m.value
	m.core.runlock()
	return v, nil
}

// Store replaces the value by v. If m is poisoned it changes nothing and returns
// a [*PoisonError]. Rust: RwLock::set.
func (m *RWMutex[T]) Store(v T) error {
	if track.Enabled {
		track.Name[T](&m.core.writers.track, "RWMutex")
	}
	_, err := m.Swap(v)
	return err
}

// Swap replaces the value by v and returns the one that was there. If m is
// poisoned it changes nothing and returns the zero T and a [*PoisonError].
// Rust: RwLock::replace.
func (m *RWMutex[T]) Swap(v T) (old T, err error) {
	if track.Enabled {
		track.Name[T](&m.core.writers.track, "RWMutex")
	}
	if err := m.core.lock(); err != nil {
		return old, err
	}
	old, m.value = m.value, v
	m.core.unlock()
	return old, nil
}

// IntoInner takes the value out of m and leaves the zero T, for when m has
// served its purpose. If m is poisoned it takes nothing and returns the zero T
// and a [*PoisonError]. It panics if m is locked, for reading or writing:
// somebody still uses the value. Rust: RwLock::into_inner.
func (m *RWMutex[T]) IntoInner() (T, error) {
	var v T
	switch err := m.core.tryLock(); err {
	case nil:
	case ErrWouldBlock:
		panic("own: RWMutex.IntoInner of a locked mutex: release every guard first, or use Swap to wait for them")
	default:
		return v, err
	}
	v, m.value = m.value, v
	m.core.unlock()
	return v, nil
}

// Format implements [fmt.Formatter]. It prints
//
//	RWMutex { data: 6, poisoned: false, .. }
//
// as [Mutex.Format] does, also while readers hold the lock, or <locked> in place
// of the value while a writer holds it or waits for it. It never blocks. A
// formatting method of T must not print the RWMutex that the value is in: readers
// do not exclude each other, so nothing would stop it from calling itself.
//
// There is no MarshalJSON, for the reason that Mutex.Format gives.
func (m *RWMutex[T]) Format(s fmt.State, verb rune) {
	ok := m.core.tryRLockIgnorePoison()
	if ok {
		defer m.core.runlock() // deferred, for a formatting method of T that calls Goexit
	}
	formatLock(s, verb, "RWMutex", &m.value, ok, m.IsPoisoned())
}
