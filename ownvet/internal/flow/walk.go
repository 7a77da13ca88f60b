package flow

import (
	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/go-own/own/ownvet/internal/api"
)

// A point is a place on a path, with what is known there. Two paths at the same
// point have the same future.
type point struct {
	block   *ssa.BasicBlock
	state   States   // one of them, never Pending
	pending bool     // a deferred call will release it
	after   *Event   // what released it
	decider *decider // what Unchecked waits for, and Unknown may
	moved   bool     // the place of its lock may be another by now
	aliases aliases  // which values are the handle
	outcome outcome  // of the error or bool that came with it
	tested  memory
}

// maxPoints bounds the walk for one handle, and maxAll for all handles of a function
// together. A function in which that does not suffice has thousands of branches, or
// as many handles; the rules are silent about those that are left.
const (
	maxPoints = 20_000
	maxAll    = 1_000_000
)

// walk walks all paths from where h begins, and notes on each event what h can be
// there.
func (h *Handle) walk() {
	if h.walked != notYet {
		return
	}
	h.walked = underway
	defer func() { h.walked = done }()
	h.findEvents()

	w := walker{h: h, conds: h.Func.conditions(), seen: map[point]bool{}, exits: map[ssa.Instruction]*Exit{}}
	if h.many {
		h.giveUp()
		return
	}
	start := point{block: h.Func.Blocks[0], state: Held, aliases: original}
	after := -1
	if instr, ok := h.Value.(ssa.Instruction); ok {
		start.block, after = instr.Block(), index(instr)
	}
	if b := h.Birth; b != nil {
		start.block, after = b.Call.Block(), index(b.Call)
		if b.Fails != api.Never {
			start.state, start.decider = Unchecked, h.decider
		}
	}
	for _, start.tested = range w.conds.reaching(start.block) {
		w.run(start, after+1)
	}
	for len(w.todo) > 0 {
		p := w.todo[len(w.todo)-1]
		w.todo = w.todo[:len(w.todo)-1]
		w.run(p, 0)
		if len(w.seen) > maxPoints || h.Func.walked > maxAll {
			h.giveUp()
			return
		}
	}
}

// giveUp makes it look as if nothing were known of h.
func (h *Handle) giveUp() {
	h.deep = true
	for _, e := range h.Events {
		e.Seen, e.After = Unknown, nil
	}
	h.Exits, h.Again, h.AgainSame, h.Defers = nil, 0, 0, 0
}

func index(instr ssa.Instruction) int {
	for i, other := range instr.Block().Instrs {
		if other == instr {
			return i
		}
	}
	return -1
}

// last returns the instruction that ends b.
func last(b *ssa.BasicBlock) ssa.Instruction {
	if len(b.Instrs) == 0 {
		return nil
	}
	return b.Instrs[len(b.Instrs)-1]
}

type walker struct {
	h     *Handle
	conds *conditions
	seen  map[point]bool
	todo  []point
	exits map[ssa.Instruction]*Exit
	ahead []bool // by block: whether something happens to the handle there or later
}

// run goes through p's block from the ith instruction on.
func (w *walker) run(p point, i int) {
	h := w.h
	for _, instr := range p.block.Instrs[i:] {
		if h.begins(instr) { // another handle by the same name
			if _, ok := instr.(*ssa.Call); ok {
				if !p.moved {
					h.AgainSame |= p.states()
				}
				before := p.states()
				if h.Birth != nil && p.again(h) {
					continue // a variable has the one of before
				}
				h.Again |= before
			}
			return
		}
		p.step(h, instr)
		if h.Place.fixedBy(instr) {
			p.moved = true
		}
		switch instr := instr.(type) {
		case *ssa.RunDefers:
			h.Defers |= p.states()
			if p.state == Released && h.DefersAfter == nil {
				h.DefersAfter = p.after
			}
			if p.pending && p.state != Absent {
				p.state, p.pending = Released, false
			}
		case *ssa.Return:
			w.events(&p, instr)
			w.exit(instr, p)
			return
		case *ssa.Panic:
			if !artificial(instr) {
				w.exit(instr, p)
			}
			return
		default:
			w.events(&p, instr)
			if p.state&(Held|Unchecked) != 0 && fails(instr) {
				p.state = Unknown
			}
		}
	}
	w.leave(p)
}

// fails reports whether instr marks a test as failed. What is held from there on is
// held because something else went wrong, as in
//
//	if _, err := m.TryLock(); err == nil {
//		t.Error("not locked")
//	}
func fails(instr ssa.Instruction) bool {
	call, ok := instr.(*ssa.Call)
	if !ok {
		return false
	}
	var fn types.Object
	if call.Call.IsInvoke() {
		fn = call.Call.Method
	} else if callee := call.Call.StaticCallee(); callee != nil {
		fn = callee.Object()
	}
	if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != "testing" {
		return false
	}
	switch fn.Name() {
	case "Error", "Errorf", "Fail", "Fatal", "Fatalf", "FailNow":
		return true
	}
	return false
}

// artificial reports whether p is not in the source: it stands for the end of a
// call that never returns, or of a select in which no case is ready.
func artificial(p *ssa.Panic) bool {
	if !p.Pos().IsValid() {
		return true
	}
	for _, instr := range p.Block().Instrs {
		if call, ok := instr.(*ssa.Call); ok && call.Pos() == p.Pos() {
			return true
		}
	}
	return false
}

// begins reports whether instr makes h once more.
func (h *Handle) begins(instr ssa.Instruction) bool {
	if h.Birth != nil {
		return instr == ssa.Instruction(h.Birth.Call)
	}
	v, ok := h.Value.(ssa.Instruction)
	return ok && instr == v
}

// states returns what h is at p, as a set.
func (p *point) states() States {
	if p.pending && p.state&(Held|Unchecked) != 0 {
		return Pending
	}
	return p.state
}

// events notes what h is when instr runs, and what it is afterwards.
func (w *walker) events(p *point, instr ssa.Instruction) {
	events := w.h.events[instr]
	does := Use // of all that is done to this handle, the most important
	for _, e := range events {
		if !p.counts(e) {
			continue
		}
		if e.Kind <= Lose {
			does = max(does, p.kind(e))
		}
		if (e.Kind == Lock || e.Kind == LockRead) && p.moved {
			e.Seen |= Unknown
			continue
		}
		e.Seen |= p.states()
		if e.After == nil && p.state == Released {
			e.After = p.after
		}
	}
	for _, e := range events {
		if !p.counts(e) || e.Kind <= Lose && p.kind(e) != does {
			continue
		}
		switch p.kind(e) {
		case Release:
			if p.state != Absent {
				p.state, p.after, p.decider = Released, e, nil
			}
		case Defer:
			p.pending = true
		case Perhaps:
			if p.state == Held || p.state == Unchecked {
				p.state, p.decider = Unchecked, e.decider
				p.after = e // if it turns out to be released
			}
		case Move, Lose:
			if p.state == Held || p.state == Unchecked || p.state == Unknown {
				p.state, p.decider = Unknown, nil
			}
		case sure:
			if p.decider == e.decider {
				p.state = e.outcome
			}
		case doubt:
			if p.state == Unchecked && p.decider == e.decider {
				p.state = Unknown
			}
		}
	}
}

// counts reports whether e is about the handle at p, and not about another one that the
// same variable may be.
func (p *point) counts(e *Event) bool {
	if e.subject == anywhere {
		return e.Kind != Use || p.aliases&original != 0
	}
	return p.aliases&e.subject != 0
}

// kind is that of e. What is not told apart may be about the handle that the same call
// has returned since.
func (p *point) kind(e *Event) Kind {
	if e.subject == anywhere && Use < e.Kind && e.Kind < Lose && p.aliases&original == 0 {
		return Lose
	}
	return e.Kind
}

func (w *walker) exit(instr ssa.Instruction, p point) {
	if p.pending && p.state != Absent {
		p.state = Released // in a panic, or in a defer that belongs to the function around
	}
	e := w.exits[instr]
	if e == nil {
		e = &Exit{Instr: instr}
		w.exits[instr] = e
		w.h.Exits = append(w.h.Exits, e)
	}
	e.Seen |= p.state
}

// over reports whether nothing can be learnt any more on the way from p. Most
// handles are released long before their function ends. For a parameter it matters
// what it is in the end, too, and for whatever a deferred call will use.
func (w *walker) over(p *point) bool {
	if w.h.Birth == nil || w.h.later {
		return false
	}
	settled := p.pending || p.state == Released || p.state == Absent || p.state == Unknown && p.decider == nil
	return settled && !w.eventsAhead(p.block)
}

func (w *walker) eventsAhead(b *ssa.BasicBlock) bool {
	if w.ahead == nil {
		w.ahead = make([]bool, len(w.h.Func.Blocks))
		var todo []*ssa.BasicBlock
		for instr := range w.h.events {
			todo = append(todo, instr.Block())
		}
		if birth := w.h.Birth.Call.Block(); len(birth.Preds) > 0 {
			todo = append(todo, birth) // where it may be taken once more
		}
		for len(todo) > 0 {
			b := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			if !w.ahead[b.Index] {
				w.ahead[b.Index] = true
				todo = append(todo, b.Preds...)
			}
		}
	}
	return w.ahead[b.Index]
}

// leave goes on to the blocks after p's.
func (w *walker) leave(p point) {
	h := w.h
	branch, ok := last(p.block).(*ssa.If)
	for i, next := range p.block.Succs {
		q := p
		q.block = next
		if ok {
			e := edge{branch.Cond, i == 0}
			var likely answer
			if q.tested, likely = w.conds.test(q.tested, e); likely == impossible {
				continue
			}
			var ok bool
			if q.contradicts(h, e) {
				continue
			}
			if q.state, ok = h.decide(&q, e); !ok {
				continue
			}
			if likely == unlikely && q.state&(Held|Unchecked) != 0 {
				q.state, q.decider = Unknown, nil
			}
		}
		q.tested = w.conds.enter(q.tested, p.block, next)
		q.enter(h, p.block, next)
		if q.state&(Unchecked|Unknown) == 0 {
			q.decider = nil
		}
		if q.state != Released && q.decider == nil {
			q.after = nil
		}
		if !w.seen[q] && !w.over(&q) {
			w.seen[q] = true
			w.todo = append(w.todo, q)
			h.Func.walked++
		}
	}
}
