package verify

import (
	"context"
	"errors"
	"fmt"

	"github.com/anishathalye/porcupine"

	"github.com/go-own/own"
)

// What the models of Mutex and RWMutex have in common.

// maxThreads is how many threads a lock's model has room for.
const maxThreads = 4

// A lockCall is a call of a method of a lock by a thread. Its name is that of the
// method, or of what happens in a critical section.
type lockCall struct {
	thread int
	name   string
	n      int // what is written, added, waited for, or panicked with
	ctx    end
}

// An end is what becomes of the context of a call.
type end int

const (
	never     end = iota // it does not end, or there is none
	before               // it has ended before the call
	meanwhile            // somebody ends it at some time
)

// A lockResult is what came of a lockCall.
type lockResult struct {
	is    string // one of those below
	n     int    // the value that was read
	cause int    // the panic that the poison is about

	// near is set for a Try that failed while another thread was in a call. The
	// lock may have been in its hands for a moment that no model shows.
	near bool
}

const (
	ok         = "ok"
	poisoned   = "poisoned"
	wouldBlock = "would block"
	cancelled  = "cancelled"
	idle       = "nothing to do" // Repair of a healthy lock
	yes, no    = "yes", "no"     // IsPoisoned
)

// resultOf returns what err says about an attempt to lock.
func resultOf(err error) lockResult {
	perr, isPoison := errors.AsType[*own.PoisonError](err)
	switch {
	case err == nil:
		return lockResult{is: ok}
	case isPoison:
		return lockResult{is: poisoned, cause: causeOf(perr)}
	case err == own.ErrWouldBlock:
		return lockResult{is: wouldBlock}
	case errors.Is(err, context.Canceled):
		return lockResult{is: cancelled}
	default:
		return lockResult{is: err.Error()} // no model knows it
	}
}

// goexit is the cause where there was no panic.
const goexit = -1

// causeOf returns which section e is about.
func causeOf(e *own.PoisonError) int {
	if e.Value == own.ErrGoexit {
		return goexit
	}
	return e.Value.(int)
}

// mayCancel reports whether a call that waits may say that its context has ended;
// mustCancel, whether it may say nothing else.
func (c lockCall) mayCancel() bool  { return c.ctx != never }
func (c lockCall) mustCancel() bool { return c.ctx == before }

func describeLockCall(input, output any) string {
	c := input.(lockCall)
	text := c.name
	if c.n != 0 {
		text += fmt.Sprintf(" %d", c.n)
	}
	text += [...]string{"", ", context ended", ", context ends"}[c.ctx]
	if r, returned := output.(lockResult); returned {
		text += fmt.Sprintf(" → %s, value %d, cause %d", r.is, r.n, r.cause)
	}
	return text
}

// markNear sets near where it belongs. It is a Partition function that returns the
// whole history as one part, for a Step function sees no time: only with the
// history can one tell whether another thread was there.
func markNear(ops []porcupine.Operation) [][]porcupine.Operation {
	marked := make([]porcupine.Operation, len(ops))
	for i, op := range ops {
		if r := op.Output.(lockResult); r.is == wouldBlock {
			for _, other := range ops {
				r.near = r.near || other.ClientId != op.ClientId && meets(op, other) && touches(other.Input.(lockCall).name)
			}
			op.Output = r
		}
		marked[i] = op
	}
	return [][]porcupine.Operation{marked}
}

// touches reports whether the call of that name takes or releases the lock, and so
// can make a Try fail.
func touches(name string) bool { return name != "IsPoisoned" && name != "ClearPoison" }
