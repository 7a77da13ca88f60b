package notsend

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// nameOf returns how the source calls a value, or "".
func (c *checker) nameOf(v ssa.Value) string {
	switch v := v.(type) {
	case *ssa.Parameter, *ssa.FreeVar, *ssa.Global:
		return v.Name()
	case *ssa.Alloc:
		// The comment is the variable's name, or says what else was allocated, in
		// words that are identifiers, too.
		if v.Comment == "new" || v.Comment == "complit" || !token.IsIdentifier(v.Comment) {
			return c.assigned(v.Pos(), 0)
		}
		return v.Comment
	case *ssa.Call:
		return c.assigned(v.Pos(), 0)
	case *ssa.Extract:
		return c.assigned(v.Tuple.Pos(), v.Index)
	case *ssa.UnOp:
		if v.Op == token.MUL {
			return c.nameOf(v.X)
		}
	case *ssa.FieldAddr:
		if base := c.nameOf(v.X); base != "" {
			field := v.X.Type().Underlying().(*types.Pointer).Elem().Underlying().(*types.Struct).Field(v.Field)
			return base + "." + field.Name()
		}
	case *ssa.Field:
		if base := c.nameOf(v.X); base != "" {
			return base + "." + v.X.Type().Underlying().(*types.Struct).Field(v.Field).Name()
		}
	}
	return ""
}

// assigned returns the name of the variable to which result i of the expression at
// pos is assigned. A variable that no closure captures is no more than a value in
// SSA form, so its name has to be looked up in the source.
func (c *checker) assigned(pos token.Pos, i int) string {
	if c.variables == nil {
		c.variables = map[token.Pos][]ast.Expr{}
		for _, file := range c.pass.Files {
			ast.Inspect(file, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.AssignStmt:
					c.noteAssigned(n.Lhs, n.Rhs)
				case *ast.ValueSpec:
					var lhs []ast.Expr
					for _, name := range n.Names {
						lhs = append(lhs, name)
					}
					c.noteAssigned(lhs, n.Values)
				}
				return true
			})
		}
	}
	if names := c.variables[pos]; i < len(names) {
		if id, ok := names[i].(*ast.Ident); ok && id.Name != "_" {
			return id.Name
		}
	}
	return ""
}

func (c *checker) noteAssigned(lhs, rhs []ast.Expr) {
	for i, x := range rhs {
		to := lhs
		if len(rhs) > 1 {
			to = lhs[i : i+1]
		}
		x = ast.Unparen(x)
		if address, ok := x.(*ast.UnaryExpr); ok {
			x = ast.Unparen(address.X)
		}
		// These are the positions that values have in SSA form.
		switch x := x.(type) {
		case *ast.CallExpr:
			c.variables[x.Lparen] = to
		case *ast.CompositeLit:
			c.variables[x.Lbrace] = to
		}
	}
}
