//go:build owndebug

package rc

import "github.com/go-own/own/internal/track"

// The methods that return an owner, in the debug build, where the owner says so when it is
// forgotten, and what all methods begin with, which notices another goroutine. They are
// those of handle.go, which says what they do.

// handle returns an owner of s, which has been counted.
func (s *shared[T]) handle(how string) *Rc[T] {
	r := &Rc[T]{s: s}
	track.Born[T](&r.owner, "Rc", how)
	return r
}

// Clone returns a new owner.
func (r *Rc[T]) Clone() *Rc[T] {
	s := r.shared()
	if s.strong == maxCount {
		panic(tooManyOwners)
	}
	s.strong++
	return s.handle("cloned")
}

// Move returns the owner that r was.
func (r *Rc[T]) Move() *Rc[T] {
	s := r.shared()
	r.s = nil
	r.owner.Gone()
	return s.handle("moved")
}

// Upgrade returns a new owner, if there is one already.
func (w *Weak[T]) Upgrade() (*Rc[T], bool) {
	if w == nil {
		panic(nilWeak)
	}
	if w.s == nil {
		return nil, false
	}
	w.s.home.Here("an Rc")
	if w.s.strong == 0 {
		return nil, false
	}
	if w.s.strong == maxCount {
		panic(tooManyOwners)
	}
	w.s.strong++
	return w.s.handle("upgraded"), true
}

// shared returns the shared part of a handle that must not be empty.
func (r *Rc[T]) shared() *shared[T] {
	if r == nil {
		panic(nilRc)
	}
	if r.s == nil {
		panic(emptyRc)
	}
	r.s.home.Here("an Rc")
	return r.s
}
