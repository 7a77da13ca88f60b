package verify

import (
	"context"
	"errors"
	"runtime"

	"github.com/anishathalye/porcupine"

	"github.com/go-own/own"
)

// A mutexState is all that there is to know of a Mutex[int] between two calls.
type mutexState struct {
	holder int // a thread plus one, or 0
	value  int
	cause  int // what the section that poisoned panicked with, or 0

	// poisonings counts them. A cause does not tell two of them apart: all sections
	// that are left by Goexit have the same.
	poisonings int

	// Who is in Await, and the poisoning that was there when it began, which it
	// ignores, or 0.
	awaiting [maxThreads]bool
	ignored  [maxThreads]int
}

// mutexModel says what a Mutex[int] may do.
//
// What runs wholly under the lock, such as With, Store or Repair, is one step. Lock
// and Unlock are two, with Value and Write in between; so are Await and its coming
// back.
//
// It is a little more strict than one might think necessary. A panic poisons and
// releases in one step, although another thread may see the poison while the lock
// is still held: it cannot tell, except by a Try that fails. A TryLock says that it
// would block only if somebody holds the lock, or if it overlaps with a call of
// somebody else's.
var mutexModel = porcupine.Model{
	Partition: markNear,
	Init:      func() any { return mutexState{} },
	Step: func(state, input, output any) (bool, any) {
		s, c, r := state.(mutexState), input.(lockCall), output.(lockResult)
		legal := s.step(c, r)
		return legal, s
	},
	DescribeOperation: describeLockCall,
}

// step changes s by a call, and reports whether that call can return r.
func (s *mutexState) step(c lockCall, r lockResult) bool {
	me := c.thread + 1
	switch c.name {
	case "Lock", "TryLock", "LockContext", "LockWhen", "LockIgnorePoison", "back":
		return s.lock(c, r)
	case "Await":
		legal := s.holder == me
		s.holder, s.awaiting[c.thread], s.ignored[c.thread] = 0, true, s.poisoning()
		return legal
	case "Unlock", "Goexit":
		legal := s.holder == me
		s.holder = 0
		return legal
	case "Panic":
		legal := s.holder == me
		s.holder = 0
		s.poison(c.n)
		return legal
	case "Value":
		return s.holder == me && r.n == s.value
	case "Write":
		legal := s.holder == me
		s.value = c.n
		return legal
	case "IsPoisoned":
		return r.is == yes == (s.cause != 0)
	case "ClearPoison":
		s.cause = 0
		return true
	case "Repair", "RepairErr", "RepairPanic":
		return s.repair(c, r)
	default:
		return s.section(c, r)
	}
}

// lock is an attempt to lock, or to come back from Await.
func (s *mutexState) lock(c lockCall, r lockResult) bool {
	ignored := 0
	switch c.name {
	case "LockIgnorePoison":
		ignored = s.poisoning()
	case "back":
		if !s.awaiting[c.thread] {
			return false // it has not released yet
		}
		ignored = s.ignored[c.thread]
		s.awaiting[c.thread], s.ignored[c.thread] = false, 0
	}
	trusted := s.cause == 0 || s.poisoning() == ignored
	switch r.is {
	case ok:
		legal := s.holder == 0 && trusted && !c.mustCancel()
		if c.name == "LockWhen" || c.name == "back" {
			legal = legal && s.value >= c.n
		}
		s.holder = c.thread + 1
		return legal
	case poisoned:
		return s.holder == 0 && !trusted && r.cause == s.cause && !c.mustCancel()
	case wouldBlock:
		return c.name == "TryLock" && (s.holder != 0 || r.near)
	case cancelled:
		return c.mayCancel()
	default:
		return false
	}
}

// section is a call that does all under the lock.
func (s *mutexState) section(c lockCall, r lockResult) bool {
	if s.holder != 0 {
		return false
	}
	if r.is == poisoned {
		return s.cause != 0 && r.cause == s.cause
	}
	if r.is != ok || s.cause != 0 {
		return false
	}
	old := s.value
	switch c.name {
	case "Load":
		return r.n == old
	case "Store":
		s.value = c.n
		return true
	case "Swap":
		s.value = c.n
		return r.n == old
	case "With", "WithErr":
		s.value += c.n
		return r.n == old
	case "WithPanic":
		s.value += c.n
		s.poison(c.n)
		return r.n == old
	case "WithGoexit":
		s.value += c.n
		s.poison(goexit)
		return r.n == old
	default:
		return false
	}
}

// repair is Repair. Where the function panics, the rest is recorded as Panic: for
// somebody may have cleared the poison in between, and the panic is then the first.
func (s *mutexState) repair(c lockCall, r lockResult) bool {
	if s.holder != 0 {
		return false
	}
	if r.is == idle {
		return s.cause == 0
	}
	legal := r.is == ok && s.cause != 0 && r.cause == s.cause
	switch c.name {
	case "Repair":
		s.value, s.cause = c.n, 0
	case "RepairPanic":
		s.holder = c.thread + 1
	}
	return legal
}

// poison is a section that panics with n. The first cause is kept.
func (s *mutexState) poison(n int) {
	if s.cause == 0 {
		s.cause = n
		s.poisonings++
	}
}

// poisoning returns which poisoning there is, or 0.
func (s *mutexState) poisoning() int {
	if s.cause == 0 {
		return 0
	}
	return s.poisonings
}

// A mutexThread calls a Mutex on behalf of one thread, and records what it does.
type mutexThread struct {
	id      int
	m       *own.Mutex[int]
	h       *history
	context func(end) context.Context // for calls that take one
	g       *own.Guard[int]           // nil while the thread does not hold m
}

// do makes the call of that name. The thread must hold m for those that are made
// by a holder, and must not for the others: they would wait for ever.
func (t *mutexThread) do(name string, n int, ctx end) {
	c := lockCall{thread: t.id, name: name, n: n, ctx: ctx}
	switch name {
	case "Lock", "TryLock", "LockContext", "LockWhen", "LockIgnorePoison":
		t.lock(c)
	case "Await":
		t.await(c)
	case "Repair", "RepairErr", "RepairPanic":
		t.repair(c)
	default:
		done := t.h.call(t.id, c)
		done(t.simple(c))
	}
}

func (t *mutexThread) lock(c lockCall) {
	ctx := t.context(c.ctx)
	done := t.h.call(t.id, c)
	var err error
	switch c.name {
	case "Lock":
		t.g, err = t.m.Lock()
	case "TryLock":
		t.g, err = t.m.TryLock()
	case "LockContext":
		t.g, err = t.m.LockContext(ctx)
	case "LockWhen":
		t.g, err = t.m.LockWhen(ctx, t.atLeast(c.n))
	case "LockIgnorePoison":
		t.g = t.m.LockIgnorePoison()
	}
	done(resultOf(err))
}

// await records Await as two calls at the same time, of which the second takes
// effect after the first.
func (t *mutexThread) await(c lockCall) {
	back := c
	back.name = "back"
	ctx := t.context(c.ctx)
	released, returned := t.h.call(t.id, c), t.h.call(t.id, back)
	err := t.g.Await(ctx, t.atLeast(c.n))
	if err != nil {
		t.g = nil
	}
	released(lockResult{is: ok})
	returned(resultOf(err))
}

// atLeast is the condition that the value is n or more. Like all functions here
// that run in the middle of a call, it lets others see that middle.
func (t *mutexThread) atLeast(n int) func(*int) bool {
	return func(v *int) bool {
		t.h.rest()
		return *v >= n
	}
}

func (t *mutexThread) repair(c lockCall) {
	r := lockResult{is: idle}
	done := t.h.call(t.id, c)
	recovered(func() {
		_ = t.m.Repair(func(v *int, cause *own.PoisonError) error {
			r = lockResult{is: ok, cause: causeOf(cause)}
			t.h.rest()
			switch c.name {
			case "RepairErr":
				return errors.New("not to be repaired")
			case "RepairPanic":
				done(r)
				done = t.h.call(t.id, lockCall{thread: t.id, name: "Panic", n: c.n})
				panic(c.n)
			}
			*v = c.n
			return nil
		})
	})
	done(r)
}

// simple makes a call that is one step.
func (t *mutexThread) simple(c lockCall) (r lockResult) {
	add := func(v *int) {
		r.n = *v
		t.h.rest()
		*v += c.n
	}
	var err error
	g := t.g
	switch c.name {
	case "Unlock":
		t.g = nil
		g.Unlock()
	case "Panic":
		t.g = nil
		recovered(func() {
			defer g.Unlock()
			panic(c.n)
		})
	case "Goexit":
		t.g = nil
		finish(func() {
			defer g.Unlock()
			runtime.Goexit()
		})
	case "Value":
		r.n = *g.Value()
	case "Write":
		*g.Value() = c.n
	case "IsPoisoned":
		r.is = no
		if t.m.IsPoisoned() {
			r.is = yes
		}
		return r
	case "ClearPoison":
		t.m.ClearPoison()
	case "Load":
		r.n, err = t.m.Load()
	case "Store":
		err = t.m.Store(c.n)
	case "Swap":
		r.n, err = t.m.Swap(c.n)
	case "With":
		err = t.m.With(add)
	case "WithErr":
		failed := errors.New("failed")
		if err = t.m.WithErr(func(v *int) error { add(v); return failed }); err == failed {
			err = nil
		}
	case "WithPanic":
		recovered(func() { err = t.m.With(func(v *int) { add(v); panic(c.n) }) })
	case "WithGoexit":
		finish(func() { err = t.m.With(func(v *int) { add(v); runtime.Goexit() }) })
	default:
		panic("no such call: " + c.name)
	}
	got := resultOf(err)
	got.n = r.n
	return got
}
