package notsend

import (
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// captured finds what a closure gets at by one of its captured variables. That is
// not all that the variable leads to: in
//
//	go func() { log.Print(s.config.Load()) }()
//
// s.config reaches the goroutine, and what else is in s does not. Rust's closures
// capture so, too.
type captured struct {
	*checker
	name  string    // of the variable
	value ssa.Value // what it is bound to
	found []finding
}

// follow notes what is done with the place that address points to, which is reached
// by path.
func (c *captured) follow(address ssa.Value, path string, locked bool) {
	for _, user := range *address.Referrers() {
		switch user := user.(type) {
		case *ssa.DebugRef, *ssa.BinOp:
			// Compared with nil.
		case *ssa.UnOp:
			if user.Op == token.MUL {
				c.read(user, path, locked)
			}
		case *ssa.FieldAddr:
			c.field(user, path, locked)
		case *ssa.MakeClosure:
			fn := user.Fn.(*ssa.Function)
			for i, bound := range user.Bindings {
				if bound == address && len(fn.Blocks) > 0 && fn.Synthetic == "" {
					c.follow(fn.FreeVars[i], path, locked)
				} else if bound == address {
					c.reached(address.Type(), path, locked)
				}
			}
		default:
			c.reached(address.Type(), path, locked)
		}
	}
}

// read notes what is done with a value that was read from the place at path.
func (c *captured) read(v ssa.Value, path string, locked bool) {
	if p, ok := v.Type().Underlying().(*types.Pointer); ok {
		if _, ok := p.Elem().Underlying().(*types.Struct); ok && !isOwn(p.Elem()) {
			c.follow(v, path, locked)
			return
		}
	}
	c.reached(v.Type(), path, locked)
}

// field follows the way to a field.
func (c *captured) field(v *ssa.FieldAddr, path string, locked bool) {
	p, ok := v.X.Type().Underlying().(*types.Pointer)
	if !ok {
		return
	}
	s, ok := p.Elem().Underlying().(*types.Struct)
	if !ok {
		return
	}
	if named, ok := types.Unalias(p.Elem()).(*types.Named); ok && c.mark(named) != unmarked {
		c.reached(v.X.Type(), path, locked)
		return
	}
	c.follow(v, path+"."+s.Field(v.Field).Name(), locked || hasMutex(s))
}

// reached notes that the closure gets at a value of type t.
func (c *captured) reached(t types.Type, path string, locked bool) {
	culprit := c.in(t, locked)
	if culprit == nil {
		return
	}
	found := *culprit
	found.path = path + found.path
	for _, f := range c.found {
		if f.path == found.path {
			return
		}
	}
	c.found = append(c.found, finding{culprit: &found, name: c.name, value: c.value, bound: true})
}
