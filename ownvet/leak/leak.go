// Package leak has the rules about handles that are not released on every path:
// guard-leak, and owner-leak, which is off by default. In Rust, there is no such
// path: what goes out of scope is dropped.
package leak

import (
	"fmt"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/go-own/own/ownvet/internal/api"
	"github.com/go-own/own/ownvet/internal/fix"
	"github.com/go-own/own/ownvet/internal/flow"
	"github.com/go-own/own/ownvet/internal/rule"
)

// Guards reports a guard or borrow that is still there when the function returns.
var Guards = rule.New("guard-leak", analysis.Analyzer{
	Doc: `report a path on which a guard or borrow is not released

A guard that is forgotten leaves its lock locked for ever: on an early return, in
the next iteration of a loop, or by a panic that passes it without a deferred
Unlock.`,
	Requires: []*analysis.Analyzer{flow.Analyzer},
	Run: func(pass *analysis.Pass) (any, error) {
		check(pass, func(t api.Type) bool { return t.IsGuard() || t.IsBorrow() })
		return nil, nil
	},
})

// Owners reports an owner that is still there when the function returns.
var Owners = rule.OptIn("owner-leak", analysis.Analyzer{
	Doc: `report a path on which an owner is not dropped (off by default)

Off by default because an owner is often meant to live as long as the program, and
because the debug build finds the others with more certainty.`,
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
			if h.Birth == nil || !applies(h.Type) || h.Unused() {
				continue // from elsewhere, or discarded, which is another rule
			}
			if h.Birth.Callee.Name == "own.MapGuard" {
				continue // the guard that was mapped has to be released, and covers it
			}
			if h.Type.IsOwner() && f.Name() == "main" && f.Signature.Recv() == nil && f.Pkg.Pkg.Name() == "main" {
				continue // the program ends with it
			}
			report(pass, pkg, h)
		}
	}
}

// have is what a handle must not be at the end.
const have = flow.Held | flow.Unchecked

func report(pass *analysis.Pass, pkg *flow.Package, h *flow.Handle) {
	var leak *flow.Exit
	for _, exit := range h.Exits {
		if !exit.Seen.Has(have) {
			continue
		}
		// The first in the source, and a return rather than a panic.
		if leak == nil || panics(leak) && !panics(exit) || panics(leak) == panics(exit) && exit.Pos() < leak.Pos() {
			leak = exit
		}
	}
	verb, method := "unlocked", h.Type.Release()
	if method == "Drop" {
		verb = "dropped"
	}
	advice := "; defer its " + method
	if h.InLoop() { // deferred, it would wait for the end of the function
		advice = ""
	}
	pos := h.Birth.Pos()
	call, stack := pkg.Site(pos)
	d := analysis.Diagnostic{Pos: pos}
	if call != nil {
		d.Pos = call.Pos()
	}
	switch {
	case h.Again.Has(have) && !deadlocks(h):
		d.Message = fmt.Sprintf("%s is not %s when the loop gets here again and takes another", h.Name(), verb)
	case leak == nil:
		return
	case panics(leak):
		d.Message = fmt.Sprintf("%s is not %s by the panic at %s%s", h.Name(), verb, pkg.Line(leak.Pos()), advice)
		d.Related = flow.Related(leak.Pos(), "the panic")
	case !h.Settled():
		d.Message = fmt.Sprintf("%s is never %s%s", h.Name(), verb, advice)
		d.Related = flow.Related(leak.Pos(), "it is held here, where the function ends")
	default:
		d.Message = fmt.Sprintf("%s is not %s on the path to the return at %s%s", h.Name(), verb, pkg.Line(leak.Pos()), advice)
		d.Related = flow.Related(leak.Pos(), "it is held here, where the function ends")
	}
	// With a release somewhere, it is for a person to say which of the two goes.
	if name := h.Variable(); call != nil && !h.Settled() && name != "" {
		site := fix.Site{Pass: pass, Call: call, Stack: stack}
		if edits := site.DeferAfter(name, method); edits != nil {
			d.SuggestedFixes = []analysis.SuggestedFix{{
				Message:   fmt.Sprintf("defer %s.%s()", name, method),
				TextEdits: edits,
			}}
		}
	}
	pass.Report(d)
}

// deadlocks reports whether the loop does not get that far, because it locks a lock
// that it holds: that is another rule.
func deadlocks(h *flow.Handle) bool {
	return h.AgainSame.Only(flow.Held | flow.Unchecked | flow.Pending)
}

func panics(e *flow.Exit) bool {
	_, ok := e.Instr.(*ssa.Panic)
	return ok
}
