package useafterdrop

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/go-own/own"
	"github.com/go-own/own/cell"
	"github.com/go-own/own/rc"
)

func inOrder() int {
	a := own.NewArc(1)
	v := *a.Value()
	a.Drop()
	return v
}

func deferred() int {
	a := own.NewArc(1)
	defer a.Drop()
	return *a.Value()
}

func twice(a *own.Arc[int]) {
	defer a.Drop()
	a.Drop()
	a.Drop()
}

func pointerOutlives(a *own.Arc[int]) int {
	v := a.Value()
	b := a.Clone()
	defer b.Drop()
	a.Drop()
	return *v // b is an owner
}

func movedRight(a *own.Arc[int]) *own.Arc[int] {
	defer a.Drop()
	if *a.Value() == 0 {
		return nil
	}
	return a.Move()
}

func printed(a *own.Arc[int]) {
	a.Drop()
	fmt.Println(a) // <dropped>
}

func weakAfterDrop(w *own.Weak[int]) {
	w.Drop()
	if _, ok := w.Upgrade(); !ok {
		fmt.Println(w.StrongCount())
	}
	w.Clone().Drop()
}

func weakOutlives() {
	a := own.NewArc(1)
	w := a.Downgrade()
	defer w.Drop()
	a.Drop()
	if b, ok := w.Upgrade(); ok {
		b.Drop()
	}
}

func exchangedRight(p *own.AtomicArc[int], old, new *own.Arc[int]) {
	if !p.CompareAndSwap(old, new) {
		fmt.Println(*new.Value())
		new.Drop()
	}
	fmt.Println(*old.Value()) // stays the caller's
}

func exchangedUnchecked(p *own.AtomicArc[int], old, new *own.Arc[int]) {
	ok := p.CompareAndSwap(old, new)
	fmt.Println(ok, old)
	if ok {
		return
	}
	fmt.Println(*new.Value())
}

func unwrappedRight(a *own.Arc[int]) int {
	v, ok := a.TryUnwrap()
	if !ok {
		defer a.Drop()
		return *a.Value()
	}
	return *v
}

func unwrappedLater(a *own.Arc[int], also bool) {
	_, ok := a.TryUnwrap()
	if ok && also {
		return
	}
	if !ok {
		fmt.Println(*a.Value())
	}
}

func load(p *own.AtomicArc[int]) {
	a := p.Load()
	defer a.Drop()
	if a == nil {
		return
	}
	fmt.Println(*a.Value())
}

func reload(p *own.AtomicArc[int]) {
	a := p.Load()
	a.Drop()
	a = p.Load()
	fmt.Println(*a.Value())
	a.Drop()
}

func latest(p *own.AtomicArc[int], n int) {
	a := p.Load()
	for range n {
		a.Drop()
		a = p.Load()
	}
	fmt.Println(*a.Value())
	a.Drop()
}

func onOnePath(a *own.Arc[int], keep bool) {
	if !keep {
		a.Drop()
	}
	if keep {
		fmt.Println(*a.Value())
		a.Drop()
	}
}

func eachHasItsOwn(a *own.Arc[int], wg *sync.WaitGroup) {
	defer a.Drop()
	for range 3 {
		mine := a.Clone()
		wg.Go(func() {
			defer mine.Drop()
			fmt.Println(*mine.Value())
		})
	}
}

func parameters(a *own.Arc[int]) {
	go func(a *own.Arc[int]) {
		defer a.Drop()
		fmt.Println(*a.Value())
	}(a.Clone())
	fmt.Println(*a.Value())
	a.Drop()
}

func closer(a *own.Arc[int]) func() {
	fmt.Println(*a.Value())
	return a.Drop
}

func makeMut(a *own.Arc[int]) {
	defer a.Drop()
	*a.MakeMut(func(v *int) int { return *v })++
	fmt.Println(*a.Value())
}

func built() (*own.Arc[int], error) {
	a, err := own.NewCyclicArc(func(self *own.Weak[int]) (int, error) {
		self.Drop()
		return 1, nil
	})
	if err != nil {
		return nil, errors.Join(err, errors.New("not built"))
	}
	return a, nil
}

type entry struct{ a *own.Arc[int] }

func (e *entry) close() { e.a.Drop() }

func (e *entry) replace(a *own.Arc[int]) {
	e.a.Drop()
	e.a = a
	fmt.Println(*e.a.Value())
}

func replaceAll(es []entry) {
	for i := range es {
		es[i].a.Drop()
		es[i].a = own.NewArc(i)
		fmt.Println(*es[i].a.Value())
	}
}

func countedRight() {
	r := rc.New(1)
	s := r.Clone()
	r.Drop()
	fmt.Println(*s.Value())
	s.Drop()
}

func borrowedRight(c *cell.RefCell[int]) {
	b := c.Borrow()
	d := b.Clone()
	b.Drop()
	fmt.Println(*d.Value())
	d.Drop()
	b = c.Borrow()
	fmt.Println(*b.Value())
	b.Drop()
}

func borrowedInLoop(c *cell.RefCell[[]int]) {
	for i := 0; ; i++ {
		b := c.BorrowMut()
		if i >= len(*b.Value()) {
			b.Drop()
			break
		}
		(*b.Value())[i]++
		b.Drop()
	}
}

func selected(a *own.Arc[int], c chan *own.Arc[int], done chan bool) {
	b := a.Move()
	select {
	case c <- b:
	case <-done:
		b.Drop()
	}
}

func received(c chan *own.Arc[int]) {
	for a := range c {
		fmt.Println(*a.Value())
		a.Drop()
	}
}

func genericRight[T any](a *own.Arc[T]) T {
	v := *a.Value()
	a.Drop()
	return v
}

func panicking(a *own.Arc[int]) {
	if *a.Value() == 0 {
		a.Drop()
		panic("zero")
	}
	fmt.Println(*a.Value())
	a.Drop()
}

func (s shared) promoted() int {
	v := *s.Value()
	s.Drop()
	return v
}

func goroutineDrops(a *own.Arc[int]) {
	go func() {
		defer a.Drop()
		fmt.Println(*a.Value())
	}()
}

func goroutineHasItsOwn(a *own.Arc[int]) {
	defer a.Drop()
	b := a.Clone()
	go func() {
		defer b.Drop()
		fmt.Println(*b.Value())
	}()
}

func goroutineIsWaitedFor(a *own.Arc[int]) {
	defer a.Drop()
	done := make(chan bool)
	go func() {
		defer close(done)
		fmt.Println(*a.Value())
	}()
	<-done
}

func goroutineInGroup(a *own.Arc[int]) {
	defer a.Drop()
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		fmt.Println(*a.Value())
	}()
	wg.Wait()
}

func goroutineForEver(a *own.Arc[int]) {
	go func() {
		for {
			fmt.Println(*a.Value())
		}
	}()
}

func dropOnOtherPath(a *own.Arc[int], n int) {
	if n == 0 {
		a.Drop()
		return
	}
	go func() { fmt.Println(*a.Value()) }()
}

func goroutineIsSpunFor(a *own.Arc[int]) {
	defer a.Drop()
	var done atomic.Bool
	go func() {
		defer done.Store(true)
		fmt.Println(*a.Value())
	}()
	for !done.Load() {
	}
}

func goroutineIsPolled(a *own.Arc[int], m *own.Mutex[bool]) {
	defer a.Drop()
	go func() {
		fmt.Println(*a.Value())
		m.MustWith(func(done *bool) { *done = true })
	}()
	for done := false; !done; {
		m.MustWith(func(v *bool) { done = *v })
	}
}

func goroutineIsAwaited(a *own.Arc[int], m *own.Mutex[bool]) error {
	go func() {
		fmt.Println(*a.Value())
		m.MustWith(func(done *bool) { *done = true })
	}()
	g, err := m.LockWhen(nil, func(done *bool) bool { return *done })
	g.Unlock()
	a.Drop()
	return err
}
