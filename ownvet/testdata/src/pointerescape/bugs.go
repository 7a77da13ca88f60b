package pointerescape

import (
	"fmt"
	"sync/atomic"

	"github.com/go-own/own"
	"github.com/go-own/own/cell"
)

type account struct {
	balance int
	history [8]int
	names   []string
	owner   person
	hits    atomic.Int64
}

type person struct{ name string }

func (p *person) rename(name string) { p.name = name }

func read(m *own.Mutex[int]) int {
	g := m.MustLock()
	p := g.Value()
	g.Unlock()
	return *p // want `^pointer-escape: a pointer from g\.Value\(\) is used after g\.Unlock\(\) at line 26; copy what is needed while it is held$`
}

func write(m *own.Mutex[account]) {
	g := m.MustLock()
	a := g.Value()
	g.Unlock()
	a.balance = 1 // want `pointer-escape: a pointer from g\.Value\(\) is used after g\.Unlock\(\) at line \d+`
}

func fieldOfField(m *own.Mutex[account]) {
	g := m.MustLock()
	name := &g.Value().owner.name
	g.Unlock()
	fmt.Println(*name) // want `pointer-escape`
}

func element(m *own.Mutex[account]) int {
	g := m.MustLock()
	h := &g.Value().history
	g.Unlock()
	return h[3] // want `pointer-escape`
}

func slice(m *own.Mutex[account]) int {
	g := m.MustLock()
	h := g.Value().history[:]
	g.Unlock()
	return h[3] // want `pointer-escape`
}

func argument(m *own.Mutex[account]) {
	g := m.MustLock()
	a := g.Value()
	g.Unlock()
	use(a) // want `pointer-escape`
}

func use(*account) {}

func receiver(m *own.Mutex[account]) {
	g := m.MustLock()
	p := &g.Value().owner
	g.Unlock()
	p.rename("x") // want `pointer-escape`
}

func printed(m *own.Mutex[account]) {
	g := m.MustLock()
	a := g.Value()
	g.Unlock()
	fmt.Println(a) // want `pointer-escape`
}

func returned(m *own.Mutex[account]) *account {
	g := m.MustLock()
	defer g.Unlock()
	return g.Value() // want `pointer-escape: a pointer from g\.Value\(\) is returned, and the guard is released by then; return a copy, or the guard`
}

func returnedField(m *own.Mutex[account]) (*person, error) {
	g, err := m.Lock()
	if err != nil {
		return nil, err
	}
	defer g.Unlock()
	return &g.Value().owner, nil // want `pointer-escape: a pointer from g\.Value\(\) is returned`
}

func returnedNamed(m *own.Mutex[account]) (p *person) {
	g := m.MustLock()
	defer g.Unlock()
	p = &g.Value().owner
	return p // want `pointer-escape: a pointer from g\.Value\(\) is returned`
}

func returnedAfter(m *own.Mutex[account]) *account {
	g := m.MustLock()
	a := g.Value()
	a.balance++
	g.Unlock()
	return a // want `pointer-escape: a pointer from g\.Value\(\) is returned`
}

func returnedAsInterface(m *own.Mutex[account]) any {
	g := m.MustLock()
	defer g.Unlock()
	return g.Value() // want `pointer-escape`
}

func sent(m *own.Mutex[account], c chan *account) {
	g := m.MustLock()
	defer g.Unlock()
	c <- g.Value() // want `pointer-escape: a pointer from g\.Value\(\) is sent to another goroutine, which does not hold the lock; send a copy`
}

func sentInSelect(m *own.Mutex[account], c chan *account) {
	g := m.MustLock()
	p := g.Value()
	g.Unlock()
	select {
	case c <- p: // want `pointer-escape: a pointer from g\.Value\(\) is sent`
	default:
	}
}

func goroutine(m *own.Mutex[account]) {
	g := m.MustLock()
	defer g.Unlock()
	go use(g.Value()) // want `pointer-escape: a pointer from g\.Value\(\) is used by a goroutine, which does not hold the lock; give it a copy`
}

func goroutineLiteral(m *own.Mutex[account]) {
	g := m.MustLock()
	defer g.Unlock()
	a := g.Value()
	go func() { // want `pointer-escape: a pointer from g\.Value\(\) is used by a goroutine`
		a.balance++
	}()
}

func goroutineMethod(m *own.Mutex[account]) {
	g := m.MustLock()
	defer g.Unlock()
	go g.Value().owner.rename("x") // want `pointer-escape`
}

func twoPaths(m *own.Mutex[account], n int) {
	g := m.MustLock()
	a := g.Value()
	if n > 0 {
		a.balance = n
		g.Unlock()
	} else {
		g.Unlock()
	}
	a.balance = 0 // want `pointer-escape`
}

func readers(m *own.RWMutex[account]) int {
	r := m.MustRLock()
	a := r.Value()
	r.Unlock()
	return a.balance // want `pointer-escape: a pointer from r\.Value\(\) is used after r\.Unlock\(\)`
}

func downgraded(m *own.RWMutex[account]) {
	w := m.MustLock()
	defer w.Unlock()
	a := w.Value()
	r := w.Downgrade()
	defer r.Unlock()
	a.balance = 1 // want `pointer-escape: a pointer from w\.Value\(\) is used after w\.Downgrade\(\)`
}

func part(m *own.Mutex[account]) {
	g := m.MustLock()
	p := own.MapGuard(g, func(a *account) *person { return &a.owner })
	v := p.Value()
	g.Unlock()
	v.name = "x" // want `pointer-escape: a pointer from p\.Value\(\) is used after g\.Unlock\(\)`
}

func borrow(c *cell.RefCell[account]) {
	b := c.BorrowMut()
	a := b.Value()
	b.Drop()
	a.balance = 1 // want `pointer-escape: a pointer from b\.Value\(\) is used after b\.Drop\(\)`
}

func parameter(g *own.Guard[account]) int {
	a := g.Value()
	g.Unlock()
	return a.balance // want `pointer-escape`
}

func parameterReturned(g *own.Guard[account]) *account {
	defer g.Unlock()
	return g.Value() // want `pointer-escape: a pointer from g\.Value\(\) is returned`
}

func variable(m *own.Mutex[account]) {
	g := m.MustLock()
	a := g.Value()
	show := func() { fmt.Println(a.balance) }
	show()
	g.Unlock()
	a.balance = 1 // want `pointer-escape`
}

func generic[T any](m *own.Mutex[T]) T {
	g := m.MustLock()
	p := g.Value()
	g.Unlock()
	return *p // want `pointer-escape`
}

func byHelper(m *own.Mutex[account]) {
	g := m.MustLock()
	a := g.Value()
	finish(g)
	a.balance = 1 // want `pointer-escape: a pointer from g\.Value\(\) is used after finish\(\)`
}

func finish(g *own.Guard[account]) { g.Unlock() }

func failedAwait(g *own.Guard[account]) {
	a := g.Value()
	if err := g.Await(nil, func(a *account) bool { return a.balance > 0 }); err != nil {
		a.balance = 0 // want `pointer-escape: a pointer from g\.Value\(\) is used after g\.Await\(\)`
	}
}

func loop(m *own.Mutex[account], n int) {
	g := m.MustLock()
	a := g.Value()
	g.Unlock()
	for i := range n {
		a.history[i] = i // want `pointer-escape`
	}
}

func lent(m *own.Mutex[account]) int {
	var p *person
	m.MustWith(func(a *account) { p = &a.owner })
	return len(p.name) // want `pointer-escape: a pointer that m\.MustWith\(\) lends at line \d+ is used afterwards; copy what is needed while it is locked`
}

func lentWhole(m *own.RWMutex[account]) *account {
	var p *account
	if err := m.RWith(func(a *account) { p = a }); err != nil {
		return nil
	}
	return p // want `pointer-escape: a pointer that m\.RWith\(\) lends`
}

func lentSent(m *own.Mutex[account], c chan *account) error {
	return m.With(func(a *account) {
		c <- a // want `pointer-escape: a pointer that m\.With\(\) lends at line \d+ is sent to another goroutine`
	})
}

func lentToGoroutine(m *own.Mutex[account]) error {
	return m.With(func(a *account) {
		go use(a) // want `pointer-escape: a pointer that m\.With\(\) lends at line \d+ is used by a goroutine`
	})
}

// Both are pointers to the same value.
func eitherOfTwo(m *own.Mutex[account], first bool) *account {
	g := m.MustLock()
	defer g.Unlock()
	p := g.Value()
	if !first {
		p = g.Value()
	}
	return p // want `pointer-escape`
}

// In a struct that is returned, or sent.
type view struct {
	of *account
	at int
}

func inAStruct(m *own.Mutex[account]) view {
	g := m.MustLock()
	defer g.Unlock()
	return view{of: g.Value(), at: 1} // want `pointer-escape: a pointer from g\.Value\(\) is returned`
}

func inAPointer(m *own.Mutex[account]) (*view, error) {
	g, err := m.Lock()
	if err != nil {
		return nil, err
	}
	defer g.Unlock()
	return &view{of: g.Value()}, nil // want `pointer-escape`
}

func sentInAStruct(m *own.Mutex[account], out chan view) {
	g := m.MustLock()
	defer g.Unlock()
	out <- view{of: g.Value()} // want `pointer-escape`
}
