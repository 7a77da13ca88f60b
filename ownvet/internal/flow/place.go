package flow

import (
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/go-own/own/ownvet/internal/api"
)

// A place says where in memory a lock is, such as the field mu of what the
// parameter s points to: two locks with the same place are the same lock. Most
// locks have a place that is known; for the others it is the zero place, which is
// never the same as anything.
//
// What makes two mentions of s.store.mu the same lock is that nobody assigns to
// s.store in between. A callee could, and so could another goroutine. So the path
// goes through a pointer in a field or package variable only if the package that
// declares it never assigns to it, except in a value that nobody else has yet.
type place struct {
	root  ssa.Value
	path  string
	fixed string // names of the values that the path depends on, in a loop
}

func (p place) known() bool { return p.root != nil }

// same reports whether p and q are the same for sure.
func (p place) same(q place) bool {
	return p.known() && p.root == q.root && p.path == q.path
}

// fixedBy reports whether instr computes anew what p depends on, so that p may be
// somewhere else from then on.
func (p place) fixedBy(instr ssa.Instruction) bool {
	v, ok := instr.(ssa.Value)
	if !ok || !p.known() {
		return false
	}
	return v == p.root || p.fixed != "" && strings.Contains(p.fixed, " "+v.Name()+" ")
}

func (p place) then(step string) place {
	if p.known() {
		p.path += step
	}
	return p
}

// place returns where the pointer v points to.
func (f *Func) place(v ssa.Value) place { return f.placeOf(v, true, 0) }

// roughPlace is place that trusts fields not to be assigned to.
func (f *Func) roughPlace(v ssa.Value) place { return f.placeOf(v, false, 0) }

func (f *Func) placeOf(v ssa.Value, strict bool, depth int) place {
	if depth > 20 {
		return place{}
	}
	depth++
	switch v := v.(type) {
	case *ssa.FieldAddr:
		if field := fieldOf(v); field != nil {
			return f.placeOf(v.X, strict, depth).then("." + field.Name())
		}
		return place{}
	case *ssa.IndexAddr:
		p := f.placeOf(v.X, strict, depth)
		switch i := v.Index.(type) {
		case *ssa.Const:
			return p.then("[" + i.Value.ExactString() + "]")
		case *ssa.Parameter:
			return p.then("[parameter " + i.Name() + "]")
		default:
			p = p.then("[" + i.Name() + "]")
			p.fixed += " " + i.Name() + " "
			return p
		}
	case *ssa.ChangeType:
		return f.placeOf(v.X, strict, depth)
	case *ssa.UnOp:
		if v.Op != token.MUL {
			break
		}
		return f.loaded(v, strict, depth)
	case *ssa.Call:
		// All owners have the same value at the same address.
		if c, ok := api.CallOf(&v.Call); ok && c.Name == "Value" && c.Func.Recv.IsOwner() {
			if h := f.owner[c.Recv]; h != nil && !replaced(h) {
				return place{root: h.Value, path: ".Value()"}
			}
		}
	case *ssa.Const:
		return place{}
	}
	return place{root: v}
}

// loaded returns where the pointer points to that is loaded by v.
func (f *Func) loaded(v *ssa.UnOp, strict bool, depth int) place {
	switch x := v.X.(type) {
	case *ssa.Alloc:
		c := f.pkg.cellOf(x)
		if !c.open && len(c.stores) == 1 {
			return f.placeOf(c.stores[0].Val, strict, depth)
		}
	case *ssa.FreeVar:
		if onlyRead(x) {
			return place{root: x, path: "*"}
		}
	case *ssa.Global:
		if !strict || !f.pkg.assigned[globalVar(x)] && globalVar(x) != nil && x.Pkg == f.Pkg {
			return place{root: x, path: "*"}
		}
	case *ssa.FieldAddr:
		field := fieldOf(x)
		if field != nil && (!strict || !f.pkg.assigned[field] && !fresh(x.X) && field.Pkg() == f.pkg.pass.Pkg) {
			return f.placeOf(x, strict, depth).then("*")
		}
	case *ssa.IndexAddr:
		if !strict {
			return f.placeOf(x, strict, depth).then("*")
		}
	}
	return place{root: v}
}

// replaced reports whether MakeMut is called on h, which may give it another value.
func replaced(h *Handle) bool {
	for v := range h.names {
		for _, ref := range *v.Referrers() {
			call, ok := ref.(ssa.CallInstruction)
			if !ok {
				continue
			}
			if c, ok := api.CallOf(call.Common()); ok && c.Name == "MakeMut" {
				return true
			}
		}
	}
	return false
}

// fieldOf returns the field whose address v is, or nil where generic code has it of a
// type parameter.
func fieldOf(v *ssa.FieldAddr) *types.Var {
	p, ok := types.Unalias(v.X.Type()).Underlying().(*types.Pointer)
	if !ok {
		return nil
	}
	s, ok := types.Unalias(p.Elem()).Underlying().(*types.Struct)
	if !ok || v.Field >= s.NumFields() {
		return nil
	}
	return s.Field(v.Field).Origin()
}

func globalVar(g *ssa.Global) *types.Var {
	v, _ := g.Object().(*types.Var)
	return v
}

// assigned returns the fields and package variables that hold a pointer or slice
// and are assigned to, or whose address is taken. An assignment to a field of a
// variable that has just been made, as in a constructor, does not count, nor does
// one to a package variable in init.
func assigned(funcs []*ssa.Function) map[*types.Var]bool {
	vars := map[*types.Var]bool{}
	for _, fn := range funcs {
		for _, b := range fn.Blocks {
			for _, instr := range b.Instrs {
				switch instr := instr.(type) {
				case *ssa.FieldAddr:
					if field := fieldOf(instr); field != nil && !fresh(instr.X) && changes(instr) {
						vars[field] = true
					}
				case *ssa.Store:
					// *s = T{…} assigns to all fields.
					if t, ok := types.Unalias(instr.Val.Type()).Underlying().(*types.Struct); ok && !fresh(instr.Addr) {
						for field := range t.Fields() {
							vars[field.Origin()] = true
						}
					}
				}
				for _, operand := range instr.Operands(nil) {
					g, ok := (*operand).(*ssa.Global)
					if !ok || fn.Name() == "init" && fn.Synthetic != "" {
						continue
					}
					if _, read := instr.(*ssa.UnOp); !read && globalVar(g) != nil {
						vars[globalVar(g)] = true
					}
				}
			}
		}
	}
	return vars
}

// changes reports whether something else than a load is done with the address of a
// field that holds a pointer.
func changes(v *ssa.FieldAddr) bool {
	p, ok := v.Type().Underlying().(*types.Pointer)
	if !ok {
		return true
	}
	switch types.Unalias(p.Elem()).Underlying().(type) {
	case *types.Pointer, *types.Slice:
	default:
		return false
	}
	for _, ref := range *v.Referrers() {
		switch ref.(type) {
		case *ssa.UnOp, *ssa.DebugRef:
		default: // a store, or whoever gets the address
			return true
		}
	}
	return false
}

// fresh reports whether the struct at v was made in this function.
func fresh(v ssa.Value) bool {
	switch v := v.(type) {
	case *ssa.Alloc:
		return true
	case *ssa.FieldAddr: // of a struct inside
		return fresh(v.X)
	}
	return false
}
