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

	Place place // of the lock or cell that it is a right to; may be unknown

	names   map[ssa.Value]bool // values that are this handle, or nil
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

// An Event is an instruction that does something to a handle, or to the value
// behind it.
type Event struct {
	Instr ssa.Instruction
	Kind  Kind
	Name  string // of the method or function
	Needs bool   // panics if the handle is released

	Seen  States // all that the handle can be when Instr is about to run
	After *Event // how it was released, if it was

	decider *decider  // for Perhaps, sure and doubt
	outcome States    // for sure
	from    *ssa.Call // the Value that a pointer is from
	pos     token.Pos
}

// Pos is where the event is in the source.
func (e *Event) Pos() token.Pos { return e.pos }

// A Kind is what an event does.
type Kind uint8

const (
	Use     Kind = iota // needs the handle, and leaves it as it is
	Release             // releases it
	Defer               // has it released when the function returns
	Perhaps             // releases it or not, and says which
	Move                // returns it
	Lose                // anything may become of it from here on

	sure  // an assertion has said what it is
	doubt // somebody else has looked at the error that says it, who knows for what

	Share // a goroutine begins that uses it
	Later // a deferred call will use it

	// What happens to the value behind the handle.
	Touch    // a pointer into it is read or written through, or given to a function
	Return   // a pointer into it is returned
	Send     // or sent
	Go       // or given to a goroutine
	Keep     // or assigned to a variable of the function around
	Lock     // its lock is locked, or its cell borrowed, once more
	LockRead // the same for reading
)

// An Exit is where the function ends with the handle in some state.
type Exit struct {
	Instr ssa.Instruction // *ssa.Return or *ssa.Panic
	Seen  States
}

// States is a set of what a handle can be.
type States uint8

const (
	Absent    States = 1 << iota // nil: the call that was to return it failed
	Unchecked                    // nobody has looked yet whether it did
	Held
	Pending // Unchecked or Held, and a deferred call will release it
	Released
	Unknown
)

// Only reports whether s has something, and nothing but what is in t.
func (s States) Only(t States) bool { return s != 0 && s&^t == 0 }

// Has reports whether s has something of t.
func (s States) Has(t States) bool { return s&t != 0 }

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

// Dead reports whether e is about a pointer from a Value that panics: then it is
// that which is wrong.
func (e *Event) Dead(h *Handle) bool {
	for _, use := range h.events[e.from] {
		if use.Needs && use.Seen.Only(Released) {
			return true
		}
	}
	return false
}

// DroppedBefore returns the deferred release that runs before e, which is a deferred
// use, for it was deferred later; or nil.
func (h *Handle) DroppedBefore(e *Event) *Event {
	for _, other := range h.Events {
		if other.Kind == Defer && precedes(e.Instr, other.Instr) {
			return other
		}
	}
	return nil
}

// DroppedAfter returns the event after e that releases h while a goroutine that began
// with e may use it, or nil.
func (h *Handle) DroppedAfter(e *Event) *Event {
	if h.Func.Waits(e.Instr) {
		return nil
	}
	for _, other := range h.Events {
		switch other.Kind {
		case Defer:
			if precedes(other.Instr, e.Instr) || precedes(e.Instr, other.Instr) {
				return other
			}
		case Release:
			if precedes(e.Instr, other.Instr) {
				return other
			}
		}
	}
	return nil
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
