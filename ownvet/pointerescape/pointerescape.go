// Package pointerescape has the rule pointer-escape: in Rust, what Deref returns
// borrows the guard, and cannot outlive it.
package pointerescape

import (
	"fmt"
	"go/token"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/go-own/own/ownvet/internal/flow"
	"github.com/go-own/own/ownvet/internal/rule"
)

// Analyzer reports a pointer from Value that is used without the lock.
var Analyzer = rule.New("pointer-escape", analysis.Analyzer{
	Doc: `report a pointer into a locked value that is used after the release

The pointer from Value is good until Unlock, and so are pointers to fields and
elements of the value. After it, returned to somebody, sent, or in a goroutine that
goes on, they read and write what others have locked. Copy what is needed later.`,
	Requires: []*analysis.Analyzer{flow.Analyzer},
	Run:      run,
})

func run(pass *analysis.Pass) (any, error) {
	pkg := pass.ResultOf[flow.Analyzer].(*flow.Package)
	for _, f := range pkg.Funcs {
		reported := map[token.Pos]bool{}
		for _, h := range f.Handles {
			for _, e := range h.Events {
				message := check(pkg, h, e)
				if message == "" || e.Dead(h) || reported[e.Pos()] {
					continue
				}
				reported[e.Pos()] = true
				d := analysis.Diagnostic{Pos: callStart(pkg, e.Pos()), Message: message}
				if e.After != nil {
					d.Related = flow.Related(e.After.Pos(), "released here")
				}
				pass.Report(d)
			}
		}
		for _, s := range f.Sections() {
			section(pass, pkg, f, s)
		}
	}
	return nil, nil
}

// section checks the pointer that With and its relatives lend to their function.
func section(pass *analysis.Pass, pkg *flow.Package, f *flow.Func, s flow.Section) {
	lent := s.Lent()
	if lent == nil {
		return
	}
	with := fmt.Sprintf("%s lends at %s", pkg.CallText(s.Call.Pos()), pkg.Line(s.Call.Pos()))
	reported := map[token.Pos]bool{}
	report := func(pos token.Pos, message string) {
		if !reported[pos] {
			reported[pos] = true
			pass.Report(analysis.Diagnostic{Pos: pos, Message: message, Related: flow.Related(s.Call.Pos(), "lent here")})
		}
	}
	pkg.Follow(lent, func(instr ssa.Instruction, kind flow.Kind, _ ssa.Value) {
		switch kind {
		case flow.Send:
			if !s.Inner.Waits(instr) {
				report(flow.Position(instr), fmt.Sprintf("a pointer that %s is sent to another goroutine, which does not hold the lock; send a copy", with))
			}
		case flow.Go:
			if !s.Inner.Waits(instr) {
				report(callStart(pkg, flow.Position(instr)), fmt.Sprintf("a pointer that %s is used by a goroutine, which does not hold the lock; give it a copy", with))
			}
		case flow.Keep:
			if use := s.UseAfter(f, instr); use != nil {
				report(callStart(pkg, flow.Position(use)), fmt.Sprintf("a pointer that %s is used afterwards; copy what is needed while it is locked", with))
			}
		}
	})
}

// check returns what is wrong with e, or "".
func check(pkg *flow.Package, h *flow.Handle, e *flow.Event) string {
	released := e.Seen.Only(flow.Released)
	after := "its release"
	if e.After != nil {
		after = pkg.CallText(e.After.Pos()) + " at " + pkg.Line(e.After.Pos())
	}
	const copied = "copy what is needed while it is held"
	switch e.Kind {
	case flow.Touch:
		if released {
			return fmt.Sprintf("a pointer from %s is used after %s; %s", value(h), after, copied)
		}
	case flow.Return:
		if e.Seen.Only(flow.Released | flow.Pending) {
			return fmt.Sprintf("a pointer from %s is returned, and the %s is released by then; return a copy, or the %s", value(h), h.What(), h.What())
		}
	case flow.Send:
		if released || outlives(h, e) {
			return fmt.Sprintf("a pointer from %s is sent to another goroutine, which does not hold the lock; send a copy", value(h))
		}
	case flow.Go:
		if released || outlives(h, e) {
			return fmt.Sprintf("a pointer from %s is used by a goroutine, which does not hold the lock; give it a copy", value(h))
		}
	}
	return ""
}

// outlives reports whether the other goroutine, which got the pointer while the
// lock was held here, is not waited for.
func outlives(h *flow.Handle, e *flow.Event) bool {
	return h.Birth != nil && e.Seen.Only(flow.Held|flow.Pending|flow.Unchecked) && !h.Func.Waits(e.Instr)
}

func value(h *flow.Handle) string { return h.Name() + ".Value()" }

// callStart returns where the call begins whose left parenthesis is at pos, or pos if
// there is none.
func callStart(pkg *flow.Package, pos token.Pos) token.Pos {
	if call, _ := pkg.Site(pos); call != nil {
		return call.Pos()
	}
	return pos
}
