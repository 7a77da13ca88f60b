//go:build owndebug

package own

import "github.com/go-own/own/internal/track"

// The methods that return an owner, in the debug build, where the owner says so when it is
// forgotten. They are those of arc_handle.go, which says what they do.

// handle returns an owner of s, which has been counted.
func (s *shared[T]) handle(how string) *Arc[T] {
	a := &Arc[T]{s: s}
	track.Born[T](&a.owner, "Arc", how)
	return a
}

// Clone returns a new owner.
func (a *Arc[T]) Clone() *Arc[T] {
	a.shared().count.clone()
	return a.s.handle("cloned")
}

// Move returns the owner that a was.
func (a *Arc[T]) Move() *Arc[T] {
	s := a.shared()
	a.s = nil
	a.owner.Gone()
	return s.handle("moved")
}

// Upgrade returns a new owner, if there is one already.
func (w *Weak[T]) Upgrade() (*Arc[T], bool) {
	if w == nil {
		panic(nilWeak)
	}
	if w.s == nil || !w.s.count.upgrade() {
		return nil, false
	}
	return w.s.handle("upgraded"), true
}

// Load returns a new owner of the value in the cell, or nil.
func (p *AtomicArc[T]) Load() *Arc[T] {
	if s := p.acquire(); s != nil {
		return s.handle("loaded")
	}
	return nil
}
