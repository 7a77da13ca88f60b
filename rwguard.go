package own

import (
	"fmt"
	"io"

	"github.com/go-own/own/internal/nocopy"
	"github.com/go-own/own/internal/show"
	"github.com/go-own/own/internal/track"
)

// A ReadGuard is the right to read the value of an [RWMutex] together with other
// readers. It comes from [RWMutex.RLock] and its relatives, or from
// [WriteGuard.Downgrade].
//
// It is a handle as [Guard] is: copies of the pointer are the same guard, it
// belongs to the goroutine that locked, and what the pointer points to must not
// be copied. It has no Downgrade and no poisoning: a reader leaves the value as
// it was.
//
// A ReadGuard that is dropped without Unlock keeps all writers out for ever, and
// with the first writer that waits, all new readers.
//
// Rust: RwLockReadGuard.
type ReadGuard[T any] struct {
	_    nocopy.Mark
	held track.Held  // for the debug build; nothing in others
	m    *RWMutex[T] // nil once released
}

// Value returns the pointer to the value, valid until Unlock. The value must not
// be changed through it: other readers look at it at the same time. Go has no
// pointer that only reads, so this is left to the caller's care and to the race
// detector.
//
// Value panics if g is nil or has been released. Rust: Deref of RwLockReadGuard.
func (g *ReadGuard[T]) Value() *T {
	if g == nil {
		panic("own: ReadGuard.Value of a nil guard: check the error that came with it before using it")
	}
	if g.m == nil {
		panic("own: ReadGuard.Value after Unlock: the lock is not held any more, lock again")
	}
	if track.Enabled {
		g.held.Used()
	}
	return &g.m.value
}

// Unlock releases the lock. Releasing a guard that is released already, or nil,
// does nothing. It may be deferred in any form: a panic does not poison, so there
// is nothing to see. Rust: the Drop of RwLockReadGuard.
func (g *ReadGuard[T]) Unlock() {
	if g == nil || g.m == nil {
		return
	}
	c := &g.m.core
	if track.Enabled {
		g.held.Detach()
	}
	g.m = nil
	c.readers.RUnlock() // rwcore.runlock written out: one call less
	if c.writers.waiting.Load() != 0 {
		c.drained()
	}
}

// Format implements [fmt.Formatter]: it prints the value, as the verb and its
// flags format it, or <unlocked> after Unlock.
func (g *ReadGuard[T]) Format(s fmt.State, verb rune) {
	if g.m == nil {
		io.WriteString(s, "<unlocked>")
		return
	}
	show.Value(s, verb, &g.m.value)
}

// A WriteGuard is the right to use the value of an [RWMutex] alone. It comes from
// [RWMutex.Lock] and its relatives.
//
// It is to an RWMutex what [Guard] is to a [Mutex], and the rules of Guard are
// its rules: it is a handle with identity, belongs to the goroutine that locked,
// and is to be released by a deferred Unlock.
//
// Rust: RwLockWriteGuard.
type WriteGuard[T any] struct {
	_    nocopy.Mark
	held track.Held  // for the debug build; nothing in others
	m    *RWMutex[T] // nil once released or downgraded
}

// Value returns the pointer to the value, valid until Unlock or Downgrade. It
// panics if g is nil or has been released. Rust: Deref and DerefMut of
// RwLockWriteGuard.
func (g *WriteGuard[T]) Value() *T {
	if g == nil {
		panic("own: WriteGuard.Value of a nil guard: check the error that came with it before using it")
	}
	if g.m == nil {
		panic("own: WriteGuard.Value after Unlock or Downgrade: the lock is not held for writing any more, lock again")
	}
	if track.Enabled {
		g.held.Used()
	}
	return &g.m.value
}

// Unlock releases the lock. Releasing a guard that is nil, released already, or
// downgraded does nothing.
//
// Defer it directly, as in defer g.Unlock(): if the goroutine panics past it,
// Unlock poisons the lock, releases it, and lets the panic go on with the same
// value. What it cannot see is what [Guard.Unlock] cannot see. Rust: the Drop of
// RwLockWriteGuard.
func (g *WriteGuard[T]) Unlock() {
	if g == nil || g.m == nil {
		return
	}
	if track.Enabled {
		g.held.Unlocking()
	}
	c := &g.m.core
	if track.Enabled {
		g.held.Detach()
	}
	g.m = nil
	if v := recover(); v != nil {
		c.abandon(v)
	}
	// rwcore.unlock written out: one call less.
	if track.Enabled {
		c.writers.track.Lost(track.Write)
	}
	c.readers.Unlock()
	if c.writers.waiting.Load() != 0 {
		c.leaveToReaders()
		return
	}
	c.writers.mu.Unlock()
	if c.writers.waiting.Load() != 0 {
		c.writers.offer()
	}
}

// downgrade is what Downgrade does. It is apart so that Downgrade is small enough to be
// inlined.
func (g *WriteGuard[T]) downgrade() *RWMutex[T] {
	if g == nil {
		panic("own: WriteGuard.Downgrade of a nil guard: check the error that came with it before using it")
	}
	m := g.m
	if m == nil {
		panic("own: WriteGuard.Downgrade after Unlock or Downgrade: the lock is not held for writing any more, lock again")
	}
	if track.Enabled {
		g.held.Detach()
	}
	g.m = nil
	m.core.downgrade()
	return m
}

// Format implements [fmt.Formatter]: it prints the value, as the verb and its
// flags format it, or <unlocked> after Unlock or Downgrade.
func (g *WriteGuard[T]) Format(s fmt.State, verb rune) {
	if g.m == nil {
		io.WriteString(s, "<unlocked>")
		return
	}
	show.Value(s, verb, &g.m.value)
}
