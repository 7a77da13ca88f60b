package flow

import (
	"golang.org/x/tools/go/ssa"

	"github.com/go-own/own/ownvet/internal/api"
)

// bound looks at a method value, such as g.Unlock without the parentheses.
func (h *Handle) bound(closure *ssa.MakeClosure, r role, seen map[ssa.Value]bool) {
	f, ok := api.FuncOf(closure.Fn.(*ssa.Function).Object())
	for _, ref := range *closure.Referrers() {
		if call, isCall := ref.(ssa.CallInstruction); isCall && call.Common().Value == closure {
			h.call(call, closure.Bindings[0], r, seen)
			continue
		}
		if !ok || f.Effect().Recv != api.Kept {
			h.lose(closure)
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
			h.lose(call)
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
			h.apply(call, effect, r)
		case *ssa.Defer:
			h.applyDeferred(call, effect, r)
		case *ssa.Go:
			h.share(call, effect, r)
		}
	}
}

// apply records what a call of a function that is not own's does to h.
func (h *Handle) apply(call ssa.Instruction, effect Effect, r role) {
	switch {
	case effect.Fate == Escapes:
		h.lose(call)
	case effect.Fate == Borrows:
		if effect.Uses && r == itself {
			h.event(call, Event{Kind: Use, Needs: effect.Needs})
		}
	case r == maybe:
		h.lose(call)
	case effect.Fate == Releases:
		h.event(call, Event{Kind: Release, Needs: effect.Needs && r == itself})
	}
}

// share records that a goroutine begins that has h. It may be the one to release it.
func (h *Handle) share(g *ssa.Go, effect Effect, r role) {
	switch {
	case effect.Fate != Borrows:
		h.lose(g)
	case effect.Uses && r == itself:
		h.event(g, Event{Kind: Share})
	}
}

func (h *Handle) applyDeferred(d *ssa.Defer, effect Effect, r role) {
	switch {
	case effect.Fate == Borrows:
		if effect.Needs && r == itself {
			h.event(d, Event{Kind: Later})
		}
	case effect.Fate == Releases && r != maybe:
		h.event(d, Event{Kind: Defer})
	default:
		h.lose(d)
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
		if h.other {
			h.lose(call) // it is released by its part, or it is not
			return
		}
		h.follow(value, part, seen)
	}
	if effect == (api.Effect{}) && !known(c.Func) {
		h.lose(call) // a method that a later version of own has added
		return
	}
	needs := r == itself && needs(c, v)

	switch call.(type) {
	case *ssa.Go:
		switch {
		case fate != api.Kept:
			h.lose(call)
		case needs:
			h.event(call, Event{Kind: Share})
		}
		return
	case *ssa.Defer:
		switch {
		case fate == api.Released && r != maybe:
			h.event(call, Event{Kind: Defer})
		case fate != api.Kept:
			h.lose(call)
		case needs:
			h.event(call, Event{Kind: Later})
		}
		return
	}
	switch {
	case fate == api.Kept:
		if needs {
			h.event(call, Event{Kind: Use, Needs: true})
		}
	case r == maybe:
		h.lose(call)
	case fate == api.Released || r == whole: // after Await, the part refuses Value
		h.event(call, Event{Kind: Release, Needs: needs})
	case r == part: // a MappedGuard has nothing that releases it perhaps
	default:
		var flag ssa.Value = value
		if c.Name == "TryUnwrap" {
			flag = extracted(value, 1)
		}
		d := newDecider(h.Func.pkg, flag, c.Name == "Await")
		d.set, d.unset = Released, Held
		h.event(call, Event{Kind: Perhaps, Needs: needs, decider: d})
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
