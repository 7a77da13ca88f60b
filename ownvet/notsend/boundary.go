package notsend

import (
	"fmt"
	"go/token"
	"go/types"
	"iter"
	"slices"

	"golang.org/x/tools/go/ssa"
)

// A boundary is a place at which values reach another goroutine.
type boundary struct {
	instr    ssa.Instruction
	instrPos token.Pos
	values   []ssa.Value
	callee   string // the function that they are given to; "" for go and send
}

// crossesWith reports whether closure is itself one of the values.
func (b boundary) crossesWith(closure *ssa.MakeClosure) bool {
	return slices.Contains(b.values, ssa.Value(closure))
}

// message says what crosses and why it must not.
func (b boundary) message(pkg *types.Package, f finding) string {
	var how string
	switch _, isGo := b.instr.(*ssa.Go); {
	case b.callee != "" && f.bound:
		how = fmt.Sprintf("is captured by a function that %s runs on another goroutine", b.callee)
	case b.callee != "":
		how = fmt.Sprintf("is given to %s, which passes it to another goroutine", b.callee)
	case isGo && f.bound:
		how = "is captured by this goroutine"
	case isGo:
		how = "is passed to this goroutine"
	case f.bound:
		how = "is captured by a function that is sent to another goroutine"
	default:
		how = "is sent to another goroutine"
	}
	return fmt.Sprintf("%s %s: %s", describe(pkg, f), how, advice(f.own))
}

// boundaries yields those in fn.
func (c *checker) boundaries(fn *ssa.Function) iter.Seq[boundary] {
	return func(yield func(boundary) bool) {
		for _, block := range fn.Blocks {
			for _, instr := range block.Instrs {
				for _, b := range c.boundariesAt(instr) {
					if !yield(b) {
						return
					}
				}
			}
		}
	}
}

func (c *checker) boundariesAt(instr ssa.Instruction) []boundary {
	switch instr := instr.(type) {
	case *ssa.Go:
		// The function itself is a value, too: a closure captures. So is an
		// interface whose method is called.
		values := append([]ssa.Value{instr.Call.Value}, instr.Call.Args...)
		return []boundary{{instr: instr, instrPos: instr.Pos(), values: values}}
	case *ssa.Send:
		if !staysHere(instr.Chan) {
			return []boundary{{instr: instr, instrPos: instr.Pos(), values: []ssa.Value{instr.X}}}
		}
	case *ssa.Select:
		var bs []boundary
		for _, state := range instr.States {
			if state.Dir == types.SendOnly && !staysHere(state.Chan) {
				bs = append(bs, boundary{instr: instr, instrPos: state.Pos, values: []ssa.Value{state.Send}})
			}
		}
		return bs
	case *ssa.Call, *ssa.Defer:
		call := instr.(ssa.CallInstruction).Common()
		callee := call.StaticCallee()
		if callee == nil {
			return nil
		}
		var values []ssa.Value
		for _, i := range c.crossing(callee) {
			if i < len(call.Args) {
				values = append(values, call.Args[i])
			}
		}
		if len(values) > 0 {
			return []boundary{{instr: instr, instrPos: instr.Pos(), values: values, callee: callee.Name()}}
		}
	}
	return nil
}

// staysHere reports whether ch is a channel that is made in this function and used
// by it alone, as a queue or a counter.
func staysHere(ch ssa.Value) bool {
	made, ok := ch.(*ssa.MakeChan)
	if !ok {
		return false
	}
	for _, user := range *made.Referrers() {
		switch user := user.(type) {
		case *ssa.Send:
			if user.X == made {
				return false
			}
		case *ssa.Select:
			for _, state := range user.States {
				if state.Send == made {
					return false
				}
			}
		case *ssa.Call:
			if _, builtin := user.Call.Value.(*ssa.Builtin); !builtin {
				return false
			}
		case *ssa.UnOp, *ssa.DebugRef:
		default:
			return false
		}
	}
	return true
}
