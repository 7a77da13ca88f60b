// Deadlock takes two locks at a time, in the two ways that cannot hang.
//
// A transfer between two accounts has to hold both. The naive version locks
// from, then to; two transfers in opposite directions then wait for ever, each
// with the lock that the other needs. No compiler finds this: not Go's, nor
// Rust's, whose promise ends at data races. Nor does the Go runtime, which
// notices only when every goroutine is stuck: in a server, some never are.
//
// The lesson: where there is an order, lock in that order. Where there is none,
// never wait for a lock while holding another. The next example, cycle, is the
// same mistake made with owners.
package main

import (
	"errors"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/go-own/own"
)

type account struct {
	id      int // unique
	balance own.Mutex[int]
}

// transfer holds from while it takes to. With Mutex.Lock as lock, and called
// directly, it is the naive version.
func transfer(from, to *account, amount int, lock func(*own.Mutex[int]) (*own.Guard[int], error)) error {
	f, err := from.balance.Lock()
	if err != nil {
		return err
	}
	defer f.Unlock() // gives up from also if to cannot be had

	t, err := lock(&to.balance)
	if err != nil {
		return err
	}
	defer t.Unlock()

	*f.Value() -= amount
	*t.Value() += amount
	return nil
}

// transferInOrder is the one to prefer. It takes the lower id first, whichever
// way the money goes, so whoever holds the highest lock waits for nobody.
func transferInOrder(from, to *account, amount int) error {
	if from == to {
		return nil // locking it twice would hang: a Mutex is not reentrant
	}
	if from.id > to.id {
		from, to, amount = to, from, -amount
	}
	return transfer(from, to, amount, (*own.Mutex[int]).Lock)
}

// transferBackOff is for locks that have no order, say because they belong to
// different packages. If the second lock is busy, it releases the first, calls
// busy, and waits for the lock that was busy, with nothing in its hands. (Trying
// again from the same end would spin for as long as the other lock is held.) Two
// of these may still collide a few times over; with an order they never do.
func transferBackOff(from, to *account, amount int, busy func()) error {
	if from == to {
		return nil // TryLock would fail for ever: it is we who hold the lock
	}
	for {
		err := transfer(from, to, amount, (*own.Mutex[int]).TryLock)
		if !errors.Is(err, own.ErrWouldBlock) {
			return err // done, or poisoned, which does not pass by waiting
		}
		busy()
		from, to, amount = to, from, -amount
	}
}

func main() {
	if err := run(os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(w io.Writer) error {
	if err := collide(w); err != nil {
		return err
	}
	return crowd(w)
}

// collide makes two opposite transfers meet halfway: one from bob to ann, written
// out in steps, and one from ann to bob that backs off.
func collide(w io.Writer) error {
	ann := &account{id: 1, balance: own.NewMutex(100)}
	bob := &account{id: 2, balance: own.NewMutex(100)}

	b, err := bob.balance.Lock()
	if err != nil {
		return err
	}
	defer b.Unlock()

	collided, done := make(chan struct{}), make(chan error, 1)
	go func() {
		done <- transferBackOff(ann, bob, 30, func() { close(collided) })
	}()
	<-collided
	fmt.Fprintln(w, "ann to bob: held ann, found bob locked, released ann")

	a, err := ann.balance.Lock() // against the naive version, the deadlock
	if err != nil {
		return err
	}
	defer a.Unlock()
	*b.Value() -= 10
	*a.Value() += 10
	fmt.Fprintln(w, "bob to ann: holds both, pays 10")
	a.Unlock() // before bob, for which the other waits: it then finds ann free
	b.Unlock()

	if err := <-done; err != nil {
		return err
	}
	fmt.Fprintf(w, "ann to bob: paid 30\nann: %v\nbob: %v\n", &ann.balance, &bob.balance)
	return nil
}

// crowd pays in both directions at once, and nobody has to back off.
func crowd(w io.Writer) error {
	ann := &account{id: 1, balance: own.NewMutex(100)}
	bob := &account{id: 2, balance: own.NewMutex(100)}

	done := make(chan error)
	for range 100 {
		go func() { done <- transferInOrder(ann, bob, 5) }()
		go func() { done <- transferInOrder(bob, ann, 5) }()
	}
	var err error
	for range 200 {
		err = errors.Join(err, <-done)
	}
	fmt.Fprintf(w, "in order, 100 transfers each way\nann: %v\nbob: %v\n", &ann.balance, &bob.balance)
	return err
}
