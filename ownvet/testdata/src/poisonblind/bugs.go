package poisonblind

import (
	"fmt"
	"poisonblind/locks"
	"testing"

	"github.com/go-own/own"
)

func literal(m *own.Mutex[int]) {
	g := m.MustLock()
	defer func() { g.Unlock() }() // want `^poison-blind: g\.Unlock\(\) in a deferred function literal cannot see a panic, so the lock is not poisoned; defer it directly$`
}

func longer(m *own.Mutex[int]) {
	g := m.MustLock()
	defer func() {
		fmt.Println("done")
		g.Unlock() // want `poison-blind: g\.Unlock\(\) in a deferred function literal`
	}()
}

func deferredInDeferred(m *own.Mutex[int]) {
	g := m.MustLock()
	defer func() {
		defer g.Unlock() // want `poison-blind`
		fmt.Println("done")
	}()
}

func conditional(m *own.Mutex[int]) {
	var g *own.Guard[int]
	defer func() {
		if g != nil {
			g.Unlock() // want `poison-blind`
		}
	}()
	g = m.MustLock()
}

func nested(m *own.Mutex[int]) {
	g := m.MustLock()
	defer func() {
		func() {
			g.Unlock() // want `poison-blind`
		}()
	}()
}

func argument(m *own.Mutex[int]) {
	g := m.MustLock()
	defer func(g *own.Guard[int]) { g.Unlock() }(g) // want `poison-blind`
}

func namedLiteral(m *own.Mutex[int]) {
	g := m.MustLock()
	done := func() { g.Unlock() } // want `poison-blind`
	defer done()
}

func helper(m *own.Mutex[int]) {
	g := m.MustLock()
	defer finish(g) // want `poison-blind: finish\(\) unlocks below the function that is deferred, where it cannot see a panic, so the lock is not poisoned; defer the guard's Unlock directly`
}

func finish(g *own.Guard[int]) { g.Unlock() }

func genericHelper(m *own.Mutex[int]) {
	g := m.MustLock()
	defer finishAny(g) // want `poison-blind`
}

func finishAny[T any](g *own.Guard[T]) { g.Unlock() }

func helperElsewhere(m *own.Mutex[int]) {
	g := m.MustLock()
	defer locks.Release(g) // want `poison-blind: locks\.Release\(\) unlocks below the function that is deferred`
}

type session struct {
	g *own.Guard[int]
	m own.Mutex[int]
}

func (s *session) end() { s.g.Unlock() }

func method(s *session) {
	s.g = s.m.MustLock()
	defer s.end() // want `poison-blind: s\.end\(\) unlocks below`
}

func writeGuard(m *own.RWMutex[int]) {
	w := m.MustLock()
	defer func() { w.Unlock() }() // want `poison-blind`
}

func mapped(m *own.Mutex[[2]int]) {
	p := own.MapGuard(m.MustLock(), func(v *[2]int) *int { return &v[0] })
	defer func() { p.Unlock() }() // want `poison-blind`
}

func cleanup(t *testing.T, m *own.Mutex[int]) {
	g := m.MustLock()
	t.Cleanup(g.Unlock) // want `poison-blind: Unlock in Cleanup cannot see a panic of the test, so the lock is not poisoned; defer it`
}

func cleanupLiteral(t testing.TB, m *own.Mutex[int]) {
	g := m.MustLock()
	t.Cleanup(func() {
		g.Unlock() // want `poison-blind: g\.Unlock\(\) in Cleanup cannot see a panic`
	})
}

func inGoroutine(m *own.Mutex[int]) {
	go func() {
		g := m.MustLock()
		defer func() { g.Unlock() }() // want `poison-blind`
	}()
}

func inLoop(ms []own.Mutex[int]) {
	for i := range ms {
		g := ms[i].MustLock()
		defer func() { g.Unlock() }() // want `poison-blind`
	}
}

func generic[T any](m *own.Mutex[T]) {
	g := m.MustLock()
	defer func() { g.Unlock() }() // want `poison-blind`
}

func all(ms []own.Mutex[int]) {
	var guards []*own.Guard[int]
	for i := range ms {
		guards = append(guards, ms[i].MustLock())
	}
	defer func() {
		for _, g := range guards {
			g.Unlock() // want `poison-blind`
		}
	}()
}
