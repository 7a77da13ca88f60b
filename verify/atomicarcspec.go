package verify

import (
	"fmt"
	"sync/atomic"

	"github.com/anishathalye/porcupine"

	"github.com/go-own/own"
)

// A cellState is all that there is to know of an AtomicArc between two calls: it is
// a register, which holds an item or 0.
type cellState struct {
	item      int
	published uint64 // the items that have ever been in it, one bit each
}

// A cellCall is a call on the AtomicArc, or on an owner of the item that it names.
type cellCall struct {
	name      string
	item, old int // what goes in; what CompareAndSwap expects. 0 is none
}

// A cellResult is what came of a cellCall.
type cellResult struct {
	ok   bool // what the method reported
	item int  // what came out
	dead bool // its hook has run, though the thread has an owner of it
}

// cellModel says what an AtomicArc may do. It begins empty.
//
// Who drops the old value, and when, is not part of it: Store is a swap, and the
// drop that follows is nobody else's business. That each item is dropped once, and
// none that still has an owner, is looked at besides.
var cellModel = porcupine.Model{
	Init: func() any { return cellState{} },
	Step: func(state, input, output any) (bool, any) {
		s, r := state.(cellState), output.(cellResult)
		legal := s.step(input.(cellCall), r)
		return legal && !r.dead, s
	},
	DescribeOperation: func(input, output any) string { return fmt.Sprintf("%+v → %+v", input, output) },
}

// step changes s by a call, and reports whether that call can return r.
func (s *cellState) step(c cellCall, r cellResult) bool {
	switch c.name {
	case "Load":
		return r.item == s.item
	case "Store":
		s.put(c.item)
		return true
	case "Swap":
		old := s.item
		s.put(c.item)
		return r.item == old
	case "CompareAndSwap":
		same := s.item == c.old
		if r.ok {
			s.put(c.item)
		}
		return r.ok == same
	case "GetMut": // by the only owner
		return r.ok == (s.published&(1<<c.item) == 0)
	default:
		return false
	}
}

func (s *cellState) put(item int) {
	s.item = item
	if item != 0 {
		s.published |= 1 << item
	}
}

// itemsPerThread is how many items a thread can make: all are to have a bit.
const itemsPerThread = 64/maxThreads - 1

// An item is a value that goes into cells. Its number is not 0.
type item struct {
	number int
	drops  atomic.Int32
}

// A cellThread uses an AtomicArc on behalf of one thread, and records what it does.
type cellThread struct {
	id   int
	h    *history
	cell *own.AtomicArc[item]
	made []*item
	arcs []*own.Arc[item] // what it owns
}

// create makes a new item, which the thread owns, if it may make more.
func (t *cellThread) create() {
	if len(t.made) == itemsPerThread {
		return
	}
	v := &item{number: t.id*(itemsPerThread+1) + len(t.made) + 1}
	t.made = append(t.made, v)
	t.arcs = append(t.arcs, own.ArcFrom(v, func(v *item) { v.drops.Add(1) }))
}

// do makes the call of that name with the i'th and the j'th owner of the thread,
// or with none where there are not so many.
func (t *cellThread) do(name string, i, j int) {
	a, old := t.arc(i), t.arc(j)
	c := cellCall{name: name, item: number(a)}
	switch name {
	case "Load":
		c.item = 0
	case "CompareAndSwap":
		c.old = number(old)
	case "GetMut":
		if a == nil {
			return
		}
	}
	var out *own.Arc[item]
	var r cellResult
	done := t.h.call(t.id, c)
	switch name {
	case "Load":
		out = t.cell.Load()
	case "Store":
		t.cell.Store(a)
	case "Swap":
		out = t.cell.Swap(a)
	case "CompareAndSwap":
		r.ok = t.cell.CompareAndSwap(old, a)
	case "GetMut":
		_, r.ok = a.GetMut()
	default:
		panic("no such call: " + name)
	}
	r.item = number(out)
	r.dead = out != nil && out.Value().drops.Load() != 0
	done(r)
	if a != nil && (name == "Store" || name == "Swap" || r.ok && name == "CompareAndSwap") {
		t.arcs[i] = t.arcs[len(t.arcs)-1]
		t.arcs = t.arcs[:len(t.arcs)-1]
	}
	if out != nil {
		t.arcs = append(t.arcs, out)
	}
}

// arc returns the i'th owner, or nil.
func (t *cellThread) arc(i int) *own.Arc[item] {
	if i >= len(t.arcs) {
		return nil
	}
	return t.arcs[i]
}

// number returns the item that a owns, or 0 for nil.
func number(a *own.Arc[item]) int {
	if a == nil {
		return 0
	}
	return a.Value().number
}

// end drops all that the thread owns.
func (t *cellThread) end() {
	for _, a := range t.arcs {
		a.Drop()
	}
	t.arcs = nil
}

// leftover returns an error if an item of the thread has not been dropped once.
func (t *cellThread) leftover() error {
	for _, v := range t.made {
		if n := v.drops.Load(); n != 1 {
			return fmt.Errorf("item %d has been dropped %d times", v.number, n)
		}
	}
	return nil
}
