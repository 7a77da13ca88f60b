// Package held says which locks are surely held at an instruction: by a guard that
// the function has taken and not released, or around a function literal that With
// runs. It is for the rules about what is done under a lock, and about no handle in
// particular. Where a guard goes to a place that is not followed, its lock counts as
// not held from there on.
package held

import (
	"go/constant"
	"go/token"
	"go/types"
	"iter"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/go-own/own/ownvet/internal/api"
	"github.com/go-own/own/ownvet/internal/reach"
)

// A Lock is one that is held.
type Lock struct {
	Call  ssa.CallInstruction // what took it
	Place ssa.Value           // the address of the lock
	Read  bool                // together with other readers

	guard ssa.Value // nil if a function literal runs under it
	err   ssa.Value // the error that came with the guard, if it has a use
}

// A Set is which locks are held, of those that come up in one function.
type Set struct {
	locks []*Lock
	bits  []uint64 // by index in locks
}

// All yields the locks, those from around the function first, and then in the order
// of the code.
func (s Set) All() iter.Seq[*Lock] {
	return func(yield func(*Lock) bool) {
		for i, lock := range s.locks {
			if s.has(i) && !yield(lock) {
				return
			}
		}
	}
}

// Empty reports whether no lock is held.
func (s Set) Empty() bool {
	for _, word := range s.bits {
		if word != 0 {
			return false
		}
	}
	return true
}

func (s Set) has(i int) bool { return s.bits[i/64]&(1<<(i%64)) != 0 }

// with returns s with lock i, or without it, and leaves s as it is: one Set is that
// of many instructions.
func (s Set) with(i int, held bool) Set {
	s.bits = slices.Clone(s.bits)
	if held {
		s.bits[i/64] |= 1 << (i % 64)
	} else {
		s.bits[i/64] &^= 1 << (i % 64)
	}
	return s
}

// both returns what is in s and in t, and whether that is less than s.
func (s Set) both(t Set) (Set, bool) {
	common := slices.Clone(s.bits)
	for i := range common {
		common[i] &= t.bits[i]
	}
	return Set{s.locks, common}, !slices.Equal(common, s.bits)
}

// Locks are those that are held in the functions of a package.
type Locks struct {
	at map[ssa.Instruction]Set // where it is not empty
}

// At returns what is held when instr runs.
func (l *Locks) At(instr ssa.Instruction) Set { return l.at[instr] }

// In finds out for the functions of a package, each of which comes before the
// literals in it.
func In(funcs []*ssa.Function) *Locks {
	l := &Locks{at: map[ssa.Instruction]Set{}}
	under := map[*ssa.Function][]*Lock{}
	for _, fn := range funcs {
		l.function(fn, under)
	}
	return l
}

// function is a must-analysis: what is held at the beginning of a block is what is
// held at the end of all blocks before it. It starts with the locks around fn.
func (l *Locks) function(fn *ssa.Function, under map[*ssa.Function][]*Lock) {
	if len(fn.Blocks) == 0 {
		return
	}
	locks, effects := effectsIn(fn, under[fn])
	if len(locks) > 0 {
		entry := Set{locks, make([]uint64, (len(locks)+63)/64)}
		for i := range under[fn] {
			entry = entry.with(i, true)
		}
		l.flow(fn.Blocks[0], entry, effects)
	}
	l.literals(fn, under)
}

func (l *Locks) flow(first *ssa.BasicBlock, entry Set, effects map[ssa.Instruction][]effect) {
	before := map[*ssa.BasicBlock]Set{first: entry}
	todo := []*ssa.BasicBlock{first}
	for len(todo) > 0 {
		b := todo[0]
		todo = todo[1:]
		set := before[b]
		for _, instr := range b.Instrs {
			if set.Empty() {
				delete(l.at, instr)
			} else {
				l.at[instr] = set
			}
			for _, e := range effects[instr] {
				set = set.with(e.lock, e.takes)
			}
		}
		for i, next := range b.Succs {
			after := set
			if failed, ok := refusedOn(b, i, set); ok {
				after = set.with(failed, false)
			}
			old, known := before[next]
			if !known {
				before[next] = after
				todo = append(todo, next)
			} else if both, less := old.both(after); less {
				before[next] = both // sets only get smaller, so this ends
				todo = append(todo, next)
			}
		}
	}
}

// refusedOn returns the lock of which the ith edge out of b says that it was not
// taken, since its error is not nil there, or its guard is.
func refusedOn(b *ssa.BasicBlock, i int, set Set) (lock int, ok bool) {
	branch, ok := b.Instrs[len(b.Instrs)-1].(*ssa.If)
	if !ok {
		return 0, false
	}
	if err := recognised(branch.Cond); err != nil && i == 0 {
		for i, lock := range set.locks {
			if lock.err == err {
				return i, true
			}
		}
	}
	cond, ok := branch.Cond.(*ssa.BinOp)
	if !ok || cond.Op != token.NEQ && cond.Op != token.EQL {
		return 0, false
	}
	if c, ok := cond.Y.(*ssa.Const); !ok || !c.IsNil() {
		return 0, false
	}
	notNil := (cond.Op == token.NEQ) == (i == 0)
	for i, lock := range set.locks {
		if lock.err == cond.X && lock.err != nil && notNil || lock.guard == cond.X && lock.guard != nil && !notNil {
			return i, true
		}
	}
	return 0, false
}

// recognised returns the error of which cond asks errors.Is, As or AsType, or nil.
func recognised(cond ssa.Value) ssa.Value {
	if e, ok := cond.(*ssa.Extract); ok {
		cond = e.Tuple
	}
	call, ok := cond.(*ssa.Call)
	if !ok || len(call.Call.Args) == 0 {
		return nil
	}
	callee := call.Call.StaticCallee()
	if callee == nil || callee.Pkg == nil || callee.Pkg.Pkg.Path() != "errors" {
		return nil
	}
	return call.Call.Args[0]
}

// literals notes which function literals of fn run under which locks: those given
// to With and its like, and those called on the spot.
func (l *Locks) literals(fn *ssa.Function, under map[*ssa.Function][]*Lock) {
	if len(fn.AnonFuncs) == 0 {
		return
	}
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			call, ok := instr.(*ssa.Call)
			if !ok {
				continue
			}
			if literal, ok := literalOf(call.Call.Value, call); ok {
				under[literal] = slices.Collect(l.at[call].All())
				continue
			}
			c, ok := api.CallOf(&call.Call)
			if !ok || len(c.Args) == 0 || c.Effect().New != api.NotOwn || c.Effect().Lock == api.NoLock || !c.Func.Recv.IsLock() {
				continue
			}
			if literal, ok := literalOf(c.Args[len(c.Args)-1], call); ok {
				lock := &Lock{Call: call, Place: c.Recv, Read: c.Effect().Lock == api.ForRead}
				under[literal] = append(slices.Collect(l.at[call].All()), lock)
			}
		}
	}
}

// literalOf returns the function literal that v is, if nobody but call uses it.
func literalOf(v ssa.Value, call *ssa.Call) (*ssa.Function, bool) {
	switch v := v.(type) {
	case *ssa.MakeClosure:
		fn := v.Fn.(*ssa.Function)
		for _, user := range *v.Referrers() {
			if _, debug := user.(*ssa.DebugRef); user != ssa.Instruction(call) && !debug {
				return nil, false
			}
		}
		return fn, fn.Parent() != nil
	case *ssa.Function:
		// One that captures nothing is no instruction, and has no list of its users.
		return v, v.Parent() != nil && v.Parent() == call.Parent()
	}
	return nil, false
}

// An effect is what an instruction does to a lock: it takes it, or it releases it
// or perhaps does.
type effect struct {
	lock  int // its index
	takes bool
}

// effectsIn returns the locks that come up in fn, those around it first, and what
// its instructions do to those that it takes.
func effectsIn(fn *ssa.Function, around []*Lock) ([]*Lock, map[ssa.Instruction][]effect) {
	locks := slices.Clone(around)
	effects := map[ssa.Instruction][]effect{}
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			call, ok := instr.(*ssa.Call)
			if !ok {
				continue
			}
			c, ok := api.CallOf(&call.Call)
			e := c.Effect()
			if !ok || e.Lock == api.NoLock || !e.New.IsGuard() {
				continue
			}
			lock := &Lock{Call: call, Place: c.Recv, Read: e.Lock == api.ForRead, guard: call}
			if e.Fails == api.ByError {
				lock.guard = nil
				for _, user := range *call.Referrers() {
					if result, ok := user.(*ssa.Extract); ok {
						if result.Index == 0 {
							lock.guard = result
						} else {
							lock.err = result
						}
					}
				}
			}
			if lock.guard == nil {
				continue // guard-discarded is about it
			}
			releases := map[ssa.Instruction]bool{}
			follow(lock.guard, releases)
			i := len(locks)
			locks = append(locks, lock)
			effects[call] = append(effects[call], effect{i, true})
			for release := range releases {
				effects[release] = append(effects[release], effect{i, false})
			}
		}
	}
	return locks, effects
}

// follow adds the instructions after which the lock of guard need not be held any
// more: releases, and whatever makes the guard known elsewhere.
func follow(guard ssa.Value, releases map[ssa.Instruction]bool) {
	for _, user := range *guard.Referrers() {
		switch user := user.(type) {
		case *ssa.DebugRef, *ssa.BinOp, *ssa.Return:
		case *ssa.Defer:
			// Released at the end, or given to who knows what at the end.
		case *ssa.Call:
			c, ok := api.CallOf(&user.Call)
			if ok && c.Recv == guard && (c.Name == "Value" || c.Name == "Format") {
				continue
			}
			releases[user] = true
		case *ssa.Store:
			place, ok := user.Addr.(*ssa.Alloc)
			if !ok || user.Val != guard {
				releases[user] = true
				continue
			}
			if _, once := reach.Stored(place); !once {
				releases[user] = true
				continue
			}
			followVariable(place, releases)
		default:
			releases[user] = true
		}
	}
}

// followVariable is follow for a variable that a function literal captures.
func followVariable(place *ssa.Alloc, releases map[ssa.Instruction]bool) {
	for _, user := range *place.Referrers() {
		switch user := user.(type) {
		case *ssa.Store, *ssa.DebugRef:
		case *ssa.UnOp:
			follow(user, releases)
		case *ssa.MakeClosure:
			for _, use := range *user.Referrers() {
				if _, deferred := use.(*ssa.Defer); !deferred {
					releases[user] = true
				}
			}
		default:
			releases[user] = true
		}
	}
}

// Name returns a name for the lock at place that is the same in all functions: that
// of the field of a struct type, or of a package variable. Two locks of one name may
// be two, in two structs. A lock that has no such name, such as a parameter, has none.
func Name(place ssa.Value) (string, bool) {
	switch v := place.(type) {
	case *ssa.Global:
		if v.Pkg == nil {
			return "", false
		}
		return v.Pkg.Pkg.Path() + "." + v.Name(), true
	case *ssa.FieldAddr:
		pointer, ok := v.X.Type().Underlying().(*types.Pointer)
		if !ok {
			return "", false
		}
		t := types.Unalias(pointer.Elem())
		s, ok := t.Underlying().(*types.Struct)
		if !ok {
			return "", false
		}
		field := s.Field(v.Field).Name()
		if named, ok := t.(*types.Named); ok && named.Obj().Pkg() != nil {
			// A type that is declared in a function has that name, too, and may share it.
			if named.Obj().Parent() != named.Obj().Pkg().Scope() {
				return "", false
			}
			return named.Obj().Pkg().Path() + "." + named.Obj().Name() + "." + field, true
		}
		base, ok := Name(v.X)
		return base + "." + field, ok
	case *ssa.IndexAddr:
		base, ok := Name(v.X)
		return base + "[]", ok
	case *ssa.UnOp:
		if v.Op == token.MUL {
			return Name(v.X)
		}
	case *ssa.Call:
		// What is in an owner.
		if c, ok := api.CallOf(&v.Call); ok && c.Name == "Value" && c.Func.Recv.IsOwner() {
			return Name(c.Recv)
		}
	}
	return "", false
}

// Buffered reports whether ch is made in this function with room for something.
func Buffered(ch ssa.Value) bool {
	made, ok := ch.(*ssa.MakeChan)
	if !ok {
		return false
	}
	size, ok := made.Size.(*ssa.Const)
	return ok && size.Value != nil && constant.Sign(size.Value) > 0
}

// IsFor reports whether guard is the guard that holds l.
func (l *Lock) IsFor(guard ssa.Value) bool {
	if l.guard == nil {
		return false
	}
	if load, ok := guard.(*ssa.UnOp); ok {
		if place, ok := load.X.(*ssa.Alloc); ok {
			if stored, ok := reach.Stored(place); ok {
				guard = stored
			}
		}
	}
	return guard == l.guard
}
