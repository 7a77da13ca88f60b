// Package poisonblind has the rule poison-blind. Rust's guard is dropped by the
// unwinding itself and always sees the panic; Go's has to be deferred directly.
package poisonblind

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/go-own/own/ownvet/internal/api"
	"github.com/go-own/own/ownvet/internal/flow"
	"github.com/go-own/own/ownvet/internal/rule"
)

// Analyzer reports an Unlock that runs during a panic and cannot see it.
var Analyzer = rule.New("poison-blind", analysis.Analyzer{
	Doc: `report an Unlock that is deferred in a way that hides a panic from it

Unlock poisons its lock if the goroutine panics. It learns that from recover, which
answers only in the function that was deferred. So defer g.Unlock() poisons, and
defer func() { g.Unlock() }(), a deferred helper that unlocks, and
t.Cleanup(g.Unlock) do not: the next Lock finds half-updated state, and no error.`,
	Requires: []*analysis.Analyzer{flow.Analyzer},
	Run:      run,
})

func run(pass *analysis.Pass) (any, error) {
	c := checker{pass, pass.ResultOf[flow.Analyzer].(*flow.Package), map[token.Pos]bool{}}
	for _, f := range c.pkg.Funcs {
		for _, b := range f.Blocks {
			for _, instr := range b.Instrs {
				switch instr := instr.(type) {
				case *ssa.Defer:
					c.deferred(f, instr)
				case *ssa.Call:
					c.cleanup(instr)
				}
			}
		}
	}
	return nil, nil
}

type checker struct {
	pass     *analysis.Pass
	pkg      *flow.Package
	reported map[token.Pos]bool
}

// deferred looks at what a defer will run.
func (c *checker) deferred(f *flow.Func, d *ssa.Defer) {
	if _, ok := api.CallOf(&d.Call); ok || d.Call.IsInvoke() {
		return // directly
	}
	callee := d.Call.StaticCallee()
	if callee == nil || flow.IsWrapper(callee) {
		return // the runtime looks through a wrapper, so that the method sees the panic
	}
	if origin := callee.Origin(); origin != nil {
		callee = origin
	}
	if callee.Parent() == nil { // a helper
		if unlocks(callee, 3) != nil || c.releases(f, &d.Call) {
			c.report(d.Call.Pos(), fmt.Sprintf("%s unlocks below the function that is deferred, where it cannot see a panic, so the lock is not poisoned; defer the guard's Unlock directly", c.pkg.CallText(d.Call.Pos())), nil)
		}
		return
	}
	for _, unlock := range unlocks(callee, 3) {
		c.report(unlock.Common().Pos(), fmt.Sprintf("%s in a deferred function literal cannot see a panic, so the lock is not poisoned; defer it directly", c.pkg.CallText(unlock.Common().Pos())), c.unwrap(d, unlock))
	}
}

// releases reports whether a function in another package unlocks a guard that it is
// given.
func (c *checker) releases(f *flow.Func, call *ssa.CallCommon) bool {
	for i, arg := range call.Args {
		if poisons(api.HandleOf(arg.Type())) && f.EffectOf(call, i).Blind {
			return true
		}
	}
	return false
}

// cleanup looks at t.Cleanup, which runs what it is given after the test function
// has ended, by a panic or otherwise.
func (c *checker) cleanup(call *ssa.Call) {
	var fn *types.Func
	if call.Call.IsInvoke() {
		fn = call.Call.Method
	} else if callee := call.Call.StaticCallee(); callee != nil {
		fn, _ = callee.Object().(*types.Func)
	}
	if fn == nil || fn.Name() != "Cleanup" || fn.Pkg() == nil || fn.Pkg().Path() != "testing" {
		return
	}
	closure, ok := call.Call.Args[len(call.Call.Args)-1].(*ssa.MakeClosure)
	if !ok {
		return
	}
	const message = "in Cleanup cannot see a panic of the test, so the lock is not poisoned; defer it"
	callee := closure.Fn.(*ssa.Function)
	if f, ok := api.FuncOf(callee.Object()); ok {
		if f.Name == "Unlock" && poisons(f.Recv) {
			c.report(call.Pos(), "Unlock "+message, nil)
		}
		return
	}
	for _, unlock := range unlocks(callee, 3) {
		c.report(unlock.Common().Pos(), c.pkg.CallText(unlock.Common().Pos())+" "+message, nil)
	}
}

// unlocks returns the calls in fn, or below it, that unlock a guard that fn has from
// outside. A function that calls recover has taken the panic over, and whether the
// lock is to be poisoned is its business.
func unlocks(fn *ssa.Function, depth int) []ssa.CallInstruction {
	if depth == 0 {
		return nil
	}
	var found []ssa.CallInstruction
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			call, ok := instr.(ssa.CallInstruction)
			if !ok {
				continue
			}
			if _, ok := call.(*ssa.Go); ok {
				continue
			}
			common := call.Common()
			if b, ok := common.Value.(*ssa.Builtin); ok && b.Name() == "recover" {
				return nil
			}
			if c, ok := api.CallOf(common); ok {
				if c.Name == "Unlock" && poisons(c.Func.Recv) && outside(c.Recv, 10) {
					found = append(found, call)
				}
				continue
			}
			if closure, ok := common.Value.(*ssa.MakeClosure); ok {
				found = append(found, unlocks(closure.Fn.(*ssa.Function), depth-1)...)
			}
		}
	}
	return found
}

// poisons reports whether an Unlock of t looks for a panic.
func poisons(t api.Type) bool {
	return t == api.Guard || t == api.WriteGuard || t == api.MappedGuard
}

// outside reports whether a function has the guard v from its caller, or from the
// function around it, rather than from a lock that it has taken itself.
func outside(v ssa.Value, depth int) bool {
	if depth == 0 {
		return false
	}
	switch v := v.(type) {
	case *ssa.Parameter, *ssa.FreeVar:
		return true
	case *ssa.UnOp:
		return outside(v.X, depth-1)
	case *ssa.FieldAddr:
		return outside(v.X, depth-1)
	case *ssa.Field:
		return outside(v.X, depth-1)
	case *ssa.IndexAddr:
		return outside(v.X, depth-1)
	case *ssa.Lookup:
		return outside(v.X, depth-1)
	case *ssa.Phi:
		for _, edge := range v.Edges {
			if !outside(edge, depth-1) {
				return false
			}
		}
		return true
	}
	return false
}

// unwrap suggests to defer g.Unlock() directly, if that is all that the function
// literal does and g is the same guard then and now.
func (c *checker) unwrap(d *ssa.Defer, unlock ssa.CallInstruction) []analysis.SuggestedFix {
	call, stack := c.pkg.Site(d.Call.Pos())
	if call == nil || len(stack) == 0 || len(call.Args) > 0 {
		return nil
	}
	literal, ok := ast.Unparen(call.Fun).(*ast.FuncLit)
	if !ok || len(literal.Body.List) != 1 {
		return nil
	}
	stmt, ok := literal.Body.List[0].(*ast.ExprStmt)
	if !ok || c.commented(literal) {
		return nil
	}
	inner, ok := stmt.X.(*ast.CallExpr)
	if !ok || inner.Lparen != unlock.Common().Pos() {
		return nil
	}
	sel, ok := ast.Unparen(inner.Fun).(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	if _, ok := sel.X.(*ast.Ident); !ok || !flow.AssignedBefore(d) {
		return nil
	}
	return []analysis.SuggestedFix{{
		Message: "defer " + types.ExprString(inner.Fun) + "() directly",
		TextEdits: []analysis.TextEdit{
			{Pos: call.Pos(), End: inner.Pos()},
			{Pos: inner.End(), End: call.End()},
		},
	}}
}

// commented reports whether there is a comment in the literal, which the fix would
// delete.
func (c *checker) commented(literal *ast.FuncLit) bool {
	for _, file := range c.pass.Files {
		if file.FileStart > literal.Pos() || literal.Pos() >= file.FileEnd {
			continue
		}
		for _, group := range file.Comments {
			if group.Pos() > literal.Pos() && group.End() < literal.End() {
				return true
			}
		}
	}
	return false
}

func (c *checker) report(pos token.Pos, message string, fixes []analysis.SuggestedFix) {
	if c.reported[pos] {
		return
	}
	c.reported[pos] = true
	if call, _ := c.pkg.Site(pos); call != nil {
		pos = call.Pos()
	}
	c.pass.Report(analysis.Diagnostic{Pos: pos, Message: message, SuggestedFixes: fixes})
}
