package flow

import (
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/go-own/own/ownvet/internal/api"
)

// A Handle is one handle in one function: what a call returned, a parameter, a
// variable that a function literal captures, or what comes from anywhere else.
type Handle struct {
	Type   api.Type
	Value  ssa.Value // the handle, or the address of the captured variable
	Func   *Func
	Birth  *Birth // if it begins here, and is to be released here; else nil
	Events []*Event
	Exits  []*Exit

	// Again is what the handle can be when the call that made it runs once more, in
	// a loop. It is lost then. AgainSame is the same where the second call is sure
	// to lock the same lock.
	Again, AgainSame States

	// Defers is what the handle is when deferred calls run, before any of them has, and
	// DefersAfter how it was released by then, if it was.
	Defers      States
	DefersAfter *Event

	Place place // of the lock or cell that it is a right to; may be unknown

	names map[ssa.Value]bool // values that are this handle, or nil

	bits      map[ssa.Value]aliases // of values that may be this handle, or its error
	phis      map[*ssa.BasicBlock][]*ssa.Phi
	variables aliases // those of bits that may be the handle
	subject   aliases // what findEvents is looking at
	other     bool    // that may be another handle, and not just nil
	many      bool    // there are too many of them
	later     bool    // a deferred call uses it

	events  map[ssa.Instruction][]*Event
	decider *decider // of its birth
	walked  progress
	deep    bool // the walk was given up
}

// A Birth is the call that made a handle.
type Birth struct {
	Call   *ssa.Call
	Callee api.Func // if it is own's
	Helper bool     // if it is not: a function that hands over what it got
	Fails  api.Failure
	flag   ssa.Value // the error or bool that comes with it; nil if nobody looks at it
	Read   bool      // the lock is held together with other readers
	Part   *Handle   // for a guard from MapGuard: that which was mapped, if it is known
}

// Pos is that of the call's left parenthesis.
func (b *Birth) Pos() token.Pos { return b.Call.Pos() }

// findHandles finds the handles of f: parameters and captured variables, what calls
// make, and then all other values of such a type, each with its names.
func (f *Func) findHandles() {
	if f.found != notYet {
		return
	}
	f.found = underway
	defer func() { f.found = done }()
	f.owner = map[ssa.Value]*Handle{}
	for _, p := range f.Params {
		if t := api.HandleOf(p.Type()); t != api.NotOwn {
			f.add(&Handle{Type: t, Value: p})
		}
	}
	for _, v := range f.FreeVars {
		if t := capturedHandle(v); t != api.NotOwn {
			f.add(&Handle{Type: t, Value: v})
		}
	}
	for _, b := range f.Blocks {
		for _, instr := range b.Instrs {
			if call, ok := instr.(*ssa.Call); ok {
				f.births(call)
			}
		}
	}
	for _, b := range f.Blocks {
		for _, instr := range b.Instrs {
			v, ok := instr.(ssa.Value)
			if !ok || f.owner[v] != nil {
				continue
			}
			if t := api.HandleOf(v.Type()); t != api.NotOwn {
				f.add(&Handle{Type: t, Value: v})
			}
		}
	}
}

// capturedHandle says which handle the captured variable v holds.
func capturedHandle(v *ssa.FreeVar) api.Type {
	p, ok := v.Type().Underlying().(*types.Pointer)
	if !ok {
		return api.NotOwn
	}
	return api.HandleOf(p.Elem())
}

func (f *Func) add(h *Handle) {
	h.Func = f
	h.findNames()
	f.Handles = append(f.Handles, h)
}

// births adds the handles that call makes.
func (f *Func) births(call *ssa.Call) {
	if c, ok := api.CallOf(&call.Call); ok {
		e := c.Effect()
		if e.New == api.NotOwn {
			return
		}
		b := &Birth{Call: call, Callee: c.Func, Fails: e.Fails}
		h := &Handle{Type: e.New, Value: call, Birth: b}
		if e.Fails == api.ByError || e.Fails == api.ByFalse {
			h.Value, b.flag = extracted(call, 0), extracted(call, 1)
		}
		switch {
		case c.Recv != nil && e.Lock != api.NoLock:
			h.Place = f.place(c.Recv)
		case c.Name == "Downgrade" || c.Name == "Clone", c.Name == "own.MapGuard":
			from := c.Recv
			if from == nil && len(c.Args) > 0 {
				from = c.Args[0]
			}
			if parent := f.owner[from]; parent != nil {
				h.Place = parent.Place
				if e.New == api.MappedGuard {
					b.Part = parent
				}
			}
		}
		b.Read = e.New == api.ReadGuard || e.New == api.Ref
		f.add(h)
		return
	}
	for i, r := range f.pkg.calleeSummary(&call.Call).Results {
		if r.Type == api.NotOwn {
			continue
		}
		results := call.Call.Signature().Results()
		if i >= results.Len() || api.HandleOf(results.At(i).Type()) != r.Type {
			continue // a summary of another version of the callee
		}
		b := &Birth{Call: call, Helper: true, Fails: r.Fails}
		h := &Handle{Type: r.Type, Value: call, Birth: b}
		if results.Len() > 1 {
			h.Value = extracted(call, i)
			if r.Fails == api.ByError || r.Fails == api.ByFalse {
				b.flag = extracted(call, results.Len()-1)
			}
		}
		if r.Lock != nil {
			h.Place = f.placeOfLock(r.Lock, &call.Call)
		}
		b.Read = r.Type == api.ReadGuard || r.Type == api.Ref
		f.add(h)
	}
}

// extracted returns the value that stands for result i of a call, or nil if it is
// not used.
func extracted(call *ssa.Call, i int) ssa.Value {
	for _, ref := range *call.Referrers() {
		if e, ok := ref.(*ssa.Extract); ok && e.Index == i {
			return e
		}
	}
	return nil
}

// Unused reports whether the handle that a call made is dropped on the spot, or only
// compared with nil.
func (h *Handle) Unused() bool {
	if h.Birth == nil || h.Value == nil {
		return h.Birth != nil
	}
	for _, ref := range *h.Value.Referrers() {
		if _, ok := ref.(*ssa.BinOp); !ok {
			return false
		}
	}
	return true
}

// InLoop reports whether the call that makes h may run again.
func (h *Handle) InLoop() bool {
	return h.Birth != nil && reaches(h.Birth.Call.Block(), h.Birth.Call.Block())
}

// reaches reports whether a path of one step or more leads from a to b.
func reaches(a, b *ssa.BasicBlock) bool {
	seen := map[*ssa.BasicBlock]bool{}
	todo := append([]*ssa.BasicBlock(nil), a.Succs...)
	for len(todo) > 0 {
		next := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if next == b {
			return true
		}
		if !seen[next] {
			seen[next] = true
			todo = append(todo, next.Succs...)
		}
	}
	return false
}

// Settled reports whether anything in the function releases h, hands it on, or may.
func (h *Handle) Settled() bool {
	for _, e := range h.Events {
		switch e.Kind {
		case Release, Defer, Perhaps, Move, Lose:
			return true
		}
	}
	return false
}

// releasedSomewhere reports whether anything in the function releases h, or may.
func (h *Handle) releasedSomewhere() bool {
	for _, e := range h.Events {
		if e.Kind == Release || e.Kind == Defer || e.Kind == Perhaps {
			return true
		}
	}
	return false
}
