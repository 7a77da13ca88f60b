package pointerescape

import (
	"fmt"
	"sync"

	"github.com/go-own/own"
	"github.com/go-own/own/cell"
)

func copied(m *own.Mutex[account]) int {
	g := m.MustLock()
	balance := g.Value().balance
	g.Unlock()
	return balance
}

func copiedDeferred(m *own.Mutex[person]) person {
	g := m.MustLock()
	defer g.Unlock()
	return *g.Value()
}

func whileHeld(m *own.Mutex[account]) {
	g := m.MustLock()
	defer g.Unlock()
	a := g.Value()
	a.balance++
	use(a)
	a.owner.rename("x")
	fmt.Println(a)
}

// What is behind a pointer in the value may have a lock of its own.
func behindPointer(m *own.Mutex[map[string]*account]) *account {
	g := m.MustLock()
	defer g.Unlock()
	return (*g.Value())["x"]
}

func behindSlice(m *own.Mutex[[]*account]) *account {
	g := m.MustLock()
	defer g.Unlock()
	return (*g.Value())[0]
}

func shallow(m *own.Mutex[account]) []string {
	g := m.MustLock()
	defer g.Unlock()
	return g.Value().names
}

func withGuard(m *own.Mutex[account]) (*own.Guard[account], *account) {
	g := m.MustLock()
	return g, g.Value()
}

func withUnlock(m *own.Mutex[account]) (*account, func()) {
	g := m.MustLock()
	return g.Value(), g.Unlock
}

func parameterHeld(g *own.Guard[account]) *account {
	return g.Value()
}

func inStruct(m *own.Mutex[account]) held {
	g := m.MustLock()
	return held{g, g.Value()}
}

type held struct {
	g *own.Guard[account]
	a *account
}

func (h *held) value() *account { return h.g.Value() }

func newCopy(m *own.Mutex[account]) *person {
	g := m.MustLock()
	defer g.Unlock()
	p := g.Value().owner
	return &p
}

func onOnePath(m *own.Mutex[account], early bool) {
	g := m.MustLock()
	defer g.Unlock()
	a := g.Value()
	if early {
		g.Unlock()
	}
	if !early {
		a.balance = 1
	}
}

func relocked(m *own.Mutex[account]) {
	g := m.MustLock()
	a := g.Value()
	a.balance = 1
	g.Unlock()
	g = m.MustLock()
	a = g.Value()
	a.balance = 2
	g.Unlock()
}

func relockedInLoop(m *own.Mutex[account], n int) {
	for range n {
		g := m.MustLock()
		a := g.Value()
		a.balance++
		g.Unlock()
	}
}

func relockedOutside(m *own.Mutex[account]) {
	g := m.MustLock()
	for a := g.Value(); a.balance == 0; a = g.Value() {
		g.Unlock()
		g = m.MustLock()
	}
	g.Unlock()
}

func sentCopy(m *own.Mutex[person], c chan person) {
	g := m.MustLock()
	defer g.Unlock()
	c <- *g.Value()
}

func sentAndAnswered(m *own.Mutex[account], c chan *account, done chan bool) {
	g := m.MustLock()
	defer g.Unlock()
	c <- g.Value()
	<-done
}

func joined(m *own.Mutex[account]) {
	g := m.MustLock()
	defer g.Unlock()
	done := make(chan bool)
	go func() {
		defer close(done)
		use(g.Value())
	}()
	<-done
}

func joinedPointer(m *own.Mutex[account]) {
	g := m.MustLock()
	defer g.Unlock()
	a := g.Value()
	done := make(chan bool)
	go func() {
		use(a)
		close(done)
	}()
	<-done
}

func waitGroup(m *own.Mutex[account]) {
	g := m.MustLock()
	a := g.Value()
	var wg sync.WaitGroup
	for i := range a.history {
		wg.Add(1)
		go func(v *int) {
			defer wg.Done()
			*v++
		}(&a.history[i])
	}
	wg.Wait()
	g.Unlock()
}

func waitGroupDeferred(m *own.Mutex[account]) {
	g := m.MustLock()
	defer g.Unlock()
	a := g.Value()
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Add(1)
	go func() {
		defer wg.Done()
		a.balance++
	}()
}

func waitGroupGo(m *own.Mutex[account]) {
	g := m.MustLock()
	defer g.Unlock()
	a := g.Value()
	var wg sync.WaitGroup
	wg.Go(func() { a.balance++ })
	wg.Wait()
}

func selected(m *own.Mutex[account], stop chan bool) {
	g := m.MustLock()
	defer g.Unlock()
	a := g.Value()
	done := make(chan bool)
	go func() {
		use(a)
		close(done)
	}()
	select {
	case <-done:
	case <-stop:
	}
}

func goCopy(m *own.Mutex[account]) {
	g := m.MustLock()
	defer g.Unlock()
	balance := g.Value().balance
	go fmt.Println(balance)
}

func goWithGuard(m *own.Mutex[account]) {
	g := m.MustLock()
	go func() {
		defer g.Unlock()
		g.Value().balance++
	}()
}

func deferredLiteral(m *own.Mutex[account]) {
	g := m.MustLock()
	defer g.Unlock()
	a := g.Value()
	defer func() { a.balance++ }() // before the Unlock
	a.balance = 1
}

func ranged(m *own.Mutex[account]) (sum int) {
	g := m.MustLock()
	defer g.Unlock()
	for _, v := range &g.Value().history {
		sum += v
	}
	return sum
}

func namedCopy(m *own.Mutex[account]) (p person, err error) {
	g, err := m.Lock()
	if err != nil {
		return
	}
	defer g.Unlock()
	p = g.Value().owner
	return p, nil
}

func nilOnError(m *own.Mutex[account]) *account {
	g, err := m.Lock()
	if err != nil {
		return nil
	}
	defer g.Unlock()
	if g.Value().balance == 0 {
		return nil
	}
	c := account{balance: g.Value().balance}
	return &c
}

// Arc.Value is not bound to the handle: there are other owners.
func owner(a *own.Arc[account]) *account {
	b := a.Clone()
	defer b.Drop()
	return b.Value()
}

func borrowed(c *cell.RefCell[account]) int {
	b := c.Borrow()
	defer b.Drop()
	return b.Value().balance
}

func mapped(m *own.Mutex[account]) *own.MappedGuard[person] {
	g := m.MustLock()
	return own.MapGuard(g, func(a *account) *person { return &a.owner })
}

func compared(m *own.Mutex[account], a *account) bool {
	g := m.MustLock()
	p := g.Value()
	g.Unlock()
	return p == a
}

func choice(m, n *own.Mutex[account], first bool) {
	g, h := m.MustLock(), n.MustLock()
	defer h.Unlock()
	p := g.Value()
	if first {
		p = h.Value()
	}
	use(p)
	g.Unlock()
	if first {
		use(p)
	}
}

func await(g *own.Guard[account]) error {
	defer g.Unlock()
	a := g.Value()
	if err := g.Await(nil, func(a *account) bool { return a.balance > 0 }); err != nil {
		return err
	}
	a.balance = 0
	return nil
}

func genericCopy[T any](m *own.Mutex[T]) (v T) {
	g := m.MustLock()
	v = *g.Value()
	g.Unlock()
	return v
}

func gotoing(m *own.Mutex[account], n int) {
again:
	g := m.MustLock()
	a := g.Value()
	a.balance++
	g.Unlock()
	if n--; n > 0 {
		goto again
	}
}

func withFunction(m *own.Mutex[account]) (balance int, err error) {
	err = m.With(func(a *account) { balance = a.balance })
	return balance, err
}

// use-after-unlock
func releasedBefore(m *own.Mutex[account]) {
	g := m.MustLock()
	g.Unlock()
	g.Value().balance = 1
}

func lentCopy(m *own.Mutex[account]) (p person) {
	m.MustWith(func(a *account) { p = a.owner })
	return p
}

func lentInside(m *own.Mutex[account]) {
	var p *person
	m.MustWith(func(a *account) {
		p = &a.owner
		p.rename("x")
		p = nil
	})
	_ = p == nil
}

func lentAgain(m *own.Mutex[account], n int) {
	var p *person
	m.MustWith(func(a *account) { p = &a.owner })
	if n > 0 {
		p = &person{}
	}
	p.rename("x")
}

func lentNestedInOther(m, n *own.Mutex[account]) {
	m.MustWith(func(a *account) {
		n.MustWith(func(b *account) { b.balance, a.balance = a.balance, b.balance })
	})
}

func lentJoined(m *own.Mutex[account]) {
	m.MustWith(func(a *account) {
		done := make(chan bool)
		go func() {
			use(a)
			close(done)
		}()
		<-done
	})
}

// The struct has the guard, too, or only a copy, or stays here.
type lease struct {
	guard *own.Guard[account]
	of    *account
}

func leased(m *own.Mutex[account]) lease {
	g := m.MustLock()
	return lease{guard: g, of: g.Value()}
}

func leasedByPointer(m *own.Mutex[account]) *lease {
	g := m.MustLock()
	return &lease{g, g.Value()}
}

type copyOf struct{ of account }

func copiedOut(m *own.Mutex[account]) *copyOf {
	g := m.MustLock()
	defer g.Unlock()
	return &copyOf{of: *g.Value()}
}

func inside(m *own.Mutex[account]) int {
	g := m.MustLock()
	defer g.Unlock()
	l := &lease{of: g.Value()}
	return len(l.of.owner.name)
}
