package lockcopied

import (
	"go/ast"
	"go/constant"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/types/typeutil"

	"github.com/go-own/own/ownvet/internal/api"
)

// checkPrint reports what fmt, or a package that uses it, prints by reading a
// lock's fields.
//
// A *Mutex prints well: it has a Format method that takes the lock. But fmt finds a
// Mutex in a struct as a value, which has no methods, and reads the guarded value
// without the lock. A struct that is passed by value is a copy that copylocks
// reports; a pointer to one, a slice or a map is not.
func checkPrint(pass *analysis.Pass, call *ast.CallExpr) {
	fn, ok := typeutil.Callee(pass.TypesInfo, call).(*types.Func)
	if !ok || fn.Pkg() == nil || call.Ellipsis.IsValid() || !prints(fn) {
		return
	}
	first := fn.Signature().Params().Len() - 1 // the variadic one
	if first < 0 || !fn.Signature().Variadic() || len(call.Args) <= first {
		return
	}
	var verbs []rune
	isFormat := strings.HasSuffix(fn.Name(), "f")
	if isFormat {
		if verbs = verbsOf(pass, call.Args[first-1]); verbs == nil {
			return // not constant, or too clever
		}
	}
	for i, arg := range call.Args[first:] {
		if isFormat && (i >= len(verbs) || verbs[i] == 'T' || verbs[i] == 'p') {
			continue
		}
		if lock := printed(pass.TypesInfo.TypeOf(arg)); lock != nil {
			report(pass, arg, "%s reads %s, without its lock, for it sees no methods there; print a copy of the value",
				fn.Name(), lock.describe(pass, arg))
			return
		}
	}
}

// prints reports whether fn prints its last arguments as fmt does.
func prints(fn *types.Func) bool {
	name := strings.TrimSuffix(strings.TrimSuffix(fn.Name(), "f"), "ln")
	var names []string
	switch fn.Pkg().Path() {
	case "fmt":
		names = []string{"Print", "Sprint", "Fprint", "Append", "Error"}
		if fn.Name() == "Error" {
			return false
		}
	case "log":
		names = []string{"Print", "Fatal", "Panic"}
	case "log/slog": // whose handlers print what they do not know
		names = []string{"Debug", "Info", "Warn", "Error", "Log", "DebugContext", "InfoContext", "WarnContext", "ErrorContext"}
	case "testing":
		names = []string{"Log", "Error", "Fatal", "Skip"}
	}
	return slices.Contains(names, name)
}

// verbsOf returns the verb of each argument of a format, or nil if it is not a
// constant or says which argument goes where.
func verbsOf(pass *analysis.Pass, format ast.Expr) []rune {
	tv := pass.TypesInfo.Types[format]
	if tv.Value == nil || tv.Value.Kind() != constant.String {
		return nil
	}
	verbs := []rune{}
	inVerb := false
	for _, r := range constant.StringVal(tv.Value) {
		switch {
		case !inVerb:
			inVerb = r == '%'
		case strings.ContainsRune("+-# 0123456789.", r):
		case r == '*' || r == '[':
			return nil
		case r == '%':
			inVerb = false
		default:
			verbs = append(verbs, r)
			inVerb = false
		}
	}
	return verbs
}

// printed returns the lock that fmt reads when it prints a t, or nil.
func printed(t types.Type) *held {
	if t == nil || hasMethods(t) {
		return nil
	}
	p := &printer{}
	switch t := t.Underlying().(type) {
	case *types.Pointer:
		switch t.Elem().Underlying().(type) {
		case *types.Struct, *types.Array, *types.Slice, *types.Map:
			return p.walk(t.Elem(), "", true, 0)
		}
	case *types.Slice, *types.Map:
		return p.walk(t, "", true, 0)
	}
	return nil
}

type printer struct{ seen typeutil.Map }

// walk follows fmt through a value of type t. Methods are called only on what is
// exported all the way; below the top, a pointer prints as an address.
//
// What is for one goroutine is read by that one; it prints badly, and no more.
func (p *printer) walk(t types.Type, path string, exported bool, depth int) *held {
	switch own := api.TypeOf(t); {
	case own.IsLock(), own == api.AtomicArc:
		return &held{path, types.Unalias(t)}
	case own != api.NotOwn:
		return nil
	}
	if p.seen.At(t) != nil || depth > 50 {
		return nil
	}
	p.seen.Set(t, true)
	if depth > 0 && exported && hasMethods(t) {
		return nil
	}
	switch t := t.Underlying().(type) {
	case *types.Struct:
		for field := range t.Fields() {
			if h := p.walk(field.Type(), path+"."+field.Name(), exported && field.Exported(), depth+1); h != nil {
				return h
			}
		}
	case *types.Array:
		return p.walk(t.Elem(), path+"[]", exported, depth+1)
	case *types.Slice:
		return p.walk(t.Elem(), path+"[]", exported, depth+1)
	case *types.Map:
		if h := p.walk(t.Key(), path+"[key]", exported, depth+1); h != nil {
			return h
		}
		return p.walk(t.Elem(), path+"[]", exported, depth+1)
	}
	return nil
}

// hasMethods reports whether a value of type t says itself how it prints.
func hasMethods(t types.Type) bool {
	for _, name := range []string{"Format", "Error", "String", "GoString"} {
		obj, _, _ := types.LookupFieldOrMethod(t, false, nil, name)
		if _, ok := obj.(*types.Func); ok {
			return true
		}
	}
	return false
}
