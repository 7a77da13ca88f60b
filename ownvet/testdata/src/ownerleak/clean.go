package ownerleak

import (
	"sync"

	"github.com/go-own/own"
	"github.com/go-own/own/rc"
)

func deferred(a *own.Arc[int]) int {
	b := a.Clone()
	defer b.Drop()
	return *b.Value()
}

func returned() (*own.Arc[int], error) {
	a := own.NewArc(1)
	if *a.Value() == 0 {
		a.Drop()
		return nil, errNo
	}
	return a, nil
}

func moved() (*own.Arc[int], error) {
	a := own.NewArc(1)
	defer a.Drop()
	if *a.Value() == 0 {
		return nil, errNo
	}
	return a.Move(), nil
}

func literal(a *own.Arc[int]) {
	b := a.Clone()
	defer func() { b.Drop() }()
}

func exchanged(p *own.AtomicArc[int], old *own.Arc[int]) {
	a := own.NewArc(1)
	if !p.CompareAndSwap(old, a) {
		a.Drop()
	}
}

func stored(p *own.AtomicArc[int]) { p.Store(own.NewArc(1)) }

func storedNamed(p *own.AtomicArc[int]) {
	a := own.NewArc(1)
	*a.Value() = 2
	p.Store(a)
}

func goroutine(a *own.Arc[int], wg *sync.WaitGroup) {
	b := a.Clone()
	wg.Go(func() {
		defer b.Drop()
		println(*b.Value())
	})
	c := a.Clone()
	go func(c *own.Arc[int]) { c.Drop() }(c)
}

func inField(s *holder, a *own.Arc[int]) { s.a = a.Clone() }

type holder struct{ a *own.Arc[int] }

func inLiteral(a *own.Arc[int]) *holder { return &holder{a.Clone()} }

func appended(all []*own.Arc[int], a *own.Arc[int]) []*own.Arc[int] {
	return append(all, a.Clone())
}

func unwrapped() int {
	a := own.NewArc(1)
	v, ok := a.TryUnwrap()
	if !ok {
		a.Drop()
		return 0
	}
	return *v
}

func intoInner() {
	a := own.NewArc(1)
	a.IntoInner()
}

func upgradedRight(w *own.Weak[int]) int {
	a, ok := w.Upgrade()
	defer a.Drop()
	if !ok {
		return 0
	}
	return *a.Value()
}

func loadedRight(p *own.AtomicArc[int]) int {
	a := p.Load()
	if a == nil {
		return 0
	}
	defer a.Drop()
	return *a.Value()
}

func sent(c chan *own.Arc[int]) { c <- own.NewArc(1) }

func viaInterface(s interface{ take(*own.Arc[int]) }) { s.take(own.NewArc(1)) }

func helper() {
	a := own.NewArc(1)
	consume(a)
}

func consume(a *own.Arc[int]) { a.Drop() }

func weak(a *own.Arc[int]) {
	w := a.Downgrade() // owns nothing
	println(w.StrongCount())
}

func countedRight() {
	r := rc.New(1)
	defer r.Drop()
}
