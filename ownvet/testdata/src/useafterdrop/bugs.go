package useafterdrop

import (
	"fmt"

	"github.com/go-own/own"
	"github.com/go-own/own/cell"
	"github.com/go-own/own/rc"
)

func plain() int {
	a := own.NewArc(1)
	a.Drop()
	return *a.Value() // want `^use-after-drop: a\.Value\(\) panics: a\.Drop\(\) at line 13 has released a$`
}

func cloneAfter(a *own.Arc[int]) *own.Arc[int] {
	a.Drop()
	return a.Clone() // want `use-after-drop: a\.Clone\(\) panics`
}

func moved(a *own.Arc[int]) {
	b := a.Move()
	defer b.Drop()
	fmt.Println(*a.Value()) // want `use-after-drop: a\.Value\(\) panics: a\.Move\(\) at line 23`
}

func movedTwice(a *own.Arc[int]) {
	a.Move().Drop()
	a.Move().Drop() // want `use-after-drop: a\.Move\(\) panics`
}

func storedInCell(p *own.AtomicArc[int]) {
	a := own.NewArc(1)
	p.Store(a)
	fmt.Println(*a.Value()) // want `use-after-drop: a\.Value\(\) panics: p\.Store\(\) at line 35 has released a`
}

func storedTwice(p, q *own.AtomicArc[int], a *own.Arc[int]) {
	p.Store(a)
	q.Store(a) // want `use-after-drop: q\.Store\(\) panics: p\.Store\(\)`
}

func swapped(p *own.AtomicArc[int], a *own.Arc[int]) {
	old := p.Swap(a)
	defer old.Drop()
	fmt.Println(a.StrongCount()) // want `use-after-drop: a\.StrongCount\(\) panics: p\.Swap\(\)`
}

func exchanged(p *own.AtomicArc[int], old, new *own.Arc[int]) {
	if p.CompareAndSwap(old, new) {
		fmt.Println(*new.Value()) // want `use-after-drop: new\.Value\(\) panics: p\.CompareAndSwap\(\)`
	}
}

func unwrapped(a *own.Arc[int]) {
	if v, ok := a.TryUnwrap(); ok {
		fmt.Println(*v, *a.Value()) // want `use-after-drop: a\.Value\(\) panics: a\.TryUnwrap\(\)`
	}
}

func intoInner(a *own.Arc[int]) *own.Weak[int] {
	a.IntoInner()
	return a.Downgrade() // want `use-after-drop: a\.Downgrade\(\) panics: a\.IntoInner\(\)`
}

func unwrapOrClone(a *own.Arc[int]) {
	a.UnwrapOrClone(func(v *int) int { return *v })
	a.GetMut() // want `use-after-drop: a\.GetMut\(\) panics`
}

func compared(a, b *own.Arc[int]) bool {
	b.Drop()
	return a.PtrEq(b) // want `use-after-drop: a\.PtrEq\(\) panics: b\.Drop\(\)`
}

func upgraded(w *own.Weak[int]) {
	a, ok := w.Upgrade()
	if !ok {
		return
	}
	a.Drop()
	fmt.Println(*a.Value()) // want `use-after-drop`
}

func counted() {
	r := rc.New(1)
	r.Drop()
	r.Clone() // want `use-after-drop: r\.Clone\(\) panics`
}

func borrowed(c *cell.RefCell[int]) int {
	b := c.Borrow()
	b.Drop()
	return *b.Value() // want `use-after-drop: b\.Value\(\) panics: b\.Drop\(\)`
}

func borrowedMut(c *cell.RefCell[int]) {
	b, err := c.TryBorrowMut()
	if err != nil {
		return
	}
	b.Drop()
	*b.Value() = 1 // want `use-after-drop`
}

func byHelper(a *own.Arc[int]) {
	consume(a)
	fmt.Println(*a.Value()) // want `use-after-drop: a\.Value\(\) panics: consume\(\) at line \d+ has released a`
}

func consume(a *own.Arc[int]) {
	defer a.Drop()
	fmt.Println(*a.Value())
}

func loop(n int) {
	a := own.NewArc(1)
	a.Drop()
	for range n {
		fmt.Println(*a.Value()) // want `use-after-drop`
	}
}

func generic[T any](a *own.Arc[T]) *T {
	a.Drop()
	return a.Value() // want `use-after-drop`
}

type shared struct{ *own.Arc[int] }

func methodExpression(a *own.Arc[int]) {
	(*own.Arc[int]).Drop(a)
	fmt.Println(*(*own.Arc[int]).Value(a)) // want `use-after-drop`
}

func goroutine(a *own.Arc[int]) {
	defer a.Drop()
	go func() { // want `use-after-drop: this goroutine uses a, which a\.Drop\(\) at line \d+ releases without waiting for it; give it a clone of its own`
		fmt.Println(*a.Value())
	}()
}

func goroutineThenDrop(p *own.AtomicArc[int]) {
	a := p.Load()
	go show(a) // want `use-after-drop: this goroutine uses a, which a\.Drop\(\)`
	a.Drop()
}

func goroutineClone(a *own.Arc[int], c chan *own.Arc[int]) {
	go func() { // want `use-after-drop: this goroutine uses a, which a\.Drop\(\)`
		c <- a.Clone()
	}()
	a.Drop()
}

func show(a *own.Arc[int]) { fmt.Println(*a.Value()) }
