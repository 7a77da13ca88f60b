package poisonblind

import (
	"fmt"
	"poisonblind/locks"
	"testing"

	"github.com/go-own/own"
	"github.com/go-own/own/cell"
)

func direct(m *own.Mutex[int]) {
	g := m.MustLock()
	defer g.Unlock()
}

func chained(m *own.Mutex[int]) {
	defer m.MustLock().Unlock()
}

func methodValue(m *own.Mutex[int]) {
	g := m.MustLock()
	unlock := g.Unlock
	defer unlock()
}

func methodExpression(m *own.Mutex[int]) {
	g := m.MustLock()
	defer (*own.Guard[int]).Unlock(g)
}

type guarded struct{ *own.Guard[int] }

func promoted(m *own.Mutex[int]) {
	s := guarded{m.MustLock()}
	defer s.Unlock()
}

type deep struct{ *guarded }

func promotedTwice(m *own.Mutex[int]) {
	s := deep{&guarded{m.MustLock()}}
	defer s.Unlock()
	unlock := s.Unlock
	defer unlock()
}

func viaInterface(m *own.Mutex[int]) {
	var u interface{ Unlock() } = m.MustLock()
	defer u.Unlock()
}

func field(s *session) {
	s.g = s.m.MustLock()
	defer s.g.Unlock()
}

func notDeferred(m *own.Mutex[int]) {
	g := m.MustLock()
	func() { g.Unlock() }()
	h := m.MustLock()
	finish(h)
}

// A reader's panic does not poison, so there is nothing to see.
func readGuard(m *own.RWMutex[int]) {
	r := m.MustRLock()
	defer func() { r.Unlock() }()
}

func readCleanup(t *testing.T, m *own.RWMutex[int]) {
	r := m.MustRLock()
	t.Cleanup(r.Unlock)
}

func borrow(c *cell.RefCell[int]) {
	b := c.BorrowMut()
	defer func() { b.Drop() }()
}

func owner(a *own.Arc[int]) {
	defer func() { a.Drop() }()
}

// A lock that is taken in the deferred function is taken while panicking.
func lockedThere(m *own.Mutex[int]) {
	defer func() {
		g := m.MustLock()
		*g.Value()++
		g.Unlock()
	}()
}

func lockedThereDeferred(m *own.Mutex[int]) {
	defer func() {
		g, err := m.Lock()
		if err != nil {
			return
		}
		defer g.Unlock()
		*g.Value()++
	}()
}

func helperThatLocks(m *own.Mutex[int]) {
	defer count(m)
}

func count(m *own.Mutex[int]) {
	g := m.MustLock()
	defer g.Unlock()
	*g.Value()++
}

// It has taken the panic over, so it has to say itself what becomes of the lock.
func recovers(m *own.Mutex[int]) (err error) {
	g := m.MustLock()
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("%v", v)
		}
		g.Unlock()
	}()
	return nil
}

func literalBeside(m *own.Mutex[int]) {
	g := m.MustLock()
	defer g.Unlock()
	defer func() { fmt.Println("done") }()
}

func literalThatLooks(m *own.Mutex[int]) {
	g := m.MustLock()
	defer g.Unlock()
	defer func() { fmt.Println(*g.Value()) }()
}

func helperThatLooks(m *own.Mutex[int]) {
	g := m.MustLock()
	defer g.Unlock()
	defer locks.Look(g)
}

func with(m *own.Mutex[int]) error {
	defer func() { m.MustWith(func(v *int) { *v = 0 }) }()
	return m.With(func(v *int) { *v++ })
}

func goroutine(m *own.Mutex[int]) {
	g := m.MustLock()
	defer func() {
		go func() { g.Unlock() }()
	}()
}

type fake struct{}

func (fake) Unlock()        {}
func (fake) Cleanup(func()) {}

func notOwn(f fake) {
	defer func() { f.Unlock() }()
}

func notTesting(f fake, m *own.Mutex[int]) {
	g := m.MustLock()
	f.Cleanup(g.Unlock)
}

func mappedDirect(m *own.Mutex[[2]int]) {
	p := own.MapGuard(m.MustLock(), func(v *[2]int) *int { return &v[0] })
	defer p.Unlock()
}

func genericDirect[T any](m *own.Mutex[T]) {
	g := m.MustLock()
	defer g.Unlock()
}

func allDirect(ms []own.Mutex[int]) {
	for i := range ms {
		defer ms[i].MustLock().Unlock()
	}
}

func namedResult(m *own.Mutex[int]) (err error) {
	g := m.MustLock()
	defer g.Unlock()
	defer func() { err = fmt.Errorf("wrapped: %w", err) }()
	return nil
}

func cleanupOfOther(t *testing.T) {
	t.Cleanup(func() { fmt.Println("done") })
}
