package useafterunlock

import (
	"context"
	"fmt"

	"github.com/go-own/own"
)

func plain(m *own.Mutex[int]) int {
	g := m.MustLock()
	g.Unlock()
	return *g.Value() // want `^use-after-unlock: g\.Value\(\) panics: g\.Unlock\(\) at line 12 has released g$`
}

func twoPaths(m *own.Mutex[int], n int) {
	g := m.MustLock()
	if n > 0 {
		g.Unlock()
	} else {
		println("none")
		g.Unlock()
	}
	*g.Value() = n // want `use-after-unlock: g\.Value\(\) panics`
}

func checked(m *own.Mutex[int]) (int, error) {
	g, err := m.Lock()
	if err != nil {
		return 0, err
	}
	g.Unlock()
	return *g.Value(), nil // want `use-after-unlock`
}

func inALoop(m *own.Mutex[int], n int) {
	g := m.MustLock()
	for range n {
		println("work")
	}
	g.Unlock()
	for range n {
		*g.Value()++ // want `use-after-unlock`
	}
}

func awaitAfter(m *own.Mutex[int], ctx context.Context) error {
	g := m.MustLock()
	g.Unlock()
	return g.Await(ctx, func(v *int) bool { return *v > 0 }) // want `use-after-unlock: g\.Await\(\) panics: g\.Unlock\(\) at line 49`
}

func afterFailedAwait(m *own.Mutex[int], ctx context.Context) error {
	g := m.MustLock()
	defer g.Unlock()
	if err := g.Await(ctx, func(v *int) bool { return *v > 0 }); err != nil {
		return fmt.Errorf("at %d: %w", *g.Value(), err) // want `use-after-unlock: g\.Value\(\) panics: g\.Await\(\) at line 56`
	}
	return nil
}

func afterDowngrade(m *own.RWMutex[int]) {
	w := m.MustLock()
	defer w.Unlock()
	r := w.Downgrade()
	defer r.Unlock()
	fmt.Println(*w.Value()) // want `use-after-unlock: w\.Value\(\) panics: w\.Downgrade\(\) at line 65`
}

func downgradeTwice(m *own.RWMutex[int]) {
	w := m.MustLock()
	w.Downgrade().Unlock()
	w.Downgrade().Unlock() // want `use-after-unlock: w\.Downgrade\(\) panics: w\.Downgrade\(\) at line 72`
}

func mapAfter(m *own.Mutex[[2]int]) {
	g := m.MustLock()
	g.Unlock()
	p := own.MapGuard(g, func(v *[2]int) *int { return &v[0] }) // want `use-after-unlock: own\.MapGuard\(\) panics`
	p.Unlock()
}

func partAfterWhole(m *own.Mutex[[2]int]) {
	g := m.MustLock()
	p := own.MapGuard(g, func(v *[2]int) *int { return &v[0] })
	g.Unlock()
	*p.Value() = 1 // want `use-after-unlock: p\.Value\(\) panics: g\.Unlock\(\) at line 86`
}

func wholeAfterPart(m *own.Mutex[[2]int]) {
	g := m.MustLock()
	p := own.MapGuard(g, func(v *[2]int) *int { return &v[0] })
	p.Unlock()
	g.Value()[1] = 1 // want `use-after-unlock: g\.Value\(\) panics: p\.Unlock\(\) at line 93`
}

func partAfterAwait(m *own.Mutex[[2]int], ctx context.Context) error {
	g := m.MustLock()
	defer g.Unlock()
	p := own.MapGuard(g, func(v *[2]int) *int { return &v[0] })
	if err := g.Await(ctx, func(v *[2]int) bool { return v[0] > 0 }); err != nil {
		return err
	}
	*p.Value() = 1 // want `use-after-unlock: p\.Value\(\) panics: g\.Await\(\) at line 101`
	return nil
}

func parameter(g *own.Guard[int]) {
	g.Unlock()
	*g.Value() = 1 // want `use-after-unlock`
}

func releasedByHelper(m *own.Mutex[int]) {
	g := m.MustLock()
	finish(g)
	*g.Value() = 1 // want `use-after-unlock: g\.Value\(\) panics: finish\(\) at line 115 has released g`
}

func finish(g *own.Guard[int]) {
	*g.Value() = 0
	g.Unlock()
}

func usedByHelper(m *own.Mutex[int]) {
	g := m.MustLock()
	g.Unlock()
	show(g) // want `use-after-unlock: show\(\) panics: g\.Unlock\(\) at line 126 has released g`
}

func show(g *own.Guard[int]) {
	fmt.Println(*g.Value())
}

func releasedByLiteral(m *own.Mutex[int]) {
	g := m.MustLock()
	unlock := func() { g.Unlock() }
	unlock()
	*g.Value() = 1 // want `use-after-unlock`
}

func usedByLiteral(m *own.Mutex[int]) {
	g := m.MustLock()
	show := func() { fmt.Println(*g.Value()) }
	show()
	g.Unlock()
	show() // want `use-after-unlock: show\(\) panics: g\.Unlock\(\)`
}

func methodValue(m *own.Mutex[int]) {
	g := m.MustLock()
	unlock, value := g.Unlock, g.Value
	unlock()
	*value() = 1 // want `use-after-unlock`
}

func stored(h *holder, m *own.Mutex[int]) {
	g := m.MustLock()
	h.g = g
	g.Unlock()
	*g.Value() = 1 // want `use-after-unlock`
}

type holder struct{ g *own.Guard[int] }

func fromField(h *holder) {
	g := h.g
	g.Unlock()
	*g.Value() = 1 // want `use-after-unlock`
}

func generic[T any](m *own.Mutex[T]) T {
	g := m.MustLock()
	g.Unlock()
	return *g.Value() // want `use-after-unlock`
}

type server struct{ own.RWMutex[int] }

func (s *server) embedded() int {
	r := s.MustRLock()
	r.Unlock()
	return *r.Value() // want `use-after-unlock`
}

func captured(m *own.Mutex[int]) {
	g := m.MustLock()
	g.Unlock()
	defer func() { fmt.Println("done") }()
	func() {
		g.Unlock()
		*g.Value() = 1 // want `use-after-unlock`
	}()
}

func switched(m *own.Mutex[int], n int) {
	g := m.MustLock()
	switch n {
	case 1:
		g.Unlock()
	default:
		g.Unlock()
	}
	*g.Value() = 1 // want `use-after-unlock`
}

func deferredUse(m *own.Mutex[int]) {
	g := m.MustLock()
	defer func() { // want `use-after-unlock: this deferred call panics: g\.Unlock\(\) is deferred later, at line \d+, so it runs before and has released g`
		fmt.Println(*g.Value())
	}()
	defer g.Unlock()
}

func deferredUseInHelper(m *own.Mutex[int]) {
	g := m.MustLock()
	defer show(g) // want `use-after-unlock: this deferred call panics`
	defer g.Unlock()
}

// The variable has the one that was unlocked.
func unlockedInALoop(all []*own.RWMutex[int]) (n int) {
	var last *own.ReadGuard[int]
	for _, m := range all {
		next := m.MustRLock()
		last.Unlock()
		next.Unlock()
		last = next
		n += *last.Value() // want `use-after-unlock`
	}
	return n
}
