package flow

import (
	"go/token"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/go-own/own/ownvet/internal/api"
)

// A role is how a value has to do with the handle whose events are collected.
type role uint8

const (
	itself role = iota
	maybe       // a phi or a variable that is it or another
	part        // a MappedGuard of it: unlocking that unlocks it
	whole       // the guard of which it is a part
)

// findEvents collects what happens to h.
func (h *Handle) findEvents() {
	h.events = map[ssa.Instruction][]*Event{}
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
		h.birthDecider()
	}
	h.findLockEvents()
	h.findPointers()

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
	e.Instr = instr
	if !e.pos.IsValid() {
		e.pos = position(instr)
	}
	for _, old := range h.events[instr] {
		switch {
		case old.Kind == e.Kind && (e.Kind < sure || e.decider == old.decider):
			old.Needs = old.Needs || e.Needs
			return
		case old.Kind <= Lose && e.Kind <= Lose:
			if e.Kind > old.Kind {
				old.Kind, old.Name, old.decider = e.Kind, e.Name, e.decider
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
	for _, ref := range *v.Referrers() {
		switch ref := ref.(type) {
		case *ssa.BinOp, *ssa.DebugRef, *ssa.FieldAddr:
		case *ssa.UnOp: // *g copies the handle's struct, which is another rule's business
		case *ssa.Phi:
			if r == itself && h.names[ref] {
				continue
			}
			if r == itself {
				h.follow(ref, maybe, seen)
			} else {
				h.follow(ref, r, seen)
			}
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
				h.lose(ref, r)
			}
		default: // sent, put into a map, converted, …
			h.lose(ref, r)
		}
	}
}

// lose records that h goes where it cannot be followed. A part that is lost may
// unlock the whole, and the other way round.
func (h *Handle) lose(instr ssa.Instruction, _ role) {
	h.event(instr, Event{Kind: Lose})
}

func (h *Handle) move(instr ssa.Instruction, r role) {
	if r == itself {
		h.event(instr, Event{Kind: Move})
		return
	}
	h.lose(instr, r)
}

// store looks at an assignment of h to something that is not in a register.
func (h *Handle) store(s *ssa.Store, r role, seen map[ssa.Value]bool) {
	a, ok := s.Addr.(*ssa.Alloc)
	if !ok {
		h.lose(s, r) // a field, an element, somebody else's variable
		return
	}
	c := h.Func.pkg.cellOf(a)
	switch {
	case c.open:
		h.lose(s, r)
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
	h.followVariable(a, *a.Referrers(), r)
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
	h.lose(s, r)
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
				h.apply(ref, effect, "the function literal", r)
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
			h.lose(closure, r)
			if ref.Block() != nil {
				h.lose(ref, r)
			}
		}
	}
}

// bound looks at a method value, such as g.Unlock without the parentheses.
func (h *Handle) bound(closure *ssa.MakeClosure, r role, seen map[ssa.Value]bool) {
	f, ok := api.FuncOf(closure.Fn.(*ssa.Function).Object())
	for _, ref := range *closure.Referrers() {
		if call, isCall := ref.(ssa.CallInstruction); isCall && call.Common().Value == closure {
			h.call(call, closure.Bindings[0], r, seen)
			continue
		}
		if !ok || f.Effect().Recv != api.Kept {
			h.lose(closure, r)
		}
	}
}

// call looks at a call, go or defer that v is a part of.
func (h *Handle) call(call ssa.CallInstruction, v ssa.Value, r role, seen map[ssa.Value]bool) {
	common := call.Common()
	if c, ok := api.CallOf(common); ok {
		h.callOwn(call, c, v, r, seen)
		return
	}
	if common.IsInvoke() || printer(common) {
		if !printer(common) {
			h.lose(call, r)
		}
		return
	}
	summary := h.Func.pkg.calleeSummary(common)
	for i, arg := range common.Args {
		if arg != v {
			continue
		}
		effect := summary.param(i)
		switch call := call.(type) {
		case *ssa.Call:
			h.apply(call, effect, calleeName(common), r)
		case *ssa.Defer:
			h.applyDeferred(call, effect, r)
		case *ssa.Go:
			h.share(call, effect, r)
		}
	}
}

// apply records what a call of a function that is not own's does to h.
func (h *Handle) apply(call ssa.Instruction, effect Effect, name string, r role) {
	switch {
	case effect.Fate == Escapes:
		h.lose(call, r)
	case effect.Fate == Borrows:
		if effect.Uses && r == itself {
			h.event(call, Event{Kind: Use, Name: name, Needs: effect.Needs})
		}
	case r == maybe:
		h.lose(call, r)
	case effect.Fate == Releases:
		h.event(call, Event{Kind: Release, Name: name, Needs: effect.Needs && r == itself})
	}
}

// share records that a goroutine begins that has h. It may be the one to release it.
func (h *Handle) share(g *ssa.Go, effect Effect, r role) {
	switch {
	case effect.Fate != Borrows:
		h.lose(g, r)
	case effect.Uses && r == itself:
		h.event(g, Event{Kind: Share})
	}
}

func (h *Handle) applyDeferred(d *ssa.Defer, effect Effect, r role) {
	switch {
	case effect.Fate == Borrows:
	case effect.Fate == Releases && r != maybe:
		h.event(d, Event{Kind: Defer})
	default:
		h.lose(d, r)
	}
}

// callOwn records what a call of own's does to h, which is v in it.
func (h *Handle) callOwn(call ssa.CallInstruction, c api.Call, v ssa.Value, r role, seen map[ssa.Value]bool) {
	effect := c.Effect()
	fate := api.Kept
	switch {
	case c.Recv == v:
		fate = effect.Recv
	case len(c.Args) > 0 && c.Args[0] == v:
		fate = effect.Arg0
	case len(c.Args) > 1 && c.Args[1] == v:
		fate = effect.Arg1
	}
	value := call.Value() // nil if deferred, or in another goroutine

	if c.Name == "own.MapGuard" && r == itself && value != nil {
		h.follow(value, part, seen)
	}
	if effect == (api.Effect{}) && !known(c.Func) {
		h.lose(call, r) // a method that a later version of own has added
		return
	}
	needs := r == itself && needs(c, v)

	switch call.(type) {
	case *ssa.Go:
		switch {
		case fate != api.Kept:
			h.lose(call, r)
		case needs:
			h.event(call, Event{Kind: Share})
		}
		return
	case *ssa.Defer:
		switch {
		case fate == api.Released && r != maybe:
			h.event(call, Event{Kind: Defer, Name: c.Name})
		case fate != api.Kept:
			h.lose(call, r)
		}
		return
	}
	switch {
	case fate == api.Kept:
		if needs {
			h.event(call, Event{Kind: Use, Name: c.Name, Needs: true})
		}
	case r == maybe:
		h.lose(call, r)
	case fate == api.Released || r == whole: // after Await, the part refuses Value
		h.event(call, Event{Kind: Release, Name: c.Name, Needs: needs})
	case r == part: // a MappedGuard has nothing that releases it perhaps
	default:
		var flag ssa.Value = value
		if c.Name == "TryUnwrap" {
			flag = extracted(value, 1)
		}
		d := newDecider(h.Func.pkg, flag, c.Name == "Await")
		d.set, d.unset = Released, Held
		h.event(call, Event{Kind: Perhaps, Name: c.Name, Needs: needs, decider: d})
		h.followDecider(d)
	}
}

// known reports whether f is one of those that do nothing to a handle.
func known(f api.Func) bool {
	switch f.Name {
	case "Value", "Format", "StrongCount", "WeakCount", "PtrEq", "GetMut", "MakeMut":
		return true
	}
	return false
}

// needs reports whether the call c panics if the handle v in it has been released.
func needs(c api.Call, v ssa.Value) bool {
	if c.Recv != v {
		// MapGuard, Store, Swap, CompareAndSwap, PtrEq: none takes an empty one. A
		// Weak is never empty in this sense.
		return !api.HandleOf(v.Type()).IsWeak()
	}
	switch {
	case c.Func.Recv.IsWeak():
		return false // refers to nothing, and says so
	case c.Name == "Unlock", c.Name == "Drop", c.Name == "Format":
		return false
	}
	return true
}
