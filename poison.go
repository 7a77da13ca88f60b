package own

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/go-own/own/internal/prim"
)

var (
	// ErrPoisoned is what every [*PoisonError] is, for [errors.Is]. It is never
	// returned by itself: the error that a lock returns also says what happened.
	ErrPoisoned = errors.New("own: lock poisoned")

	// ErrWouldBlock is returned by the Try methods when the lock is held, by
	// another goroutine or by the caller itself. It says nothing about poison,
	// which cannot be trusted without the lock. Rust: TryLockError::WouldBlock.
	ErrWouldBlock = errors.New("own: lock is held, locking would block")

	// ErrGoexit is the Value of a [PoisonError] whose critical section did not
	// panic but was left by [runtime.Goexit], which is what t.FailNow does.
	ErrGoexit = errors.New("own: critical section left by runtime.Goexit")
)

// A PoisonError says why a lock is poisoned: a critical section panicked (or,
// inside a closure such as that of [Mutex.With], called [runtime.Goexit]), so
// the value may have been left half updated.
//
// It is returned by every method that would otherwise have handed out the
// value. Whoever gets one does not hold the lock. errors.Is(err, ErrPoisoned)
// reports true for it, and
//
//	perr, ok := errors.AsType[*own.PoisonError](err)
//
// gives its fields. All callers of a poisoned lock get the same PoisonError:
// treat it as read-only.
//
// It has no Unwrap method, on purpose: if one request panics with
// sql.ErrNoRows, the next request's Lock error must not turn into its "404 not
// found". Look at Value when the cause matters.
//
// Rust's PoisonError carries the guard, so that a caller can go on with the
// lock held. In Go, if err != nil { return err } would then leak the lock; use
// [Mutex.LockIgnorePoison] or [Mutex.Repair] instead.
type PoisonError struct {
	// Value is what the critical section panicked with, the same value that
	// recover returns further up, or ErrGoexit.
	Value any

	// Stack is the stack of the goroutine at the moment of poisoning, as
	// debug.Stack formats it without its first line. The code that panicked
	// stands below the lowest call of panic.
	Stack []byte

	where string // function and file:line of the panic; empty if unknown
}

// Error names the panic, the function that panicked and its file and line, for
// people: the text may change, and a function has another name in a test of its
// package than in a program.
func (e *PoisonError) Error() string {
	var b strings.Builder
	b.WriteString(ErrPoisoned.Error())
	if e.Value == ErrGoexit {
		b.WriteString(" by runtime.Goexit")
	} else {
		fmt.Fprintf(&b, " by panic: %v", e.Value)
	}
	if e.where != "" {
		b.WriteString(", in ")
		b.WriteString(e.where)
	}
	return b.String()
}

// Is reports whether target is [ErrPoisoned].
func (e *PoisonError) Is(target error) bool { return target == ErrPoisoned }

// Format implements [fmt.Formatter]: %v and %s print what Error returns, %q
// quotes it, and %+v adds the stack on the lines below.
func (e *PoisonError) Format(s fmt.State, verb rune) {
	switch {
	case verb == 'q':
		fmt.Fprintf(s, fmt.FormatString(s, verb), e.Error())
	case verb == 'v' && s.Flag('+'):
		fmt.Fprintf(s, "%s\n%s", e.Error(), e.Stack)
	default:
		io.WriteString(s, e.Error())
	}
}

// poison is the part of a lock that says whether its value can be trusted.
type poison struct {
	// cause is set while the lock is poisoned. It is written with the lock held,
	// by the section that fails, so that nobody gets in between the release and
	// the poison. ClearPoison alone writes it without.
	cause prim.Pointer[PoisonError]
}

// set poisons, on behalf of a critical section that panics with v or, if v is
// nil, is left by a Goexit. It returns the cause if there was none before. The
// caller holds the lock, releases it, and calls goOn.
func (p *poison) set(v any) *PoisonError {
	if e := newPoisonError(v); p.cause.CompareAndSwap(nil, e) {
		return e
	}
	return nil
}

// repair is Repair with the lock held: it clears the poison, if there is any, if
// f returns nil.
func repair[T any](c *core, v *T, f func(*T, *PoisonError) error) error {
	cause := c.cause.Load()
	if cause == nil {
		return nil
	}
	if err := f(v, cause); err != nil {
		return err
	}
	c.clear()
	return nil
}

// goOn tells the hooks of what set returned, with the lock released, and lets
// the panic with value v go on. A Goexit goes on by itself.
//
// The panic goes on as a new one with the same value, because it takes a
// recover to see a panic at all. The runtime prints the two as one, "panic: v
// [recovered, repanicked]", and the frames that panicked first are still on the
// stack below the deferred function that recovered.
func goOn(v any, e *PoisonError) {
	if e != nil {
		callPoisonHooks(e)
	}
	if v != nil {
		panic(v)
	}
}

// newPoisonError describes the panic with the given value that the calling
// goroutine is in the middle of; nil stands for a Goexit. It must be called on
// the stack of the deferred function that saw it: the frames of the panic are
// then still there to be printed.
func newPoisonError(value any) *PoisonError {
	if value == nil {
		value = ErrGoexit
	}
	// The header names the goroutine as "running", which it will not be when
	// somebody reads this.
	stack := debug.Stack()
	if i := slices.Index(stack, '\n'); i >= 0 {
		stack = stack[i+1:]
	}
	return &PoisonError{Value: value, Stack: stack, where: panicSite()}
}

// panicSite finds the function that panicked, or called Goexit, on the stack
// of the running deferred function. A panic that already went through an outer
// guard of the same goroutine was panicked again by that guard: such sites are
// passed over for the first one.
func panicSite() string {
	var pcs [128]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	below := false // below a gopanic or Goexit frame: the next user frame is a site
	for {
		f, more := frames.Next()
		switch {
		case f.Function == "runtime.gopanic" || f.Function == "runtime.Goexit":
			below = true
		case strings.HasPrefix(f.Function, "runtime."):
			// sigpanic, panicIndex and the like stand between gopanic and the site.
		case below && f.Function == repanicSite:
			below = false
		case below:
			return fmt.Sprintf("%s (%s:%d)", f.Function, filepath.Base(f.File), f.Line)
		}
		if !more {
			return ""
		}
	}
}

// repanicSite is the one function of this package that panics again with a
// value that it recovered.
const repanicSite = "github.com/go-own/own.goOn"

// poisonHooks are the functions registered with OnPoison. The list is copied on
// write, so that a poisoning reads it without a lock.
var poisonHooks struct {
	mu   sync.Mutex // serializes writers
	list atomic.Pointer[[]*func(*PoisonError)]
}

// OnPoison registers f to be called once for each poisoning of any lock of this
// process, for health checks and metrics, and returns a function that removes
// it again. Hooks run in the order in which they were registered, on the
// goroutine that panicked, after the poisoned lock has been released and before
// the panic goes on. A lock that is poisoned already is not poisoned again, so
// a second panic under [Mutex.LockIgnorePoison] calls nothing.
//
// f may use the lock that was poisoned. It must be quick and must not wait for
// other locks: the goroutine may still hold some. A panic in f is dropped, so
// that the panic which the program needs to see goes on. f must not call
// [runtime.Goexit]: nothing can stop that, and it would replace the panic.
//
// remove may be called from any goroutine, also more than once; a call of f
// that has begun may still be running when it returns. OnPoison panics if f is
// nil. Rust has no counterpart: there the panic hook is the place.
func OnPoison(f func(*PoisonError)) (remove func()) {
	if f == nil {
		panic("own: OnPoison(nil): pass the function to call")
	}
	hook := &f
	editPoisonHooks(func(l []*func(*PoisonError)) []*func(*PoisonError) {
		return append(l, hook)
	})
	return func() {
		editPoisonHooks(func(l []*func(*PoisonError)) []*func(*PoisonError) {
			return slices.DeleteFunc(l, func(h *func(*PoisonError)) bool { return h == hook })
		})
	}
}

// editPoisonHooks replaces the list by what edit makes of a copy of it.
func editPoisonHooks(edit func([]*func(*PoisonError)) []*func(*PoisonError)) {
	poisonHooks.mu.Lock()
	defer poisonHooks.mu.Unlock()
	var list []*func(*PoisonError)
	if p := poisonHooks.list.Load(); p != nil {
		list = slices.Clone(*p)
	}
	list = edit(list)
	poisonHooks.list.Store(&list)
}

// callPoisonHooks tells the registered functions of a new poisoning. The caller
// holds no lock of its own any more.
func callPoisonHooks(e *PoisonError) {
	list := poisonHooks.list.Load()
	if list == nil {
		return
	}
	for _, hook := range *list {
		func() {
			defer func() { _ = recover() }()
			(*hook)(e)
		}()
	}
}
