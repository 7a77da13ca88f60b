package flow

import (
	"go/token"
	"slices"

	"golang.org/x/tools/go/ssa"
)

// A role is how a value has to do with the handle whose events are collected.
type role uint8

const (
	itself role = iota // or, if it is a phi, another on other paths: see alias.go
	maybe              // a variable that is it or another
	part               // a MappedGuard of it: unlocking that unlocks it
	whole              // the guard of which it is a part
)

// findEvents collects what happens to h.
func (h *Handle) findEvents() {
	h.events = map[ssa.Instruction][]*Event{}
	h.findAliases()
	seen := map[ssa.Value]bool{}
	for v := range h.names {
		h.follow(v, itself, seen)
	}
	if v, ok := h.Value.(*ssa.FreeVar); ok && capturedHandle(v) == h.Type {
		h.followVariable(v, *v.Referrers(), itself)
	}
	if h.Birth != nil {
		if parent := h.Birth.Part; parent != nil {
			for v := range parent.names {
				h.follow(v, whole, seen)
			}
		}
	}
	for _, bit := range h.bits {
		h.variables |= bit
	}
	if h.Birth != nil {
		h.birthDecider()
	}
	h.findLockEvents()
	h.findPointers()

	for _, events := range h.events {
		h.later = h.later || slices.ContainsFunc(events, func(e *Event) bool { return e.Kind == Later })
	}

	// In the order of the source, whatever that of the maps was.
	for _, events := range h.events {
		h.Events = append(h.Events, events...)
	}
	slices.SortStableFunc(h.Events, func(a, b *Event) int {
		if a.pos != b.pos {
			return int(a.pos - b.pos)
		}
		return int(a.Kind) - int(b.Kind)
	})
}

// event records that instr does something to h. If it does two things, the more
// important one is what counts.
func (h *Handle) event(instr ssa.Instruction, e Event) {
	e.Instr, e.subject, e.other = instr, h.subject, h.other
	if e.other && (e.Kind < Release || e.Kind > Lose) {
		return // the value is a phi, and a handle of its own: that says it
	}
	if !e.pos.IsValid() {
		e.pos = position(instr)
	}
	for _, old := range h.events[instr] {
		switch {
		case old.subject != e.subject:
		case old.Kind == e.Kind && (e.Kind < sure || e.decider == old.decider):
			old.Needs = old.Needs || e.Needs
			return
		case old.Kind <= Lose && e.Kind <= Lose:
			if e.Kind > old.Kind {
				old.Kind, old.decider = e.Kind, e.decider
			}
			old.Needs = old.Needs || e.Needs
			return
		}
	}
	h.events[instr] = append(h.events[instr], &e)
}

// position is that of a call's left parenthesis, as everywhere here, or the
// nearest that the source has.
func position(instr ssa.Instruction) token.Pos {
	if call, ok := instr.(ssa.CallInstruction); ok && call.Common().Pos().IsValid() {
		return call.Common().Pos()
	}
	if instr.Pos().IsValid() {
		return instr.Pos()
	}
	block := instr.Block()
	for _, later := range block.Instrs[slices.Index(block.Instrs, instr):] {
		if later.Pos().IsValid() {
			return later.Pos()
		}
	}
	if s := instr.Parent().Syntax(); s != nil {
		return s.End() - 1 // the closing brace
	}
	return instr.Parent().Pos()
}

// follow looks at everything that is done with v.
func (h *Handle) follow(v ssa.Value, r role, seen map[ssa.Value]bool) {
	if seen[v] {
		return
	}
	seen[v] = true
	subject, other := h.subject, h.other
	defer func() { h.subject, h.other = subject, other }()
	h.subject, h.other = anywhere, false
	if r == itself {
		h.subject, h.other = h.bit(v), !h.names[v]
	}
	for _, ref := range *v.Referrers() {
		switch ref := ref.(type) {
		case *ssa.BinOp, *ssa.DebugRef, *ssa.FieldAddr:
		case *ssa.UnOp: // *g copies the handle's struct, which is another rule's business
		case *ssa.Phi:
			if r == itself && !h.names[ref] {
				h.alias(ref)
			}
			h.follow(ref, r, seen)
		case *ssa.ChangeType:
			h.follow(ref, r, seen)
		case *ssa.Store:
			h.store(ref, r, seen)
		case *ssa.MakeClosure:
			h.bound(ref, r, seen)
		case ssa.CallInstruction:
			h.call(ref, v, r, seen)
		case *ssa.Return:
			h.move(ref, r)
		case *ssa.MakeInterface:
			if !printed(ref) {
				h.lose(ref)
			}
		default: // sent, put into a map, converted, …
			h.lose(ref)
		}
	}
}

// lose records that h goes where it cannot be followed, or something that can
// release it: a MappedGuard of it, or a variable in which it may be.
func (h *Handle) lose(instr ssa.Instruction) {
	h.event(instr, Event{Kind: Lose})
}

func (h *Handle) move(instr ssa.Instruction, r role) {
	if r == itself {
		h.event(instr, Event{Kind: Move})
		return
	}
	h.lose(instr)
}

// store looks at an assignment of h to something that is not in a register.
func (h *Handle) store(s *ssa.Store, r role, seen map[ssa.Value]bool) {
	a, ok := s.Addr.(*ssa.Alloc)
	if !ok {
		h.lose(s) // a field, an element, somebody else's variable
		return
	}
	c := h.Func.pkg.cellOf(a)
	switch {
	case c.open:
		h.lose(s)
		return
	case c.result:
		h.move(s, r)
		return
	}
	switch {
	case r == itself && h.only(c):
		// Its loads are names.
	case r == itself:
		r = maybe // it holds others at other times
		fallthrough
	default:
		for _, load := range c.loads {
			h.follow(load, r, seen)
		}
	}
	stored := h.subject
	h.subject = h.bits[a]
	h.followVariable(a, *a.Referrers(), r)
	h.subject = stored
	for _, closure := range c.closures {
		h.capturedBefore(s, closure, r)
	}
}

// capturedBefore looks whether a function literal has captured the variable before s
// stores h in it, as in
//
//	var g *own.Guard[int]
//	defer func() { g.Unlock() }()
//	g = m.MustLock()
func (h *Handle) capturedBefore(s *ssa.Store, closure *ssa.MakeClosure, r role) {
	if precedes(s, closure) {
		return
	}
	var effect Effect
	for i, binding := range closure.Bindings {
		if binding == s.Addr {
			effect = h.Func.pkg.summary(closure.Fn.(*ssa.Function)).free(i)
		}
	}
	if effect.Fate == Borrows {
		return
	}
	deferred := r == itself && effect.Fate == Releases
	for _, ref := range *closure.Referrers() {
		d, ok := ref.(*ssa.Defer)
		deferred = deferred && ok && d.Call.Value == closure && precedes(d, s)
	}
	if deferred {
		h.event(s, Event{Kind: Defer})
		return
	}
	h.lose(s)
}

// precedes reports whether every path to b goes through a before.
func precedes(a, b ssa.Instruction) bool {
	if a.Block() == b.Block() {
		return index(a) < index(b)
	}
	return a.Block().Dominates(b.Block())
}

// followVariable looks at the function literals that capture the variable at v.
func (h *Handle) followVariable(v ssa.Value, refs []ssa.Instruction, r role) {
	for _, ref := range refs {
		closure, ok := ref.(*ssa.MakeClosure)
		if !ok {
			continue
		}
		for i, binding := range closure.Bindings {
			if binding == v {
				h.captured(closure, i, r)
			}
		}
	}
}

// captured looks at what becomes of a function literal that has h as its ith
// captured variable.
func (h *Handle) captured(closure *ssa.MakeClosure, i int, r role) {
	fn := closure.Fn.(*ssa.Function)
	effect := h.Func.pkg.summary(fn).free(i)
	for _, ref := range *closure.Referrers() {
		switch ref := ref.(type) {
		case *ssa.Call:
			if ref.Call.Value == closure {
				h.apply(ref, effect, r)
				continue
			}
		case *ssa.Defer:
			if ref.Call.Value == closure {
				h.applyDeferred(ref, effect, r)
				continue
			}
		case *ssa.Go:
			if ref.Call.Value == closure {
				h.share(ref, effect, r)
				continue
			}
		case *ssa.DebugRef:
			continue
		}
		// Somebody calls it at some time. If it only looks at the handle, that
		// cannot be the release that is missing.
		if effect.Fate != Borrows {
			h.lose(closure)
			if ref.Block() != nil {
				h.lose(ref)
			}
		}
	}
}
