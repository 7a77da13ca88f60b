package flow

import (
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/go-own/own/ownvet/internal/api"
)

// Pointers follows the pointer that a Value method returned: to fields and elements
// of the value, which are parts of it, but not through a pointer, slice or map in
// it. What is loaded from the value is a copy, and may be kept.
type Pointers struct {
	Use func(instr ssa.Instruction, kind Kind, v ssa.Value)

	pkg  *Package
	seen map[ssa.Value]bool
	same []ssa.Value // other pointers to the value
}

// Follow calls use for whatever is done with the pointer v: Touch, Return, Send, Go or
// Keep. A variable that holds v at one time, and one of the same at others, is followed, too.
func (pkg *Package) Follow(v ssa.Value, use func(instr ssa.Instruction, kind Kind, v ssa.Value), same ...ssa.Value) {
	p := &Pointers{use, pkg, map[ssa.Value]bool{}, same}
	p.follow(v)
}

func (p *Pointers) follow(v ssa.Value) {
	if p.seen[v] {
		return
	}
	p.seen[v] = true
	for _, ref := range *v.Referrers() {
		switch ref := ref.(type) {
		case *ssa.FieldAddr:
			p.follow(ref)
		case *ssa.IndexAddr:
			if ref.X == v {
				p.follow(ref)
			}
		case *ssa.Slice: // of an array, which is in the value
			if ref.X == v {
				p.follow(ref)
			}
		case *ssa.ChangeType:
			p.follow(ref)
		case *ssa.Phi:
			if p.only(ref, map[ssa.Value]bool{}) {
				p.follow(ref)
			}
		case *ssa.UnOp:
			if ref.Op == token.MUL {
				p.Use(ref, Touch, v)
			}
		case *ssa.Store:
			if ref.Addr == v {
				p.Use(ref, Touch, v)
			}
			if ref.Val == v {
				p.store(ref)
			}
		case *ssa.MakeInterface:
			p.follow(ref)
		case *ssa.ChangeInterface:
			p.follow(ref)
		case *ssa.MakeClosure:
			p.closure(ref, v)
		case *ssa.Go:
			p.Use(ref, Go, v)
		case *ssa.Call:
			p.Use(ref, Touch, v)
		case *ssa.Send:
			if ref.X == v {
				p.Use(ref, Send, v)
			}
		case *ssa.Select:
			for _, s := range ref.States {
				if s.Dir == types.SendOnly && s.Send == v {
					p.Use(ref, Send, v)
				}
			}
		case *ssa.Return:
			p.Use(ref, Return, v)
		}
	}
}

// only reports whether the phi is one of the pointers that are followed, or nil.
func (p *Pointers) only(v ssa.Value, assumed map[ssa.Value]bool) bool {
	if p.seen[v] || assumed[v] || isNil(v) || slices.Contains(p.same, v) {
		return true
	}
	phi, ok := v.(*ssa.Phi)
	if !ok {
		return false
	}
	assumed[v] = true
	for _, edge := range phi.Edges {
		if !p.only(edge, assumed) {
			return false
		}
	}
	return true
}

// store follows a pointer into a local variable, if it holds nothing else.
func (p *Pointers) store(s *ssa.Store) {
	if element, ok := s.Addr.(*ssa.IndexAddr); ok { // one of many arguments
		if array, ok := element.X.(*ssa.Alloc); ok && array.Comment == "varargs" {
			for _, ref := range *array.Referrers() {
				if slice, ok := ref.(*ssa.Slice); ok {
					for _, use := range *slice.Referrers() {
						if call, ok := use.(*ssa.Call); ok {
							p.Use(call, Touch, s.Val)
						}
					}
				}
			}
		}
		return
	}
	if field, ok := s.Addr.(*ssa.FieldAddr); ok {
		p.literal(field, s.Val)
		return
	}
	if _, ok := s.Addr.(*ssa.FreeVar); ok {
		p.Use(s, Keep, s.Val)
		return
	}
	a, ok := s.Addr.(*ssa.Alloc)
	if !ok {
		return
	}
	c := p.pkg.cellOf(a)
	if c.result {
		p.Use(s, Return, s.Val)
		return
	}
	if c.open || !p.onlyIn(c) {
		return
	}
	for _, load := range c.loads {
		p.follow(load)
	}
	for _, closure := range c.closures {
		p.closure(closure, a)
	}
}

// literal looks whether a struct literal with the pointer v in a field is returned or sent.
func (p *Pointers) literal(field *ssa.FieldAddr, v ssa.Value) {
	a, ok := field.X.(*ssa.Alloc)
	if !ok || a.Comment != "complit" {
		return
	}
	whole := []ssa.Value{a}
	for _, ref := range *a.Referrers() {
		if load, ok := ref.(*ssa.UnOp); ok {
			whole = append(whole, load)
		}
	}
	for _, w := range whole {
		for _, ref := range *w.Referrers() {
			switch ref := ref.(type) {
			case *ssa.Return:
				p.Use(ref, Return, v)
			case *ssa.Store:
				if result, ok := ref.Addr.(*ssa.Alloc); ok && ref.Val == w && p.pkg.cellOf(result).result {
					p.Use(ref, Return, v)
				}
			case *ssa.Send:
				if ref.X == w {
					p.Use(ref, Send, v)
				}
			}
		}
	}
}

// onlyIn reports whether the variable holds nothing but the pointers that are
// followed, or nil.
func (p *Pointers) onlyIn(c *cell) bool {
	for _, s := range c.stores {
		if load, ok := s.Val.(*ssa.UnOp); ok && load.X == s.Addr {
			continue // return p, with a named result p
		}
		if !p.only(s.Val, map[ssa.Value]bool{}) {
			return false
		}
	}
	return true
}

// closure looks whether a function literal that captures v becomes a goroutine.
func (p *Pointers) closure(closure *ssa.MakeClosure, v ssa.Value) {
	for _, ref := range *closure.Referrers() {
		if g, ok := ref.(*ssa.Go); ok && g.Call.Value == closure {
			p.Use(g, Go, v)
		}
	}
}

// findPointers makes events of what is done with pointers into h's value.
func (h *Handle) findPointers() {
	if !h.Type.IsGuard() && !h.Type.IsBorrow() {
		return // the value of an owner may have others
	}
	defer func() { h.subject = anywhere }()
	var values []ssa.Value
	for _, value := range h.Values() {
		values = append(values, value)
	}
	for _, value := range h.Values() {
		h.subject = h.bit(value.Call.Args[0])
		h.Func.pkg.Follow(value, func(instr ssa.Instruction, kind Kind, v ssa.Value) {
			e := Event{Kind: kind, from: value}
			if s, ok := instr.(*ssa.Select); ok {
				for _, state := range s.States {
					if state.Send == v {
						e.pos = state.Pos
					}
				}
			}
			h.event(instr, e)
		}, values...)
	}
}

// Values returns the calls of h's Value method.
func (h *Handle) Values() []*ssa.Call {
	var calls []*ssa.Call
	for v := range h.names {
		for _, ref := range *v.Referrers() {
			call, ok := ref.(*ssa.Call)
			if !ok {
				continue
			}
			if c, ok := api.CallOf(&call.Call); ok && c.Name == "Value" && c.Recv == v {
				calls = append(calls, call)
			}
		}
	}
	return calls
}
