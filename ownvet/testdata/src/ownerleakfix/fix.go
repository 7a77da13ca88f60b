package ownerleakfix

import "github.com/go-own/own"

func never(a *own.Arc[int]) int {
	b := a.Clone() // want `owner-leak`
	return *b.Value()
}

func upgraded(w *own.Weak[int]) int {
	a, ok := w.Upgrade() // want `owner-leak`
	if !ok {
		return 0
	}
	return *a.Value()
}

// No fix: there is a Drop already, and who knows what is meant.
func early(a *own.Arc[int]) int {
	b := a.Clone() // want `owner-leak`
	if *b.Value() == 0 {
		return 0
	}
	b.Drop()
	return 1
}

// No fix: deferred to the end of the function, not of the iteration.
func inLoop(a *own.Arc[int]) {
	for range 3 {
		b := a.Clone() // want `owner-leak`
		println(*b.Value())
	}
}
