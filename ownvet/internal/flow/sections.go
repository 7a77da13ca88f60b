package flow

import (
	"go/token"

	"golang.org/x/tools/go/ssa"

	"github.com/go-own/own/ownvet/internal/api"
)

// A Section is a function literal that is called with a lock held: by With, or as
// the condition of LockWhen.
type Section struct {
	Call  *ssa.Call // of With
	Name  string    // of the method
	Type  api.Type
	Read  bool
	Inner *Func // the literal

	closure *ssa.MakeClosure // nil if it captures nothing
	place   place            // of the lock
}

// Sections returns those in f.
func (f *Func) Sections() []Section {
	var sections []Section
	for _, b := range f.Blocks {
		for _, instr := range b.Instrs {
			call, ok := instr.(*ssa.Call)
			if !ok {
				continue
			}
			c, ok := api.CallOf(&call.Call)
			if !ok || c.Effect().Lock == api.NoLock && c.Name != "Await" {
				continue
			}
			s := Section{Call: call, Name: c.Name, Type: c.Func.Recv, Read: c.Effect().Lock == api.ForRead}
			if c.Name == "Await" {
				s.Type = api.Mutex
				if h := f.owner[c.Recv]; h != nil {
					s.place = h.Place
				}
			} else {
				s.place = f.place(c.Recv)
			}
			for _, arg := range c.Args {
				switch fn := arg.(type) {
				case *ssa.MakeClosure:
					s.closure, s.Inner = fn, f.pkg.byFunc[fn.Fn.(*ssa.Function)]
				case *ssa.Function:
					s.Inner = f.pkg.byFunc[fn]
				}
			}
			if s.Inner != nil {
				sections = append(sections, s)
			}
		}
	}
	return sections
}

// Relocks returns the calls in the section that take its own lock.
func (s *Section) Relocks(f *Func) []LockUse {
	if !s.place.known() {
		return nil
	}
	var again []LockUse
	for _, l := range s.Inner.Locks {
		ref := s.Inner.lockRef(l.place)
		if ref == nil {
			continue
		}
		p := place{}
		switch {
		case ref.Global != "":
			p = f.global(ref)
		case ref.Free && s.closure != nil:
			p = f.captured(s.closure.Bindings[ref.Param], ref.Path)
		}
		if p.same(s.place) {
			again = append(again, l)
		}
	}
	return again
}

// Lent returns the parameter through which the section gets the value, or nil.
func (s *Section) Lent() ssa.Value {
	if len(s.Inner.Params) == 0 {
		return nil
	}
	return s.Inner.Params[0]
}

// UseAfter returns the first use, in f and after the section, of a pointer into the
// value that the section stores in a variable of f:
//
//	var first *item
//	m.With(func(v *[8]item) { first = &v[0] })
//	first.count++
func (s *Section) UseAfter(f *Func, store ssa.Instruction) ssa.Instruction {
	kept, ok := store.(*ssa.Store)
	if !ok || s.closure == nil {
		return nil
	}
	var variable *ssa.Alloc
	for i, v := range s.Inner.FreeVars {
		if v == kept.Addr {
			variable, _ = s.closure.Bindings[i].(*ssa.Alloc)
		}
	}
	if variable == nil {
		return nil
	}
	var loads []*ssa.UnOp
	for _, ref := range *variable.Referrers() {
		switch ref := ref.(type) {
		case *ssa.Store:
			if ref.Addr != variable || !precedes(ref, s.Call) {
				return nil // it may hold something else by then
			}
		case *ssa.MakeClosure:
			if ref != s.closure && assigns(ref, variable) {
				return nil
			}
		case *ssa.UnOp:
			if ref.Op == token.MUL && precedes(s.Call, ref) {
				loads = append(loads, ref)
			}
		case *ssa.DebugRef:
		default:
			return nil
		}
	}
	var first ssa.Instruction
	for _, load := range loads {
		f.pkg.Follow(load, func(use ssa.Instruction, _ Kind, _ ssa.Value) {
			if first == nil || position(use) < position(first) {
				first = use
			}
		})
	}
	return first
}
