package ownerdiscardedfix

import "github.com/go-own/own"

func clone(a *own.Arc[int]) {
	a.Clone() // want `owner-discarded`
	println("cloned")
}

func isAlive(w *own.Weak[int]) bool {
	_, ok := w.Upgrade() // want `owner-discarded`
	return ok
}

func isAliveChecked(w *own.Weak[int]) bool {
	_, ok := w.Upgrade() // want `owner-discarded`
	if !ok {
		return false
	}
	println("alive")
	return true
}

// No fix: there is no statement to put it behind.
func isSet(p *own.AtomicArc[int]) bool {
	return p.Load() != nil // want `owner-discarded`
}
