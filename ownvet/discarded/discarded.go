// Package discarded has the rules about handles that nobody takes: guard-discarded
// and owner-discarded. Rust has #[must_use] for both.
package discarded

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/go-own/own/ownvet/internal/api"
	"github.com/go-own/own/ownvet/internal/fix"
	"github.com/go-own/own/ownvet/internal/flow"
	"github.com/go-own/own/ownvet/internal/rule"
)

// Guards reports a lock that is taken for good, because its guard is dropped.
var Guards = rule.New("guard-discarded", analysis.Analyzer{
	Doc: `report a guard or borrow that is dropped where it is returned

A lock is held for as long as nobody unlocks its guard. In m.Lock() without a
variable, or with _ for the guard, nobody can, and m stays locked for ever.`,
	Requires: []*analysis.Analyzer{flow.Analyzer},
	Run: func(pass *analysis.Pass) (any, error) {
		check(pass, func(t api.Type) bool { return t.IsGuard() || t.IsBorrow() })
		return nil, nil
	},
})

// Owners reports an owner that nobody can drop.
var Owners = rule.New("owner-discarded", analysis.Analyzer{
	Doc: `report an owner that is dropped where it is returned, without Drop

What Clone, Upgrade, Move, Load, Swap and the constructors return is an owner, and
as long as one is not dropped the value lives, and its drop hook does not run.`,
	Requires: []*analysis.Analyzer{flow.Analyzer},
	Run: func(pass *analysis.Pass) (any, error) {
		check(pass, api.Type.IsOwner)
		return nil, nil
	},
})

func check(pass *analysis.Pass, applies func(api.Type) bool) {
	pkg := pass.ResultOf[flow.Analyzer].(*flow.Package)
	for _, f := range pkg.Funcs {
		for _, h := range f.Handles {
			if applies(h.Type) && h.Unused() && lost(h) && !toPanic(pkg, h) {
				report(pass, pkg, h)
			}
		}
		for _, b := range f.Blocks {
			for _, instr := range b.Instrs {
				switch instr := instr.(type) {
				case *ssa.Defer:
					delayed(pass, pkg, instr, applies, "deferred")
				case *ssa.Go:
					delayed(pass, pkg, instr, applies, "started as a goroutine")
				}
			}
		}
	}
}

// lost reports whether there is a path on which the call returned the handle. In
//
//	if _, err := m.TryLock(); err == nil {
//		t.Fatal("not locked")
//	}
//
// there is none that goes on.
func lost(h *flow.Handle) bool {
	if h.Birth.Callee.Name == "own.MapGuard" {
		return false // the guard that was mapped unlocks it, too
	}
	for _, arg := range h.Birth.Call.Call.Args {
		if never(arg) {
			return false
		}
	}
	const had = flow.Held | flow.Unchecked
	seen := h.Again
	for _, exit := range h.Exits {
		if _, ok := exit.Instr.(*ssa.Return); ok {
			seen |= exit.Seen
		}
	}
	return seen.Has(had)
}

// never reports whether v is a function literal that is a condition and never true:
// LockWhen with it does not return a guard.
func never(v ssa.Value) bool {
	if closure, ok := v.(*ssa.MakeClosure); ok {
		v = closure.Fn
	}
	fn, ok := v.(*ssa.Function)
	if !ok || len(fn.Blocks) == 0 {
		return false
	}
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			ret, ok := instr.(*ssa.Return)
			if !ok {
				continue
			}
			if len(ret.Results) != 1 {
				return false
			}
			c, ok := ret.Results[0].(*ssa.Const)
			if !ok || c.Value == nil || c.Value.Kind() != constant.Bool || constant.BoolVal(c.Value) {
				return false
			}
		}
	}
	return true
}

// toPanic reports whether the call is made to panic, as in
//
//	require.Panics(t, func() { m.MustLock() })
func toPanic(pkg *flow.Package, h *flow.Handle) bool {
	_, stack := pkg.Site(h.Birth.Pos())
	for i, n := range stack {
		if _, ok := n.(*ast.FuncLit); !ok || i == 0 {
			continue
		}
		if call, ok := stack[i-1].(*ast.CallExpr); ok && strings.Contains(types.ExprString(call.Fun), "Panic") {
			return true
		}
	}
	return false
}

func report(pass *analysis.Pass, pkg *flow.Package, h *flow.Handle) {
	pos := h.Birth.Pos()
	text := pkg.CallText(pos)
	d := analysis.Diagnostic{Pos: start(pkg, pos)}
	method := h.Type.Release()
	switch {
	case h.Type.IsOwner():
		d.Message = fmt.Sprintf("nobody can drop the owner that %s returns, so its value is never dropped; bind it and defer its Drop", text)
	case h.Birth.Helper:
		d.Message = fmt.Sprintf("nobody can release the %s that %s returns; bind it and defer its %s", h.What(), text, method)
	case h.Birth.Callee.Name == "Downgrade" || h.Birth.Callee.Name == "Clone":
		d.Message = fmt.Sprintf("nobody can release the %s that %s returns, and it keeps all writers out for ever; bind it and defer its %s", h.What(), text, method)
	case h.Type.IsBorrow():
		d.Message = fmt.Sprintf("the borrow that %s returns is dropped without Drop, so %s stays borrowed for ever; bind it and defer its Drop", text, pkg.LockText(pos))
	default:
		d.Message = fmt.Sprintf("the guard that %s returns is dropped, so %s stays locked for ever; bind it and defer its Unlock", text, pkg.LockText(pos))
	}
	call, stack := pkg.Site(pos)
	name := string(h.What()[0])
	if call != nil {
		site := fix.Site{Pass: pass, Call: call, Stack: stack}
		if edits := site.Bind(name, method); edits != nil {
			d.SuggestedFixes = []analysis.SuggestedFix{{
				Message:   fmt.Sprintf("bind it to %s and defer %s.%s()", name, name, method),
				TextEdits: edits,
			}}
		}
	}
	pass.Report(d)
}

// delayed reports a call that takes a handle after the last statement that could
// use it: most of the time, defer m.Lock() was to be defer g.Unlock().
func delayed(pass *analysis.Pass, pkg *flow.Package, call ssa.CallInstruction, applies func(api.Type) bool, how string) {
	c, ok := api.CallOf(call.Common())
	if !ok || !applies(c.Effect().New) || c.Name == "own.MapGuard" {
		return
	}
	t := c.Effect().New
	pass.Report(analysis.Diagnostic{
		Pos: start(pkg, flow.Position(call)),
		Message: fmt.Sprintf("nobody can release what %s returns when it is %s; call it, bind the result and defer its %s",
			pkg.CallText(flow.Position(call)), how, t.Release()),
	})
}

// start returns where the call begins whose left parenthesis is at pos.
func start(pkg *flow.Package, pos token.Pos) token.Pos {
	if call, _ := pkg.Site(pos); call != nil {
		return call.Pos()
	}
	return pos
}
