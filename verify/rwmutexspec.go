package verify

import (
	"context"
	"errors"

	"github.com/anishathalye/porcupine"

	"github.com/go-own/own"
)

// An rwmutexState is all that there is to know of an RWMutex[int] between two
// calls.
type rwmutexState struct {
	writer  int // a thread plus one, or 0
	readers [maxThreads]bool
	value   int
	cause   int // what the section that poisoned panicked with, or 0
}

// rwmutexModel says what an RWMutex[int] may do. What is said of mutexModel holds
// here. Which of those that wait goes first is left open.
var rwmutexModel = porcupine.Model{
	Partition: markNear,
	Init:      func() any { return rwmutexState{} },
	Step: func(state, input, output any) (bool, any) {
		s, c, r := state.(rwmutexState), input.(lockCall), output.(lockResult)
		legal := s.step(c, r)
		return legal, s
	},
	DescribeOperation: describeLockCall,
}

// read reports whether anybody holds s for reading.
func (s *rwmutexState) read() bool { return s.readers != [maxThreads]bool{} }

// step changes s by a call, and reports whether that call can return r.
func (s *rwmutexState) step(c lockCall, r lockResult) bool {
	me := c.thread + 1
	switch c.name {
	case "Lock", "TryLock", "LockContext", "LockIgnorePoison":
		return s.lock(c, r)
	case "RLock", "TryRLock", "RLockContext", "RLockIgnorePoison":
		return s.rlock(c, r)
	case "Unlock":
		legal := s.writer == me
		s.writer = 0
		return legal
	case "Panic":
		legal := s.writer == me
		s.writer = 0
		s.poison(c.n)
		return legal
	case "Downgrade":
		legal := s.writer == me
		s.writer, s.readers[c.thread] = 0, true
		return legal
	case "RUnlock", "RPanic":
		legal := s.readers[c.thread]
		s.readers[c.thread] = false
		return legal
	case "Value":
		return (s.writer == me || s.readers[c.thread]) && r.n == s.value
	case "Write":
		legal := s.writer == me
		s.value = c.n
		return legal
	case "IsPoisoned":
		return r.is == yes == (s.cause != 0)
	case "ClearPoison":
		s.cause = 0
		return true
	default:
		return s.section(c, r)
	}
}

// lock is an attempt to lock for writing.
func (s *rwmutexState) lock(c lockCall, r lockResult) bool {
	switch r.is {
	case ok:
		legal := s.writer == 0 && !s.read() && !c.mustCancel() && (s.cause == 0 || c.name == "LockIgnorePoison")
		s.writer = c.thread + 1
		return legal
	case poisoned:
		// Nobody has to wait for readers to hear of it, but a Try looks at them first.
		free := s.writer == 0 && (c.name != "TryLock" || !s.read())
		return free && s.cause != 0 && r.cause == s.cause && !c.mustCancel()
	case wouldBlock:
		return c.name == "TryLock" && (s.writer != 0 || s.read() || r.near)
	case cancelled:
		return c.mayCancel()
	default:
		return false
	}
}

// rlock is an attempt to lock for reading.
func (s *rwmutexState) rlock(c lockCall, r lockResult) bool {
	switch r.is {
	case ok:
		legal := s.writer == 0 && !c.mustCancel() && (s.cause == 0 || c.name == "RLockIgnorePoison")
		s.readers[c.thread] = true
		return legal
	case poisoned:
		return s.writer == 0 && s.cause != 0 && r.cause == s.cause && !c.mustCancel()
	case wouldBlock:
		return c.name == "TryRLock" && (s.writer != 0 || r.near)
	case cancelled:
		return c.mayCancel()
	default:
		return false
	}
}

// section is a call that does all under the lock.
func (s *rwmutexState) section(c lockCall, r lockResult) bool {
	reads := c.name == "Load" || c.name == "RWith" || c.name == "RWithPanic"
	if s.writer != 0 {
		return false
	}
	if r.is == poisoned {
		return s.cause != 0 && r.cause == s.cause
	}
	if s.read() && !reads {
		return false
	}
	if c.name == "Repair" {
		if r.is == idle {
			return s.cause == 0
		}
		legal := r.is == ok && s.cause != 0 && r.cause == s.cause
		s.value, s.cause = c.n, 0
		return legal
	}
	if r.is != ok || s.cause != 0 {
		return false
	}
	old := s.value
	switch c.name {
	case "Load", "RWith", "RWithPanic":
		return r.n == old
	case "Store":
		s.value = c.n
		return true
	case "Swap":
		s.value = c.n
		return r.n == old
	case "With":
		s.value += c.n
		return r.n == old
	case "WithPanic":
		s.value += c.n
		s.poison(c.n)
		return r.n == old
	default:
		return false
	}
}

// poison is a section that panics with n. The first cause is kept.
func (s *rwmutexState) poison(n int) {
	if s.cause == 0 {
		s.cause = n
	}
}

// An rwmutexThread calls an RWMutex on behalf of one thread, and records what it
// does.
type rwmutexThread struct {
	id      int
	m       *own.RWMutex[int]
	h       *history
	context func(end) context.Context // for calls that take one

	// The guard that the thread holds, if any.
	w *own.WriteGuard[int]
	r *own.ReadGuard[int]
}

// do makes the call of that name. The thread must hold m in the right way for
// those that are made by a holder, and must not hold it for the others.
func (t *rwmutexThread) do(name string, n int, ctx end) {
	c := lockCall{thread: t.id, name: name, n: n, ctx: ctx}
	switch name {
	case "Lock", "TryLock", "LockContext", "LockIgnorePoison",
		"RLock", "TryRLock", "RLockContext", "RLockIgnorePoison":
		t.lock(c)
	case "Value", "Write", "Unlock", "Panic", "Downgrade", "RUnlock", "RPanic":
		t.hold(c)
	default:
		done := t.h.call(t.id, c)
		done(t.simple(c))
	}
}

func (t *rwmutexThread) lock(c lockCall) {
	ctx := t.context(c.ctx)
	done := t.h.call(t.id, c)
	var err error
	switch c.name {
	case "Lock":
		t.w, err = t.m.Lock()
	case "TryLock":
		t.w, err = t.m.TryLock()
	case "LockContext":
		t.w, err = t.m.LockContext(ctx)
	case "LockIgnorePoison":
		t.w = t.m.LockIgnorePoison()
	case "RLock":
		t.r, err = t.m.RLock()
	case "TryRLock":
		t.r, err = t.m.TryRLock()
	case "RLockContext":
		t.r, err = t.m.RLockContext(ctx)
	case "RLockIgnorePoison":
		t.r = t.m.RLockIgnorePoison()
	}
	done(resultOf(err))
}

// hold makes a call with a guard.
func (t *rwmutexThread) hold(c lockCall) {
	w, r := t.w, t.r
	got := lockResult{is: ok}
	done := t.h.call(t.id, c)
	switch c.name {
	case "Value":
		if w != nil {
			got.n = *w.Value()
		} else {
			got.n = *r.Value()
		}
	case "Write":
		*w.Value() = c.n
	case "Unlock":
		t.w = nil
		w.Unlock()
	case "Panic":
		t.w = nil
		recovered(func() {
			defer w.Unlock()
			panic(c.n)
		})
	case "Downgrade":
		t.w, t.r = nil, w.Downgrade()
	case "RUnlock":
		t.r = nil
		r.Unlock()
	case "RPanic":
		t.r = nil
		recovered(func() {
			defer r.Unlock()
			panic(c.n)
		})
	}
	done(got)
}

// simple makes a call that is one step.
func (t *rwmutexThread) simple(c lockCall) (r lockResult) {
	read := func(v *int) {
		t.h.rest()
		r.n = *v
	}
	add := func(v *int) {
		read(v)
		*v = r.n + c.n
	}
	var err error
	switch c.name {
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
	case "WithPanic":
		recovered(func() { err = t.m.With(func(v *int) { add(v); panic(c.n) }) })
	case "RWith":
		err = t.m.RWith(read)
	case "RWithPanic":
		recovered(func() { err = t.m.RWith(func(v *int) { read(v); panic(c.n) }) })
	case "Repair":
		r.is = idle
		if err := t.m.Repair(func(v *int, cause *own.PoisonError) error {
			r = lockResult{is: ok, cause: causeOf(cause)}
			t.h.rest()
			*v = c.n
			return nil
		}); err != nil {
			panic(errors.New("Repair returned an error of nobody"))
		}
		return r
	default:
		panic("no such call: " + c.name)
	}
	got := resultOf(err)
	got.n = r.n
	return got
}
