package guarddiscarded

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/go-own/own"
	"github.com/go-own/own/cell"
)

func bound(m *own.Mutex[int]) {
	g := m.MustLock()
	defer g.Unlock()
}

func chained(m *own.Mutex[int]) {
	m.MustLock().Unlock()
}

func deferredChain(m *own.Mutex[int]) {
	defer m.MustLock().Unlock()
}

func used(m *own.Mutex[int]) int {
	g, err := m.Lock()
	if err != nil {
		return 0
	}
	defer g.Unlock()
	return *g.Value()
}

func returned(m *own.Mutex[int]) *own.Guard[int] {
	return m.MustLock()
}

func tupleReturned(m *own.Mutex[int]) (*own.Guard[int], error) {
	return m.Lock()
}

func passed(m *own.Mutex[int]) {
	use(m.MustLock())
}

func use(g *own.Guard[int]) { g.Unlock() }

func stored(s *holder, m *own.Mutex[int]) {
	s.g = m.MustLock()
}

type holder struct{ g *own.Guard[int] }

func sent(c chan *own.Guard[int], m *own.Mutex[int]) {
	c <- m.MustLock()
}

// It is asserted that there is no guard.
func asserted(t *testing.T, m *own.Mutex[int]) {
	if _, err := m.TryLock(); err == nil {
		t.Fatal("not locked")
	}
	_, err := m.TryLock()
	if err == nil {
		t.Error("not locked")
	}
	if _, err := m.TryLock(); !errors.Is(err, own.ErrWouldBlock) {
		t.Fatalf("got %v", err)
	}
	_, err = m.Lock()
	requireErrorIs(t, err, own.ErrPoisoned)
	_, err = m.Lock()
	equal(t, own.ErrPoisoned, err)
}

func requireErrorIs(t *testing.T, err, target error) {
	if !errors.Is(err, target) {
		t.FailNow()
	}
}

func equal(t *testing.T, want, got any) {
	if want != got {
		t.FailNow()
	}
}

// Called for the error.
func shown(m *own.Mutex[int]) {
	_, err := m.TryLock()
	fmt.Println("refused:", errors.Is(err, own.ErrWouldBlock))
	_, err = m.Lock()
	fmt.Println(err)
	_, err = m.TryLock()
	fmt.Println(err == own.ErrWouldBlock)
}

func toPanic(t *testing.T, m *own.Mutex[int]) {
	requirePanics(t, func() { m.MustLock() })
}

func requirePanics(t *testing.T, f func()) {
	defer func() {
		if recover() == nil {
			t.FailNow()
		}
	}()
	f()
}

// The end of the program.
func panics(m *own.Mutex[int]) {
	if _, err := m.TryLock(); err == nil {
		panic("locked, and it should not be")
	}
}

func cancelled(m *own.Mutex[int]) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := m.LockContext(ctx); err == nil {
		panic("locked")
	} else {
		fmt.Println(err)
	}
}

func with(m *own.Mutex[int]) error {
	return m.With(func(v *int) { *v++ })
}

func named(m *own.Mutex[int]) (g *own.Guard[int], err error) {
	g, err = m.Lock()
	return
}

func choice(a, b *own.Mutex[int], first bool) {
	var g *own.Guard[int]
	if first {
		g = a.MustLock()
	} else {
		g = b.MustLock()
	}
	defer g.Unlock()
}

func captured(m *own.Mutex[int]) {
	g := m.MustLock()
	func() { defer g.Unlock() }()
}

func viaInterface(l interface{ MustLock() *own.Guard[int] }) {
	l.MustLock() // who knows what that is
}

func viaVariable(lock func(*own.Mutex[int]) (*own.Guard[int], error), m *own.Mutex[int]) {
	lock(m)
}

func borrows(c *cell.RefCell[int]) int {
	b := c.Borrow()
	defer b.Drop()
	return *b.Value()
}

// The guard unlocks both.
func mapped(m *own.Mutex[[2]int]) {
	g := m.MustLock()
	defer g.Unlock()
	own.MapGuard(g, func(v *[2]int) *int { return &v[0] })
}

// A method of the same name that is not own's.
type other struct{}

func (other) Lock() (*own.Guard[int], error) { return nil, nil }

func notOwn(o other) {
	o.Lock()
}

func accessor(h *holder) {
	h.guard()
}

func (h *holder) guard() *own.Guard[int] { return h.g }

func optional(h *holder, m *own.Mutex[int]) {
	h.lockOnce(m)
}

// The caller may ignore it, for h keeps it.
func (h *holder) lockOnce(m *own.Mutex[int]) *own.Guard[int] {
	if h.g == nil {
		h.g = m.MustLock()
	}
	return h.g
}

// The condition is never true, so there is no guard.
func never(m *own.Mutex[int], ctx context.Context) {
	m.LockWhen(ctx, func(*int) bool { return false })
	_, _ = m.LockWhen(ctx, func(*int) bool { panic("jam") })
}
