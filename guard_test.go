package own_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-own/own"
)

// Tests of MapGuard and MappedGuard. Those of Guard itself are in mutex_test.go,
// those of Await in wait_test.go, and panics with a MappedGuard in poison_test.go.

const mappedReleased = "own: MappedGuard.Value after Unlock or Await of it or of its parent: map a guard that holds the lock"

func first(v *[]int) *int { return &(*v)[0] }

// The part is the part: what is written to it is in the value. Rust:
// test_mapping_mapped_guard.
func TestMapGuard(t *testing.T) {
	m := own.NewMutex([]int{1, 2})
	g := m.MustLock()
	p := own.MapGuard(g, first)
	*p.Value() = 10
	require.Equal(t, []int{10, 2}, *g.Value(), "the parent stays usable")
	_, err := m.TryLock()
	require.Equal(t, own.ErrWouldBlock, err)
	p.Unlock()
	v, err := m.Load()
	require.NoError(t, err)
	require.Equal(t, []int{10, 2}, v)
}

// Whichever handle is unlocked first releases the lock; from then on both refuse
// Value, and no later Unlock of either does anything, not even to somebody else's
// lock.
func TestMapGuardUnlock(t *testing.T) {
	for _, name := range []string{"part", "parent"} {
		t.Run(name, func(t *testing.T) {
			m := own.NewMutex([]int{1})
			g := m.MustLock()
			p := own.MapGuard(g, first)
			q := own.MapGuard(g, first) // two parts are as good as one
			if name == "part" {
				p.Unlock()
			} else {
				g.Unlock()
			}
			requireHealthy(t, &m)
			require.PanicsWithValue(t, mappedReleased, func() { p.Value() })
			require.PanicsWithValue(t, mappedReleased, func() { q.Value() })
			require.PanicsWithValue(t, "own: Guard.Value after Unlock: the lock is not held any more, lock again",
				func() { g.Value() })

			other := m.MustLock()
			p.Unlock()
			q.Unlock()
			g.Unlock()
			_, err := m.TryLock()
			require.Equal(t, own.ErrWouldBlock, err, "a stale guard released somebody else's lock")
			other.Unlock()
			requireHealthy(t, &m)
		})
	}
}

// No part: nil comes back, which may be unlocked without effect, and the parent
// holds the lock. Rust: filter_map.
func TestMapGuardNil(t *testing.T) {
	m := own.NewMutex(map[string]*int{})
	g := m.MustLock()
	p := own.MapGuard(g, func(v *map[string]*int) *int { return (*v)["none"] })
	require.Nil(t, p)
	p.Unlock()
	require.PanicsWithValue(t, "own: MappedGuard.Value of a nil guard: MapGuard returns nil if its function does",
		func() { p.Value() })
	require.Empty(t, *g.Value())
	_, err := m.TryLock()
	require.Equal(t, own.ErrWouldBlock, err)
	g.Unlock()
	requireHealthy(t, &m)
}

// A function that fails releases the lock, poisoned. The guard is released too:
// it is not left to its own deferred Unlock.
func TestMapGuardPanics(t *testing.T) {
	for _, test := range []struct {
		name string
		how  ending
		fail func()
		want any
	}{
		{"panic", panicked, func() { panic("boom") }, "boom"},
		{"Goexit", exited, runtime.Goexit, own.ErrGoexit},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := own.NewMutex([]int{1})
			g := m.MustLock()
			how, _ := finish(func() {
				own.MapGuard(g, func(v *[]int) *int { test.fail(); return nil })
			})
			require.Equal(t, test.how, how)
			requirePoisoned(t, &m, test.want)
			require.Equal(t, "<unlocked>", fmt.Sprint(g))
			g.Unlock()
		})
	}
}

// The function is to use the pointer that it is given: the guard counts as
// released meanwhile.
func TestMapGuardInItsFunction(t *testing.T) {
	m := own.NewMutex([]int{1})
	g := m.MustLock()
	p := own.MapGuard(g, func(v *[]int) *int {
		g.Unlock()
		_, err := m.TryLock()
		require.Equal(t, own.ErrWouldBlock, err)
		return first(v)
	})
	require.Equal(t, 1, *p.Value())
	p.Unlock()
	requireHealthy(t, &m)
}

func TestMapGuardMisuse(t *testing.T) {
	m := own.NewMutex([]int{1})
	g := m.MustLock()
	require.PanicsWithValue(t, "own: MapGuard with a nil function: pass the one that returns the part",
		func() { own.MapGuard[[]int, int](g, nil) })
	require.Equal(t, []int{1}, *g.Value(), "the guard is still good")
	g.Unlock()
	requireHealthy(t, &m)
	require.PanicsWithValue(t, "own: MapGuard after Unlock: the lock is not held any more, lock again",
		func() { own.MapGuard(g, first) })
	require.PanicsWithValue(t, "own: MapGuard of a nil guard: check the error that came with it before using it",
		func() { own.MapGuard((*own.Guard[[]int])(nil), first) })

	// A MappedGuard that nobody made counts as released.
	var p own.MappedGuard[int]
	p.Unlock()
	require.PanicsWithValue(t, mappedReleased, func() { p.Value() })
}

// After an Await of its parent, the part may not be part of the value any more:
// it refuses Value, but still releases the lock.
func TestMapGuardAwait(t *testing.T) {
	m := own.NewMutex([]int{1})
	g := m.MustLock()
	p := own.MapGuard(g, first)
	require.NoError(t, g.Await(t.Context(), func(v *[]int) bool { *v = []int{2}; return true }))
	require.PanicsWithValue(t, mappedReleased, func() { p.Value() })
	require.Equal(t, "<unlocked>", fmt.Sprint(p))
	require.Equal(t, 2, *own.MapGuard(g, first).Value())
	p.Unlock()
	requireHealthy(t, &m)
	require.Panics(t, func() { g.Value() })

	// An Await that fails has released both.
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	g = m.MustLock()
	p = own.MapGuard(g, first)
	require.Error(t, g.Await(ctx, func(*[]int) bool { return true }))
	requireHealthy(t, &m)
	require.PanicsWithValue(t, mappedReleased, func() { p.Value() })
	p.Unlock()
	requireHealthy(t, &m)
}

// It prints as the part does.
func TestMapGuardFormat(t *testing.T) {
	m := own.NewMutex([]int{7})
	g := m.MustLock()
	p := own.MapGuard(g, first)
	require.Equal(t, "7 007", fmt.Sprintf("%v %03d", p, p))
	g.Unlock()
	require.Equal(t, "<unlocked>", fmt.Sprint(p))
	require.Equal(t, "<unlocked>", fmt.Sprint(new(own.MappedGuard[int])))
	require.Equal(t, "<nil>", fmt.Sprint((*own.MappedGuard[int])(nil)))
}
