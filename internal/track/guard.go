//go:build owndebug

package track

import (
	"fmt"
	"runtime"
	"slices"
	"strings"

	"github.com/go-own/own/internal/goroutine"
)

// A Held is the token of a guard, as part of it.
type Held struct {
	t       *token
	cleanup runtime.Cleanup
}

// Attach gives a guard the token of its lock, which the running goroutine has taken, and
// the lock its name. If the guard is collected with the token, it was forgotten.
func Attach[T any](h *Held, l *Lock, kind string, mode Mode) {
	Name[T](l, kind)
	h.attach(l, mode)
}

func (h *Held) attach(l *Lock, mode Mode) {
	k := l.get()
	if mode == Write {
		k.mu.Lock()
		h.t = k.holder
		k.mu.Unlock()
	} else {
		h.t = newest(k, Read)
	}
	if h.t != nil {
		h.cleanup = runtime.AddCleanup(h, (*token).leaked, h.t)
	}
}

// Detach takes the token away from the guard, before what it holds is given back. A reader
// is struck off with it. (A writer is by its lock, for it may have no guard.)
func (h *Held) Detach() {
	h.Used()
	t := h.t
	if t == nil {
		return
	}
	h.t = nil
	h.cleanup.Stop()
	if t.mode == Read {
		t.lock.strike(t)
	}
	runtime.KeepAlive(h) // or it might be collected before its cleanup is stopped
}

// leaked reports that the guard of t has been collected. The lock stays locked, and on
// record, until it is collected itself; but it is not on the account of a goroutine any
// more, whose address another may have. t does not lead to the lock, which may be what
// the guard is part of.
//
// The cleanup of the lock is made only here: the runtime keeps those of one object in a
// list, so that an array of locks would take quadratic time to be locked for the first
// time.
func (t *token) leaked() {
	if !t.lock.on(t) {
		t.account.Load().remove(t)
		return // forgotten on purpose
	}
	t.abandon()
	t.forgotten.Store(true)
	if l := t.lock.self.Value(); l != nil {
		runtime.AddCleanup(l, (*lock).gone, t.lock)
	} else {
		defer t.lock.gone()
	}
	deliver(&Report{
		Kind:     LeakedGuard,
		Headline: "a guard was forgotten: " + t.lock.named().String() + " is locked for ever",
		Guard:    ptr(t.hold()),
		Advice:   adviceForgotten,
	})
}

const adviceForgotten = "Unlock it on every path: write defer g.Unlock() below the check of the error, or use With."

// Used notices the use of a guard by another goroutine than the one that locked. It is
// reported once, and the lock goes to the account of the new one. Value may be called by
// several at a time, so this may be.
func (h *Held) Used() {
	t := h.t
	if t == nil {
		return
	}
	g, old := goroutine.Address(), t.account.Load()
	if old.g.Load() == nobody {
		// It was concluded that its goroutine has ended. That may be wrong.
		if old.remove(t) {
			t.number.Store(goroutine.Number())
			t.add(g)
		}
		return
	}
	if old.g.Load() == g || !t.told.CompareAndSwap(false, true) {
		return
	}
	before := t.hold()
	old.remove(t)
	number := goroutine.Number()
	t.number.Store(number)
	t.add(g)
	deliver(&Report{
		Kind:      NotSend,
		Headline:  "a guard of " + t.lock.named().String() + " is used by another goroutine than the one that locked",
		Goroutine: number,
		At:        here().stack(),
		Guard:     &before,
		Advice:    "A guard cannot be sent between goroutines: unlock here and lock there. Deadlocks are not found otherwise, and a panic poisons nothing.",
	})
}

// Unlocking goes first in a release that looks for a panic. If there is one that it cannot
// see, since it was called by what was deferred and not deferred itself, that is reported.
// The guard must have been locked before that panic began.
func (h *Held) Unlocking() {
	if h.t == nil {
		return
	}
	// As a rule nobody panics, and that is seen quickly.
	var pcs [16]uintptr
	if n := goroutine.Frames(pcs[:]); !slices.ContainsFunc(pcs[:n], gopanic.has) {
		return
	}
	n := runtime.Callers(3, pcs[:])
	panics, first := 0, -1
	for i, pc := range pcs[:n] {
		if gopanic.has(pc) {
			if panics++; first < 0 {
				first = i
			}
		}
	}
	if first < 0 || !called(pcs[:first]) {
		return
	}
	at := h.t.at
	for _, pc := range at.pcs[:at.n] {
		if gopanic.has(pc) {
			panics--
		}
	}
	if panics <= 0 || at.n == maxFrames && panics > 0 && !at.whole() {
		return // locked by a deferred function, or nobody can tell
	}
	deliver(&Report{
		Kind:      PoisonBlind,
		Headline:  "a panic did not poison " + h.t.lock.named().String() + ": Unlock was not deferred directly",
		Goroutine: goroutine.Number(),
		At:        here().stack(),
		Guard:     ptr(h.t.hold()),
		Advice:    "Write defer g.Unlock(), not defer func() { g.Unlock() }(), t.Cleanup(g.Unlock) or a helper: recover works only in the deferred function itself. Or use With.",
	})
}

// called reports whether there is a function between a release, the first of pcs, and the
// panic: not one that the compiler has made.
func called(pcs []uintptr) bool {
	frames := runtime.CallersFrames(pcs)
	for {
		f, more := frames.Next()
		switch {
		case f.Function == "", strings.HasPrefix(f.Function, "runtime."), inside(f.Function):
		case f.File == "<autogenerated>", strings.HasSuffix(f.Function, "-fm"), strings.HasSuffix(f.Function, ".deferwrap1"):
		default:
			return true
		}
		if !more {
			return false
		}
	}
}

// gopanic is where the code of runtime.gopanic is, which is on the stack of whatever a
// panic has run.
var gopanic = findPanic()

type code struct{ from, to uintptr }

func (c code) has(pc uintptr) bool { return c.from <= pc && pc < c.to }

func findPanic() (c code) {
	defer func() {
		if recover() == nil {
			return
		}
		var pcs [16]uintptr
		for _, pc := range pcs[:runtime.Callers(1, pcs[:])] {
			if f := runtime.FuncForPC(pc); f != nil && f.Name() == "runtime.gopanic" {
				c.from, c.to = f.Entry(), pc
				for g := f; g != nil && g.Entry() == f.Entry(); g = runtime.FuncForPC(c.to) {
					c.to++
				}
				return
			}
		}
	}()
	panic(fmt.Sprint("looking for gopanic"))
}

func ptr[T any](v T) *T { return &v }
