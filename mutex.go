package own

import (
	"context"
	"fmt"

	"github.com/go-own/own/internal/track"
)

// A Mutex is a mutual exclusion lock that owns the value it protects. The value
// can be reached only through a [Guard], which [Mutex.Lock] and its relatives
// return, or from a function that a method such as [Mutex.With] runs with the
// lock held.
//
// The zero Mutex is unlocked, healthy and holds the zero T. A Mutex must not be
// copied after first use; go vet's copylocks check reports most copies.
//
// All methods may be called from any goroutine at any time. A Mutex is not
// reentrant: a goroutine that locks it twice blocks for ever, as with
// [sync.Mutex].
//
// A Mutex is poisoned when a critical section panics: see [Guard.Unlock] and
// [Mutex.With] for what counts. From then on, every method that would hand out
// the value returns a [*PoisonError] instead, or panics with it where its name
// starts with Must, until somebody repairs the value ([Mutex.Repair]) or
// declares it sound ([Mutex.ClearPoison]). An error always means that the
// caller does not hold the lock.
//
// In the terminology of [the Go memory model], the n'th release of a Mutex, by
// whatever method, “synchronizes before” the m'th acquisition for any n < m,
// exactly as for the calls of Unlock and Lock of a [sync.Mutex]. An acquisition
// that reports poison is an acquisition too: what the panicking holder wrote is
// visible to the caller. So is one by a waiter that looks at its condition. A
// TryLock that returns [ErrWouldBlock], and a wait that ends with its context,
// establish no “synchronizes before” relation at all.
//
// Poisoning is advice, not proof: a panic that is recovered inside the critical
// section does not poison, and a section can leave its value broken without a
// panic. Nothing stops a pointer from being kept after the guard is released.
//
// Use a plain [sync.Mutex] for a lock that guards something other than a value,
// for fields of one struct under several locks, or where a few nanoseconds
// matter more than the checks. Use [sync/atomic] for a single counter or flag.
//
// The semantics are those of Rust's std::sync::Mutex, except that a poisoned
// lock is not handed out inside the error.
//
// [the Go memory model]: https://go.dev/ref/mem
type Mutex[T any] struct {
	core  core
	value T
}

// NewMutex returns an unlocked, healthy Mutex that holds v. It returns the Mutex
// by value, to be stored in a variable or a struct field, or to be given to
// [NewArc], before first use. Rust: Mutex::new.
func NewMutex[T any](v T) Mutex[T] {
	if track.Enabled {
		return Mutex[T]{core: core{track: track.Made()}, value: v}
	}
	return Mutex[T]{value: v}
}

// lockWhen is apart so that LockWhen is small enough to be inlined.
func (m *Mutex[T]) lockWhen(ctx context.Context, cond func(v *T) bool) error {
	checkContext(ctx)
	checkCondition(cond == nil)
	return m.core.lockWhen(ctx, func() bool { return cond(&m.value) })
}

// With locks m, calls f with a pointer to the value and unlocks m. If m is
// poisoned it returns the [*PoisonError] and does not call f. The pointer must
// not be used after f has returned.
//
// With knows exactly how f ended. If f panics, or calls [runtime.Goexit], m is
// unlocked and poisoned, and the panic or Goexit goes on. It is the form to
// prefer unless the critical section has to return values or to end early.
//
// f must not be nil: With panics, with m not locked.
//
// Rust has no With on its poisoning mutex (nonpoison::Mutex has with_mut).
func (m *Mutex[T]) With(f func(v *T)) error {
	if f == nil {
		panic("own: Mutex.With(nil): pass the function to run with the lock held")
	}
	if track.Enabled {
		track.Name[T](&m.core.track, "Mutex")
	}
	// core.lock, section and core.release written out: each call less is measurable.
	m.core.acquire()
	if e := m.core.cause.Load(); e != nil {
		return m.core.refuse(e)
	}
	open := &m.core
	defer func() {
		if open != nil {
			open.abandon(recover())
		}
	}()
	f(&m.value)
	open = nil
	if track.Enabled {
		m.core.track.Lost(track.Write)
	}
	if m.core.waiting.Load() != 0 {
		m.core.releaseFrom(nil, true)
		return nil
	}
	m.core.mu.Unlock()
	if m.core.waiting.Load() != 0 {
		m.core.offer()
	}
	return nil
}

// WithErr is [Mutex.With] for a function that can fail. It returns f's error as
// it is; an error does not poison, so f must leave a value that others can use.
// To tell f's error from poison, which means that f was not called, use
// errors.Is(err, [ErrPoisoned]).
func (m *Mutex[T]) WithErr(f func(v *T) error) error {
	if track.Enabled {
		track.Name[T](&m.core.track, "Mutex")
	}
	if f == nil {
		panic("own: Mutex.WithErr(nil): pass the function to run with the lock held")
	}
	if err := m.core.lock(); err != nil {
		return err
	}
	s := section{core: &m.core}
	defer s.abandoned()
	err := f(&m.value)
	s.done()
	m.core.unlock()
	return err
}

// MustWith is [Mutex.With] that panics with the [*PoisonError] if m is poisoned.
func (m *Mutex[T]) MustWith(f func(v *T)) {
	if err := m.With(f); err != nil {
		panic(err)
	}
}

// Repair locks m and, if it is poisoned, calls f with the value and the cause.
// If f returns nil, the value counts as sound again and the poison is cleared.
// If f returns an error, Repair returns it and m stays poisoned. If m is not
// poisoned, Repair returns nil and does not call f, so that of several callers
// that saw the same error only one repairs. A caller that has to know whether it
// was the one keeps the cause in a variable outside f.
//
// If f panics or calls [runtime.Goexit], m is unlocked and stays poisoned with
// the first cause; no [OnPoison] hook runs again. f must not be nil.
//
// Rust has clear_poison only, which leaves it to the caller to do both under
// one lock.
func (m *Mutex[T]) Repair(f func(v *T, cause *PoisonError) error) error {
	if track.Enabled {
		track.Name[T](&m.core.track, "Mutex")
	}
	if f == nil {
		panic("own: Mutex.Repair(nil): pass the function that repairs the value")
	}
	m.core.lockIgnorePoison()
	s := section{core: &m.core}
	defer s.abandoned()
	err := repair(&m.core, &m.value, f)
	s.done()
	m.core.unlock()
	return err
}

// IsPoisoned reports whether m is poisoned. It does not lock: unless the caller
// holds the lock, the answer may be out of date when it arrives. Rust:
// Mutex::is_poisoned.
func (m *Mutex[T]) IsPoisoned() bool { return m.core.cause.Load() != nil }

// ClearPoison makes m healthy again without looking at the value. It does not
// lock, and may be called with the lock held. A critical section that panics
// later poisons m again. Prefer [Mutex.Repair], which looks before it clears,
// under one lock. Rust: Mutex::clear_poison.
func (m *Mutex[T]) ClearPoison() { m.core.clear() }

// Load returns a shallow copy of the value, made with the lock held: what the
// copy points to is still shared. If m is poisoned it returns the zero T and a
// [*PoisonError]. A T that must not be copied (go vet does not see it here)
// needs [Mutex.With]; so does a change, because what others do between a Load and
// a Store is lost. Rust: Mutex::get_cloned.
func (m *Mutex[T]) Load() (T, error) {
	if track.Enabled {
		track.Name[T](&m.core.track, "Mutex")
	}
	var v T
	if err := m.core.lock(); err != nil {
		return v, err
	}
	v = m.value
	m.core.unlockUnchanged()
	return v, nil
}

// Store replaces the value by v. If m is poisoned it changes nothing and returns
// a [*PoisonError]; the caller still has v. To change a value, use [Mutex.With]:
// see [Mutex.Load]. Rust: Mutex::set.
func (m *Mutex[T]) Store(v T) error {
	if track.Enabled {
		track.Name[T](&m.core.track, "Mutex")
	}
	if err := m.core.lock(); err != nil {
		return err
	}
	m.value = v
	m.core.unlock()
	return nil
}

// Swap replaces the value by v and returns the one that was there. If m is
// poisoned it changes nothing and returns the zero T and a [*PoisonError].
// Rust: Mutex::replace.
func (m *Mutex[T]) Swap(v T) (old T, err error) {
	if track.Enabled {
		track.Name[T](&m.core.track, "Mutex")
	}
	if err := m.core.lock(); err != nil {
		return old, err
	}
	old = m.value
	m.value = v
	m.core.unlock()
	return old, nil
}

// IntoInner takes the value out of m and leaves the zero T, for when m has
// served its purpose. If m is poisoned it takes nothing and returns the zero T
// and a [*PoisonError]. It panics if m is locked: somebody still uses the value.
//
// Rust: Mutex::into_inner, which consumes the mutex at compile time and so
// needs no such check.
func (m *Mutex[T]) IntoInner() (T, error) {
	var v T
	switch err := m.core.tryLock(); err {
	case nil:
	case ErrWouldBlock:
		panic("own: Mutex.IntoInner of a locked mutex: release every guard first, or use Swap to wait for them")
	default:
		return v, err
	}
	v, m.value = m.value, v
	m.core.unlock()
	return v, nil
}

// Format implements [fmt.Formatter]. It prints
//
//	Mutex { data: 6, poisoned: false, .. }
//
// with the value as the verb and its flags format it, or <locked> in its place
// while somebody holds the lock. It never blocks. A value without a formatting
// method that contains a lock prints as its type and {..}.
//
// There is no MarshalJSON: an encoder or a log handler that waits for a lock is
// a deadlock that waits to happen. Marshal what [Mutex.Load] returns.
func (m *Mutex[T]) Format(s fmt.State, verb rune) {
	ok := m.core.tryLockIgnorePoison()
	if ok {
		defer m.core.unlockUnchanged() // deferred, for a formatting method of T that calls Goexit
	}
	formatLock(s, verb, "Mutex", &m.value, ok, m.IsPoisoned())
}
