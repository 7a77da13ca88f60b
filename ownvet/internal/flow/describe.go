package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"
)

// Name returns what the source calls h, such as g, or what it is, such as "the
// guard", if it has no name.
func (h *Handle) Name() string {
	if name := h.Variable(); name != "" {
		return name
	}
	return "the " + h.What()
}

// Variable returns the name of the variable that h is in from the beginning, or "".
func (h *Handle) Variable() string {
	switch v := h.Value.(type) {
	case *ssa.Parameter:
		return v.Name()
	case *ssa.FreeVar:
		return v.Name()
	}
	if h.Birth != nil {
		i := 0
		if e, ok := h.Value.(*ssa.Extract); ok {
			i = e.Index
		}
		if id := h.Func.pkg.assignee(h.Birth.Pos(), i); id != nil && id.Name != "_" {
			return id.Name
		}
	}
	return ""
}

// What says what kind of handle h is.
func (h *Handle) What() string {
	switch {
	case h.Type.IsGuard():
		return "guard"
	case h.Type.IsBorrow():
		return "borrow"
	case h.Type.IsWeak():
		return "reference"
	}
	return "owner"
}

// assignee returns the variable that result i of the call at pos is assigned to.
func (pkg *Package) assignee(pos token.Pos, i int) *ast.Ident {
	site, ok := pkg.calls[pos]
	if !ok {
		return nil
	}
	var left []ast.Expr
	var right int
	switch parent := site.parent().(type) {
	case *ast.AssignStmt:
		left, right = parent.Lhs, len(parent.Rhs)
		for j, expr := range parent.Rhs {
			if right > 1 && ast.Unparen(expr) == site.CallExpr {
				i = j
			}
		}
	case *ast.ValueSpec:
		for _, name := range parent.Names {
			left = append(left, name)
		}
		for j, expr := range parent.Values {
			if len(parent.Values) > 1 && ast.Unparen(expr) == site.CallExpr {
				i = j
			}
		}
	}
	if i >= len(left) {
		return nil
	}
	id, _ := left[i].(*ast.Ident)
	return id
}

// parent returns the node around the call, without parentheses.
func (s *callSite) parent() ast.Node {
	for i := len(s.stack) - 1; i >= 0; i-- {
		if _, ok := s.stack[i].(*ast.ParenExpr); !ok {
			return s.stack[i]
		}
	}
	return nil
}

// Site returns the call at pos, the position of its left parenthesis, and the nodes
// around it from the file down.
func (pkg *Package) Site(pos token.Pos) (call *ast.CallExpr, stack []ast.Node) {
	site := pkg.calls[pos]
	return site.CallExpr, site.stack
}

// CallText returns the call at pos as the source has it, without its arguments:
// s.users.Lock().
func (pkg *Package) CallText(pos token.Pos) string {
	site, ok := pkg.calls[pos]
	if !ok {
		return "the call"
	}
	if _, ok := ast.Unparen(site.Fun).(*ast.FuncLit); ok {
		return "the function literal"
	}
	text := types.ExprString(ast.Unparen(site.Fun)) + "()"
	if len(text) > 60 {
		if sel, ok := ast.Unparen(site.Fun).(*ast.SelectorExpr); ok {
			return sel.Sel.Name + "()"
		}
		return "the call"
	}
	return text
}

// LockText returns what the method at pos is called on: s.users.
func (pkg *Package) LockText(pos token.Pos) string {
	if site, ok := pkg.calls[pos]; ok {
		if sel, ok := ast.Unparen(site.Fun).(*ast.SelectorExpr); ok {
			if text := types.ExprString(sel.X); len(text) <= 40 {
				return text
			}
		}
	}
	return "the lock"
}

// Line returns the line of pos, for a message about another one in the same file.
func (pkg *Package) Line(pos token.Pos) string {
	return "line " + strconv.Itoa(pkg.pass.Fset.Position(pos).Line)
}

// Related is a remark on a diagnostic.
func Related(pos token.Pos, message string) []analysis.RelatedInformation {
	if !pos.IsValid() {
		return nil
	}
	return []analysis.RelatedInformation{{Pos: pos, Message: message}}
}

// Pos is where the function ends in this way.
func (e *Exit) Pos() token.Pos { return position(e.Instr) }

// Position is that of an instruction, or the nearest that the source has.
func Position(instr ssa.Instruction) token.Pos { return position(instr) }
