package notsend

import (
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/go-own/own/ownvet/internal/api"
	"github.com/go-own/own/ownvet/internal/reach"
)

// movesInto reports whether f changes hands: it has a RefCell in it, was made here,
// and is not used here once it has crossed, or only after a wait. Rust's RefCell is
// Send: one that is moved with all that leads to it is used by one goroutine, as in
//
//	s := newSession(conn) // has a RefCell somewhere
//	go s.serve()
//
// Not so an Rc, which has other owners, or a guard. Nor a variable that is itself a
// RefCell and captured: that is a reference to it, and RefCell is not Sync.
func movesInto(f finding, b boundary) bool {
	if f.own != api.RefCell || f.shared {
		return false
	}
	if variable, ok := f.value.(*ssa.Alloc); ok && f.bound {
		stored, ok := reach.Stored(variable)
		if !ok {
			return f.inStruct() && unusedAfter(variable, variable, b)
		}
		if _, isPointer := stored.Type().Underlying().(*types.Pointer); !isPointer {
			return f.inStruct() && unusedAfter(variable, variable, b)
		}
		// What it points to must be new, too.
		birth, ok := birthOf(stored, f.inStruct())
		return ok && unusedAfter(stored, birth, b) && unusedAfter(variable, variable, b)
	}
	birth, ok := birthOf(f.value, f.inStruct())
	return ok && unusedAfter(f.value, birth, b)
}

// birthOf returns the instruction that makes v, if it is new: the result of a call,
// or an allocation where that is no variable of type RefCell.
func birthOf(v ssa.Value, inStruct bool) (ssa.Instruction, bool) {
	switch v := v.(type) {
	case *ssa.Call:
		// What an owner or a guard gives access to is not new.
		own, ok := api.CallOf(&v.Call)
		return v, !ok || own.Name != "Value"
	case *ssa.Extract:
		call, ok := v.Tuple.(*ssa.Call)
		return call, ok
	case *ssa.Alloc:
		return v, inStruct
	}
	return nil, false
}

// unusedAfter reports whether v, born by an instruction, has no use after b but
// behind a wait, and is kept nowhere else.
func unusedAfter(v ssa.Value, birth ssa.Instruction, b boundary) bool {
	stop := func(instr ssa.Instruction) bool { return instr == birth || isWait(instr) }
	for _, user := range *v.Referrers() {
		switch u := user.(type) {
		case *ssa.DebugRef:
			continue
		case *ssa.MakeClosure:
			if b.crossesWith(u) {
				continue
			}
			if reach.After(u, b.instr, stop) {
				return false // another closure has it, to run whenever
			}
		case *ssa.MapUpdate:
			return false
		case *ssa.Store:
			if u.Val == v {
				if _, local := u.Addr.(*ssa.Alloc); !local {
					return false
				}
			}
		}
		// In a loop, what was born outside of it crosses again and again: b itself is
		// a use after b.
		if reach.After(b.instr, user, stop) {
			return false
		}
	}
	return !reach.After(b.instr, b.instr, stop)
}

// isWait reports whether instr may be a wait for what another goroutine does.
func isWait(instr ssa.Instruction) bool {
	switch instr := instr.(type) {
	case *ssa.UnOp:
		return instr.Op == token.ARROW
	case *ssa.Select:
		return true
	case *ssa.Go:
		return false
	case ssa.CallInstruction:
		callee := instr.Common().StaticCallee()
		return callee != nil && callee.Name() == "Wait"
	}
	return false
}
