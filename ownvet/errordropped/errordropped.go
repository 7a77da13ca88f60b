// Package errordropped has the rule error-dropped: the error of a method that does
// nothing on a poisoned lock must not get lost.
package errordropped

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/buildssa"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/ssa"

	"github.com/go-own/own/ownvet/internal/api"
	"github.com/go-own/own/ownvet/internal/rule"
)

const doc = `report calls whose error is lost, where the error means that nothing happened

On a poisoned lock, With does not run its function, Store does not store, Load has
nothing to return, and all say so by an error only. The rule reports such a call
whose error is dropped: a call as a statement, after go or defer, or one whose error
is assigned to a variable and overwritten before anybody looks at it.

An error that is assigned to the blank identifier was dropped on purpose, and is not
reported.`

var Analyzer = rule.New("error-dropped", analysis.Analyzer{
	Doc:      doc,
	Requires: []*analysis.Analyzer{buildssa.Analyzer, inspect.Analyzer},
	Run:      run,
})

// consequences says, for each method that the rule knows, what its caller misses.
// The errors of the methods that return a guard are not here: without the guard
// one cannot go on, and guard-discarded is about those who do not want it.
var consequences = func() map[api.Func]string {
	m := map[api.Func]string{}
	for _, lock := range []api.Type{api.Mutex, api.RWMutex} {
		m[api.Func{Recv: lock, Name: "With"}] = "the function does not run; check it, or use MustWith"
		m[api.Func{Recv: lock, Name: "WithErr"}] = "the function does not run, and its own error is lost, too; check it"
		m[api.Func{Recv: lock, Name: "Store"}] = "nothing is stored; check it"
		m[api.Func{Recv: lock, Name: "Swap"}] = "nothing is swapped; check it"
		m[api.Func{Recv: lock, Name: "Load"}] = "there is nothing to load; check it"
		m[api.Func{Recv: lock, Name: "IntoInner"}] = "nothing is taken out; check it"
	}
	m[api.Func{Recv: api.RWMutex, Name: "RWith"}] = "the function does not run; check it"
	m[api.Func{Recv: api.RWMutex, Name: "RWithErr"}] = "the function does not run, and its own error is lost, too; check it"
	return m
}()

// message says what is wrong with dropping the error of f, which the source calls
// name.
func message(f api.Func, name string) (string, bool) {
	switch f.Name {
	case "Repair":
		return fmt.Sprintf("the error of %s is lost, and with one the lock stays poisoned; check it", name), true
	case "Await":
		return fmt.Sprintf("the error of %s is lost, and with one the guard is released and the condition need not hold; check it", name), true
	}
	consequence, ok := consequences[f]
	return fmt.Sprintf("the error of %s is lost, and on a poisoned lock %s", name, consequence), ok
}

func run(pass *analysis.Pass) (any, error) {
	if !api.Reaches(pass.Pkg) || api.Inside(pass.Pkg) {
		return nil, nil
	}
	var src *source // made when there is a first suspect
	for _, fn := range pass.ResultOf[buildssa.Analyzer].(*buildssa.SSA).SrcFuncs {
		for _, block := range fn.Blocks {
			for _, instr := range block.Instrs {
				instr, ok := instr.(ssa.CallInstruction)
				if !ok {
					continue
				}
				call, ok := api.CallOf(instr.Common())
				if !ok {
					continue
				}
				if _, ok := message(call.Func, ""); !ok || errorUsed(instr) || neverReturns(call) {
					continue
				}
				if src == nil {
					src = newSource(pass)
				}
				src.report(call.Func, instr)
			}
		}
	}
	return nil, nil
}

// errorUsed reports whether the last result of a call, its error, has a use. Go and
// defer use none.
func errorUsed(instr ssa.CallInstruction) bool {
	v := instr.Value()
	if v == nil {
		return false
	}
	results, several := v.Type().(*types.Tuple)
	for _, user := range *v.Referrers() {
		if extract, ok := user.(*ssa.Extract); ok && several {
			if extract.Index == results.Len()-1 && len(*extract.Referrers()) > 0 {
				return true
			}
			continue
		}
		return true // the error itself, or all results, as in return m.Load()
	}
	return false
}

// neverReturns reports whether a function literal that the call runs under the lock
// always panics, and so the call does: that is how a test poisons a lock.
func neverReturns(call api.Call) bool {
	if len(call.Args) == 0 {
		return false
	}
	var fn *ssa.Function
	switch f := call.Args[len(call.Args)-1].(type) {
	case *ssa.Function:
		fn = f
	case *ssa.MakeClosure:
		fn = f.Fn.(*ssa.Function)
	}
	if fn == nil || len(fn.Blocks) == 0 {
		return false
	}
	for _, block := range fn.Blocks {
		if block == fn.Recover || len(block.Instrs) == 0 {
			continue // a return after a recovered panic, if anybody recovers it
		}
		if _, ok := block.Instrs[len(block.Instrs)-1].(*ssa.Return); ok {
			return false
		}
	}
	return true
}

// source is what SSA form does not tell: how the source drops an error.
type source struct {
	pass      *analysis.Pass
	calls     map[token.Pos]*ast.CallExpr // by the parenthesis, which is their position in SSA form
	errs      map[*ast.CallExpr]ast.Expr  // what a call's last result is assigned to
	discarded map[types.Object]bool       // variables that are assigned to _
}

func newSource(pass *analysis.Pass) *source {
	s := &source{
		pass:      pass,
		calls:     map[token.Pos]*ast.CallExpr{},
		errs:      map[*ast.CallExpr]ast.Expr{},
		discarded: map[types.Object]bool{},
	}
	nodes := []ast.Node{(*ast.CallExpr)(nil), (*ast.AssignStmt)(nil), (*ast.ValueSpec)(nil)}
	pass.ResultOf[inspect.Analyzer].(*inspector.Inspector).Preorder(nodes, func(n ast.Node) {
		switch n := n.(type) {
		case *ast.CallExpr:
			s.calls[n.Lparen] = n
		case *ast.AssignStmt:
			s.note(n.Lhs, n.Rhs)
		case *ast.ValueSpec:
			var lhs []ast.Expr
			for _, name := range n.Names {
				lhs = append(lhs, name)
			}
			s.note(lhs, n.Values)
		}
	})
	return s
}

func (s *source) note(lhs, rhs []ast.Expr) {
	for i, x := range rhs {
		to := lhs[i]
		if len(rhs) == 1 {
			to = lhs[len(lhs)-1]
		}
		switch x := ast.Unparen(x).(type) {
		case *ast.CallExpr:
			s.errs[x] = to
		case *ast.Ident:
			if isBlank(to) {
				s.discarded[s.pass.TypesInfo.ObjectOf(x)] = true
			}
		}
	}
}

// report reports a call of f whose error has no use, unless the source drops it on
// purpose.
func (s *source) report(f api.Func, instr ssa.CallInstruction) {
	call := s.calls[instr.Common().Pos()]
	if call == nil {
		return
	}
	if to := s.errs[call]; to != nil {
		id, ok := ast.Unparen(to).(*ast.Ident)
		if !ok || isBlank(id) || s.discarded[s.pass.TypesInfo.ObjectOf(id)] {
			return
		}
	}
	name := types.ExprString(call.Fun)
	if len(name) > 40 {
		name = f.Name
	}
	text, _ := message(f, name)
	s.pass.Report(analysis.Diagnostic{Pos: call.Pos(), End: call.End(), Message: text})
}

func isBlank(x ast.Expr) bool {
	id, ok := x.(*ast.Ident)
	return ok && id.Name == "_"
}
