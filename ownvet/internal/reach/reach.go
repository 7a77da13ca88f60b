// Package reach answers questions about the order in which the instructions of a
// function can run, and about what a variable holds.
package reach

import (
	"slices"

	"golang.org/x/tools/go/ssa"
)

// After reports whether to can run after from, without anything in between at which
// stop says so. Both are in one function, and stop may be nil. An instruction in a
// loop can run after itself.
//
// With stop at the birth of a value, a loop that makes a new value each time round
// is no way from one use of it to another: those are uses of two values.
func After(from, to ssa.Instruction, stop func(ssa.Instruction) bool) bool {
	seen := map[*ssa.BasicBlock]bool{}
	// run goes through b from instruction i on.
	var run func(b *ssa.BasicBlock, i int) bool
	run = func(b *ssa.BasicBlock, i int) bool {
		for _, instr := range b.Instrs[i:] {
			if instr == to {
				return true
			}
			if stop != nil && stop(instr) {
				return false
			}
		}
		for _, next := range b.Succs {
			if !seen[next] {
				seen[next] = true
				if run(next, 0) {
					return true
				}
			}
		}
		return false
	}
	b := from.Block()
	return run(b, slices.Index(b.Instrs, from)+1)
}

// Stored returns the one value that is ever stored in a local variable, where
// there is one: a variable that a closure captures is not a value in SSA form, but
// a place that is stored to, mostly once.
//
// A store in a closure counts, too, since the closure may run before the place is
// read.
func Stored(place *ssa.Alloc) (ssa.Value, bool) {
	var stored ssa.Value
	var visit func(place ssa.Value) bool
	visit = func(place ssa.Value) bool {
		for _, user := range *place.Referrers() {
			switch user := user.(type) {
			case *ssa.Store:
				if user.Addr != place || stored != nil {
					return false // its address goes elsewhere, or it is a second store
				}
				stored = user.Val
			case *ssa.MakeClosure:
				fn := user.Fn.(*ssa.Function)
				for i, bound := range user.Bindings {
					if bound == place && !visit(fn.FreeVars[i]) {
						return false
					}
				}
			case *ssa.UnOp, *ssa.DebugRef, *ssa.FieldAddr, *ssa.IndexAddr:
				// Read, or a part of it used.
			default:
				return false
			}
		}
		return true
	}
	if !visit(place) || stored == nil {
		return nil, false
	}
	return stored, true
}
