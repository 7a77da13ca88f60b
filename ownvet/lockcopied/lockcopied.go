// Package lockcopied has the rule lock-copied: copies of own's locks, cells and
// handles that vet's copylocks does not see.
package lockcopied

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/ctrlflow"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/types/typeutil"

	"github.com/go-own/own/ownvet/internal/api"
	"github.com/go-own/own/ownvet/internal/rule"
)

const doc = `report copies of locks that copylocks misses

A copy of an own.Mutex, or of a struct that holds one, is another lock with another
value, and may be locked for ever. Vet's copylocks reports most copies. This rule
reports the others: *a.Value(), where copylocks takes the result of any call for a
new value; Load of a value with a lock in it; a send on a channel; a fresh lock put
in the place of one that the same function has used; and the reading of a lock's
fields by fmt, log and testing, which see the lock's methods only through a pointer.`

var Analyzer = rule.New("lock-copied", analysis.Analyzer{
	Doc:      doc,
	Requires: []*analysis.Analyzer{inspect.Analyzer, ctrlflow.Analyzer},
	Run:      run,
})

func run(pass *analysis.Pass) (any, error) {
	if !api.Reaches(pass.Pkg) || api.Inside(pass.Pkg) {
		return nil, nil
	}
	nodes := []ast.Node{
		(*ast.CallExpr)(nil),
		(*ast.SendStmt)(nil),
		(*ast.StarExpr)(nil),
		(*ast.FuncDecl)(nil),
		(*ast.FuncLit)(nil),
	}
	in := pass.ResultOf[inspect.Analyzer].(*inspector.Inspector)
	in.WithStack(nodes, func(n ast.Node, push bool, stack []ast.Node) bool {
		if !push {
			return true
		}
		switch n := n.(type) {
		case *ast.SendStmt:
			checkSend(pass, n)
		case *ast.StarExpr:
			checkDeref(pass, n, stack)
		case *ast.CallExpr:
			checkLoad(pass, n, stack)
			checkPrint(pass, n)
		case *ast.FuncDecl:
			if n.Body != nil {
				checkOverwritten(pass, n, n.Body)
			}
		case *ast.FuncLit:
			checkOverwritten(pass, n, n.Body)
		}
		return true
	})
	return nil, nil
}

// checkSend reports a send of something that is not new. copylocks does not look at
// sends.
func checkSend(pass *analysis.Pass, send *ast.SendStmt) {
	switch x := ast.Unparen(send.Value).(type) {
	case *ast.CallExpr, *ast.CompositeLit:
		return // new, as copylocks has it
	case *ast.StarExpr:
		if isValueCall(pass, x.X) {
			return // reported as such
		}
	}
	if lock := lockIn(pass.TypesInfo.TypeOf(send.Value)); lock != nil {
		report(pass, send.Value, "the send copies %s; send a pointer", lock.describe(pass, send.Value))
	}
}

// checkDeref reports *a.Value() where its value is copied.
func checkDeref(pass *analysis.Pass, star *ast.StarExpr, stack []ast.Node) {
	if !isValueCall(pass, star.X) || !copies(pass, stack) {
		return
	}
	if lock := lockIn(pass.TypesInfo.TypeOf(star)); lock != nil {
		report(pass, star, "%s copies %s; keep the pointer", types.ExprString(star), lock.describe(pass, star))
	}
}

// isValueCall reports whether x calls the Value method of one of own's handles.
func isValueCall(pass *analysis.Pass, x ast.Expr) bool {
	call, ok := ast.Unparen(x).(*ast.CallExpr)
	if !ok {
		return false
	}
	f, ok := api.CalleeOf(pass.TypesInfo, call)
	return ok && f.Recv.IsHandle() && f.Name == "Value"
}

// checkLoad reports m.Load() where the value has a lock of its own in it.
func checkLoad(pass *analysis.Pass, call *ast.CallExpr, stack []ast.Node) {
	f, ok := api.CalleeOf(pass.TypesInfo, call)
	if !ok || !f.Recv.IsLock() || f.Name != "Load" {
		return
	}
	results, ok := pass.TypesInfo.TypeOf(call).(*types.Tuple)
	if !ok {
		return
	}
	if _, dropped := stack[len(stack)-2].(*ast.ExprStmt); dropped {
		return
	}
	if lock := lockIn(results.At(0).Type()); lock != nil {
		report(pass, call, "%s copies %s; use the value under its lock", types.ExprString(call), lock.describe(pass, nil))
	}
}

// copies reports whether the expression at the top of the stack is copied to where
// it goes, rather than used where it is.
func copies(pass *analysis.Pass, stack []ast.Node) bool {
	x := stack[len(stack)-1].(ast.Expr)
	i := len(stack) - 2
	for ; i >= 0; i-- {
		paren, ok := stack[i].(*ast.ParenExpr)
		if !ok {
			break
		}
		x = paren
	}
	if i < 0 {
		return false
	}
	switch parent := stack[i].(type) {
	case *ast.AssignStmt:
		for i, rhs := range parent.Rhs {
			if rhs == x {
				id, ok := parent.Lhs[i].(*ast.Ident)
				return !ok || id.Name != "_"
			}
		}
	case *ast.ValueSpec:
		for i, value := range parent.Values {
			if value == x {
				return parent.Names[i].Name != "_"
			}
		}
	case *ast.CallExpr:
		if _, builtin := typeutil.Callee(pass.TypesInfo, parent).(*types.Builtin); builtin {
			id, ok := ast.Unparen(parent.Fun).(*ast.Ident)
			return ok && id.Name == "append"
		}
		return parent.Fun != x
	case *ast.KeyValueExpr:
		return parent.Value == x
	case *ast.CompositeLit, *ast.ReturnStmt, *ast.SendStmt:
		return true
	}
	return false
}

func report(pass *analysis.Pass, at ast.Node, format string, args ...any) {
	pass.Report(analysis.Diagnostic{Pos: at.Pos(), End: at.End(), Message: fmt.Sprintf(format, args...)})
}

// A held is one of own's types that must not be copied, inside of another type.
type held struct {
	path string // ".hits", "[]"; empty if it is the type itself
	typ  types.Type
}

// describe names it, as a part of x if that is short: s.hits, an own.Mutex[int].
func (h *held) describe(pass *analysis.Pass, x ast.Expr) string {
	typ := types.TypeString(h.typ, func(p *types.Package) string {
		if p == pass.Pkg {
			return ""
		}
		return p.Name()
	})
	article := "an "
	if strings.HasPrefix(typ, "cell.") {
		article = "a "
	}
	if x == nil || h.path == "" && strings.HasPrefix(types.ExprString(x), "*") {
		return article + typ
	}
	name := types.ExprString(x)
	if strings.HasPrefix(name, "*") && h.path != "" {
		name = "(" + name + ")"
	}
	if len(name) > 40 {
		return article + typ
	}
	return name + h.path + ", " + article + typ
}

// lockIn returns what a copy of a t would copy and must not, or nil.
func lockIn(t types.Type) *held { return findLock(t, "", 0) }

func findLock(t types.Type, path string, depth int) *held {
	// Types by value cannot contain themselves, so this ends, and at once where
	// there is an error in them.
	if t == nil || depth > 50 {
		return nil
	}
	if api.TypeOf(t) != api.NotOwn {
		return &held{path, types.Unalias(t)}
	}
	switch t := t.Underlying().(type) {
	case *types.Struct:
		for field := range t.Fields() {
			if h := findLock(field.Type(), path+"."+field.Name(), depth+1); h != nil {
				return h
			}
		}
	case *types.Array:
		return findLock(t.Elem(), path+"[]", depth+1)
	}
	return nil
}
