// Package useafter has the rules about handles that are used after their release:
// use-after-unlock and use-after-drop. In Rust such a handle has been moved, and the
// compiler refuses to look at it again; here it panics.
package useafter

import (
	"fmt"

	"golang.org/x/tools/go/analysis"

	"github.com/go-own/own/ownvet/internal/api"
	"github.com/go-own/own/ownvet/internal/flow"
	"github.com/go-own/own/ownvet/internal/rule"
)

// Unlock reports the use of a guard that has been unlocked.
var Unlock = rule.New("use-after-unlock", analysis.Analyzer{
	Doc: `report the use of a guard after its Unlock

Every path to the use has unlocked the guard, so the use panics. A second Unlock is
no use: it does nothing.`,
	Requires: []*analysis.Analyzer{flow.Analyzer},
	Run: func(pass *analysis.Pass) (any, error) {
		check(pass, api.Type.IsGuard)
		return nil, nil
	},
})

// Drop reports the use of an owner or borrow that has been dropped.
var Drop = rule.New("use-after-drop", analysis.Analyzer{
	Doc: `report the use of an owner or borrow after its Drop

Every path to the use has dropped the handle, or moved its owner elsewhere, so the
use panics. Or a goroutine uses it that nobody waits for before the Drop. A second
Drop is no use: it does nothing.`,
	Requires: []*analysis.Analyzer{flow.Analyzer},
	Run: func(pass *analysis.Pass) (any, error) {
		check(pass, func(t api.Type) bool { return t.IsOwner() || t.IsBorrow() })
		return nil, nil
	},
})

func check(pass *analysis.Pass, applies func(api.Type) bool) {
	pkg := pass.ResultOf[flow.Analyzer].(*flow.Package)
	for _, f := range pkg.Funcs {
		for _, h := range f.Handles {
			if !applies(h.Type) {
				continue
			}
			for _, e := range h.Events {
				switch {
				case e.Needs && e.Seen.Only(flow.Released) && e.After != nil && !f.ExpectsPanic():
					report(pass, pkg, h, e)
				case e.Kind == flow.Later && !f.ExpectsPanic():
					later(pass, pkg, h, e)
				case e.Kind == flow.Share && h.Type.IsOwner():
					shared(pass, pkg, h, e)
				}
			}
		}
	}
}

func report(pass *analysis.Pass, pkg *flow.Package, h *flow.Handle, e *flow.Event) {
	use, release := pkg.CallText(e.Pos()), pkg.CallText(e.After.Pos())
	pos := e.Pos()
	if call, _ := pkg.Site(pos); call != nil {
		pos = call.Pos()
	}
	pass.Report(analysis.Diagnostic{
		Pos:     pos,
		Message: fmt.Sprintf("%s panics: %s at %s has released %s", use, release, pkg.Line(e.After.Pos()), h.Name()),
		Related: flow.Related(e.After.Pos(), "released here"),
	})
}

// shared reports a goroutine that uses an owner which this function drops, with
// nothing to say which of the two comes first.
func shared(pass *analysis.Pass, pkg *flow.Package, h *flow.Handle, e *flow.Event) {
	drop := h.DroppedAfter(e)
	if drop == nil {
		return
	}
	pass.Report(analysis.Diagnostic{
		Pos: e.Instr.Pos(),
		Message: fmt.Sprintf("this goroutine uses %s, which %s at %s releases without waiting for it; give it a clone of its own",
			h.Name(), pkg.CallText(drop.Pos()), pkg.Line(drop.Pos())),
		Related: flow.Related(drop.Pos(), "released here"),
	})
}

// later reports a deferred use that comes after a deferred release, for what is deferred
// last runs first; or after a release on every path to the end.
func later(pass *analysis.Pass, pkg *flow.Package, h *flow.Handle, e *flow.Event) {
	if drop := h.DefersAfter; drop != nil && h.Defers.Only(flow.Released|flow.Absent) {
		pass.Report(analysis.Diagnostic{
			Pos:     e.Instr.Pos(),
			Message: fmt.Sprintf("this deferred call panics: %s at %s has released %s by then", pkg.CallText(drop.Pos()), pkg.Line(drop.Pos()), h.Name()),
			Related: flow.Related(drop.Pos(), "released here"),
		})
		return
	}
	drop := h.DroppedBefore(e)
	if drop == nil {
		return
	}
	pass.Report(analysis.Diagnostic{
		Pos: e.Instr.Pos(),
		Message: fmt.Sprintf("this deferred call panics: %s is deferred later, at %s, so it runs before and has released %s",
			pkg.CallText(drop.Pos()), pkg.Line(drop.Pos()), h.Name()),
		Related: flow.Related(drop.Pos(), "deferred here"),
	})
}
