// Queue is a work queue with room for two jobs, on one own.Mutex. Who pushes waits
// while it is full, who pops waits while it is empty, and each of them says so in
// a condition: nobody notifies anybody.
//
// It ends in three ways. The producers are done, the queue is closed, and the
// workers finish what is left. A context ends in the middle of the work, everybody
// goes home, and what nobody has begun is handed back. And somebody panics: in a
// job, which costs that job and nothing else, because jobs run outside the lock;
// or under the lock, where the panic leaves an order lost and another one twice.
// Then the queue is poisoned, and all who use it are told, those who wait included.
//
// The lesson: wait for what you need, under the lock that protects it, and work
// outside. If all you need is the next job, take a channel (queue.go says what it
// cannot do). The next example, hotconfig, shares a value that is replaced while
// it is in use.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"strings"
	"sync"

	"github.com/go-own/own"
)

func main() {
	if err := run(os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(w io.Writer) error {
	if err := finish(w); err != nil {
		return err
	}
	if err := stop(w); err != nil {
		return err
	}
	return breakQueue(w)
}

// finish is a day without trouble, except that one job panics. Which worker does
// which job, and in what order, is different each time; the sums are not.
func finish(w io.Writer) error {
	fmt.Fprintln(w, "close, and finish what is left:")
	ctx := context.Background()
	jobs := newQueue[job](2)
	var results own.Mutex[tally]

	var workers sync.WaitGroup
	for range 2 {
		workers.Go(func() { work(ctx, jobs, &results) })
	}

	accepted := make(chan int)
	for _, name := range []string{"ann", "bob", "cat"} {
		go func() { accepted <- produce(ctx, jobs, name, 10) }()
	}
	total := 0
	for range 3 {
		total += <-accepted
	}

	// All have pushed. A channel could not be closed before that, for a send on a
	// closed one panics; this queue may be closed at any time, by anybody.
	if err := jobs.Close(); err != nil {
		return err
	}
	workers.Wait()
	left, err := jobs.Drain()
	if err != nil {
		return err
	}
	return report(w, total, &results, left)
}

// produce pushes n jobs and returns how many of them were accepted. The fourth
// job of ann has a bug.
func produce(ctx context.Context, jobs *queue[job], name string, n int) (accepted int) {
	for i := 1; i <= n; i++ {
		j := job{name: fmt.Sprint(name, "'s job ", i), do: func() (int, error) { return i * i, nil }}
		if name == "ann" && i == 4 {
			j.do = func() (int, error) { var results []int; return results[i], nil }
		}
		if jobs.Push(ctx, j) == nil {
			accepted++
		}
	}
	return accepted
}

// stop ends a context while two jobs are being done, two wait in the queue, and
// somebody waits to push a fifth.
func stop(w io.Writer) error {
	fmt.Fprintln(w, "\nstop in the middle:")
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	jobs := newQueue[job](2)
	var results own.Mutex[tally]

	started, goOn := make(chan struct{}), make(chan struct{})
	slow := func(i int) job {
		return job{name: fmt.Sprint("job ", i), do: func() (int, error) {
			started <- struct{}{}
			<-goOn
			return i, nil
		}}
	}
	ended := make(chan error)
	for range 2 {
		go func() { ended <- work(ctx, jobs, &results) }()
	}
	for i := range 4 {
		if err := jobs.Push(ctx, slow(i+1)); err != nil {
			return err
		}
		if i == 1 {
			<-started // both workers have a job: the next two stay in the queue
			<-started
		}
	}
	refused := make(chan error)
	go func() { refused <- jobs.Push(ctx, slow(5)) }()

	cancel(errors.New("new release"))
	// An error from Push means that the job was not added. With a channel, select
	// between the send and ctx.Done() takes either if both can go on, so that the
	// context may have ended and the job be in the queue all the same.
	fmt.Fprintln(w, "  push of job 5:", <-refused)
	close(goOn) // what was begun is done to its end
	fmt.Fprintln(w, "  a worker:", <-ended)
	fmt.Fprintln(w, "  a worker:", <-ended)

	left, err := jobs.Drain()
	if err != nil {
		return err
	}
	return report(w, 4, &results, left)
}

// report prints the account: what was accepted is what was done, has failed or
// came back.
func report(w io.Writer, accepted int, results *own.Mutex[tally], left []job) error {
	t, err := results.Load()
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "  accepted %d = done %d + failed %d + handed back %d\n", accepted, t.done, t.failed, len(left))
	fmt.Fprintln(w, "  sum of the results:", t.sum)
	for _, f := range t.failures {
		fmt.Fprintln(w, "  failed:", f)
	}
	for _, j := range left {
		fmt.Fprintln(w, "  handed back:", j.name)
	}
	return nil
}

// breakQueue withdraws orders from a queue that is full, with a function that does
// not expect one of them.
func breakQueue(w io.Writer) error {
	fmt.Fprintln(w, "\npanic under the lock:")
	ctx := context.Background()
	orders := newQueue[string](3)
	for _, order := range []string{"tea:1", "milk:2", "soap"} {
		if err := orders.Push(ctx, order); err != nil {
			return err
		}
	}
	waiting := make(chan error)
	for _, order := range []string{"rice:1", "salt:2"} {
		go func() { waiting <- orders.Push(ctx, order) }() // no room
	}

	// Recovered, as net/http would do if this was a request.
	fmt.Fprintln(w, "  withdraw:", panicOf(func() {
		orders.Withdraw(func(order string) bool {
			return strings.Split(order, ":")[1] == "1" // the bug: soap has no number
		})
	}))
	for range 2 {
		fmt.Fprintln(w, "  a push that waited:", <-waiting)
	}
	_, err := orders.Pop(ctx)
	fmt.Fprintln(w, "  pop: poisoned:", errors.Is(err, own.ErrPoisoned))

	// A look is allowed. With a sync.Mutex and a deferred Unlock, this is what the
	// workers would be given now: the tea is gone, and the milk comes twice.
	g := orders.state.LockIgnorePoison()
	defer g.Unlock()
	fmt.Fprintln(w, "  it holds", g.Value().items)
	return nil
}

// panicOf returns what f panics with.
func panicOf(f func()) (v any) {
	defer func() { v = recover() }()
	f()
	return nil
}
