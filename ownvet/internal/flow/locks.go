package flow

import (
	"go/token"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/go-own/own/ownvet/internal/api"
)

// A LockUse is a call that locks a lock or borrows a cell, be it for the time of the
// call only, and does not give up.
type LockUse struct {
	Call ssa.CallInstruction
	Name string    // of the method, or of the function that calls it in the end
	Via  string    // where that is, if it is in another function
	Pos  token.Pos // of this call, or of the one in the function literal that it calls
	Type api.Type
	Read bool

	place place
}

// findLocks finds those in f. A deferred call or one in a new goroutine runs at
// another time, with other locks held, so it is none of f.Locks.
func (f *Func) findLocks() {
	if f.locked {
		return
	}
	f.locked = true
	for _, b := range f.Blocks {
		for _, instr := range b.Instrs {
			switch call := instr.(type) {
			case *ssa.Call:
				f.Locks = append(f.Locks, f.locksOf(call)...)
			case *ssa.Defer:
				f.deferred = append(f.deferred, f.locksOf(call)...)
			}
		}
	}
}

// locksOf returns the locks that a call takes, itself or further down.
func (f *Func) locksOf(call ssa.CallInstruction) []LockUse {
	common := call.Common()
	if c, ok := api.CallOf(common); ok {
		how := c.Effect().Lock
		if c.Name == "IntoInner" && c.Func.Recv.IsLock() {
			how = api.ForWrite // it does not wait, but panics
		}
		if how == api.NoLock || c.Try() || cancellable(c) {
			return nil
		}
		return []LockUse{{
			Call: call, Pos: common.Pos(), Name: c.Name, Type: c.Func.Recv, Read: how == api.ForRead, place: f.place(c.Recv),
		}}
	}
	var uses []LockUse
	_, literal := common.Value.(*ssa.MakeClosure)
	for _, l := range f.pkg.calleeSummary(common).Locks {
		p := f.placeOfLock(&l, common)
		if !p.known() {
			continue
		}
		use := LockUse{Call: call, Pos: common.Pos(), Name: l.Name, Via: l.Where, Type: l.Type, Read: l.Read, place: p}
		if literal && l.pos.IsValid() {
			use.Pos, use.Via = l.pos, l.via
		}
		uses = append(uses, use)
	}
	return uses
}

// DeferredLocks returns the calls that take h's lock when the function ends, before
// the deferred release of h: what is deferred last runs first.
func (h *Handle) DeferredLocks() []LockUse {
	if !h.Place.known() || len(h.Func.deferred) == 0 {
		return nil
	}
	var release ssa.Instruction
	for _, e := range h.Events {
		switch e.Kind {
		case Defer:
			release = e.Instr
		case Release, Perhaps, Move, Lose:
			return nil // it may be released by then
		}
	}
	if release == nil {
		return nil
	}
	var uses []LockUse
	for _, l := range h.Func.deferred {
		if l.place.same(h.Place) && precedes(release, l.Call) {
			uses = append(uses, l)
		}
	}
	return uses
}

// cancellable reports whether the call ends with its context, if it has to wait.
func cancellable(c api.Call) bool {
	if len(c.Args) == 0 || !strings.HasSuffix(c.Name, "Context") && c.Name != "LockWhen" {
		return false
	}
	call, ok := c.Args[0].(*ssa.Call)
	if !ok {
		return true
	}
	callee := call.Call.StaticCallee()
	if callee == nil || callee.Pkg == nil || callee.Pkg.Pkg.Path() != "context" {
		return true
	}
	return callee.Name() != "Background" && callee.Name() != "TODO"
}

// A LockRef is a lock as a caller sees it: by the way from a parameter, a captured
// variable, or a package variable.
type LockRef struct {
	Param  int    // its index, the receiver being 0; with Free that of the captured variable
	Free   bool   //
	Global string // the package variable, with the path of its package, if it is one
	Path   string
	Type   api.Type
	Read   bool
	Name   string // of the method
	Where  string // file and line

	pos token.Pos // as in LockUse; not for other packages
	via string
}

// lockRef returns p as callers of f see it, or nil if they do not.
func (f *Func) lockRef(p place) *LockRef {
	if !p.known() || p.fixed != "" || strings.Contains(p.path, "[parameter ") {
		return nil
	}
	switch root := p.root.(type) {
	case *ssa.Parameter:
		for i, param := range f.Params {
			if param == root {
				return &LockRef{Param: i, Path: p.path}
			}
		}
	case *ssa.FreeVar:
		for i, v := range f.FreeVars {
			if v == root {
				return &LockRef{Param: i, Free: true, Path: p.path}
			}
		}
	case *ssa.Global:
		if root.Pkg != nil {
			return &LockRef{Global: root.Pkg.Pkg.Path() + "." + root.Name(), Path: p.path}
		}
	}
	return nil
}

// placeOfLock returns where the lock is that a summary of the callee of c mentions.
func (f *Func) placeOfLock(l *LockRef, c *ssa.CallCommon) place {
	if l.Global != "" {
		return f.global(l)
	}
	if !l.Free {
		if l.Param >= len(c.Args) {
			return place{}
		}
		return f.place(c.Args[l.Param]).then(l.Path)
	}
	closure, ok := c.Value.(*ssa.MakeClosure)
	if !ok || l.Param >= len(closure.Bindings) {
		return place{}
	}
	return f.captured(closure.Bindings[l.Param], l.Path)
}

// captured returns the place at path from the variable that is bound to a function
// literal. If the path begins with a load, that of the variable, it is from what
// the variable holds.
func (f *Func) captured(binding ssa.Value, path string) place {
	rest, loaded := strings.CutPrefix(path, "*")
	if !loaded {
		return f.place(binding).then(path)
	}
	switch v := binding.(type) {
	case *ssa.Alloc:
		c := f.pkg.cellOf(v)
		if !c.open && len(c.stores) == 1 {
			return f.place(c.stores[0].Val).then(rest)
		}
	case *ssa.FreeVar:
		if onlyRead(v) {
			return place{root: v, path: path}
		}
	}
	return place{}
}

// global finds the package variable that l begins with, in this package.
func (f *Func) global(l *LockRef) place {
	name, ok := strings.CutPrefix(l.Global, f.pkg.pass.Pkg.Path()+".")
	if ok && f.Pkg != nil {
		if g, ok := f.Pkg.Members[name].(*ssa.Global); ok {
			return place{root: g, path: l.Path}
		}
	}
	return place{}
}

// maxAgain bounds how many times a function may lock a lock. Beyond it, which takes
// generated code, self-deadlock is silent about that lock.
const maxAgain = 100

// findLockEvents makes events of the calls that take h's lock a second time.
func (h *Handle) findLockEvents() {
	if !h.Place.known() || h.Birth == nil {
		return
	}
	var again []LockUse
	for _, l := range h.Func.Locks {
		if l.place.same(h.Place) && l.Call != h.Birth.Call {
			again = append(again, l)
		}
	}
	if len(again) > maxAgain {
		return
	}
	for _, l := range again {
		if len(h.events[l.Call]) > 0 {
			continue // it is given h as well, so it may unlock first
		}
		kind := Lock
		if l.Read {
			kind = LockRead
		}
		h.event(l.Call, Event{Kind: kind})
	}
}

// LockedBy returns how call locks the lock that h is a guard of. It may lock others.
func (h *Handle) LockedBy(call ssa.Instruction) *LockUse {
	for i, l := range h.Func.Locks {
		if l.Call == call && l.place.same(h.Place) {
			return &h.Func.Locks[i]
		}
	}
	return nil
}

// certainLocks returns the locks that every call of f takes which returns, as its
// callers see them. One that is taken on some paths only would make a false report
// of
//
//	func (s *store) flush(locked bool) {
//		if !locked {
//			defer s.mu.MustLock().Unlock()
//		}
//		…
//
// if it is called with the lock held and true.
func (f *Func) certainLocks() []LockRef {
	var refs []LockRef
	for _, l := range f.Locks {
		if !f.always(l.Call.Block()) {
			continue
		}
		ref := f.lockRef(l.place)
		if ref == nil {
			continue
		}
		ref.Type, ref.Read, ref.Name, ref.Where = l.Type, l.Read, l.Name, l.Via
		ref.pos, ref.via = l.Pos, l.Via
		if ref.Where == "" {
			ref.Where = f.pkg.where(l.Call.Pos())
		}
		if len(refs) < 16 {
			refs = append(refs, *ref)
		}
	}
	return refs
}

// always reports whether every call of f that returns goes through b.
func (f *Func) always(b *ssa.BasicBlock) bool {
	returns := false
	for _, other := range f.Blocks {
		if _, ok := last(other).(*ssa.Return); ok && other != f.Recover {
			returns = true
			if !b.Dominates(other) {
				return false
			}
		}
	}
	return returns
}

// where returns pos as file.go:12.
func (pkg *Package) where(pos token.Pos) string {
	p := pkg.pass.Fset.Position(pos)
	return filepath.Base(p.Filename) + ":" + strconv.Itoa(p.Line)
}

// exportable reports whether l can be used from another package.
//
// A package variable is not, for its package is the only one that has a place for
// it, and callers in that package know it as it is.
func (l *LockRef) exportable() bool { return !l.Free && l.Global == "" }
