// Mutex is the smallest program with a lock: one goroutine makes 6 of 5.
//
// The number lives inside the lock, and the guard that Lock returns is the only
// way to it. There is no field beside the lock that could be used without it,
// and no comment that has to say which lock protects what.
//
// The lesson: Lock, check the error, defer Unlock, in this order, every time.
// The next example, counter, shares a lock between goroutines.
package main

import (
	"fmt"
	"io"
	"log"
	"os"

	"github.com/go-own/own"
)

func main() {
	if err := run(os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(w io.Writer) error {
	m := own.NewMutex(5)
	if err := increment(&m); err != nil {
		return err
	}
	// Formatting takes the lock if it is free, and prints <locked> for the data
	// if it is not: a log line never waits for a lock. It takes &m, because a
	// copy of a lock would be another lock.
	fmt.Fprintf(w, "m = %v\n", &m)
	return nil
}

// increment is a function of its own because defer runs at the end of a
// function, not of a block: with these lines between braces in run, the lock
// would be held until run returns.
func increment(m *own.Mutex[int]) error {
	g, err := m.Lock()
	if err != nil {
		return err // poisoned: an earlier holder panicked; the lock is not held
	}
	// Deferred directly, so that Unlock sees a panic and poisons the lock. Inside
	// a deferred closure it could not: Go's recover works one frame deep.
	defer g.Unlock()

	*g.Value()++ // g.Value is an *int, good until Unlock: do not keep it
	return nil
}
