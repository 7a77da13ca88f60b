package lockcopied

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/ctrlflow"
	"golang.org/x/tools/go/cfg"

	"github.com/go-own/own/ownvet/internal/api"
)

// checkOverwritten reports an assignment that puts a fresh lock, or a struct with
// one, in the place of a lock that the same function used before: those who wait
// for it or hold it are left with nothing to release.
//
// Without that use nothing is reported: s.mu = own.NewMutex(0) is how a lock gets
// its first value.
func checkOverwritten(pass *analysis.Pass, fn ast.Node, body *ast.BlockStmt) {
	fresh := assignments(pass, body)
	if len(fresh) == 0 {
		return
	}
	graphs := pass.ResultOf[ctrlflow.Analyzer].(*ctrlflow.CFGs)
	var graph *cfg.CFG
	switch fn := fn.(type) {
	case *ast.FuncDecl:
		graph = graphs.FuncDecl(fn)
	case *ast.FuncLit:
		graph = graphs.FuncLit(fn)
	}
	if graph == nil {
		return
	}
	o := &overwrites{pass: pass, body: body, fresh: fresh, reported: map[*ast.AssignStmt]bool{}}
	for _, block := range graph.Blocks {
		for i, node := range block.Nodes {
			eachCall(node, func(call *ast.CallExpr) {
				if use, ok := o.useOf(call); ok {
					o.follow(use, block, i, map[*cfg.Block]bool{})
				}
			})
		}
	}
}

// assignments returns the assignments in body, not in function literals, of a new
// value with a lock in it.
func assignments(pass *analysis.Pass, body *ast.BlockStmt) map[*ast.AssignStmt]bool {
	fresh := map[*ast.AssignStmt]bool{}
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.AssignStmt:
			if n.Tok != token.ASSIGN || len(n.Lhs) != 1 || len(n.Rhs) != 1 {
				return true
			}
			switch ast.Unparen(n.Rhs[0]).(type) {
			case *ast.CallExpr, *ast.CompositeLit:
			default:
				return true // a copy, which copylocks reports
			}
			if lockIn(pass.TypesInfo.TypeOf(n.Lhs[0])) != nil {
				fresh[n] = true
			}
		}
		return true
	})
	return fresh
}

// A place is a variable, or a field of one, of any depth: s.conns.mu, whether s and
// conns are pointers or not.
type place struct {
	root   *types.Var
	fields []*types.Var
}

// contains reports whether q is p or a part of it.
func (p place) contains(q place) bool {
	return p.root == q.root && len(p.fields) <= len(q.fields) && slices.Equal(p.fields, q.fields[:len(p.fields)])
}

// placeOf returns the place that x denotes. What an index or a call leads to is
// none.
func placeOf(info *types.Info, x ast.Expr) (place, bool) {
	switch x := ast.Unparen(x).(type) {
	case *ast.Ident:
		v, ok := info.ObjectOf(x).(*types.Var)
		return place{root: v}, ok
	case *ast.StarExpr:
		return placeOf(info, x.X)
	case *ast.UnaryExpr:
		if x.Op == token.AND {
			return placeOf(info, x.X)
		}
	case *ast.SelectorExpr:
		selection := info.Selections[x]
		if selection == nil { // of a package
			v, ok := info.Uses[x.Sel].(*types.Var)
			return place{root: v}, ok
		}
		if selection.Kind() == types.FieldVal {
			p, ok := placeOf(info, x.X)
			return p.append(selection.Recv(), selection.Index()), ok
		}
	}
	return place{}, false
}

// append adds the fields that an index sequence leads through, those of embedded
// structs among them.
func (p place) append(t types.Type, index []int) place {
	p.fields = slices.Clone(p.fields)
	for _, i := range index {
		if pointer, ok := t.Underlying().(*types.Pointer); ok {
			t = pointer.Elem()
		}
		s, ok := t.Underlying().(*types.Struct)
		if !ok {
			return place{}
		}
		field := s.Field(i)
		p.fields = append(p.fields, field)
		t = field.Type()
	}
	return p
}

// A use is a call of a method of a lock.
type use struct {
	call *ast.CallExpr
	lock place
	// held is whether it matters only until the guard is released: nobody else
	// knows of the lock.
	held bool
}

type overwrites struct {
	pass     *analysis.Pass
	body     *ast.BlockStmt
	fresh    map[*ast.AssignStmt]bool
	reported map[*ast.AssignStmt]bool
}

// useOf returns the use that call is.
func (o *overwrites) useOf(call *ast.CallExpr) (use, bool) {
	f, ok := api.CalleeOf(o.pass.TypesInfo, call)
	if !ok || !f.Recv.IsLock() && f.Recv != api.RefCell {
		return use{}, false
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return use{}, false
	}
	selection := o.pass.TypesInfo.Selections[sel]
	if selection == nil || selection.Kind() != types.MethodVal {
		return use{}, false
	}
	p, ok := placeOf(o.pass.TypesInfo, sel.X)
	if !ok || p.root == nil {
		return use{}, false
	}
	index := selection.Index()
	p = p.append(selection.Recv(), index[:len(index)-1]) // of an embedded lock
	if p.root == nil {
		return use{}, false
	}
	u := use{call: call, lock: p}
	// A local variable may be all there is that leads to the lock, and a cell is for
	// one goroutine anyway: then it is in use as long as there is a guard or borrow.
	if f.Recv == api.RefCell || o.body.Pos() <= p.root.Pos() && p.root.Pos() < o.body.End() {
		u.held = true
		if f.Effect().New == api.NotOwn {
			return use{}, false
		}
	}
	return u, true
}

// follow goes from a use, node i of block, to what runs after it, and reports the
// assignments that it meets.
func (o *overwrites) follow(u use, block *cfg.Block, i int, seen map[*cfg.Block]bool) {
	for _, node := range block.Nodes[i+1:] {
		if o.ends(u, node) {
			return
		}
	}
	for _, next := range block.Succs {
		if !seen[next] {
			seen[next] = true
			o.follow(u, next, -1, seen)
		}
	}
}

// ends reports whether node makes the place of the lock another, or the lock a
// fresh one, which it reports.
func (o *overwrites) ends(u use, node ast.Node) bool {
	info := o.pass.TypesInfo
	switch node := node.(type) {
	case *ast.AssignStmt:
		for _, lhs := range node.Lhs {
			id, ok := lhs.(*ast.Ident)
			if ok && info.Defs[id] == types.Object(u.lock.root) {
				return true // the next round of a loop has a new variable
			}
			p, ok := placeOf(info, lhs)
			if !ok || !p.contains(u.lock) {
				continue
			}
			if o.fresh[node] && !o.reported[node] {
				o.reported[node] = true
				o.report(u, node)
			}
			return true
		}
	case *ast.ValueSpec:
		for _, name := range node.Names {
			if info.Defs[name] == types.Object(u.lock.root) {
				return true
			}
		}
	case *ast.Ident: // the variable of a range statement
		if info.Defs[node] == types.Object(u.lock.root) {
			return true
		}
	case *ast.DeferStmt:
		return false // runs later
	}
	released := false
	if u.held {
		eachCall(node, func(call *ast.CallExpr) {
			f, ok := api.CalleeOf(info, call)
			released = released || ok && f.Effect().Recv != api.Kept
		})
	}
	return released
}

func (o *overwrites) report(u use, assign *ast.AssignStmt) {
	lock := lockIn(o.pass.TypesInfo.TypeOf(assign.Lhs[0]))
	used := types.ExprString(u.call.Fun)
	o.pass.Report(analysis.Diagnostic{
		Pos: assign.Pos(),
		End: assign.End(),
		Message: "this puts a fresh lock in the place of " + lock.describe(o.pass, assign.Lhs[0]) +
			", which is in use: " + used + " was called before; store a value in it instead",
		Related: []analysis.RelatedInformation{{Pos: u.call.Pos(), End: u.call.End(), Message: "used here"}},
	})
}

// eachCall calls f for each call in node that is made when node runs: not for those
// in function literals, nor for one that is deferred.
func eachCall(node ast.Node, f func(*ast.CallExpr)) {
	if _, ok := node.(*ast.DeferStmt); ok {
		return
	}
	ast.Inspect(node, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			f(n)
		}
		return true
	})
}
