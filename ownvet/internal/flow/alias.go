package flow

import (
	"go/token"

	"golang.org/x/tools/go/ssa"
)

// A variable that is assigned twice is a phi in SSA form, and which handle that is
// depends on the way that was taken:
//
//	for _, m := range locks {
//		next := m.MustLock()
//		last.Unlock() // not next, although last = next below
//		last = next
//	}
//
// To take last for next here would be a false report. So a path knows which of the
// values that may be the handle are it: the one that its call returned, until that is
// called again, and phis, variables and what was loaded from those.

// aliases is a set of such values, by the bits that the handle gives them.
type aliases uint64

// original is the value that the handle begins as, and whatever is that in all cases.
const original aliases = 1

// anywhere stands for what is not told apart: it is the handle on all paths, as far as
// anybody knows.
const anywhere aliases = 0

const maxAliases = 62

// alias gives v, a phi, variable or load that may be h, a bit of its own.
func (h *Handle) alias(v ssa.Value) {
	if h.bits[v] != 0 {
		return
	}
	if len(h.bits) == maxAliases {
		h.many = true
		return
	}
	if h.bits == nil {
		h.bits = map[ssa.Value]aliases{}
		h.phis = map[*ssa.BasicBlock][]*ssa.Phi{}
	}
	h.bits[v] = original << (len(h.bits) + 1)
	if phi, ok := v.(*ssa.Phi); ok {
		h.phis[phi.Block()] = append(h.phis[phi.Block()], phi)
	}
}

// findAliases finds the names of h that are h at some times and nil at others.
func (h *Handle) findAliases() {
	for v := range h.names {
		if v == h.Value {
			continue
		}
		switch v := v.(type) {
		case *ssa.Phi:
			h.alias(v)
		case *ssa.UnOp:
			if a, ok := v.X.(*ssa.Alloc); ok {
				h.alias(a)
				h.alias(v)
			}
		}
	}
}

// bit returns that of v.
func (h *Handle) bit(v ssa.Value) aliases {
	for {
		switch x := v.(type) {
		case *ssa.ChangeType:
			v = x.X
			continue
		case *ssa.ChangeInterface: // of an error
			v = x.X
			continue
		}
		break
	}
	if b := h.bits[v]; b != 0 {
		return b
	}
	if h.names[v] || h.decider != nil && h.decider.values[v] {
		return original
	}
	return anywhere
}

// mayBe reports whether v is h on some path.
func (h *Handle) mayBe(v ssa.Value) bool { return h.names[v] || h.bits[v]&h.variables != 0 }

// is reports whether v is h at p, and no other.
func (p *point) is(h *Handle, v ssa.Value) bool { return p.aliases&h.bit(v) != 0 }

// step notes what instr makes of the values that may be h.
func (p *point) step(h *Handle, instr ssa.Instruction) {
	if len(h.bits) == 0 {
		return
	}
	switch instr := instr.(type) {
	case *ssa.Alloc: // a new variable, in a loop
		p.aliases &^= h.bits[instr]
	case *ssa.Store:
		p.assign(h.bits[instr.Addr], p.is(h, instr.Val))
	case *ssa.UnOp:
		if instr.Op == token.MUL {
			p.assign(h.bits[instr], p.aliases&h.bits[instr.X] != 0)
		}
	}
}

func (p *point) assign(bit aliases, is bool) {
	p.aliases &^= bit
	if is {
		p.aliases |= bit
	}
}

// enter notes what the phis of the block to are, for who comes from another. They all
// get their values at once.
func (p *point) enter(h *Handle, from, to *ssa.BasicBlock) {
	phis := h.phis[to]
	if len(phis) == 0 {
		return
	}
	before := *p
	for _, phi := range phis {
		is := false
		for i, pred := range to.Preds {
			if pred == from && before.is(h, phi.Edges[i]) {
				is = true
			}
		}
		p.assign(h.bits[phi], is)
	}
}

// again notes that the call that made h runs once more: what it returns is another
// handle. It reports whether a variable still has this one.
func (p *point) again(h *Handle) bool {
	p.aliases &^= original
	p.outcome = untested
	if p.decider == h.decider {
		p.decider = nil
		if p.state == Unchecked {
			p.state = Unknown
		}
	}
	return p.aliases&h.variables != 0
}
