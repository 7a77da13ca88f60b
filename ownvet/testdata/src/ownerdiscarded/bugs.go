package ownerdiscarded

import (
	"github.com/go-own/own"
	"github.com/go-own/own/rc"
)

func clone(a *own.Arc[int]) {
	a.Clone() // want `^owner-discarded: nobody can drop the owner that a\.Clone\(\) returns, so its value is never dropped; bind it and defer its Drop$`
}

func made() {
	own.NewArc(1) // want `owner-discarded: nobody can drop the owner that own\.NewArc\(\) returns`
}

func from(p *int) {
	_ = own.ArcFrom(p, func(*int) {}) // want `owner-discarded`
}

func isAlive(w *own.Weak[int]) bool {
	_, ok := w.Upgrade() // want `owner-discarded: nobody can drop the owner that w\.Upgrade\(\) returns`
	return ok
}

func isAliveIf(w *own.Weak[int]) {
	if _, ok := w.Upgrade(); ok { // want `owner-discarded`
		println("alive")
	}
}

func move(a *own.Arc[int]) {
	a.Move() // want `owner-discarded`
}

func swap(p *own.AtomicArc[int], a *own.Arc[int]) {
	p.Swap(a) // want `owner-discarded: nobody can drop the owner that p\.Swap\(\) returns`
}

func load(p *own.AtomicArc[int]) {
	p.Load() // want `owner-discarded`
}

func isSet(p *own.AtomicArc[int]) bool {
	return p.Load() != nil // want `owner-discarded`
}

func cyclic() error {
	_, err := own.NewCyclicArc(func(self *own.Weak[int]) (int, error) { return 1, nil }) // want `owner-discarded`
	return err
}

func counted(r *rc.Rc[int]) {
	r.Clone() // want `owner-discarded: nobody can drop the owner that r\.Clone\(\) returns`
}

func helper() {
	open() // want `owner-discarded: nobody can drop the owner that open\(\) returns`
}

func open() *own.Arc[int] { return own.NewArc(1) }

func deferred(a *own.Arc[int]) {
	defer a.Clone() // want `owner-discarded: nobody can release what a\.Clone\(\) returns when it is deferred`
}

func generic[T any](a *own.Arc[T]) {
	a.Clone() // want `owner-discarded`
}
