package flow

import (
	"strings"

	"golang.org/x/tools/go/ssa"
)

// printed reports whether a value that was converted to an interface is for nothing
// but to be printed. Printing a handle or an error does nothing to it.
func printed(v *ssa.MakeInterface) bool {
	calls, ok := consumers(v)
	if !ok {
		return false
	}
	for _, call := range calls {
		if !printer(call.Common()) {
			return false
		}
	}
	return true
}

// consumers returns the calls that v is an argument of, be it one of many in a
// variadic call. It returns false if v goes anywhere else.
func consumers(v ssa.Value) (calls []ssa.CallInstruction, ok bool) {
	for _, ref := range *v.Referrers() {
		switch ref := ref.(type) {
		case ssa.CallInstruction:
			calls = append(calls, ref)
		case *ssa.ChangeInterface:
			more, ok := consumers(ref)
			if !ok {
				return nil, false
			}
			calls = append(calls, more...)
		case *ssa.MakeInterface:
			more, ok := consumers(ref)
			if !ok {
				return nil, false
			}
			calls = append(calls, more...)
		case *ssa.Store:
			element, ok := ref.Addr.(*ssa.IndexAddr)
			if !ok {
				return nil, false
			}
			array, ok := element.X.(*ssa.Alloc)
			if !ok || array.Comment != "varargs" {
				return nil, false
			}
			for _, use := range *array.Referrers() {
				slice, ok := use.(*ssa.Slice)
				if !ok {
					continue
				}
				more, ok := consumers(slice)
				if !ok {
					return nil, false
				}
				calls = append(calls, more...)
			}
		case *ssa.DebugRef:
		default:
			return nil, false
		}
	}
	return calls, true
}

// printer reports whether c calls something that only prints its arguments, or
// makes an error of them.
func printer(c *ssa.CallCommon) bool {
	name := calleeName(c)
	var pkg string
	switch {
	case c.IsInvoke():
		if c.Method.Pkg() != nil {
			pkg = c.Method.Pkg().Path()
		}
	default:
		callee := c.StaticCallee()
		if callee == nil || callee.Object() == nil || callee.Object().Pkg() == nil {
			return false
		}
		pkg = callee.Object().Pkg().Path()
	}
	switch pkg {
	case "fmt":
		return !strings.Contains(name, "canf") // Sscanf and so on write through their arguments
	case "errors", "log", "log/slog":
		return true
	case "testing":
		switch strings.TrimSuffix(name, "f") {
		case "Log", "Error", "Fatal", "Skip":
			return true
		}
	}
	return false
}

// calleeName returns the name of the function that c calls, without its package.
func calleeName(c *ssa.CallCommon) string {
	if c.IsInvoke() {
		return c.Method.Name()
	}
	if callee := c.StaticCallee(); callee != nil {
		if callee.Object() != nil {
			return callee.Object().Name()
		}
		return callee.Name()
	}
	if b, ok := c.Value.(*ssa.Builtin); ok {
		return b.Name()
	}
	return ""
}
