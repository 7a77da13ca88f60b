package verify

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/anishathalye/porcupine"
)

// A history is what a few threads called, what came back, and which call was over
// before which began. Threads may be goroutines, or those of an explorer.
//
// Its time is a counter. The real clock is slower than what is to be timed, and
// has the same time twice.
//
// The counter also has a price: the race detector takes it for a synchronization
// of the threads. So a data race in the library is for the library's own tests to
// find, which have none.
type history struct {
	clock   atomic.Int64
	threads [][]porcupine.Operation // each thread appends to its own

	// pause, if there is one, is called in each call, before and after what the call
	// is about. If it lets other threads go first, calls overlap also where there
	// are fewer processors than threads.
	pause func()
}

// newHistory returns an empty history of the threads 0 to threads-1.
func newHistory(threads int) *history {
	return &history{threads: make([][]porcupine.Operation, threads)}
}

// call records that a thread calls something now. done records what it returned,
// and that it did so by the time done is called. A thread may have more than one
// call open: that is how an operation that takes effect in two steps, such as
// Await, is recorded as two.
func (h *history) call(thread int, input any) (done func(output any)) {
	i := len(h.threads[thread])
	h.threads[thread] = append(h.threads[thread], porcupine.Operation{
		ClientId: thread, Input: input, Call: h.clock.Add(1),
	})
	h.rest()
	return func(output any) {
		h.rest()
		op := &h.threads[thread][i]
		op.Output, op.Return = output, h.clock.Add(1)
	}
}

// insert records something that took place in the middle of a call, when the threads
// are done.
func (h *history) insert(input, output any, from, to int64) {
	h.threads[0] = append(h.threads[0], porcupine.Operation{Input: input, Output: output, Call: from, Return: to})
}

func (h *history) rest() {
	if h.pause != nil {
		h.pause()
	}
}

// operations returns all calls, in the order in which they began. The threads must
// be done.
func (h *history) operations() []porcupine.Operation {
	ops := slices.Concat(h.threads...)
	slices.SortFunc(ops, func(a, b porcupine.Operation) int { return int(a.Call - b.Call) })
	return ops
}

// limit is how long one history may be looked at. It is there for a model that
// went wrong: a history of this package takes well under a millisecond.
const limit = 30 * time.Second

// check returns an error, with the history in it, unless some order of the calls
// agrees with time and with the model.
func (h *history) check(model porcupine.Model) error {
	ops := h.operations()
	for _, op := range ops {
		if op.Return == 0 {
			return fmt.Errorf("a call has not returned:\n%s", describe(model, ops))
		}
	}
	switch porcupine.CheckOperationsTimeout(model, ops, limit) {
	case porcupine.Ok:
		return nil
	case porcupine.Illegal:
		return fmt.Errorf("not linearizable: no order of these calls explains what they returned:\n%s", describe(model, ops))
	default:
		return errors.New("gave up: the history is too long to be checked")
	}
}

// describe prints a history, one call a line.
func describe(model porcupine.Model, ops []porcupine.Operation) string {
	var b strings.Builder
	for _, op := range ops {
		fmt.Fprintf(&b, "%4d–%-4d thread %d: %s\n", op.Call, op.Return, op.ClientId, model.DescribeOperation(op.Input, op.Output))
	}
	return b.String()
}

// overlaps returns how many pairs of calls of different threads overlap: with
// none, a history says nothing about concurrency.
func overlaps(ops []porcupine.Operation) int {
	n := 0
	for i, a := range ops {
		for _, b := range ops[i+1:] {
			if a.ClientId != b.ClientId && meets(a, b) {
				n++
			}
		}
	}
	return n
}

// meets reports whether neither of two calls was over before the other began.
func meets(a, b porcupine.Operation) bool { return a.Call < b.Return && b.Call < a.Return }
