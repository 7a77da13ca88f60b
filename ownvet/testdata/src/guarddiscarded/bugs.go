package guarddiscarded

import (
	"context"
	"errors"

	"github.com/go-own/own"
	"github.com/go-own/own/cell"
)

type server struct {
	users own.RWMutex[map[string]int]
	own.Mutex[int]
}

func statement(m *own.Mutex[int]) {
	m.MustLock() // want `^guard-discarded: the guard that m\.MustLock\(\) returns is dropped, so m stays locked for ever; bind it and defer its Unlock$`
}

func statementWithError(m *own.Mutex[int]) {
	m.Lock() // want `guard-discarded: the guard that m\.Lock\(\) returns is dropped, so m stays locked`
}

func blank(s *server) {
	_ = s.users.MustRLock() // want `guard-discarded: the guard that s\.users\.MustRLock\(\) returns is dropped, so s\.users stays locked`
}

func blankGuard(s *server) error {
	_, err := s.users.Lock() // want `guard-discarded: the guard that s\.users\.Lock\(\) returns`
	if err != nil {
		return err
	}
	println("locked")
	return nil
}

func inIf(m *own.Mutex[int], ctx context.Context) error {
	if _, err := m.LockContext(ctx); err != nil { // want `guard-discarded`
		return err
	}
	return nil
}

func bothBlank(m *own.Mutex[int]) {
	_, _ = m.TryLock() // want `guard-discarded`
}

func boundAndBlank(m *own.Mutex[int]) {
	g := m.LockIgnorePoison() // want `guard-discarded`
	_ = g
}

func embedded(s *server) {
	s.MustLock() // want `guard-discarded: the guard that s\.MustLock\(\) returns is dropped, so s stays locked`
}

func deferredLock(m *own.Mutex[int]) {
	g := m.MustLock()
	g.Unlock()
	defer m.Lock() // want `guard-discarded: nobody can release what m\.Lock\(\) returns when it is deferred`
}

func goLock(m *own.Mutex[int]) {
	go m.MustLock() // want `guard-discarded: nobody can release what m\.MustLock\(\) returns when it is started as a goroutine`
}

func inLoop(ms []own.Mutex[int]) {
	for i := range ms {
		ms[i].MustLock() // want `guard-discarded: the guard that ms\[i\]\.MustLock\(\) returns`
	}
}

func waitAndGo(m *own.Mutex[int]) bool {
	_, err := m.TryLock() // want `guard-discarded`
	return err == nil
}

func isBlocked(m *own.Mutex[int]) {
	if _, err := m.TryLock(); errors.Is(err, own.ErrWouldBlock) { // want `guard-discarded`
		println("busy")
	} else if err == nil {
		println("free")
	}
}

func borrow(c *cell.RefCell[int]) {
	c.BorrowMut() // want `guard-discarded: the borrow that c\.BorrowMut\(\) returns is dropped without Drop, so c stays borrowed`
}

func downgraded(m *own.RWMutex[int]) {
	w := m.MustLock()
	w.Downgrade() // want `guard-discarded: nobody can release the guard that w\.Downgrade\(\) returns, and it keeps all writers out`
}

func methodValue(m *own.Mutex[int]) {
	lock := m.MustLock
	lock() // want `guard-discarded`
}

func generic[T any](m *own.Mutex[T]) {
	m.MustLock() // want `guard-discarded`
}

func (s *server) lockUsers() (*own.WriteGuard[map[string]int], error) {
	return s.users.Lock()
}

func helper(s *server) {
	s.lockUsers() // want `guard-discarded: nobody can release the guard that s\.lockUsers\(\) returns`
}

func forEver(m *own.Mutex[int]) {
	for {
		m.MustLock() // want `guard-discarded`
	}
}

func reassigned(a, b *own.Mutex[int]) {
	g := a.MustLock() // want `guard-discarded: the guard that a\.MustLock\(\) returns`
	g = b.MustLock()
	g.Unlock()
}

func when(m *own.Mutex[int], ctx context.Context) {
	m.LockWhen(ctx, func(v *int) bool { return *v > 0 }) // want `guard-discarded`
}

func whenAlways(m *own.Mutex[int], ctx context.Context) {
	m.LockWhen(ctx, func(*int) bool { return true }) // want `guard-discarded`
}
