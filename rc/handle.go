//go:build !owndebug

package rc

// The methods that return an owner, and what all methods begin with. Each is about as large as the compiler inlines, so that
// the owner stays on the caller's stack; the debug build has others: handle_debug.go.

// Clone returns a new owner of the same value. It panics if r is nil or empty, or
// if the value has 2147483647 owners already; the count then stays as it was.
//
// The handle stays on the stack of a caller that uses it locally; one that is
// stored or captured costs an allocation of one word.
//
// Rust: Rc::clone, which aborts the process when the count would wrap.
func (r *Rc[T]) Clone() *Rc[T] {
	s := r.shared()
	if s.strong == maxCount {
		panic(tooManyOwners)
	}
	s.strong++
	return &Rc[T]{s: s}
}

// Move returns a new handle for the owner that r was, and makes r empty. It is how
// a function that drops on every path hands out on one:
//
//	r := rc.New(v)
//	defer r.Drop()
//	…
//	return r.Move(), nil
//
// Move panics if r is nil or empty. Rust moves by assignment.
func (r *Rc[T]) Move() *Rc[T] {
	s := r.shared()
	r.s = nil
	return &Rc[T]{s: s}
}

// Upgrade returns a new owner of the value and true, or nil and false if the last
// owner has gone, or if there has been none. It never fails while an owner exists.
// It panics if w is nil, or if the value has 2147483647 owners already; the count
// then stays as it was. Rust: Weak::upgrade.
func (w *Weak[T]) Upgrade() (*Rc[T], bool) {
	if w == nil {
		panic(nilWeak)
	}
	if w.s == nil || w.s.strong == 0 {
		return nil, false
	}
	if w.s.strong == maxCount {
		panic(tooManyOwners)
	}
	w.s.strong++
	return &Rc[T]{s: w.s}, true
}

// shared returns the shared part of a handle that must not be empty.
func (r *Rc[T]) shared() *shared[T] {
	if r == nil {
		panic(nilRc)
	}
	if r.s == nil {
		panic(emptyRc)
	}
	return r.s
}
