package verify

import (
	"fmt"
	"sync/atomic"

	"github.com/anishathalye/porcupine"

	"github.com/go-own/own"
)

// An arcState is all that there is to know of a value that Arcs share, between two
// calls.
type arcState struct {
	strong, weak int
	taken        bool // the value went to the last owner: no hook
	hooked       bool // the hook has begun
}

// An arcCall is a call on one of the handles of a thread. Which one does not
// matter: all owners are alike.
type arcCall struct{ name string }

// An arcResult is what came of an arcCall.
type arcResult struct {
	ok    bool // what the method reported
	n     int  // a count
	hooks int  // how often the hook had run when the call was over
}

// arcModel says what the owners and Weaks of one value may do. It begins with one
// owner.
//
// MakeMut and UnwrapOrClone are a TryUnwrap. Where that fails, they clone the value,
// and then drop the owner: that is another step, recorded as Drop. A MakeMut that
// does not clone leaves nobody who could tell whether Weaks have been cut off or
// there were none; the properties look at that.
var arcModel = porcupine.Model{
	Init: func() any { return arcState{strong: 1} },
	Step: func(state, input, output any) (bool, any) {
		s := state.(arcState)
		legal := s.step(input.(arcCall).name, output.(arcResult))
		return legal && s.strong >= 0 && s.weak >= 0, s
	},
	DescribeOperation: func(input, output any) string {
		return fmt.Sprintf("%s → %+v", input.(arcCall).name, output)
	},
}

// step changes s by a call, and reports whether that call can return r.
func (s *arcState) step(name string, r arcResult) bool {
	switch name {
	case "Clone":
		s.strong++
		return s.strong > 1 // whoever clones is an owner
	case "Drop":
		if s.strong--; s.strong == 0 {
			return r.hooks == 1 // at once, and once
		}
		return r.hooks <= 1
	case "hook": // which another call runs before it returns
		legal := s.strong == 0 && !s.taken && !s.hooked
		s.hooked = true
		return legal
	case "Downgrade":
		s.weak++
		return s.strong > 0
	case "Upgrade":
		alive := s.strong > 0
		if r.ok {
			s.strong++
		}
		return r.ok == alive
	case "Weak.Clone":
		s.weak++
		return s.weak > 1 // whoever clones is a Weak
	case "Weak.Drop":
		s.weak--
		return true
	case "StrongCount", "Weak.StrongCount":
		return r.n == s.strong
	case "WeakCount":
		return r.n == s.weak
	case "Weak.WeakCount":
		return r.n == 0 && s.strong == 0 || r.n == s.weak && s.strong > 0
	case "GetMut":
		return r.ok == (s.strong == 1 && s.weak == 0)
	case "TryUnwrap", "MakeMut", "UnwrapOrClone":
		only := s.strong == 1
		if only {
			s.strong, s.taken = 0, true
		}
		return r.ok == only
	case "IntoInner":
		s.strong--
		s.taken = s.strong == 0
		return r.ok == s.taken
	case "end": // when all handles are gone
		return s.strong == 0 && s.weak == 0 && s.hooked != s.taken && r.hooks <= 1
	default:
		return false
	}
}

// A sharedValue is what the Arcs of one history share.
type sharedValue struct {
	began, hooks atomic.Int32 // how often the hook has begun, and ended
	from, to     int64        // when it did, the first time
}

// newSharedValue returns the first owner of a value that notes when its hook runs.
// The hook lets others see its middle.
func newSharedValue(h *history) *own.Arc[sharedValue] {
	return own.ArcFrom(&sharedValue{}, func(v *sharedValue) {
		if v.began.Add(1) == 1 {
			v.from = h.clock.Add(1)
			h.rest()
			v.to = h.clock.Add(1)
		}
		v.hooks.Add(1)
	})
}

// end completes a history, when all handles are gone.
func (v *sharedValue) end(h *history) {
	if v.hooks.Load() > 0 {
		h.insert(arcCall{"hook"}, arcResult{}, v.from, v.to)
	}
	h.call(0, arcCall{"end"})(arcResult{hooks: int(v.hooks.Load())})
}

// An arcThread has handles of one value, uses them on behalf of one thread, and
// records what it does.
type arcThread struct {
	id    int
	h     *history
	value *sharedValue // for a look at hooks
	arcs  []*own.Arc[sharedValue]
	weaks []*own.Weak[sharedValue]
}

// can reports whether the thread has the handle that the call of that name needs.
func (t *arcThread) can(name string) bool {
	switch name {
	case "Upgrade", "Weak.Clone", "Weak.Drop", "Weak.StrongCount", "Weak.WeakCount":
		return len(t.weaks) > 0
	default:
		return len(t.arcs) > 0
	}
}

// do makes the call of that name with the handle that the thread got last.
func (t *arcThread) do(name string) {
	done := t.h.call(t.id, arcCall{name})
	var r arcResult
	switch name {
	case "Upgrade", "Weak.Clone", "Weak.Drop", "Weak.StrongCount", "Weak.WeakCount":
		r = t.weakly(name)
	case "MakeMut", "UnwrapOrClone":
		// The function that clones is called between the two steps.
		clone := func(*sharedValue) (v sharedValue) {
			done(arcResult{ok: false})
			name = "Drop"
			done = t.h.call(t.id, arcCall{name})
			return
		}
		if a := t.pop(); name == "MakeMut" {
			a.MakeMut(clone)
			a.TryUnwrap() // not an owner of the value any more, and nobody is to know it
		} else {
			a.UnwrapOrClone(clone)
		}
		r.ok = name != "Drop"
	default:
		r = t.strongly(name)
	}
	r.hooks = int(t.value.hooks.Load())
	done(r)
}

// strongly makes a call on an owner that is one step.
func (t *arcThread) strongly(name string) (r arcResult) {
	a := t.pop()
	gone := false
	switch name {
	case "Clone":
		t.arcs = append(t.arcs, a.Clone())
	case "Drop":
		a.Drop()
		gone = true
	case "Downgrade":
		t.weaks = append(t.weaks, a.Downgrade())
	case "StrongCount":
		r.n = a.StrongCount()
	case "WeakCount":
		r.n = a.WeakCount()
	case "GetMut":
		_, r.ok = a.GetMut()
	case "TryUnwrap":
		_, r.ok = a.TryUnwrap()
		gone = r.ok
	case "IntoInner":
		_, r.ok = a.IntoInner()
		gone = true
	default:
		panic("no such call: " + name)
	}
	if !gone {
		t.arcs = append(t.arcs, a)
	}
	return r
}

// weakly makes a call on a Weak.
func (t *arcThread) weakly(name string) (r arcResult) {
	last := len(t.weaks) - 1
	w := t.weaks[last]
	switch name {
	case "Upgrade":
		var a *own.Arc[sharedValue]
		if a, r.ok = w.Upgrade(); r.ok {
			t.arcs = append(t.arcs, a)
		}
	case "Weak.Clone":
		t.weaks = append(t.weaks, w.Clone())
	case "Weak.Drop":
		t.weaks = t.weaks[:last]
		w.Drop()
	case "Weak.StrongCount":
		r.n = w.StrongCount()
	case "Weak.WeakCount":
		r.n = w.WeakCount()
	}
	return r
}

// pop takes the owner that the thread got last.
func (t *arcThread) pop() *own.Arc[sharedValue] {
	last := len(t.arcs) - 1
	a := t.arcs[last]
	t.arcs = t.arcs[:last]
	return a
}
