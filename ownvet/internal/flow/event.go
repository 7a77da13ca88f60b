package flow

import (
	"go/token"

	"golang.org/x/tools/go/ssa"
)

// An Event is an instruction that does something to a handle, or to the value
// behind it.
type Event struct {
	Instr ssa.Instruction
	Kind  Kind
	Needs bool // panics if the handle is released

	Seen  States // all that the handle can be when Instr is about to run
	After *Event // how it was released, if it was

	subject aliases   // the value that the event is about: it counts where that is the handle
	other   bool      // that value may be another handle
	decider *decider  // for Perhaps, sure and doubt
	outcome States    // for sure
	from    *ssa.Call // the Value that a pointer is from
	pos     token.Pos
}

// Pos is where the event is in the source.
func (e *Event) Pos() token.Pos { return e.pos }

// A Kind is what an event does.
type Kind uint8

const (
	Use     Kind = iota // needs the handle, and leaves it as it is
	Release             // releases it
	Defer               // has it released when the function returns
	Perhaps             // releases it or not, and says which
	Move                // returns it
	Lose                // anything may become of it from here on

	sure  // an assertion has said what it is
	doubt // somebody else has looked at the error that says it, who knows for what

	Share // a goroutine begins that uses it
	Later // a deferred call will use it

	// What happens to the value behind the handle.
	Touch    // a pointer into it is read or written through, or given to a function
	Return   // a pointer into it is returned
	Send     // or sent
	Go       // or given to a goroutine
	Keep     // or assigned to a variable of the function around
	Lock     // its lock is locked, or its cell borrowed, once more
	LockRead // the same for reading
)

// An Exit is where the function ends with the handle in some state.
type Exit struct {
	Instr ssa.Instruction // *ssa.Return or *ssa.Panic
	Seen  States
}

// States is a set of what a handle can be.
type States uint8

const (
	Absent    States = 1 << iota // nil: the call that was to return it failed
	Unchecked                    // nobody has looked yet whether it did
	Held
	Pending // Unchecked or Held, and a deferred call will release it
	Released
	Unknown
)

// Only reports whether s has something, and nothing but what is in t.
func (s States) Only(t States) bool { return s != 0 && s&^t == 0 }

// Has reports whether s has something of t.
func (s States) Has(t States) bool { return s&t != 0 }

// DroppedBefore returns the deferred release that runs before e, which is a deferred
// use, for it was deferred later; or nil.
func (h *Handle) DroppedBefore(e *Event) *Event {
	for _, other := range h.Events {
		if other.Kind == Defer && !other.other && precedes(e.Instr, other.Instr) {
			return other
		}
	}
	return nil
}

// DroppedAfter returns the event after e that releases h while a goroutine that began
// with e may use it, or nil.
func (h *Handle) DroppedAfter(e *Event) *Event {
	if h.Func.Waits(e.Instr) {
		return nil
	}
	for _, other := range h.Events {
		if other.other {
			continue
		}
		switch other.Kind {
		case Defer:
			if precedes(other.Instr, e.Instr) || precedes(e.Instr, other.Instr) {
				return other
			}
		case Release:
			if precedes(e.Instr, other.Instr) {
				return other
			}
		}
	}
	return nil
}

// Dead reports whether e is about a pointer from a Value that panics: then it is
// that which is wrong.
func (e *Event) Dead(h *Handle) bool {
	for _, use := range h.events[e.from] {
		if use.Needs && use.Seen.Only(Released) {
			return true
		}
	}
	return false
}
