// Package selfdeadlock has the rule self-deadlock. Neither Rust's compiler nor Go's
// runtime finds this one: the runtime only when every goroutine is stuck.
package selfdeadlock

import (
	"fmt"
	"go/token"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/go-own/own/ownvet/internal/api"
	"github.com/go-own/own/ownvet/internal/flow"
	"github.com/go-own/own/ownvet/internal/rule"
)

// Analyzer reports a lock that a goroutine takes while it holds it.
var Analyzer = rule.New("self-deadlock", analysis.Analyzer{
	Doc: `report a lock that is taken while it is held, by the same goroutine

No lock is reentrant, so the second call waits for ever. That may be in a method
that the holder of the lock calls, or in the function given to With. A RefCell that
is borrowed twice, in a way that does not go together, panics instead.`,
	Requires: []*analysis.Analyzer{flow.Analyzer},
	Run:      run,
})

// A guard that is discarded is another rule's. One that ignores poison does not keep
// others waiting if there is poison: they get an error.

// held is what a guard is while the lock cannot be taken again.
const held = flow.Held | flow.Pending | flow.Unchecked

func run(pass *analysis.Pass) (any, error) {
	c := checker{pass, pass.ResultOf[flow.Analyzer].(*flow.Package), map[token.Pos]bool{}}
	for _, f := range c.pkg.Funcs {
		for _, h := range f.Handles {
			if h.Birth != nil && !h.Unused() && !strings.HasSuffix(h.Birth.Callee.Name, "IgnorePoison") {
				c.guard(f, h)
			}
		}
		for _, s := range f.Sections() {
			for _, l := range s.Relocks(f) {
				c.report(l, "inside "+c.pkg.CallText(s.Call.Pos())+" at "+c.pkg.Line(s.Call.Pos()), s.Call.Pos(), s.Read)
			}
		}
	}
	return nil, nil
}

type checker struct {
	pass     *analysis.Pass
	pkg      *flow.Package
	reported map[token.Pos]bool // one finding a call, however many guards are held
}

func (c *checker) guard(f *flow.Func, h *flow.Handle) {
	b := h.Birth
	for _, e := range h.Events {
		if e.Kind != flow.Lock && e.Kind != flow.LockRead || !e.Seen.Only(held) {
			continue
		}
		if e.Seen.Has(flow.Unchecked) && b.Callee.Try() {
			continue // whoever has the lock, it need not be this one
		}
		if l := h.LockedBy(e.Instr); l != nil && !(panics(l) && f.ExpectsPanic()) {
			c.report(*l, "by "+h.Name()+" from "+c.pkg.Line(b.Pos()), b.Pos(), b.Read)
		}
	}
	for _, l := range h.DeferredLocks() {
		how := "by " + h.Name() + ", whose " + h.Type.Release() + " was deferred earlier and so runs later"
		c.report(l, how, b.Pos(), b.Read)
	}
	if h.AgainSame.Only(held) && !b.Callee.Try() {
		if l := h.LockedBy(b.Call); l != nil && !(panics(l) && f.ExpectsPanic()) {
			how := "by " + h.Name() + " from the iteration before"
			if h.AgainSame.Has(flow.Pending) {
				how += ", whose " + h.Type.Release() + " is deferred to the end of the function"
			}
			c.report(*l, how, b.Pos(), b.Read)
		}
	}
}

// panics reports whether l panics, rather than wait, if it cannot have the lock.
func panics(l *flow.LockUse) bool { return l.Type == api.RefCell || l.Name == "IntoInner" }

// report says that l takes what is held already.
func (c *checker) report(l flow.LockUse, how string, first token.Pos, read bool) {
	if read && l.Read && l.Type == api.RefCell {
		return // borrows for reading go together
	}
	pos := l.Pos
	if c.reported[pos] {
		return
	}
	c.reported[pos] = true
	what := c.pkg.LockText(pos)
	if l.Via != "" {
		what = "what " + c.pkg.CallText(pos) + " locks (" + l.Via + ")"
		if l.Type == api.RefCell {
			what = "what " + c.pkg.CallText(pos) + " borrows (" + l.Via + ")"
		}
	}
	var message string
	switch {
	case l.Type == api.RefCell:
		message = fmt.Sprintf("%s is borrowed already, %s, so this panics", what, how)
	case read && l.Read:
		message = fmt.Sprintf("%s is locked for reading already, %s; with a writer that waits in between, both wait for ever", what, how)
	case panics(&l):
		message = fmt.Sprintf("%s is locked already, %s, so this panics", what, how)
	default:
		message = fmt.Sprintf("%s is locked already, %s, so this waits for ever", what, how)
	}
	if call, _ := c.pkg.Site(pos); call != nil {
		pos = call.Pos()
	}
	c.pass.Report(analysis.Diagnostic{Pos: pos, Message: message, Related: flow.Related(first, "locked here")})
}
