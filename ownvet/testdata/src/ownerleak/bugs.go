package ownerleak

import (
	"errors"

	"github.com/go-own/own"
	"github.com/go-own/own/rc"
)

var errNo = errors.New("no")

func never(a *own.Arc[int]) int {
	b := a.Clone() // want `^owner-leak: b is never dropped; defer its Drop$`
	return *b.Value()
}

func earlyReturn(a *own.Arc[int]) error {
	b := a.Clone() // want `owner-leak: b is not dropped on the path to the return at line 20; defer its Drop`
	if *b.Value() == 0 {
		return errNo
	}
	b.Drop()
	return nil
}

func upgraded(w *own.Weak[int]) int {
	a, ok := w.Upgrade() // want `owner-leak: a is never dropped`
	if !ok {
		return 0
	}
	return *a.Value()
}

func loaded(p *own.AtomicArc[int]) int {
	a := p.Load() // want `owner-leak: a is never dropped`
	if a == nil {
		return 0
	}
	return *a.Value()
}

func notExchanged(p *own.AtomicArc[int], old *own.Arc[int]) {
	a := own.NewArc(1) // want `owner-leak: a is not dropped on the path to the return at line 48`
	if p.CompareAndSwap(old, a) {
		return
	}
	println("lost")
}

func inLoop(ws []*own.Weak[int]) {
	for _, w := range ws {
		a, ok := w.Upgrade() // want `owner-leak: a is not dropped when the loop gets here again and takes another`
		if !ok || *a.Value() == 0 {
			continue
		}
		a.Drop()
	}
}

func built() error {
	a, err := own.NewCyclicArc(func(self *own.Weak[int]) (int, error) { return 1, nil }) // want `owner-leak`
	if err != nil {
		return err
	}
	println(*a.Value())
	return nil
}

func counted() int {
	r := rc.New(1) // want `owner-leak: r is never dropped`
	return *r.Value()
}
