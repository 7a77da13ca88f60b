package flow

import (
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/go-own/own/ownvet/internal/api"
)

// A decider is the error or bool of a call, which says what became of a handle.
type decider struct {
	values  map[ssa.Value]bool // its names; true for those that can be nothing else
	isError bool
	set     States // what the handle is if the error is not nil, or the bool true
	unset   States // and otherwise

	depend map[ssa.Value]bool // conditions that have been asked about
}

// newDecider follows flag, which may be nil, to the places where it is tested.
//
// A variable that holds this error at one time and another one later is taken for
// this one all the time, for the handle is decided already on a path on which this
// one has been looked at. Only to call the handle released it has to be exact.
func newDecider(pkg *Package, flag ssa.Value, isError bool) *decider {
	d := &decider{values: map[ssa.Value]bool{}, isError: isError, depend: map[ssa.Value]bool{}}
	if flag != nil {
		d.follow(pkg, flag, true)
	}
	return d
}

func (d *decider) follow(pkg *Package, v ssa.Value, exact bool) {
	if _, ok := d.values[v]; ok {
		return
	}
	d.values[v] = exact
	for _, ref := range *v.Referrers() {
		switch ref := ref.(type) {
		case *ssa.Phi:
			d.follow(pkg, ref, false)
		case *ssa.ChangeType:
			d.follow(pkg, ref, exact)
		case *ssa.ChangeInterface:
			d.follow(pkg, ref, exact)
		case *ssa.Store:
			if a, ok := ref.Addr.(*ssa.Alloc); ok && ref.Val == v {
				c := pkg.cellOf(a)
				for _, load := range c.loads {
					d.follow(pkg, load, exact && !c.open && len(c.stores) == 1)
				}
			}
		}
	}
}

// birthDecider makes that of h's birth, if it has one.
func (h *Handle) birthDecider() {
	b := h.Birth
	if b.Fails != api.ByError && b.Fails != api.ByFalse {
		return
	}
	d := newDecider(h.Func.pkg, b.flag, b.Fails == api.ByError)
	d.set, d.unset = Absent, Held
	if b.Fails == api.ByFalse {
		d.set, d.unset = Held, Absent
	}
	h.decider = d
	for v := range d.values {
		if phi, ok := v.(*ssa.Phi); ok {
			h.alias(phi)
		}
	}
	h.followDecider(d)
}

// followDecider looks for what else is done with an error or bool: where it may be
// judged out of sight, nobody can tell any more what h is.
func (h *Handle) followDecider(d *decider) {
	for v := range d.values {
		for _, ref := range *v.Referrers() {
			switch ref := ref.(type) {
			case *ssa.Store:
				if a, ok := ref.Addr.(*ssa.Alloc); !ok || h.Func.pkg.cellOf(a).open {
					h.event(ref, Event{Kind: doubt, decider: d})
				}
			case *ssa.MakeInterface:
				calls, ok := consumers(ref)
				if !ok {
					h.event(ref, Event{Kind: doubt, decider: d})
				}
				for _, call := range calls {
					h.judged(call, d)
				}
			case ssa.CallInstruction:
				h.judged(ref, d)
			case *ssa.Send, *ssa.MapUpdate:
				h.event(ref, Event{Kind: doubt, decider: d})
			case *ssa.BinOp: // fmt.Println(err == own.ErrWouldBlock)
				if h.Unused() && !isNil(ref.X) && !isNil(ref.Y) {
					h.event(ref, Event{Kind: doubt, decider: d})
				}
			}
		}
	}
}

// judged records what a call that is given the error or bool means for h. An
// assertion that there is no error is as good as a test. After any other, such as
// that there is one, it is anybody's guess.
//
// To print it decides nothing. But who drops the handle and prints the error has
// called for its sake.
func (h *Handle) judged(call ssa.CallInstruction, d *decider) {
	name := calleeName(call.Common())
	switch {
	case d.isError && (strings.HasPrefix(name, "NoError") || name == "Nil" || name == "Nilf"):
		h.event(call, Event{Kind: sure, decider: d, outcome: d.unset})
	case !d.isError && (name == "True" || name == "Truef"):
		h.event(call, Event{Kind: sure, decider: d, outcome: d.set})
	case h.Unused() || !printer(call.Common()):
		h.event(call, Event{Kind: doubt, decider: d})
	}
}

// contradicts reports whether the edge cannot be taken, because what it asks about h's
// error, or bool, is known and not so. It notes what is known then.
func (p *point) contradicts(h *Handle, e edge) bool {
	d := h.decider
	if d == nil {
		return false
	}
	k, not := h.Func.canonical(e.cond)
	v, set := k.x, e.then != not
	if !d.isError && k.op != 0 {
		return false
	}
	if d.isError {
		if k.op != token.EQL || k.path != ",nil:error" && k.path != "nil:error," {
			return false
		}
		if v == nil {
			v = k.y
		}
		set = !set
	}
	exact, ok := d.values[v]
	if !ok || !exact && h.bits[v] == anywhere || !p.is(h, v) {
		return false
	}
	outcome := passed
	if set {
		outcome = failed
	}
	if p.outcome != untested && p.outcome != outcome {
		return true
	}
	p.outcome = outcome
	return false
}

// An outcome is what is known of an error, or bool.
type outcome uint8

const (
	untested outcome = iota
	passed           // it is nil, or false
	failed           // it is not
)

// An edge is one of the two ways out of an if.
type edge struct {
	cond ssa.Value
	then bool
}

// decide returns what h is on the given edge from p, and false if it never goes there.
func (h *Handle) decide(p *point, e edge) (States, bool) {
	s, d := p.state, p.decider
	cond, then := e.cond, e.then
	for {
		not, ok := cond.(*ssa.UnOp)
		if !ok || not.Op != token.NOT {
			break
		}
		cond, then = not.X, !then
	}
	if b, ok := cond.(*ssa.BinOp); ok && (b.Op == token.EQL || b.Op == token.NEQ) {
		equal := then == (b.Op == token.EQL)
		x, y := b.X, b.Y
		if isNil(x) {
			x, y = y, x
		}
		if isNil(y) && h.mayBe(x) && p.is(h, x) {
			return h.nilness(s, equal)
		}
		if d != nil && d.isError {
			switch {
			case d.has(x) && isNil(y):
				return d.outcome(!equal, x), true
			case d.has(x) && equal: // to an error that is not nil
				return d.outcome(true, x), true
			}
		}
	}
	if d == nil {
		return s, true
	}
	if d.has(cond) && !d.isError {
		return d.outcome(then, cond), true
	}
	if d.judges(cond) {
		switch {
		case !d.isError || !recognises(cond, 4) || !d.certain(h, p, cond):
			return Unknown, true
		case then:
			return d.set, true
		}
		return s, true // it is nil, or another error
	}
	return s, true
}

// certain reports whether cond is about this error, on all paths or on that to p.
func (d *decider) certain(h *Handle, p *point, cond ssa.Value) bool {
	for v, exact := range d.values {
		if !exact && (d != h.decider || h.bits[v] == anywhere || !p.is(h, v)) {
			continue
		}
		if depends(cond, map[ssa.Value]bool{v: true}, 8) {
			return true
		}
	}
	return false
}

func (d *decider) has(v ssa.Value) bool {
	_, ok := d.values[v]
	return ok
}

// outcome returns what the handle is after v, which is the error or bool or may be
// it, turned out to be set.
func (d *decider) outcome(set bool, v ssa.Value) States {
	switch {
	case !set:
		return d.unset
	case d.set == Released && !d.values[v]:
		return Unknown
	}
	return d.set
}

// nilness is decide for a comparison of the handle itself with nil.
func (h *Handle) nilness(s States, isNil bool) (States, bool) {
	switch {
	case isNil && s&(Held|Released) != 0 && h.Birth != nil:
		return 0, false
	case isNil:
		return Absent, true
	case s == Absent:
		return 0, false
	case s == Unchecked:
		return Held, true
	}
	return s, true
}

// judges reports whether the condition has to do with the error or bool.
func (d *decider) judges(cond ssa.Value) bool {
	answer, ok := d.depend[cond]
	if !ok {
		answer = depends(cond, d.values, 8)
		d.depend[cond] = answer
	}
	return answer
}

// depends reports whether v is computed from one of values.
func depends(v ssa.Value, values map[ssa.Value]bool, depth int) bool {
	if _, ok := values[v]; ok {
		return true
	}
	instr, ok := v.(ssa.Instruction)
	if !ok || depth == 0 {
		return false
	}
	if alloc, ok := v.(*ssa.Alloc); ok { // the array of a variadic call
		for _, ref := range *alloc.Referrers() {
			element, ok := ref.(*ssa.IndexAddr)
			if !ok {
				continue
			}
			for _, use := range *element.Referrers() {
				if s, ok := use.(*ssa.Store); ok && depends(s.Val, values, depth-1) {
					return true
				}
			}
		}
		return false
	}
	for _, operand := range instr.Operands(nil) {
		if *operand != nil && depends(*operand, values, depth-1) {
			return true
		}
	}
	return false
}

// recognises reports whether cond is true only for an error that is not nil: it is
// the answer of errors.Is, errors.As or errors.AsType, or of a type assertion.
func recognises(cond ssa.Value, depth int) bool {
	if depth == 0 {
		return false
	}
	switch cond := cond.(type) {
	case *ssa.Extract:
		return recognises(cond.Tuple, depth-1)
	case *ssa.TypeAssert:
		return true
	case *ssa.Call:
		callee := cond.Call.StaticCallee()
		if callee == nil {
			return false
		}
		obj, ok := callee.Object().(*types.Func)
		return ok && obj.Pkg() != nil && obj.Pkg().Path() == "errors"
	}
	return false
}
