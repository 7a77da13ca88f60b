package flow

import (
	"go/token"

	"golang.org/x/tools/go/ssa"
)

// A cell is a local variable that is not in a register, because a function literal
// captures it or because it is a named result of a function with a defer.
type cell struct {
	stores   []*ssa.Store
	loads    []*ssa.UnOp
	closures []*ssa.MakeClosure
	result   bool // read for nothing but to be returned
	open     bool // its address goes elsewhere, or a literal assigns to it
}

// cellOf returns what happens to the variable at a.
func (pkg *Package) cellOf(a *ssa.Alloc) *cell {
	if c := pkg.cells[a]; c != nil {
		return c
	}
	c := &cell{}
	pkg.cells[a] = c
	for _, ref := range *a.Referrers() {
		switch ref := ref.(type) {
		case *ssa.Store:
			if ref.Addr != a {
				c.open = true
				continue
			}
			c.stores = append(c.stores, ref)
		case *ssa.UnOp:
			c.loads = append(c.loads, ref)
		case *ssa.MakeClosure:
			c.closures = append(c.closures, ref)
			if assigns(ref, a) {
				c.open = true
			}
		case *ssa.DebugRef:
		default:
			c.open = true
		}
	}
	c.result = len(c.loads) > 0 && len(c.closures) == 0
	for _, load := range c.loads {
		for _, ref := range *load.Referrers() {
			if _, ok := ref.(*ssa.Return); !ok {
				c.result = false
			}
		}
	}
	return c
}

// assigns reports whether the function literal may assign to the captured variable
// that is bound to v, or let others do so.
func assigns(closure *ssa.MakeClosure, v ssa.Value) bool {
	fn := closure.Fn.(*ssa.Function)
	for i, binding := range closure.Bindings {
		if binding != v {
			continue
		}
		if i >= len(fn.FreeVars) || !onlyRead(fn.FreeVars[i]) {
			return true
		}
	}
	return false
}

func onlyRead(v *ssa.FreeVar) bool {
	for _, ref := range *v.Referrers() {
		switch ref := ref.(type) {
		case *ssa.UnOp, *ssa.DebugRef:
		case *ssa.MakeClosure:
			if assigns(ref, v) {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// findNames fills in h.names: the values that are the handle h, or nil, and nothing
// else. A phi of h and another handle is none: it is a handle of its own, and what
// is done to it may or may not be done to h.
func (h *Handle) findNames() {
	h.names = map[ssa.Value]bool{}
	if h.Value == nil {
		return
	}
	if v, ok := h.Value.(*ssa.FreeVar); ok {
		if t := capturedHandle(v); t == h.Type {
			if onlyRead(v) {
				for _, ref := range *v.Referrers() {
					if load, ok := ref.(*ssa.UnOp); ok {
						h.name(load)
					}
				}
			}
			h.propagate()
			return
		}
	}
	h.name(h.Value)
	h.propagate()
}

func (h *Handle) name(v ssa.Value) {
	h.names[v] = true
	if h.Func.owner[v] == nil {
		h.Func.owner[v] = h
	}
}

// propagate adds names until there are no more. It takes for granted that a phi in
// a loop is a name while it looks at the phi's other edges.
func (h *Handle) propagate() {
	for changed := true; changed; {
		changed = false
		for v := range h.names {
			for _, ref := range *v.Referrers() {
				switch ref := ref.(type) {
				case *ssa.Phi:
					if !h.names[ref] && h.isName(ref, map[ssa.Value]bool{}) {
						h.name(ref)
						changed = true
					}
				case *ssa.ChangeType:
					if !h.names[ref] {
						h.name(ref)
						changed = true
					}
				case *ssa.Store:
					for _, load := range h.loads(ref) {
						if !h.names[load] {
							h.name(load)
							changed = true
						}
					}
				}
			}
		}
	}
}

// loads returns the loads that can only give h, if s stores h in a variable that
// never holds any other handle.
func (h *Handle) loads(s *ssa.Store) []*ssa.UnOp {
	a, ok := s.Addr.(*ssa.Alloc)
	if !ok || !h.names[s.Val] {
		return nil
	}
	if c := h.Func.pkg.cellOf(a); !c.open && !c.result && h.only(c) {
		return c.loads
	}
	return nil
}

// only reports whether c never holds any other handle than h.
func (h *Handle) only(c *cell) bool {
	for _, s := range c.stores {
		if !h.isName(s.Val, map[ssa.Value]bool{}) {
			return false
		}
	}
	return true
}

// isName reports whether v is h or nil, if those in assumed are.
func (h *Handle) isName(v ssa.Value, assumed map[ssa.Value]bool) bool {
	if h.names[v] || assumed[v] || isNil(v) {
		return true
	}
	switch v := v.(type) {
	case *ssa.Phi:
		assumed[v] = true
		for _, edge := range v.Edges {
			if !h.isName(edge, assumed) {
				return false
			}
		}
		return true
	case *ssa.UnOp: // of a variable that is assigned itself, as in return g with a result g
		a, ok := v.X.(*ssa.Alloc)
		if !ok || v.Op != token.MUL {
			return false
		}
		assumed[v] = true
		c := h.Func.pkg.cellOf(a)
		if c.open {
			return false
		}
		for _, s := range c.stores {
			if !h.isName(s.Val, assumed) {
				return false
			}
		}
		return true
	}
	return false
}

func isNil(v ssa.Value) bool {
	c, ok := v.(*ssa.Const)
	return ok && c.IsNil()
}

// AssignedBefore reports whether the handle that the function literal deferred by d
// captures is assigned once, and before d: then it is the same when d runs.
func AssignedBefore(d *ssa.Defer) bool {
	closure, ok := d.Call.Value.(*ssa.MakeClosure)
	if !ok || len(closure.Bindings) != 1 {
		return false
	}
	a, ok := closure.Bindings[0].(*ssa.Alloc)
	if !ok {
		return false
	}
	var store *ssa.Store
	for _, ref := range *a.Referrers() {
		switch ref := ref.(type) {
		case *ssa.Store:
			if store != nil {
				return false
			}
			store = ref
		case *ssa.MakeClosure:
			if assigns(ref, a) {
				return false
			}
		case *ssa.UnOp, *ssa.DebugRef:
		default:
			return false
		}
	}
	if store == nil {
		return false
	}
	return precedes(store, d)
}
