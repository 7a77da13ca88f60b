// Package notsend has the rule not-send: what is for one goroutine must not reach
// another.
package notsend

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/buildssa"
	"golang.org/x/tools/go/ssa"

	"github.com/go-own/own/ownvet/internal/api"
	"github.com/go-own/own/ownvet/internal/reach"
	"github.com/go-own/own/ownvet/internal/rule"
)

const doc = `report values for one goroutine that reach another

An rc.Rc counts without atomics, a cell.RefCell notes its borrows without them,
and a guard belongs to the goroutine that locked. So a value that is one of them,
or contains one at any depth of fields, pointers, containers and type arguments,
must not be used in or passed to a go statement, sent on a channel, or given to
a function that passes it on in one of these ways: (*sync.WaitGroup).Go,
(*errgroup.Group).Go, time.AfterFunc, context.AfterFunc, and any function of the program that does.
Rust's compiler refuses the same, since such types are not Send or not Sync.

A type can be marked, in the comment before it: //own:nosend says that it is for
one goroutine, too, and "//own:send reason" that it is fit for several, whatever it
contains.

What is in an interface, a function or a type parameter is followed as far as the
function that makes it so, and no further.`

var Analyzer = rule.New("not-send", analysis.Analyzer{
	Doc:       doc,
	Requires:  []*analysis.Analyzer{buildssa.Analyzer},
	FactTypes: []analysis.Fact{(*crosses)(nil), (*mark)(nil)},
	Run:       run,
})

func run(pass *analysis.Pass) (any, error) {
	c := &checker{
		pass:   pass,
		finder: &finder{pass: pass, reaches: map[*types.Package]bool{}},
		funcs:  pass.ResultOf[buildssa.Analyzer].(*buildssa.SSA).SrcFuncs,
	}
	exportMarks(pass)
	c.inferCrossings()
	if !api.Reaches(pass.Pkg) || api.Inside(pass.Pkg) {
		return nil, nil
	}
	for _, fn := range c.funcs {
		for b := range c.boundaries(fn) {
			c.check(b)
		}
	}
	return nil, nil
}

type checker struct {
	*finder
	pass  *analysis.Pass
	funcs []*ssa.Function
	cross map[*types.Func]*crosses

	variables map[token.Pos][]ast.Expr // see assigned
}

// A finding is a culprit and the value that leads to it.
type finding struct {
	*culprit
	name  string    // of the variable that holds the value; may be ""
	value ssa.Value // what holds it
	bound bool      // a closure captured it
}

// check reports what crosses a boundary and must not: one report a boundary, on the
// first culprit, which names the others.
func (c *checker) check(b boundary) {
	var found []finding
	for _, v := range b.values {
		c.find(v, &found, map[ssa.Value]bool{})
	}
	var bad []finding
	for _, f := range found {
		// The other goroutine gets a cell of its own, if a copy of this one: that is
		// for lock-copied.
		copied := f.copied && !f.bound
		if !copied && !movesInto(f, b) {
			bad = append(bad, f)
		}
	}
	if len(bad) == 0 {
		return
	}
	d := analysis.Diagnostic{Pos: b.instrPos, Message: b.message(c.pass.Pkg, bad[0])}
	for _, f := range bad[1:] {
		pos := f.value.Pos()
		if !pos.IsValid() {
			pos = b.instrPos
		}
		d.Related = append(d.Related, analysis.RelatedInformation{Pos: pos, Message: "so is " + strings.TrimSuffix(describe(c.pass.Pkg, f), ",")})
	}
	c.pass.Report(d)
}

// find appends what a value that crosses a boundary leads to.
func (c *checker) find(v ssa.Value, found *[]finding, seen map[ssa.Value]bool) {
	if seen[v] {
		return
	}
	seen[v] = true
	switch v := v.(type) {
	case *ssa.MakeClosure:
		// What a closure captures goes where the closure goes.
		fn := v.Fn.(*ssa.Function)
		for i, bound := range v.Bindings {
			variable, isVariable := bound.Type().Underlying().(*types.Pointer)
			if fn.Synthetic != "" || len(fn.Blocks) == 0 || !isVariable || opaque(variable.Elem()) {
				before := len(*found)
				c.find(bound, found, seen)
				for i := before; i < len(*found); i++ {
					(*found)[i].bound = true
				}
				continue
			}
			captured := &captured{checker: c, name: c.nameOf(bound), value: bound}
			captured.follow(fn.FreeVars[i], "", false)
			*found = append(*found, captured.found...)
		}
		return
	case *ssa.MakeInterface:
		c.find(v.X, found, seen)
		return
	case *ssa.ChangeType:
		c.find(v.X, found, seen)
		return
	case *ssa.Slice:
		// The arguments for a variadic parameter.
		if array, ok := v.X.(*ssa.Alloc); ok && array.Comment == "varargs" {
			for _, element := range elements(array) {
				c.find(element, found, seen)
			}
			return
		}
	case *ssa.UnOp:
		if place, ok := v.X.(*ssa.Alloc); ok && v.Op == token.MUL && opaque(v.Type()) {
			if stored, ok := reach.Stored(place); ok {
				c.find(stored, found, seen)
				return
			}
		}
	case *ssa.Alloc:
		// A variable that a closure captures. An opaque one holds what was stored.
		if elem := v.Type().(*types.Pointer).Elem(); opaque(elem) {
			if stored, ok := reach.Stored(v); ok {
				c.find(stored, found, seen)
				return
			}
		}
	}
	if culprit := c.in(v.Type(), false); culprit != nil {
		*found = append(*found, finding{culprit: culprit, name: c.nameOf(v), value: v})
	}
}

// opaque reports whether a type does not say what its values contain.
func opaque(t types.Type) bool {
	switch t.Underlying().(type) {
	case *types.Interface, *types.Signature:
		return true
	}
	return false
}

// elements returns the values that are stored in an array made for a call.
func elements(array *ssa.Alloc) []ssa.Value {
	var values []ssa.Value
	for _, user := range *array.Referrers() {
		if index, ok := user.(*ssa.IndexAddr); ok {
			for _, user := range *index.Referrers() {
				if store, ok := user.(*ssa.Store); ok && store.Addr == index {
					values = append(values, store.Val)
				}
			}
		}
	}
	return values
}

// describe names a culprit: c.root, an rc.Rc[Node]. If what leads to it has no name,
// that of its type stands for it: cache.root.
func describe(pkg *types.Package, f finding) string {
	qualifier := func(p *types.Package) string {
		if p == pkg {
			return ""
		}
		return p.Name()
	}
	typ := types.TypeString(f.typ, qualifier)
	article := "a "
	if f.own == api.Rc || f.own == api.RcWeak || f.own.IsGuard() {
		article = "an " // as one says rc, and own
	}
	name := f.name
	if name == "" && f.path != "" {
		whole := f.value.Type()
		if p, ok := whole.Underlying().(*types.Pointer); ok {
			whole = p.Elem()
		}
		name = types.TypeString(whole, qualifier)
	}
	if name == "" {
		return article + typ
	}
	return fmt.Sprintf("%s, %s%s,", name+f.path, article, typ)
}

// advice says what is wrong with a culprit and what to use instead.
func advice(own api.Type) string {
	switch {
	case own == api.Rc || own == api.RcWeak:
		return "its counts are not atomic; use own.Arc"
	case own == api.RefCell || own.IsBorrow():
		return "its borrows are not synchronized; use own.Mutex or own.RWMutex"
	case own.IsGuard():
		return "a guard belongs to the goroutine that locked; let the other one lock for itself"
	}
	return "its type is marked own:nosend"
}
