package notsend

import (
	"fmt"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/go-own/own/ownvet/internal/reach"
	"github.com/go-own/own/ownvet/internal/std"
)

// crosses is the fact about a function that it passes some of its parameters to
// another goroutine. It is recorded only where a parameter's type does not say that
// it must not be: a function, an interface, a type parameter. Else the line inside
// the function is what is reported.
type crosses struct{ Params []int } // indexes, the receiver's first

func (*crosses) AFact() {}

func (c *crosses) String() string { return fmt.Sprintf("crosses%v", c.Params) }

// known are functions that start a goroutine in ways that cannot be followed, or in
// the standard library.
var known = map[string][]int{
	"(*sync.WaitGroup).Go":                      {1},
	"(*golang.org/x/sync/errgroup.Group).Go":    {1},
	"(*golang.org/x/sync/errgroup.Group).TryGo": {1},
	"time.AfterFunc":                            {1},
	"context.AfterFunc":                         {1},
	"runtime.SetFinalizer":                      {1},
	"runtime.AddCleanup":                        {1, 2},
	"net/http.HandleFunc":                       {1},
	"(*net/http.ServeMux).HandleFunc":           {2},
}

// crossing returns the indexes of the arguments that fn passes to another
// goroutine.
func (c *checker) crossing(fn *ssa.Function) []int {
	obj, ok := fn.Object().(*types.Func)
	if !ok {
		return nil
	}
	obj = obj.Origin() // facts are about the generic function
	// A wrapper, as for a method value, has other parameters than what it wraps.
	// (fn.Params are known only in the package that fn is in.)
	if arguments(fn.Signature) != arguments(obj.Signature()) {
		return nil
	}
	if indexes, ok := known[obj.FullName()]; ok {
		return indexes
	}
	if fact, ok := c.cross[obj]; ok {
		return fact.Params
	}
	var fact crosses
	if c.pass.ImportObjectFact(obj, &fact) {
		return fact.Params
	}
	return nil
}

// arguments counts what a call of a function in SSA form is given.
func arguments(sig *types.Signature) int {
	n := sig.Params().Len()
	if sig.Recv() != nil {
		n++
	}
	return n
}

// inferCrossings finds the functions of this package that pass parameters on, and
// exports facts about them. A function can call one that is found later, so it
// looks again until there is nothing new.
//
// The standard library is not looked at: what matters of it is known, and it has
// functions that only seem to pass something on, such as (*testing.T).Run.
func (c *checker) inferCrossings() {
	c.cross = map[*types.Func]*crosses{}
	if std.Has(c.pass.Pkg.Path()) {
		return
	}
	for changed := true; changed; {
		changed = false
		for _, fn := range c.funcs {
			for b := range c.boundaries(fn) {
				if waitsFor(b) {
					continue
				}
				for _, v := range b.values {
					for _, p := range origins(v) {
						changed = c.addCrossing(p) || changed
					}
				}
			}
		}
	}
	for obj, fact := range c.cross {
		slices.Sort(fact.Params)
		c.pass.ExportObjectFact(obj, fact)
	}
}

// waitsFor reports whether the function around b may wait until the one goroutine
// that starts there is done, as one with a time limit for tests does:
//
//	go func() { defer close(done); f() }()
//	select { case <-done: case <-time.After(limit): … }
//
// What f uses is then used by one goroutine after the other. Not so if there can be
// several.
func waitsFor(b boundary) bool {
	switch b.instr.(type) {
	case *ssa.Send, *ssa.Select:
		return false
	}
	if reach.After(b.instr, b.instr, nil) {
		return false
	}
	for _, block := range b.instr.Parent().Blocks {
		for _, instr := range block.Instrs {
			if isWait(instr) {
				return true
			}
		}
	}
	return false
}

// addCrossing records that a parameter crosses, and reports whether that is new.
func (c *checker) addCrossing(p *ssa.Parameter) bool {
	obj, ok := p.Parent().Object().(*types.Func)
	if !ok || obj.Origin() != obj {
		return false
	}
	i := slices.Index(p.Parent().Params, p)
	fact := c.cross[obj]
	if fact != nil && slices.Contains(fact.Params, i) {
		return false
	}
	if !hides(p.Type()) || c.in(p.Type(), false) != nil {
		return false
	}
	if fact == nil {
		fact = new(crosses)
		c.cross[obj] = fact
	}
	fact.Params = append(fact.Params, i)
	return true
}

// hides reports whether values of type t can contain what t does not tell.
func hides(t types.Type) bool {
	switch t := types.Unalias(t).(type) {
	case *types.TypeParam:
		return true
	case *types.Named:
		for arg := range t.TypeArgs().Types() {
			if hides(arg) {
				return true
			}
		}
		return opaque(t)
	case *types.Pointer:
		return hides(t.Elem())
	case *types.Slice:
		return hides(t.Elem())
	}
	return opaque(t)
}

// origins returns the parameters, of v's function or of one around it, that v is,
// or captures, or is an element of.
func origins(v ssa.Value) []*ssa.Parameter {
	var params []*ssa.Parameter
	seen := map[ssa.Value]bool{}
	var visit func(ssa.Value)
	visit = func(v ssa.Value) {
		if v == nil || seen[v] {
			return
		}
		seen[v] = true
		switch v := v.(type) {
		case *ssa.Parameter:
			params = append(params, v)
		case *ssa.FreeVar:
			for _, bound := range bindings(v) {
				visit(bound)
			}
		case *ssa.MakeClosure:
			for _, bound := range v.Bindings {
				visit(bound)
			}
		case *ssa.MakeInterface:
			visit(v.X)
		case *ssa.ChangeType:
			visit(v.X)
		case *ssa.ChangeInterface:
			visit(v.X)
		case *ssa.Slice:
			visit(v.X)
		case *ssa.IndexAddr:
			visit(v.X)
		case *ssa.UnOp:
			if v.Op == token.MUL {
				visit(v.X)
			}
		case *ssa.Alloc:
			if stored, ok := reach.Stored(v); ok {
				visit(stored)
			}
		}
	}
	visit(v)
	return params
}

// bindings returns what a closure's free variable is bound to.
func bindings(v *ssa.FreeVar) []ssa.Value {
	fn := v.Parent()
	i := slices.Index(fn.FreeVars, v)
	if fn.Parent() == nil || i < 0 {
		return nil
	}
	var bound []ssa.Value
	for _, block := range fn.Parent().Blocks {
		for _, instr := range block.Instrs {
			if closure, ok := instr.(*ssa.MakeClosure); ok && closure.Fn == fn {
				bound = append(bound, closure.Bindings[i])
			}
		}
	}
	return bound
}
