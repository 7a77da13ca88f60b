package own

import (
	"fmt"
	"io"

	"github.com/go-own/own/internal/nocopy"
	"github.com/go-own/own/internal/prim"
	"github.com/go-own/own/internal/track"
)

// An AtomicArc is a cell that holds an owner of a value, or none, and that can be
// replaced while others read it: a configuration that is reloaded under load, a
// set of files that a compactor exchanges. Each reader gets an owner of its own
// from [AtomicArc.Load], so the old value is dropped when its last reader is
// done with it, and not before.
//
// The zero AtomicArc is empty. An AtomicArc must not be copied after first use.
// All methods may be called from any goroutine at any time. None of them waits
// for another goroutine: no lock is held, but Load and CompareAndSwap try again
// if the cell or the count of its value changes under them.
//
// In the terminology of [the Go memory model], the methods are sequentially
// consistent atomic operations, as those of [sync/atomic.Pointer]: a Store, a
// Swap or a successful CompareAndSwap “synchronizes before” the Load or Swap
// that gets its value. A failed CompareAndSwap only reads.
//
// What has been in an AtomicArc is never edited in place any more, see
// [Arc.GetMut]. A cell that is forgotten without [AtomicArc.Drop] is an owner
// that is forgotten.
//
// Use a plain [sync/atomic.Pointer] when nothing has to happen to the old value
// but to be collected.
//
// Rust's standard library has no counterpart; the crate arc-swap has.
//
// [the Go memory model]: https://go.dev/ref/mem
type AtomicArc[T any] struct {
	_ nocopy.Mark
	p prim.Pointer[shared[T]]
}

// acquire adds an owner to the value in the cell. Between reading the pointer
// and counting, the value may be exchanged and dropped; a count of zero tells,
// and the cell then has another value.
//
//go:noinline
func (p *AtomicArc[T]) acquire() *shared[T] {
	for {
		s := p.p.Load()
		if s == nil || s.count.upgrade() {
			return s
		}
	}
}

// Store puts the owner a into the cell and drops the one that was there. a
// becomes empty: it is the cell's now. Store(nil) empties the cell. It panics if
// a is an empty handle, with the cell as it was.
//
// If the old value loses its last owner, its drop hook runs before Store
// returns, as with [Arc.Drop]. Where a lock is held that the hook takes, use Swap,
// and Drop what it returns after the Unlock. (A deferred Drop that is written
// after the deferred Unlock runs before it.)
func (p *AtomicArc[T]) Store(a *Arc[T]) {
	p.Swap(a).Drop()
}

// Swap puts the owner a into the cell and returns the one that was there, or nil
// if the cell was empty. a becomes empty. Swap(nil) takes the owner out. It
// panics if a is an empty handle, with the cell as it was.
func (p *AtomicArc[T]) Swap(a *Arc[T]) *Arc[T] {
	var s *shared[T]
	if a != nil {
		s = a.shared()
		a.s = nil
		if track.Enabled {
			a.owner.Gone()
		}
		if track.Enabled {
			track.In[T](&s.cells)
		}
		s.published.Add(1)
	}
	if old := p.p.Swap(s); old != nil {
		if track.Enabled {
			old.cells.Out()
		}
		b := &Arc[T]{s: old}
		if track.Enabled {
			track.Born[T](&b.owner, "Arc", "swapped out")
		}
		return b
	}
	return nil
}

// CompareAndSwap puts the owner new into the cell if the cell holds the value
// that old owns, and reports whether it did. nil as old stands for an empty
// cell, nil as new empties it. If it succeeds, new becomes empty and the cell's
// former owner is dropped; if not, new stays the caller's. old stays the
// caller's in both cases. It panics if old or new is an empty handle.
//
// As old is still an owner, no value can be exchanged and come back unnoticed.
func (p *AtomicArc[T]) CompareAndSwap(old, new *Arc[T]) bool {
	var from, to *shared[T]
	if old != nil {
		from = old.shared()
	}
	if new != nil {
		to = new.shared()
		if track.Enabled {
			track.In[T](&to.cells)
		}
		// Before the swap: after it, whoever takes the value out again might
		// not see it yet. That is why it is a count and can be taken back.
		to.published.Add(1)
	}
	if !p.p.CompareAndSwap(from, to) {
		if new != nil {
			if track.Enabled {
				to.cells.Out()
			}
			to.published.Add(^uint64(0))
		}
		return false
	}
	if new != nil {
		new.s = nil
		if track.Enabled {
			new.owner.Gone()
		}
	}
	if from != nil {
		if track.Enabled {
			from.cells.Out()
		}
		from.release() // the cell's owner; old is another, so this is never the last
	}
	return true
}

// Drop empties the cell and drops the owner that was there. It is Store(nil).
func (p *AtomicArc[T]) Drop() { p.Store(nil) }

// Format implements [fmt.Formatter]: it prints the value, as the verb and its
// flags format it, or <empty>.
func (p *AtomicArc[T]) Format(s fmt.State, verb rune) {
	a := p.Load()
	if a == nil {
		io.WriteString(s, "<empty>")
		return
	}
	defer a.Drop()
	a.Format(s, verb)
}
