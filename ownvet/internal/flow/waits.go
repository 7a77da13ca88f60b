package flow

import (
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/go-own/own/ownvet/internal/api"
)

// Waits reports whether f may wait, after instr, for a goroutine that has begun
// there, as in
//
//	go func() {
//		defer close(done)
//		process(g.Value())
//	}()
//	<-done
//	g.Unlock()
//
// which is right: the goroutine works under the lock of the one that waits. Whatever
// could be such a wait is taken for one.
func (f *Func) Waits(instr ssa.Instruction) bool {
	for _, b := range f.Blocks { // deferred before, and run after
		for _, other := range b.Instrs {
			if d, ok := other.(*ssa.Defer); ok && mayWait(d) {
				return true
			}
		}
	}
	block := instr.Block()
	for _, later := range block.Instrs[index(instr)+1:] {
		if mayWait(later) {
			return true
		}
	}
	seen := map[*ssa.BasicBlock]bool{}
	todo := append([]*ssa.BasicBlock(nil), block.Succs...)
	for len(todo) > 0 {
		b := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[b] {
			continue
		}
		seen[b] = true
		for _, later := range b.Instrs {
			if mayWait(later) {
				return true
			}
		}
		todo = append(todo, b.Succs...)
	}
	return false
}

func mayWait(instr ssa.Instruction) bool {
	switch instr := instr.(type) {
	case *ssa.UnOp:
		return instr.Op == token.ARROW
	case *ssa.Select:
		return true
	case ssa.CallInstruction:
		if _, ok := instr.(*ssa.Go); ok {
			return false
		}
		c := instr.Common()
		if _, ok := c.Value.(*ssa.Builtin); ok {
			return false
		}
		if c.StaticCallee() == nil && !c.IsInvoke() {
			return true // whatever it calls
		}
		if own, ok := api.CallOf(c); ok {
			// In a loop, it may be a look at what the goroutine has done.
			return own.Name == "LockWhen" || own.Name == "Await" || own.Effect().Lock != api.NoLock && reaches(instr.Block(), instr.Block())
		}
		if callee := c.StaticCallee(); callee != nil && callee.Object() != nil && callee.Object().Pkg() != nil {
			switch callee.Object().Pkg().Path() {
			case "sync/atomic", "time": // for !done.Load() {}; a Sleep that is long enough
				return true
			case "sync":
				return reaches(instr.Block(), instr.Block()) || strings.Contains(calleeName(c), "Wait")
			}
		}
		name := strings.ToLower(calleeName(c))
		if strings.Contains(name, "wait") || strings.Contains(name, "join") {
			return true
		}
		if _, ok := c.Value.(*ssa.MakeClosure); ok && c.StaticCallee().Synthetic == "" {
			return true // a function literal
		}
		for _, arg := range c.Args {
			if waitable(arg.Type()) {
				return true
			}
		}
	}
	return false
}

// waitable reports whether a function that is given a t might wait for it.
func waitable(t types.Type) bool {
	switch t := types.Unalias(t).Underlying().(type) {
	case *types.Chan, *types.Signature:
		return true
	case *types.Pointer:
		named, ok := types.Unalias(t.Elem()).(*types.Named)
		return ok && strings.HasSuffix(named.Obj().Name(), "Group")
	}
	return false
}

// ExpectsPanic reports whether f is in a test that recovers: what panics there is to
// panic, to show that it does.
func (f *Func) ExpectsPanic() bool {
	if !strings.HasSuffix(f.Prog.Fset.Position(f.Pos()).Filename, "_test.go") {
		return false
	}
	outermost := f.Function
	for outermost.Parent() != nil {
		outermost = outermost.Parent()
	}
	return defersRecover(outermost)
}

// defersRecover reports whether fn, or a literal in it, defers a call of recover.
func defersRecover(fn *ssa.Function) bool {
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			if d, ok := instr.(*ssa.Defer); ok && recovers(d.Call.StaticCallee()) {
				return true
			}
		}
	}
	return slices.ContainsFunc(fn.AnonFuncs, defersRecover)
}

// recovers reports whether fn calls recover.
func recovers(fn *ssa.Function) bool {
	if fn == nil {
		return false
	}
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			call, ok := instr.(*ssa.Call)
			if !ok {
				continue
			}
			if b, ok := call.Call.Value.(*ssa.Builtin); ok && b.Name() == "recover" {
				return true
			}
		}
	}
	return false
}
