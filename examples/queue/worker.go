package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-own/own"
)

type job struct {
	name string
	do   func() (int, error)
}

// A tally is what became of the jobs.
type tally struct {
	done, failed int
	sum          int // of the results of those that are done
	failures     []string
}

// work does jobs until Pop has no more for it, and returns why.
//
// It looks at ctx by way of Pop only. A job that has been popped is no longer in
// the queue, so a worker that goes home with it in hand has lost it.
func work(ctx context.Context, jobs *queue[job], results *own.Mutex[tally]) error {
	for {
		j, err := jobs.Pop(ctx)
		if err != nil {
			return err
		}
		j.run(results)
	}
}

var errGoexit = errors.New("runtime.Goexit")

// run does the job and enters how it ended, whichever way that is.
//
// The queue is not locked meanwhile. To do the job under the guard that Pop had is
// the tempting way to be sure that nothing gets lost. It makes everybody wait for
// each job, and a job that panics would take the queue with it.
func (j job) run(results *own.Mutex[tally]) {
	// What stands if do neither returns nor panics. Goexit ends the worker, too, and
	// recover does not see it.
	n, err := 0, errGoexit
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v", v) // a service adds debug.Stack()
		}
		results.MustWith(func(t *tally) {
			if err != nil {
				t.failed++
				t.failures = append(t.failures, fmt.Sprintf("%s: %v", j.name, err))
				return
			}
			t.done++
			t.sum += n
		})
	}()
	n, err = j.do()
}
