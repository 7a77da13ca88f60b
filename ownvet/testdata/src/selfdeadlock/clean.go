package selfdeadlock

import (
	"context"
	"errors"
	"selfdeadlock/store"
	"sync"

	"github.com/go-own/own"
	"github.com/go-own/own/cell"
)

func afterwards(m *own.Mutex[int]) {
	g := m.MustLock()
	*g.Value() = 1
	g.Unlock()
	m.Store(2)
	h := m.MustLock()
	h.Unlock()
}

func two(a, b *own.Mutex[int]) {
	g, h := a.MustLock(), b.MustLock()
	defer g.Unlock()
	defer h.Unlock()
}

func twoFields(s, t *server) {
	g := s.users.MustLock()
	defer g.Unlock()
	println(t.count())
	r := s.names.MustRLock()
	defer r.Unlock()
}

func onOnePath(m *own.Mutex[int], early bool) {
	g := m.MustLock()
	if early {
		g.Unlock()
	}
	if early {
		m.Store(1)
		return
	}
	g.Unlock()
}

func onOnePathForAll(m *own.Mutex[int], early, also bool) {
	g := m.MustLock()
	defer g.Unlock()
	if early {
		g.Unlock()
	}
	if also { // never without early
		m.Store(1)
	}
}

func try(m *own.Mutex[int]) {
	g := m.MustLock()
	defer g.Unlock()
	if h, err := m.TryLock(); err == nil {
		h.Unlock()
	}
}

func tryThenLock(m *own.Mutex[int]) error {
	g, err := m.TryLock()
	if errors.Is(err, own.ErrWouldBlock) {
		g, err = m.Lock()
	}
	if err != nil {
		return err
	}
	g.Unlock()
	return nil
}

func tryThenLock2(m *own.Mutex[int]) error {
	g, err := m.TryLock()
	if err != nil {
		println("busy")
		if g, err = m.Lock(); err != nil {
			return err
		}
	}
	defer g.Unlock()
	return nil
}

func poisonedThenIgnored(m *own.Mutex[int]) {
	g, err := m.Lock()
	if err != nil {
		g = m.LockIgnorePoison()
	}
	defer g.Unlock()
}

func noLock(m *own.Mutex[int]) {
	g := m.MustLock()
	defer g.Unlock()
	m.ClearPoison()
	println(m.IsPoisoned())
}

func otherGoroutine(m *own.Mutex[int], wg *sync.WaitGroup) {
	g := m.MustLock()
	go m.Store(1)
	wg.Go(func() { m.Store(2) })
	g.Unlock()
	wg.Wait()
}

func deferred(m *own.Mutex[int]) {
	defer m.Store(1)
	g := m.MustLock()
	defer g.Unlock() // before the Store
}

func inLoop(m *own.Mutex[int], n int) {
	for range n {
		g := m.MustLock()
		*g.Value()++
		g.Unlock()
	}
}

func inLoopLiteral(m *own.Mutex[int], n int) {
	for range n {
		func() {
			g := m.MustLock()
			defer g.Unlock()
			*g.Value()++
		}()
	}
}

func allOf(ms []own.Mutex[int]) {
	for i := range ms {
		defer ms[i].MustLock().Unlock()
		g := ms[i+1].MustLock()
		defer g.Unlock()
	}
}

func allOfPointers(ms []*own.Mutex[int]) {
	for _, m := range ms {
		g := m.MustLock()
		defer g.Unlock()
	}
}

func allOfMap(ms map[string]*own.Mutex[int]) {
	for _, m := range ms {
		g := m.MustLock()
		defer g.Unlock()
	}
}

type node struct {
	own.Mutex[int]
	next *node
}

func list(n *node) {
	g := n.MustLock()
	for n.next != nil {
		next := n.next.MustLock()
		g.Unlock()
		g, n = next, n.next
	}
	g.Unlock()
}

func pair(n *node) {
	g := n.MustLock()
	defer g.Unlock()
	h := n.next.MustLock()
	defer h.Unlock()
}

// The pointer changes in between.
type ring struct{ current *inner }

func (r *ring) turn() { r.current = &inner{} }

func (r *ring) both() {
	g := r.current.m.MustLock()
	defer g.Unlock()
	r.turn()
	h := r.current.m.MustLock()
	defer h.Unlock()
}

var currentInner = &inner{}

func setInner(i *inner) { currentInner = i }

func variable() {
	g := currentInner.m.MustLock()
	defer g.Unlock()
	setInner(&inner{})
	h := currentInner.m.MustLock()
	defer h.Unlock()
}

func reassigned(m, n *own.Mutex[int]) {
	g := m.MustLock()
	defer g.Unlock()
	m = n
	h := m.MustLock()
	defer h.Unlock()
}

func sometimes(s *server, locked bool) {
	g := s.users.MustLock()
	defer g.Unlock()
	s.countUnless(true)
}

func (s *server) countUnless(locked bool) int {
	if locked {
		return -1
	}
	return s.count()
}

func given(s *server) {
	g := s.users.MustLock()
	s.unlockAndCount(g)
}

func (s *server) unlockAndCount(g *own.Guard[map[string]int]) int {
	g.Unlock()
	return s.count()
}

func awaiting(m *own.Mutex[int], ctx context.Context) error {
	g := m.MustLock()
	defer g.Unlock()
	if err := g.Await(ctx, func(v *int) bool { return *v > 0 }); err != nil {
		return m.Store(1) // released
	}
	return nil
}

func withRight(m *own.Mutex[int], n *own.Mutex[int]) {
	m.MustWith(func(v *int) { n.Store(*v) })
	m.MustWith(func(v *int) { *v = 0 })
}

func inWithGoroutine(m *own.Mutex[int]) {
	m.MustWith(func(*int) {
		go m.Store(1)
	})
}

func returned(m *own.Mutex[int]) func() {
	g := m.MustLock()
	defer g.Unlock()
	return func() { m.Store(1) }
}

func handedOver(m *own.Mutex[int], c chan *own.Guard[int]) {
	c <- m.MustLock()
	m.Store(1) // when the other has unlocked
}

func stored(h *holder, m *own.Mutex[int]) {
	h.g = m.MustLock()
	h.done()
	m.Store(1)
}

type holder struct{ g *own.Guard[int] }

func (h *holder) done() { h.g.Unlock() }

func elsewhereRight(s, t *store.Store) {
	g, err := s.Lock()
	if err != nil {
		return
	}
	defer g.Unlock()
	println(t.Len(), s.LenIfAny(false), s.Try())
}

func sharedRight(a, b *own.Arc[own.Mutex[int]]) {
	g := a.Value().MustLock()
	defer g.Unlock()
	b.Value().Store(1)
}

func madeMut(a *own.Arc[inner]) {
	g := a.Value().m.MustLock()
	defer g.Unlock()
	a.MakeMut(func(*inner) inner { return inner{} })
	a.Value().m.Store(1)
}

func refCells(c *cell.RefCell[int]) {
	b := c.Borrow()
	d := c.Borrow() // readers go together
	b.Drop()
	d.Drop()
	c.Replace(1)
	if w, err := c.TryBorrowMut(); err == nil {
		w.Drop()
	}
}

func elementsRight(ms []own.Mutex[int], i, j int) {
	g := ms[i].MustLock()
	defer g.Unlock()
	ms[j].Store(1)
	ms[i+1].Store(1)
}

func elementsInLoop(ms []own.Mutex[int]) {
	for i := range ms {
		g := ms[i].MustLock()
		defer g.Unlock()
		for j := range i {
			println(j)
		}
	}
}

func freshInLoop(n int) {
	for range n {
		var m own.Mutex[int]
		g := m.MustLock()
		defer g.Unlock()
	}
}

func mapped(m *own.Mutex[[2]int]) {
	g := m.MustLock()
	p := own.MapGuard(g, func(v *[2]int) *int { return &v[0] })
	p.Unlock()
	m.Store([2]int{})
}

func readThenWrite(s *server) {
	r := s.names.MustRLock()
	n := len(*r.Value())
	r.Unlock()
	if n == 0 {
		s.names.Store([]string{"x"})
	}
}

func genericRight[T any](m *own.Mutex[T], v T) {
	g := m.MustLock()
	g.Unlock()
	m.Store(v)
}

func recursive(n *node) int {
	g := n.MustLock()
	defer g.Unlock()
	if n.next == nil {
		return 1
	}
	return 1 + recursive(n.next)
}

func gotoing(m *own.Mutex[int], n int) {
again:
	g := m.MustLock()
	g.Unlock()
	if n--; n > 0 {
		goto again
	}
}

func cancellable(m *own.Mutex[int], ctx context.Context) {
	g := m.MustLock()
	defer g.Unlock()
	h, err := m.LockContext(ctx)
	if err == nil {
		h.Unlock()
	}
}

func ignoring(m *own.RWMutex[int]) error {
	r := m.RLockIgnorePoison()
	defer r.Unlock()
	return m.Store(1) // says at once if there is poison
}

func twoErrors(m *own.Mutex[int]) bool {
	_, first := m.Lock()
	_, second := m.Lock()
	return first == second
}

func (s *server) deferredLockFirst() {
	defer s.indirect()
	g := s.users.MustLock()
	defer g.Unlock()
}

func (s *server) deferredLockAndEarlyUnlock() {
	g := s.users.MustLock()
	defer g.Unlock()
	defer s.indirect()
	g.Unlock()
}
