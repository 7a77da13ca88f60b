package api

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/ssa"
	"golang.org/x/tools/go/types/typeutil"
)

// A Func is a function or method of own. Two are the same if they are ==.
type Func struct {
	Recv Type   // the type of which it is a method; NotOwn for a function
	Name string // of the method; of a function with its package: "own.NewArc", "rc.New"
}

// String returns the name as documentation has it: own.Mutex.Lock, rc.New.
func (f Func) String() string {
	if f.Recv == NotOwn {
		return f.Name
	}
	return f.Recv.String() + "." + f.Name
}

// FuncOf says which function or method of own obj is, if it is one.
func FuncOf(obj types.Object) (f Func, ok bool) {
	fn, ok := obj.(*types.Func)
	if !ok {
		return Func{}, false
	}
	fn = fn.Origin() // the method of Mutex[T], not that of Mutex[int]
	pkg := packageOf(fn)
	if pkg == "" {
		return Func{}, false
	}
	recv := fn.Signature().Recv()
	if recv == nil {
		return Func{Name: pkg + "." + fn.Name()}, true
	}
	t := PointerTo(recv.Type()) // no method of own has a value receiver
	return Func{t, fn.Name()}, t != NotOwn
}

// CalleeOf says which function or method of own a call in the source calls.
func CalleeOf(info *types.Info, call *ast.CallExpr) (f Func, ok bool) {
	return FuncOf(typeutil.Callee(info, call))
}

// A Call is a call of a function or method of own in SSA form.
type Call struct {
	Func
	Recv ssa.Value   // what the method is called on; nil for a function
	Args []ssa.Value // without Recv
}

// CallOf says what of own c calls: directly, as in g.Unlock(); through a method
// value, as in f := g.Unlock; f(); or through a method expression, as in
// (*own.Guard[int]).Unlock(g). It knows c only if c can call nothing else, so not a
// call through an interface or a variable that is assigned twice.
func CallOf(c *ssa.CallCommon) (call Call, ok bool) {
	if c.IsInvoke() {
		return Call{}, false
	}
	callee := c.StaticCallee()
	if callee == nil {
		return Call{}, false
	}
	f, ok := FuncOf(callee.Object())
	if !ok {
		return Call{}, false
	}
	if f.Recv == NotOwn {
		return Call{f, nil, c.Args}, true
	}
	args := c.Args
	// A method value has its receiver bound to it, and no parameter for it.
	if closure, bound := c.Value.(*ssa.MakeClosure); bound {
		args = append(closure.Bindings[:1:1], args...)
	}
	// The method of a struct in which the handle is embedded is called through a
	// wrapper that stands for the same method and takes the struct.
	if len(args) == 0 || PointerTo(args[0].Type()) != f.Recv {
		return Call{}, false
	}
	return Call{f, args[0], args[1:]}, true
}
