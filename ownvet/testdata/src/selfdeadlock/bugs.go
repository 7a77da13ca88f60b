package selfdeadlock

import (
	"context"
	"selfdeadlock/store"

	"github.com/go-own/own"
	"github.com/go-own/own/cell"
)

func twice(m *own.Mutex[int]) {
	g := m.MustLock()
	defer g.Unlock()
	h := m.MustLock() // want `^self-deadlock: m is locked already, by g from line 12, so this waits for ever$`
	defer h.Unlock()
}

func checked(m *own.Mutex[int]) error {
	g, err := m.Lock()
	if err != nil {
		return err
	}
	defer g.Unlock()
	return m.Store(1) // want `self-deadlock: m is locked already, by g from line \d+, so this waits for ever`
}

func load(m *own.Mutex[int]) int {
	g := m.MustLock()
	v, _ := m.Load() // want `self-deadlock`
	g.Unlock()
	return v
}

func with(m *own.Mutex[int]) {
	g := m.MustLock()
	defer g.Unlock()
	m.MustWith(func(v *int) { *v++ }) // want `self-deadlock`
}

func withContext(m *own.Mutex[int]) {
	g := m.MustLock()
	defer g.Unlock()
	h, _ := m.LockContext(context.Background()) // want `self-deadlock`
	h.Unlock()
}

type server struct {
	users own.Mutex[map[string]int]
	names own.RWMutex[[]string]
	inner *inner
	own.Mutex[int]
}

type inner struct{ m own.Mutex[int] }

func (s *server) count() int {
	g := s.users.MustLock()
	defer g.Unlock()
	return len(*g.Value())
}

func (s *server) add(name string) {
	g := s.users.MustLock()
	defer g.Unlock()
	(*g.Value())[name] = s.count() // want `self-deadlock: what s\.count\(\) locks \(bugs\.go:57\) is locked already, by g from line 63, so this waits for ever`
}

func (s *server) twoDeep() {
	g := s.users.MustLock()
	s.indirect() // want `self-deadlock: what s\.indirect\(\) locks \(bugs\.go:57\)`
	g.Unlock()
}

func (s *server) indirect() { println(s.count()) }

func (s *server) throughPointer() {
	g := s.inner.m.MustLock()
	defer g.Unlock()
	s.inner.m.MustWith(func(v *int) { *v++ }) // want `self-deadlock: s\.inner\.m is locked already`
}

func (s *server) embedded() {
	g := s.MustLock()
	defer g.Unlock()
	s.MustLock().Unlock() // want `self-deadlock: s is locked already`
}

func (s *server) upgrade() {
	r := s.names.MustRLock()
	defer r.Unlock()
	w := s.names.MustLock() // want `self-deadlock: s\.names is locked already, by r from line \d+, so this waits for ever`
	defer w.Unlock()
}

func (s *server) readTwice() {
	r := s.names.MustRLock()
	defer r.Unlock()
	v, _ := s.names.Load() // want `self-deadlock: s\.names is locked for reading already, by r from line \d+; with a writer that waits in between, both wait for ever`
	println(len(v))
}

func (s *server) downgraded() {
	w := s.names.MustLock()
	r := w.Downgrade()
	s.names.Store(nil) // want `self-deadlock: s\.names is locked already, by r`
	r.Unlock()
}

func (s *server) inWith() error {
	return s.users.With(func(users *map[string]int) {
		(*users)["n"] = s.count() // want `self-deadlock: what s\.count\(\) locks \(bugs\.go:57\) is locked already, inside s\.users\.With\(\) at line \d+, so this waits for ever`
	})
}

func inWithDirect(m *own.Mutex[int]) {
	m.MustWith(func(v *int) {
		m.Store(*v + 1) // want `self-deadlock: m is locked already, inside m\.MustWith\(\)`
	})
}

var global own.Mutex[int]

func inCondition(ctx context.Context) {
	g, _ := global.LockWhen(ctx, func(v *int) bool {
		n, _ := global.Load() // want `self-deadlock: global is locked already, inside global\.LockWhen\(\)`
		return n > *v
	})
	g.Unlock()
}

func inAwait(m *own.Mutex[int], ctx context.Context) {
	g := m.MustLock()
	defer g.Unlock()
	g.Await(ctx, func(v *int) bool {
		n, _ := m.Load() // want `self-deadlock: m is locked already, inside g\.Await\(\)`
		return n > *v
	})
}

func globalTwice() {
	g := global.MustLock()
	defer g.Unlock()
	useGlobal() // want `self-deadlock: what useGlobal\(\) locks`
}

func useGlobal() { global.MustWith(func(v *int) { *v++ }) }

func loop(m *own.Mutex[int], n int) {
	for range n {
		g := m.MustLock() // want `self-deadlock: m is locked already, by g from the iteration before, whose Unlock is deferred to the end of the function, so this waits for ever`
		defer g.Unlock()
		*g.Value()++
	}
}

func loopForgotten(m *own.Mutex[int], n int) {
	for range n {
		g := m.MustLock() // want `self-deadlock: m is locked already, by g from the iteration before, so this waits for ever`
		*g.Value()++
	}
}

func elsewhere(s *store.Store) {
	g, err := s.Lock()
	if err != nil {
		return
	}
	defer g.Unlock()
	println(s.Len()) // want `self-deadlock: what s\.Len\(\) locks \(store\.go:12\) is locked already`
}

func elsewhereField(s *store.Store) {
	r := s.Names.MustRLock()
	defer r.Unlock()
	s.Names.Store(nil) // want `self-deadlock`
}

func elsewhereParameter(m *own.Mutex[int]) {
	g := m.MustLock()
	defer g.Unlock()
	store.Count(m) // want `self-deadlock: what store\.Count\(\) locks`
}

func shared(a *own.Arc[own.Mutex[int]]) {
	g := a.Value().MustLock()
	defer g.Unlock()
	a.Value().Store(1) // want `self-deadlock: a\.Value\(\) is locked already`
}

func literal(m *own.Mutex[int]) {
	g := m.MustLock()
	defer g.Unlock()
	func() {
		m.Store(1) // want `self-deadlock: m is locked already, by g from line \d+, so this waits for ever`
	}()
}

func captured(m *own.Mutex[int]) func() {
	return func() {
		g := m.MustLock()
		defer g.Unlock()
		m.Store(1) // want `self-deadlock`
	}
}

func elements(ms []own.Mutex[int], i int) {
	g := ms[i].MustLock()
	defer g.Unlock()
	ms[i].Store(1) // want `self-deadlock`
}

func intoInner(m *own.Mutex[int]) {
	g := m.MustLock()
	defer g.Unlock()
	m.IntoInner() // want `self-deadlock: m is locked already, by g from line \d+, so this panics`
}

func refCell(c *cell.RefCell[int]) {
	b := c.Borrow()
	defer b.Drop()
	w := c.BorrowMut() // want `self-deadlock: c is borrowed already, by b from line \d+, so this panics`
	w.Drop()
}

func refCellReplace(c *cell.RefCell[int]) {
	w := c.BorrowMut()
	c.Replace(1) // want `self-deadlock: c is borrowed already`
	w.Drop()
}

func generic[T any](m *own.Mutex[T], v T) {
	g := m.MustLock()
	defer g.Unlock()
	m.Store(v) // want `self-deadlock`
}

func local() {
	var m own.Mutex[int]
	g := m.MustLock()
	m.Store(1) // want `self-deadlock`
	g.Unlock()
}

func (s *server) deferredLock() {
	g := s.users.MustLock()
	defer g.Unlock()
	defer s.indirect() // want `self-deadlock: what s\.indirect\(\) locks \(bugs\.go:57\) is locked already, by g, whose Unlock was deferred earlier and so runs later, so this waits for ever`
}

func deferredStore(m *own.Mutex[int]) {
	g := m.MustLock()
	defer g.Unlock()
	defer func() {
		m.Store(1) // want `self-deadlock: m is locked already, by g, whose Unlock was deferred earlier`
	}()
}
