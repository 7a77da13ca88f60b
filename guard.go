package own

import (
	"fmt"
	"io"
)

// A Guard is the right to use the value of a locked [Mutex]. [Guard.Value] gives
// the value, [Guard.Unlock] gives the right back.
//
// A Guard comes from a lock method and is never made otherwise. It is a handle
// with identity: copies of the pointer are the same guard, and a released guard
// stays released, so it can neither reach the value nor release somebody else's
// lock. Do not copy what it points to; go vet reports it.
//
// A Guard belongs to the goroutine that locked, and its methods need it to
// themselves, except that Value and formatting may run concurrently with each
// other. It may be handed to another goroutine by a means that synchronizes,
// such as a channel, if only one of the two uses it at a time. Rust's MutexGuard
// cannot be sent at all.
//
// A Guard that is dropped without Unlock leaves its mutex locked for ever.
type Guard[T any] struct {
	_ noCopy
	m *Mutex[T] // nil once released
}

// Value returns the pointer to the value, valid until Unlock. Nothing stops it
// from being used afterwards but the caller's care, so let it not outlive the
// guard: do not store it, return it or capture it in a goroutine.
//
// Value panics if g is nil or has been released.
//
// Rust: Deref and DerefMut of MutexGuard.
func (g *Guard[T]) Value() *T {
	if g == nil {
		panic("own: Guard.Value of a nil guard: check the error that came with it before using it")
	}
	if g.m == nil {
		panic("own: Guard.Value after Unlock: the lock is not held any more, lock again")
	}
	return &g.m.value
}

// Unlock releases the lock. Releasing a guard that is released already, or nil,
// does nothing, so that an early Unlock and a deferred one go together.
//
// Defer it directly, as in
//
//	defer g.Unlock()
//
// for that is how it sees a panic: if the goroutine panics past it, Unlock
// poisons the mutex, releases it, and lets the panic go on with the same value.
// A panic that is recovered before it gets here, or that started before the lock
// was taken, does not poison. Any other does, whatever its value: also
// [net/http.ErrAbortHandler], which is meant to be quiet.
//
// Unlock cannot see a panic from inside a deferred closure, as in
// defer func() { g.Unlock() }(), or from a helper, because Go's recover works
// only in the function that was deferred; nor from t.Cleanup(g.Unlock). It
// then unlocks and does not poison. It never sees [runtime.Goexit], which a
// deferred function cannot tell from a return. [Mutex.With] has none of these
// limits.
//
// Rust: the Drop of MutexGuard.
func (g *Guard[T]) Unlock() {
	if g == nil || g.m == nil {
		return
	}
	c := &g.m.core
	g.m = nil
	// The runtime answers nil here unless this very call was deferred by a
	// function that is panicking.
	if v := recover(); v != nil {
		c.abandon(v)
	}
	c.unlock()
}

// Format implements [fmt.Formatter]: it prints the value, as the verb and its
// flags format it, or <unlocked> after Unlock.
func (g *Guard[T]) Format(s fmt.State, verb rune) {
	if g.m == nil {
		io.WriteString(s, "<unlocked>")
		return
	}
	formatValue(s, verb, &g.m.value)
}
