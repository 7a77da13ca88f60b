package own

import (
	"context"
	"fmt"
	"io"

	"github.com/go-own/own/internal/nocopy"
	"github.com/go-own/own/internal/show"
	"github.com/go-own/own/internal/track"
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
// cannot be sent at all, and the debug build goes by that: it reports one that was,
// and takes the lock for the first goroutine's until the other uses the guard.
//
// A Guard that is dropped without Unlock leaves its mutex locked for ever.
type Guard[T any] struct {
	_    nocopy.Mark
	held track.Held // for the debug build; nothing in others
	m    *Mutex[T]  // nil once released
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
	if track.Enabled {
		g.held.Used()
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
	if track.Enabled {
		g.held.Unlocking()
	}
	c := g.release()
	// The runtime answers nil here unless this very call was deferred by a
	// function that is panicking.
	if v := recover(); v != nil {
		c.abandon(v)
	}
	if track.Enabled {
		c.track.Lost(track.Write)
	}
	if c.waiting.Load() != 0 { // core.release written out: one call less
		c.releaseFrom(nil, true)
		return
	}
	c.mu.Unlock()
	if c.waiting.Load() != 0 {
		c.offer()
	}
}

// Await releases the lock, waits until cond returns true for the value, and takes
// the lock again. It returns with the lock held, so that cond still holds, and the
// guard goes on as if it had held it all the time; the value may be another. Or it
// returns an error, and then the guard is released.
//
// It is [Mutex.LockWhen] for one that holds the lock already, and what is said
// there of cond, of the order among those that wait, and of ctx holds here, too.
// If cond is true at once, the lock is not released. A ctx that has ended releases
// the lock and returns its error, whatever cond would say.
//
// If the mutex is poisoned while Await waits, it returns a [*PoisonError]. Poison
// that was there before, under a guard from [Mutex.LockIgnorePoison], is ignored
// as it was by that guard. If cond panics or calls [runtime.Goexit], the mutex is
// poisoned and released.
//
// While Await runs the guard counts as released: cond is to use the pointer that
// it is given. A [MappedGuard] made before refuses access after it, for the
// part of the value that it shows may not be part of it any more. The first Await of
// a mutex makes what waiters need, one allocation of some 200 bytes.
//
// Await panics if g is nil or has been released, or if ctx or cond is nil. The
// latter is a panic in a critical section, with the lock held.
//
// Rust: Condvar::wait_while, which differs as LockWhen does, and returns an
// error for poison that it need not know about.
func (g *Guard[T]) Await(ctx context.Context, cond func(v *T) bool) error {
	if g == nil {
		panic("own: Guard.Await of a nil guard: check the error that came with it before using it")
	}
	m := g.m
	if m == nil {
		panic("own: Guard.Await after Unlock: the lock is not held any more, use LockWhen")
	}
	checkContext(ctx)
	checkCondition(cond == nil)
	if track.Enabled {
		g.held.Detach()
	}
	g.m = nil
	if err := m.core.await(ctx, func() bool { return cond(&m.value) }); err != nil {
		return err
	}
	g.m = m
	if track.Enabled {
		track.Attach[T](&g.held, &m.core.track, "Mutex", track.Write)
	}
	return nil
}

// Format implements [fmt.Formatter]: it prints the value, as the verb and its
// flags format it, or <unlocked> after Unlock.
func (g *Guard[T]) Format(s fmt.State, verb rune) {
	if g.m == nil {
		io.WriteString(s, "<unlocked>")
		return
	}
	show.Value(s, verb, &g.m.value)
}

// A MappedGuard is a [Guard] seen through a part of its value: one lock, held
// once, with two handles. [MapGuard] makes it, so that a function can look
// something up and return it locked, without showing the rest:
//
//	func (s *store) lockUser(name string) (*own.MappedGuard[user], error) {
//		g, err := s.users.Lock()
//		if err != nil {
//			return nil, err
//		}
//		u := own.MapGuard(g, func(m *map[string]*user) *user { return (*m)[name] })
//		if u == nil {
//			g.Unlock() // there is nothing to return, and the lock is still held
//			return nil, errNoUser
//		}
//		return u, nil
//	}
//
// The lock is released by whichever of the two handles is unlocked first. From
// then on both refuse Value, and a later Unlock of either does nothing. So a
// deferred Unlock of the parent covers the part, and the other way round; the two
// together do no harm.
//
// What is said of Guard about goroutines and copies holds here; parent and part
// count as one guard.
//
// A MappedGuard has no Await, and Await of its parent puts an end to its Value:
// while others have the lock, the part may cease to be part of the value. Here
// the write would be lost:
//
//	p := own.MapGuard(g, func(v *[]int) *int { return &(*v)[0] })
//	p.Await(ctx, …) // does not exist; meanwhile an append moves the slice
//	*p.Value() = 1  // to the old array, which nobody looks at any more
//
// Rust: MappedMutexGuard, which consumes its parent.
type MappedGuard[U any] struct {
	_      nocopy.Mark
	parent parent // nil in the zero MappedGuard, which counts as released
	part   *U
	awaits uint64 // those of the lock at the beginning
}

// parent is the Guard of a MappedGuard, whatever its T.
type parent interface {
	heldSince(awaits uint64) bool
	handle() *track.Held
	release() *core
}

// heldSince reports whether g holds the lock, without an Await in between.
func (g *Guard[T]) heldSince(awaits uint64) bool { return g.m != nil && g.m.core.awaits() == awaits }

// handle is what the debug build knows of g.
func (g *Guard[T]) handle() *track.Held { return &g.held }

// release empties g. It returns what is to be released, or nil.
func (g *Guard[T]) release() *core {
	if g.m == nil {
		return nil
	}
	c := &g.m.core
	if track.Enabled {
		g.held.Detach()
	}
	g.m = nil
	return c
}

// MapGuard returns a second handle on the lock that g holds, which shows the part
// of the value that f returns a pointer to. If f returns nil, MapGuard returns
// nil, and g holds the lock as before. g stays usable beside the part.
//
// f runs with the lock held, and g counts as released while it does: f is to use
// the pointer that it is given. If f panics or calls [runtime.Goexit], the mutex
// is unlocked and poisoned, g is released, and the panic or Goexit goes on.
//
// The pointer that f returns should lead to a part of the value, for only that is
// protected by the lock; MapGuard does not check it. It panics if g is nil or has
// been released, or if f is nil, which is a panic in a critical section.
//
// To map a MappedGuard again, let f go the whole way. Rust: MutexGuard::map and,
// with nil for None, MutexGuard::filter_map.
func MapGuard[T, U any](g *Guard[T], f func(v *T) *U) *MappedGuard[U] {
	if g == nil {
		panic("own: MapGuard of a nil guard: check the error that came with it before using it")
	}
	m := g.m
	if m == nil {
		panic("own: MapGuard after Unlock: the lock is not held any more, lock again")
	}
	if f == nil {
		panic("own: MapGuard with a nil function: pass the one that returns the part")
	}
	g.m = nil
	s := section{core: &m.core}
	defer s.abandoned()
	part := f(&m.value)
	s.done()
	g.m = m
	if part == nil {
		return nil
	}
	return &MappedGuard[U]{parent: g, part: part, awaits: m.core.awaits()}
}

// Value returns the pointer to the part, valid until either handle is unlocked or
// Await of the parent is called. It panics if g is nil or that has happened. Rust:
// Deref and DerefMut of MappedMutexGuard.
func (g *MappedGuard[U]) Value() *U {
	if g == nil {
		panic("own: MappedGuard.Value of a nil guard: MapGuard returns nil if its function does")
	}
	if g.parent == nil || !g.parent.heldSince(g.awaits) {
		panic("own: MappedGuard.Value after Unlock or Await of it or of its parent: map a guard that holds the lock")
	}
	if track.Enabled {
		g.parent.handle().Used()
	}
	return g.part
}

// Unlock releases the lock, for the parent too. If either has been unlocked
// already, or g is nil, it does nothing.
//
// Defer it directly, as [Guard.Unlock]: it sees a panic in the same way, and
// poisons. Rust: the Drop of MappedMutexGuard.
func (g *MappedGuard[U]) Unlock() {
	if g == nil || g.parent == nil {
		return
	}
	if track.Enabled {
		g.parent.handle().Unlocking()
	}
	c := g.parent.release()
	if c == nil {
		return
	}
	if v := recover(); v != nil {
		c.abandon(v)
	}
	c.unlock()
}

// Format implements [fmt.Formatter]: it prints the part, as the verb and its flags
// format it, or <unlocked> when Value would panic.
func (g *MappedGuard[U]) Format(s fmt.State, verb rune) {
	if g.parent == nil || !g.parent.heldSince(g.awaits) {
		io.WriteString(s, "<unlocked>")
		return
	}
	show.Value(s, verb, g.part)
}
