package lockorder // want package:`.*`

import (
	"lockorder/stock"

	"github.com/go-own/own"
)

type bank struct {
	accounts own.Mutex[map[string]int]
	audit    own.Mutex[[]string]
	rates    own.RWMutex[map[string]float64]
	limits   own.RWMutex[map[string]int]
	gate     own.Mutex[int]
	x, y, z  own.Mutex[int]
	p, q     own.Mutex[int]
	u, v     own.Mutex[int]
	t1, t2   own.Mutex[int]
}

func (b *bank) pay() { // want pay:"takes"
	g := b.accounts.MustLock()
	defer g.Unlock()
	a := b.audit.MustLock()
	defer a.Unlock()
}

func (b *bank) check() { // want check:"takes"
	a := b.audit.MustLock()
	defer a.Unlock()
	g := b.accounts.MustLock() // want `^lock-order: lockorder.bank.accounts is locked under lockorder.bank.audit, and elsewhere lockorder.bank.audit is locked under lockorder.bank.accounts \(pay, a.go:24\): \d goroutines can wait for each other; agree on one order$`
	defer g.Unlock()
}

// Across packages, through a function that locks.
func report(s *stock.Shelf) { // want report:"takes"
	g := stock.Log.MustLock()
	defer g.Unlock()
	s.Len() // want `lock-order: stock.Shelf.items is locked under stock.Log, and elsewhere stock.Log is locked under stock.Shelf.items \(Add, stock.go:16\)`
}

// A circle of three, one of them in With.
func (b *bank) one() error { // want one:"takes"
	g, err := b.x.Lock()
	if err != nil {
		return err
	}
	defer g.Unlock()
	return b.y.Store(1)
}

func (b *bank) two() { // want two:"takes"
	b.y.MustWith(func(*int) {
		b.lockZ()
	})
}

func (b *bank) lockZ() { // want lockZ:"takes"
	g := b.z.MustLock()
	g.Unlock()
}

func (b *bank) three() { // want three:"takes"
	g := b.z.MustLock()
	b.x.MustWith(func(*int) {}) // want `lock-order: lockorder.bank.x is locked under lockorder.bank.z, and elsewhere lockorder.bank.y is locked under lockorder.bank.x \(one, a.go:49\), lockorder.bank.z is locked under lockorder.bank.y \(two, a.go:54\)`
	g.Unlock()
}

// A writer waits for readers, and they for a writer.
func (b *bank) readWrite() { // want readWrite:"takes"
	g := b.rates.MustRLock()
	defer g.Unlock()
	b.limits.MustWith(func(*map[string]int) {})
}

func (b *bank) writeRead() { // want writeRead:"takes"
	g := b.limits.MustRLock()
	defer g.Unlock()
	b.rates.MustWith(func(*map[string]float64) {}) // want `lock-order: lockorder.bank.rates is locked under lockorder.bank.limits`
}

// Not wrong from here on.

type shop struct {
	a, b   own.Mutex[int]
	r, s   own.RWMutex[int]
	gate   own.Mutex[int]
	c, d   own.Mutex[int]
	parent *shop
}

func (s *shop) sameOrder() { // want sameOrder:"takes"
	g := s.a.MustLock()
	defer g.Unlock()
	s.b.MustWith(func(*int) {})
}

func (s *shop) sameOrderAgain() { // want sameOrderAgain:"takes"
	s.a.MustWith(func(*int) { s.b.MustWith(func(*int) {}) })
}

func (s *shop) unlockedBefore() { // want unlockedBefore:"takes"
	g := s.b.MustLock()
	g.Unlock()
	s.a.MustWith(func(*int) {})
}

func (s *shop) tries() { // want tries:"takes lockorder.shop.b"
	g := s.b.MustLock()
	defer g.Unlock()
	if h, err := s.a.TryLock(); err == nil {
		h.Unlock()
	}
}

func (s *shop) failed() { // want failed:"takes"
	g, err := s.b.Lock()
	if err != nil {
		s.a.MustWith(func(*int) {})
		return
	}
	g.Unlock()
}

func (s *shop) inGoroutine() { // want inGoroutine:"takes"
	g := s.b.MustLock()
	defer g.Unlock()
	go s.a.MustWith(func(*int) {})
	go s.sameOrder()
}

func (s *shop) readers() { // want readers:"takes"
	g := s.r.MustRLock()
	defer g.Unlock()
	s.s.RWith(func(*int) {})
}

func (s *shop) readersToo() { // want readersToo:"takes"
	g := s.s.MustRLock()
	defer g.Unlock()
	s.r.RWith(func(*int) {})
}

func (s *shop) gated() { // want gated:"takes"
	gate := s.gate.MustLock()
	defer gate.Unlock()
	g := s.c.MustLock()
	defer g.Unlock()
	s.d.MustWith(func(*int) {})
}

func (s *shop) gatedToo() { // want gatedToo:"takes"
	s.gate.MustWith(func(*int) {
		g := s.d.MustLock()
		defer g.Unlock()
		s.c.MustWith(func(*int) {})
	})
}

// Two shops have two locks each, and there may be an order among shops.
func (s *shop) upwards() { // want upwards:"takes"
	g := s.a.MustLock()
	defer g.Unlock()
	s.parent.a.MustWith(func(*int) {})
}

// Locks without a name of their own.
func transfer(a, b *own.Mutex[int]) {
	g := a.MustLock()
	defer g.Unlock()
	b.MustWith(func(*int) {})
}

func transferBack(a, b *own.Mutex[int]) {
	transfer(b, a)
	m, n := own.NewMutex(0), own.NewMutex(0)
	g := n.MustLock()
	defer g.Unlock()
	m.MustWith(func(*int) {})
}

func (s *shop) handedOver(release func(*own.Guard[int])) { // want handedOver:"takes"
	g := s.b.MustLock()
	release(g)
	s.a.MustWith(func(*int) {})
}

func (s *shop) perhaps(locked bool) { // want perhaps:"takes"
	var g *own.Guard[int]
	if locked {
		g = s.b.MustLock()
	}
	s.a.MustWith(func(*int) {})
	g.Unlock()
}

func (s *shop) loop() { // want loop:"takes"
	for range 3 {
		g := s.b.MustLock()
		if *g.Value() > 0 {
			g.Unlock()
			continue
		}
		g.Unlock()
		s.a.MustWith(func(*int) {})
	}
}

func (s *shop) deferred() { // want deferred:"takes"
	defer s.a.MustWith(func(*int) {})
	g := s.b.MustLock()
	defer g.Unlock()
}
