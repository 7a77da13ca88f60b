//go:build !owndebug

package own

// The methods that return an owner and are to be inlined, so that it stays on the caller's
// stack. Each is as large as the compiler inlines, as the methods in mutex_lock.go are, so
// that the debug build has others: arc_handle_debug.go.

// Clone returns a new owner of the same value. It panics if a is nil or empty,
// or if the value has 2147483647 owners already; the count then stays as it was.
//
// The handle stays on the stack of a caller that uses it locally; one that is
// stored, captured or passed to a goroutine costs an allocation of one word.
//
// Rust: Arc::clone, which aborts the process on overflow.
func (a *Arc[T]) Clone() *Arc[T] {
	a.shared().count.clone()
	return &Arc[T]{s: a.s}
}

// Move returns a new handle for the owner that a was, and makes a empty. It is
// how a function that drops on every path hands out on one:
//
//	a := own.NewArc(v)
//	defer a.Drop()
//	…
//	return a.Move(), nil
//
// What Move returns has to go somewhere. In select { case ch <- a.Move(): … } it
// is called whichever case is taken, and the owner lost if it is another: call
// it before the select, and Drop the result in the other cases.
//
// Move panics if a is nil or empty. Rust moves by assignment.
func (a *Arc[T]) Move() *Arc[T] {
	s := a.shared()
	a.s = nil
	return &Arc[T]{s: s}
}

// Upgrade returns a new owner of the value and true, or nil and false if the
// last owner has gone, or if there has been none. It never fails while an owner
// exists. It panics if w is nil, or if the value has 2147483647 owners already; the
// count then stays as it was. Rust: Weak::upgrade.
func (w *Weak[T]) Upgrade() (*Arc[T], bool) {
	if w == nil {
		panic(nilWeak)
	}
	if w.s == nil || !w.s.count.upgrade() {
		return nil, false
	}
	return &Arc[T]{s: w.s}, true
}

// Load returns a new owner of the value in the cell, or nil if the cell is
// empty. The caller drops it. It panics if the value has 2147483647 owners.
func (p *AtomicArc[T]) Load() *Arc[T] {
	if s := p.acquire(); s != nil {
		return &Arc[T]{s: s}
	}
	return nil
}
