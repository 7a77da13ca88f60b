// Channels hands values from one goroutine to another, and with them the
// responsibility for them: what has been sent is no longer the sender's.
//
// For a plain value that is a convention, which nothing checks. An own.Arc can be
// moved to the receiver instead: the sender's handle is empty from then on, and
// the receiver, who is the only owner, decides when the value is closed.
//
// The lesson: a channel suits work that moves on. The next example, mutex, is
// about a value that stays where it is.
package main

import (
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/go-own/own"
)

func main() { run(os.Stdout) }

func run(w io.Writer) {
	sendValues(w)
	sendOwner(w)
}

// sendValues sends slices, which the receiver then has to itself only because
// the sender lets go of them.
func sendValues(w io.Writer) {
	batches := make(chan []string)
	go func() {
		defer close(batches)
		var batch []string
		for _, word := range []string{"one", "two", "three", "four"} {
			batch = append(batch, word)
			if len(batch) == 2 {
				batches <- batch
				// batch = batch[:0] would save an allocation and write the next
				// words over those that the receiver is reading.
				batch = nil
			}
		}
	}()
	for batch := range batches {
		fmt.Fprintln(w, "received", batch)
	}
}

type conn struct{ peer string }

// sendOwner sends a connection that has to be closed once, by whoever has it
// last.
func sendOwner(w io.Writer) {
	conns := make(chan *own.Arc[conn])
	var receiver sync.WaitGroup
	receiver.Go(func() {
		for c := range conns {
			serve(w, c)
		}
	})

	c := own.ArcFrom(&conn{peer: "10.0.0.7"}, func(c *conn) {
		fmt.Fprintln(w, "hook: closed", c.peer)
	})
	defer c.Drop() // for a return before the send; after it, c is empty and this does nothing

	// conns <- c would share one handle between two goroutines, as with any
	// pointer. In a select, call Move before it and Drop the result in the other
	// cases: a select evaluates what it might send, whichever case it takes.
	conns <- c.Move()
	close(conns)
	receiver.Wait()

	fmt.Fprintln(w, "sender: my handle is", c)
	fmt.Fprintln(w, "sender:", panicOf(func() { c.Value() }))
}

// serve owns c: it was moved here, so it is dropped here.
func serve(w io.Writer, c *own.Arc[conn]) {
	defer c.Drop()
	fmt.Fprintf(w, "receiver: serving %s, owners: %d\n", c.Value().peer, c.StrongCount())
}

// panicOf returns what f panics with.
func panicOf(f func()) (v any) {
	defer func() { v = recover() }()
	f()
	return nil
}
