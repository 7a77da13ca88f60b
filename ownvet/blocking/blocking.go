// Package blocking has the rule blocking-while-locked, which is off by default:
// waiting for something else with a lock held.
package blocking

import (
	"fmt"
	"go/token"
	"go/types"
	"path/filepath"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/buildssa"
	"golang.org/x/tools/go/ssa"

	"github.com/go-own/own/ownvet/internal/api"
	"github.com/go-own/own/ownvet/internal/held"
	"github.com/go-own/own/ownvet/internal/rule"
	"github.com/go-own/own/ownvet/internal/std"
)

const doc = `report waiting with a lock held (off by default)

Everybody who wants the lock waits, too, for as long as a channel operation, a
select without default, a Sleep, a WaitGroup, a request or a query takes; and if
what is waited for needs the lock, for ever. The rule also knows functions that
wait, in this package and in those that it imports.

It is off by default because such a wait may be short, or the whole point of the
lock.`

var Analyzer = rule.OptIn("blocking-while-locked", analysis.Analyzer{
	Doc:       doc,
	Requires:  []*analysis.Analyzer{buildssa.Analyzer},
	FactTypes: []analysis.Fact{(*waits)(nil)},
	Run:       run,
})

// waits is the fact about a function that it may wait for something, and for what.
type waits struct{ For string }

func (*waits) AFact() {}

func (w *waits) String() string { return "waits for " + w.For }

func run(pass *analysis.Pass) (any, error) {
	if std.Has(pass.Pkg.Path()) {
		return nil, nil // half of it waits for something; see known
	}
	c := &checker{pass: pass, waits: map[*ssa.Function]string{}}
	funcs := pass.ResultOf[buildssa.Analyzer].(*buildssa.SSA).SrcFuncs
	c.infer(funcs)
	if !api.Reaches(pass.Pkg) || api.Inside(pass.Pkg) {
		return nil, nil
	}
	locks := held.In(funcs)
	for _, fn := range funcs {
		for _, b := range fn.Blocks {
			for _, instr := range b.Instrs {
				c.check(instr, locks.At(instr))
			}
		}
	}
	return nil, nil
}

type checker struct {
	pass  *analysis.Pass
	waits map[*ssa.Function]string // functions of this package, and for what they wait
}

// check reports instr if it may wait and locks are held.
func (c *checker) check(instr ssa.Instruction, locks held.Set) {
	if locks.Empty() {
		return
	}
	what, pos, ok := c.wait(instr)
	if !ok {
		return
	}
	// The first that was taken. Await and LockWhen give up the lock that they are
	// for, and no other.
	var first *held.Lock
	for lock := range locks.All() {
		if !c.givesUp(instr, lock) && (first == nil || lock.Call.Pos() < first.Call.Pos()) {
			first = lock
		}
	}
	if first == nil {
		return
	}
	at := c.pass.Fset.Position(first.Call.Pos())
	c.pass.Report(analysis.Diagnostic{
		Pos:     pos,
		Message: fmt.Sprintf("%s with a lock held that was taken on line %d; whoever wants it waits, too: unlock first", what, at.Line),
		Related: []analysis.RelatedInformation{{Pos: first.Call.Pos(), Message: "the lock is taken here"}},
	})
}

// givesUp reports whether instr is an Await on the guard of lock.
func (c *checker) givesUp(instr ssa.Instruction, lock *held.Lock) bool {
	call, ok := instr.(ssa.CallInstruction)
	if !ok {
		return false
	}
	own, ok := api.CallOf(call.Common())
	return ok && own.Name == "Await" && lock.IsFor(own.Recv)
}

// wait says what instr may wait for.
func (c *checker) wait(instr ssa.Instruction) (what string, pos token.Pos, ok bool) {
	switch instr := instr.(type) {
	case *ssa.Send:
		return "a send on a channel", instr.Pos(), !held.Buffered(instr.Chan)
	case *ssa.UnOp:
		return "a receive from a channel", instr.Pos(), instr.Op == token.ARROW
	case *ssa.Select:
		return "a select without default", instr.Pos(), instr.Blocking
	case *ssa.Call:
		callee := instr.Call.StaticCallee()
		if callee == nil {
			return "", 0, false
		}
		name := c.name(callee)
		reason, ok := c.waitsFor(callee)
		if reason != "" {
			name += ", which waits for " + reason + ","
		}
		return "a call of " + name, instr.Pos(), ok
	}
	return "", 0, false
}

// name returns that of fn as the package calls it: Wait, http.Get, (*sql.DB).Query.
func (c *checker) name(fn *ssa.Function) string {
	obj, ok := fn.Object().(*types.Func)
	if !ok {
		return fn.Name()
	}
	qualifier := func(p *types.Package) string {
		if p == c.pass.Pkg {
			return ""
		}
		return p.Name()
	}
	if recv := obj.Signature().Recv(); recv != nil {
		return "(" + types.TypeString(recv.Type(), qualifier) + ")." + obj.Name()
	}
	if obj.Pkg() == nil || obj.Pkg() == c.pass.Pkg {
		return obj.Name()
	}
	return obj.Pkg().Name() + "." + obj.Name()
}

// waitsFor reports whether fn may wait, and for what if that is not plain from its
// name.
func (c *checker) waitsFor(fn *ssa.Function) (reason string, ok bool) {
	if fn.Origin() != nil {
		fn = fn.Origin()
	}
	if reason, ok := c.waits[fn]; ok {
		return reason, true
	}
	obj, ok := fn.Object().(*types.Func)
	if !ok {
		return "", false
	}
	obj = obj.Origin()
	if f, ok := api.FuncOf(obj); ok {
		// Locks are for the rule lock-order; these wait for more than a lock.
		return "", f.Name == "Await" || f.Name == "LockWhen"
	}
	if known[obj.FullName()] || knownPrefix(obj.FullName()) {
		return "", true
	}
	var fact waits
	if c.pass.ImportObjectFact(obj, &fact) {
		return fact.For, true
	}
	return "", false
}

// infer finds the functions that wait, until there are no more.
func (c *checker) infer(funcs []*ssa.Function) {
	for changed := true; changed; {
		changed = false
		for _, fn := range funcs {
			if _, ok := c.waits[fn]; ok {
				continue
			}
			if reason, ok := c.firstWait(fn); ok {
				c.waits[fn] = reason
				changed = true
			}
		}
	}
	for fn, reason := range c.waits {
		if obj, ok := fn.Object().(*types.Func); ok && fn.Synthetic == "" {
			c.pass.ExportObjectFact(obj, &waits{reason})
		}
	}
}

// firstWait returns what fn waits for, with the chain of calls that leads there cut
// to its end.
func (c *checker) firstWait(fn *ssa.Function) (string, bool) {
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			what, pos, ok := c.wait(instr)
			if !ok {
				continue
			}
			if call, ok := instr.(*ssa.Call); ok {
				callee := call.Call.StaticCallee()
				if reason, _ := c.waitsFor(callee); reason != "" {
					return reason, true
				}
				if f, ok := api.FuncOf(callee.Object()); ok {
					return f.String(), true
				}
				what = callee.Name()
			}
			p := c.pass.Fset.Position(pos)
			return fmt.Sprintf("%s (%s:%d)", what, filepath.Base(p.Filename), p.Line), true
		}
	}
	return "", false
}

// known are functions of the standard library, and one beside it, that wait for
// something else than this program's own progress.
var known = map[string]bool{
	"time.Sleep":                                      true,
	"(*sync.WaitGroup).Wait":                          true,
	"(*sync.Cond).Wait":                               true,
	"(*golang.org/x/sync/errgroup.Group).Wait":        true,
	"(*golang.org/x/sync/semaphore.Weighted).Acquire": true,
	"net/http.Get":                                    true,
	"net/http.Head":                                   true,
	"net/http.Post":                                   true,
	"net/http.PostForm":                               true,
	"(*net/http.Client).Do":                           true,
	"(*net/http.Client).Get":                          true,
	"(*net/http.Client).Head":                         true,
	"(*net/http.Client).Post":                         true,
	"(*net/http.Client).PostForm":                     true,
	"net/http.ListenAndServe":                         true,
	"net/http.ListenAndServeTLS":                      true,
	"net/http.Serve":                                  true,
	"(*net/http.Server).ListenAndServe":               true,
	"(*net/http.Server).ListenAndServeTLS":            true,
	"(*net/http.Server).Serve":                        true,
	"(*net/http.Server).Shutdown":                     true,
	"(*os/exec.Cmd).Run":                              true,
	"(*os/exec.Cmd).Wait":                             true,
	"(*os/exec.Cmd).Output":                           true,
	"(*os/exec.Cmd).CombinedOutput":                   true,
	"(*os.Process).Wait":                              true,
}

// knownPrefix is for families of them.
func knownPrefix(name string) bool {
	for _, prefix := range []string{
		"net.Dial", "(*net.Dialer).Dial", "net.Lookup", "(*net.Resolver).Lookup",
		"(*database/sql.DB).Query", "(*database/sql.DB).Exec", "(*database/sql.DB).Ping", "(*database/sql.DB).Begin",
		"(*database/sql.Tx).Query", "(*database/sql.Tx).Exec", "(*database/sql.Tx).Commit",
		"(*database/sql.Conn).Query", "(*database/sql.Conn).Exec",
		"(*database/sql.Stmt).Query", "(*database/sql.Stmt).Exec",
	} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}
