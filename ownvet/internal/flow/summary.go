package flow

import (
	"fmt"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/go-own/own/ownvet/internal/api"
)

// A Fate is what a function does to a handle that it is given.
type Fate uint8

const (
	Escapes  Fate = iota // keeps it, or whatever: the zero Fate, for who knows nothing
	Borrows              // uses it, at most, and leaves it as it was
	Releases             // has released it whenever it returns
)

func (f Fate) String() string { return [...]string{"escapes", "borrows", "releases"}[f] }

// An Effect is what a function does with one of its parameters.
type Effect struct {
	Fate  Fate
	Uses  bool // calls methods of it that panic on a handle that has been released
	Needs bool // does so on every path
	Blind bool // releases by a call that is below its own, where a panic is not seen
}

// A Result is a handle that a function hands over to its caller.
type Result struct {
	Type  api.Type // NotOwn if it hands over none
	Fails api.Failure
	Lock  *LockRef // what a guard holds, if it is known
}

// A Summary is what callers need to know of a function. It is a fact for those in
// other packages. The zero Summary is that of a function of which nothing is known.
type Summary struct {
	Params  []Effect // by index, the receiver being 0
	Free    []Effect // of the captured variables of a function literal
	Results []Result
	Locks   []LockRef // those that it locks, whenever it returns
}

// AFact makes a Summary a fact.
func (*Summary) AFact() {}

func (s *Summary) String() string {
	var parts []string
	for i, p := range s.Params {
		if p.Fate != Escapes {
			parts = append(parts, fmt.Sprintf("%s %d", p.Fate, i))
		}
	}
	for _, r := range s.Results {
		if r.Type != api.NotOwn {
			parts = append(parts, "new "+r.Type.String())
		}
	}
	for _, l := range s.Locks {
		parts = append(parts, fmt.Sprintf("locks %d%s%s", l.Param, l.Global, l.Path))
	}
	return strings.Join(parts, ", ")
}

func (s *Summary) param(i int) Effect {
	if i < len(s.Params) {
		return s.Params[i]
	}
	return Effect{}
}

func (s *Summary) free(i int) Effect {
	if i < len(s.Free) {
		return s.Free[i]
	}
	return Effect{}
}

func (s *Summary) trivial() bool {
	for _, p := range s.Params {
		if p.Fate != Escapes {
			return false
		}
	}
	for _, r := range s.Results {
		if r.Type != api.NotOwn {
			return false
		}
	}
	for _, l := range s.Locks {
		if l.exportable() {
			return false
		}
	}
	return true
}

// public returns what of s makes sense in another package.
func (s *Summary) public() *Summary {
	public := &Summary{Params: s.Params}
	for _, r := range s.Results {
		if r.Lock != nil && !r.Lock.exportable() {
			r.Lock = nil
		}
		public.Results = append(public.Results, r)
	}
	for _, l := range s.Locks {
		if l.exportable() {
			public.Locks = append(public.Locks, l)
		}
	}
	return public
}

var nothingKnown = &Summary{}

// calleeSummary returns that of the function that c calls, if it is known which.
func (pkg *Package) calleeSummary(c *ssa.CallCommon) *Summary {
	callee := c.StaticCallee()
	if callee == nil {
		return nothingKnown
	}
	if IsWrapper(callee) {
		return nothingKnown // its parameters are not those of the method
	}
	return pkg.summary(callee)
}

// IsWrapper reports whether fn is not in the source, but stands for a method: that of
// an embedded field, a method value or a method expression.
func IsWrapper(fn *ssa.Function) bool {
	return strings.Contains(fn.Synthetic, "wrapper for ") || strings.HasPrefix(fn.Synthetic, "thunk for ")
}

// summary returns that of fn. While it is being made, in a recursive function,
// nothing is known.
func (pkg *Package) summary(fn *ssa.Function) *Summary {
	if origin := fn.Origin(); origin != nil {
		fn = origin // the generic function of which it is an instance
	}
	if s := pkg.summaries[fn]; s != nil {
		return s
	}
	f := pkg.byFunc[fn]
	if f == nil {
		s := nothingKnown
		if obj, ok := fn.Object().(*types.Func); ok && obj.Pkg() != nil && obj.Pkg() != pkg.pass.Pkg {
			fact := new(Summary)
			if pkg.pass.ImportObjectFact(obj.Origin(), fact) {
				s = fact
			}
		}
		pkg.summaries[fn] = s
		return s
	}
	if f.found == underway {
		return nothingKnown
	}
	pkg.summaries[fn] = nothingKnown
	f.findHandles()
	f.findLocks()
	s := &Summary{Locks: f.certainLocks()}
	for _, p := range f.Params {
		s.Params = append(s.Params, f.effectOn(p))
	}
	for _, v := range f.FreeVars {
		s.Free = append(s.Free, f.effectOn(v))
	}
	s.Results = f.results()
	pkg.summaries[fn] = s
	return s
}

// effectOn returns what f does with the handle v, a parameter or captured variable.
func (f *Func) effectOn(v ssa.Value) Effect {
	h := f.rooted(v)
	if h == nil {
		return Effect{}
	}
	if free, ok := v.(*ssa.FreeVar); ok && !onlyRead(free) {
		return Effect{}
	}
	if h.walked == underway {
		return Effect{}
	}
	h.walk()
	if h.deep {
		return Effect{}
	}
	e := Effect{Fate: Borrows}
	var exits, during States
	for _, exit := range h.Exits {
		if _, ok := exit.Instr.(*ssa.Return); ok {
			exits |= exit.Seen
		}
	}
	for _, event := range h.Events {
		during |= event.Seen
		if event.Kind == Lose && event.Seen.Has(Held|Pending|Unchecked) {
			return Effect{}
		}
		if event.Needs && event.Seen.Only(Held|Pending) && f.always(event.Instr.Block()) {
			e.Needs = true
		}
		if event.Kind == Use || event.Needs {
			e.Uses = true
		}
		if event.Kind == Release && event.Seen.Has(Held) {
			e.Blind = true
		}
		if event.Kind == Defer {
			e.Blind = true // deferred by f, but f itself is not what panics
		}
	}
	switch {
	case exits.Has(Unknown | Unchecked):
		return Effect{}
	case exits.Has(Released) && exits.Has(Held):
		return Effect{}
	case exits.Has(Released):
		e.Fate = Releases
	case h.releasedSomewhere():
		return Effect{} // on a path that does not return
	}
	return e
}

// rooted returns the handle that v is the beginning of.
func (f *Func) rooted(v ssa.Value) *Handle {
	for _, h := range f.Handles {
		if h.Value == v && h.Birth == nil {
			return h
		}
	}
	return nil
}

// results returns which results of f are handles that it made, and hands over.
func (f *Func) results() []Result {
	list := f.Signature.Results()
	var results []Result
	any := false
	for i := range list.Len() {
		r := Result{}
		if t := api.HandleOf(list.At(i).Type()); t != api.NotOwn {
			r = f.result(i, t)
		}
		any = any || r.Type != api.NotOwn
		results = append(results, r)
	}
	if !any {
		return nil
	}
	return results
}

func (f *Func) result(i int, t api.Type) Result {
	list := f.Signature.Results()
	r := Result{Type: t, Fails: api.Never}
	switch last := list.At(list.Len() - 1).Type(); {
	case i == list.Len()-1:
	case types.Identical(last, types.Universe.Lookup("error").Type()):
		r.Fails = api.ByError
	case types.Identical(last, types.Typ[types.Bool]):
		r.Fails = api.ByFalse
	}
	var place place
	first := true
	for _, b := range f.Blocks {
		ret, ok := last(b).(*ssa.Return)
		if !ok || b == f.Recover || i >= len(ret.Results) {
			continue
		}
		for _, v := range f.sources(ret.Results[i], map[ssa.Value]bool{}) {
			if isNil(v) {
				if r.Fails == api.Never {
					r.Fails = api.ByNil
				}
				continue
			}
			h := f.owner[v]
			if h == nil || h.Birth == nil || !h.handedOver() {
				return Result{}
			}
			switch h.Birth.Fails {
			case api.Never:
			case api.ByNil:
				if r.Fails == api.Never {
					r.Fails = api.ByNil
				}
			default:
				if r.Fails == api.Never && !f.passesOn(ret, h) {
					return Result{}
				}
			}
			if first {
				place, first = h.Place, false
			} else if !place.same(h.Place) {
				place.root = nil
			}
		}
	}
	if first {
		return Result{} // never anything but nil
	}
	r.Lock = f.lockRef(place)
	return r
}

// passesOn reports whether ret returns the error or bool of h's birth.
func (f *Func) passesOn(ret *ssa.Return, h *Handle) bool {
	return h.decider != nil && len(ret.Results) > 0 && h.decider.has(ret.Results[len(ret.Results)-1])
}

// sources returns the values of which v is one.
func (f *Func) sources(v ssa.Value, seen map[ssa.Value]bool) []ssa.Value {
	if seen[v] {
		return nil
	}
	seen[v] = true
	var from []ssa.Value
	switch v := v.(type) {
	case *ssa.Phi:
		for _, edge := range v.Edges {
			from = append(from, f.sources(edge, seen)...)
		}
		return from
	case *ssa.UnOp:
		if a, ok := v.X.(*ssa.Alloc); ok {
			c := f.pkg.cellOf(a)
			if c.open {
				return []ssa.Value{v}
			}
			for _, s := range c.stores {
				from = append(from, f.sources(s.Val, seen)...)
			}
			return from
		}
	}
	return []ssa.Value{v}
}

// handedOver reports whether nobody but the caller has h when it is returned.
func (h *Handle) handedOver() bool {
	if h.walked == underway {
		return false
	}
	h.walk()
	for _, e := range h.Events {
		if e.Kind == Lose {
			return false
		}
	}
	return !h.deep
}

// EffectOf returns what the callee of c does with its ith argument, the receiver of
// a method being the first.
func (f *Func) EffectOf(c *ssa.CallCommon, i int) Effect {
	return f.pkg.calleeSummary(c).param(i)
}
