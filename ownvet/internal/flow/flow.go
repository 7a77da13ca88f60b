// Package flow follows handles of own through functions: guards, borrows and
// owners, from the call that returns them to where they are released, handed on or
// lost. It answers one question: what can this handle be, held, released or
// something else, when this instruction runs? The rules about misuse of handles
// are little more than a look at the answers.
//
// # Silence
//
// A false report costs more than a missed bug, so whatever flow cannot follow
// makes it give up on that handle, and the rules keep quiet. A handle that is
// stored in a field, sent, or given to a function that is not known to leave it
// alone is [Unknown] from there on. The other way to get this wrong, and the one
// that most checkers of this kind have taken, is to take what one cannot see for a
// release that is missing.
//
// There is one exception, and it is what makes the reports about use after release
// so sure: a handle that has been released never comes to life again. Wherever it
// was stored before, once every path to a use has released it, the use panics.
//
// # How it works
//
// A handle is a pointer, so in SSA form it is one value, and its aliases are few:
// phis, and loads of a variable that only ever holds that handle. For each handle,
// the instructions that do something to it are collected first, as [Event]s. Then
// all paths from its birth are walked, with what is known of the handle on the way
// and of the conditions that were tested. Two paths that agree in that are one, so
// the walk ends.
package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"reflect"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/buildssa"
	"golang.org/x/tools/go/ssa"

	"github.com/go-own/own/ownvet/internal/api"
)

// Analyzer finds the handles of a package, and the summaries of its functions for
// the packages that import it. Its result is a [*Package].
var Analyzer = &analysis.Analyzer{
	Name:       "ownflow",
	Doc:        "follow guards, borrows and owners of own through functions",
	URL:        "https://pkg.go.dev/github.com/go-own/own/ownvet",
	Requires:   []*analysis.Analyzer{buildssa.Analyzer},
	Run:        run,
	ResultType: reflect.TypeFor[*Package](),
	FactTypes:  []analysis.Fact{new(Summary)},
}

// A Package is what is known of the handles in one package.
type Package struct {
	Funcs []*Func // in source order, each function before the literals in it

	pass      *analysis.Pass
	byFunc    map[*ssa.Function]*Func
	calls     map[token.Pos]callSite // by position of the left parenthesis
	cells     map[*ssa.Alloc]*cell
	assigned  map[*types.Var]bool // fields and package variables that change, see place
	summaries map[*ssa.Function]*Summary
}

// A Func is a function with the handles that come up in it.
type Func struct {
	*ssa.Function
	Handles  []*Handle
	Locks    []LockUse
	deferred []LockUse // by calls that are deferred

	pkg    *Package
	found  progress
	locked bool                  // findLocks has run
	walked int                   // points, for all handles
	owner  map[ssa.Value]*Handle // of which handle a value is a name
	conds  *conditions
}

// progress is for what is found out when it is needed, and may turn out to be
// needed for itself, in a recursive function.
type progress uint8

const (
	notYet progress = iota
	underway
	done
)

// HandleOf returns the handle that v is a name of, or nil.
func (f *Func) HandleOf(v ssa.Value) *Handle { return f.owner[v] }

func run(pass *analysis.Pass) (any, error) {
	pkg := &Package{pass: pass}
	if !api.Reaches(pass.Pkg) || api.Inside(pass.Pkg) {
		return pkg, nil
	}
	pkg.byFunc = map[*ssa.Function]*Func{}
	pkg.cells = map[*ssa.Alloc]*cell{}
	pkg.summaries = map[*ssa.Function]*Summary{}
	pkg.calls = callSites(pass.Files)

	built := pass.ResultOf[buildssa.Analyzer].(*buildssa.SSA)
	pkg.assigned = assigned(built.SrcFuncs)
	for _, fn := range built.SrcFuncs {
		if fn.Blocks == nil {
			continue // implemented elsewhere, in assembly
		}
		f := &Func{Function: fn, pkg: pkg}
		pkg.byFunc[fn] = f
		pkg.Funcs = append(pkg.Funcs, f)
	}
	for _, f := range pkg.Funcs {
		f.findHandles()
		f.findLocks()
	}
	for _, f := range pkg.Funcs {
		for _, h := range f.Handles {
			h.walk()
		}
	}
	for _, f := range pkg.Funcs {
		pkg.export(f)
	}
	return pkg, nil
}

// export makes what importing packages need to know of f a fact.
func (pkg *Package) export(f *Func) {
	obj, ok := f.Object().(*types.Func)
	if !ok || f.Synthetic != "" {
		return
	}
	if s := pkg.summary(f.Function); !s.trivial() {
		pkg.pass.ExportObjectFact(obj.Origin(), s.public())
	}
}

// A callSite is a call in the source, with the statement that it is part of.
type callSite struct {
	*ast.CallExpr
	stack []ast.Node // from the file to the call's parent
}

func callSites(files []*ast.File) map[token.Pos]callSite {
	sites := map[token.Pos]callSite{}
	for _, file := range files {
		ast.PreorderStack(file, nil, func(n ast.Node, stack []ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				sites[call.Lparen] = callSite{call, append([]ast.Node(nil), stack...)}
			}
			return true
		})
	}
	return sites
}
