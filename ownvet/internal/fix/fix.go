// Package fix makes the edits that the rules suggest.
package fix

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// A Site is a call of which the result is to be bound, or released, with the nodes
// around it from the file down.
type Site struct {
	Pass  *analysis.Pass
	Call  *ast.CallExpr
	Stack []ast.Node
}

// DeferAfter returns the edit that adds a deferred call of method on name behind
// the statement that the call is in, and behind the check of the error that comes
// with it. Both nil and a handle that is released already take it, so it is right
// with and without that check. It returns nil where the statement is in a loop: the
// call would be deferred to the end of the function, not of the iteration.
func (s *Site) DeferAfter(name, method string) []analysis.TextEdit {
	list, i := s.statement()
	if list == nil || s.inLoop() {
		return nil
	}
	stmt := list[i]
	if i+1 < len(list) && s.checksError(stmt, list[i+1]) {
		i++
	}
	text := "\n" + s.indent(stmt) + "defer " + name + "." + method + "()"
	return []analysis.TextEdit{{Pos: list[i].End(), End: list[i].End(), NewText: []byte(text)}}
}

// Bind returns the edits that give result 0 of the call the name of a variable and
// defer its release. It returns nil if that takes more than putting a name in front
// of the call, or in the place of a blank one.
func (s *Site) Bind(name, method string) []analysis.TextEdit {
	list, i := s.statement()
	if list == nil || s.taken(name) {
		return nil
	}
	release := s.DeferAfter(name, method)
	if release == nil {
		return nil
	}
	switch stmt := list[i].(type) {
	case *ast.ExprStmt:
		if _, several := s.Pass.TypesInfo.TypeOf(s.Call).(*types.Tuple); several {
			return nil // what becomes of the error?
		}
		return append([]analysis.TextEdit{{Pos: stmt.Pos(), End: stmt.Pos(), NewText: []byte(name + " := ")}}, release...)
	case *ast.AssignStmt:
		blank, ok := stmt.Lhs[0].(*ast.Ident)
		if !ok || blank.Name != "_" || len(stmt.Rhs) != 1 {
			return nil
		}
		edits := []analysis.TextEdit{{Pos: blank.Pos(), End: blank.End(), NewText: []byte(name)}}
		switch {
		case stmt.Tok == token.DEFINE:
		case len(stmt.Lhs) == 1: // _ = m.MustLock()
			edits = append(edits, analysis.TextEdit{Pos: stmt.TokPos, End: stmt.TokPos + 1, NewText: []byte(":=")})
		default:
			return nil // the others exist already
		}
		return append(edits, release...)
	}
	return nil
}

// statement returns the list of statements in which one is the call, or an
// assignment of it, and which.
func (s *Site) statement() ([]ast.Stmt, int) {
	var stmt ast.Node
	for i := len(s.Stack) - 1; i >= 0; i-- {
		var list []ast.Stmt
		switch n := s.Stack[i].(type) {
		case *ast.ParenExpr:
			continue
		case *ast.ExprStmt, *ast.AssignStmt:
			if stmt != nil {
				return nil, 0
			}
			stmt = n
			continue
		case *ast.BlockStmt:
			list = n.List
		case *ast.CaseClause:
			list = n.Body
		case *ast.CommClause:
			list = n.Body
		default:
			return nil, 0
		}
		for j, other := range list {
			if ast.Node(other) == stmt {
				return list, j
			}
		}
		return nil, 0
	}
	return nil, 0
}

// inLoop reports whether the call is in a loop of its function.
func (s *Site) inLoop() bool {
	for i := len(s.Stack) - 1; i >= 0; i-- {
		switch s.Stack[i].(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			return true
		case *ast.FuncDecl, *ast.FuncLit:
			return false
		}
	}
	return false
}

// checksError reports whether next does nothing but to look at what stmt assigns
// last: if err != nil { … }.
func (s *Site) checksError(stmt, next ast.Stmt) bool {
	assign, ok := stmt.(*ast.AssignStmt)
	if !ok || len(assign.Lhs) < 2 {
		return false
	}
	id, ok := assign.Lhs[len(assign.Lhs)-1].(*ast.Ident)
	if !ok {
		return false
	}
	check, ok := next.(*ast.IfStmt)
	if !ok || check.Init != nil {
		return false
	}
	found := false
	ast.Inspect(check.Cond, func(n ast.Node) bool {
		if other, ok := n.(*ast.Ident); ok && s.Pass.TypesInfo.ObjectOf(other) == s.Pass.TypesInfo.ObjectOf(id) {
			found = true
		}
		return true
	})
	return found
}

// taken reports whether name means something at the call, or in its block.
func (s *Site) taken(name string) bool {
	scope := s.Pass.Pkg.Scope().Innermost(s.Call.Pos())
	if scope == nil {
		return true
	}
	_, obj := scope.LookupParent(name, token.NoPos)
	return obj != nil
}

// indent returns the white space in front of stmt.
func (s *Site) indent(stmt ast.Stmt) string {
	return strings.Repeat("\t", max(0, s.Pass.Fset.Position(stmt.Pos()).Column-1))
}
