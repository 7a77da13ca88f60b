// Ownership shows what the counts of an own.Arc count, and what they do not do.
//
// The first part follows the owners of one value until the last one goes and the
// drop hook runs. The second part shows that being shared makes nothing safe to
// write: ten goroutines add one to a number, and nine of the additions are lost.
// With a lock, none is.
//
// The lesson: an Arc answers "until when?", a Mutex answers "one at a time"; most
// shared values need both. The next example, poison, is about a panic in a
// critical section.
package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"

	"github.com/go-own/own"
)

func main() { run(os.Stdout) }

func run(w io.Writer) {
	owners(w)
	fmt.Fprintln(w, "without a lock:", lostUpdates())
	fmt.Fprintln(w, "with a lock:", lockedUpdates())
}

func owners(w io.Writer) {
	a := own.ArcFrom(&[]string{"some", "data"}, func(v *[]string) {
		fmt.Fprintln(w, "hook: dropped", *v)
	})
	weak := a.Downgrade() // refers to the value, keeps nothing alive
	defer weak.Drop()

	// Counts are for logs and tests. "Am I the only owner?" is a question for
	// GetMut, TryUnwrap or IntoInner: a count is out of date when it arrives.
	show := func(step string) {
		fmt.Fprintf(w, "%-14s strong %d, weak %d\n", step, weak.StrongCount(), weak.WeakCount())
	}
	show("a.Downgrade")

	b := a.Clone() // b := a would be the same owner by another name, counted once
	show("a.Clone")

	if c, ok := weak.Upgrade(); ok { // an owner again, for as long as it is used
		show("weak.Upgrade")
		c.Drop()
		show("c.Drop")
	}

	moved := b.Move() // the same owner in another handle; b is empty
	show("b.Move")

	var current own.AtomicArc[[]string] // a cell that holds an owner
	current.Store(moved)                // moved is empty: its owner is the cell's
	show("current.Store")

	a.Drop()
	a.Drop() // an owner goes once; the second Drop does nothing
	show("a.Drop, twice")

	current.Drop() // the last one
	show("current.Drop")

	c, ok := weak.Upgrade()
	defer c.Drop() // c is nil if ok is false, and Drop of nil does nothing
	fmt.Fprintln(w, "weak.Upgrade succeeds:", ok)
}

// lostUpdates acts out what becomes of
//
//	n := 0
//	for range 10 {
//		wg.Go(func() { n++ })
//	}
//
// That program has a data race: go run -race prints "WARNING: DATA RACE", with
// the two accesses to n and the goroutines that made them, and "exit status 66".
// Without -race it prints 10 nearly always, and now and then 9 or 8.
//
// n++ is a read and a write. Here all reads come before all writes, which is the
// worst that can happen. As both are atomic there is no data race, and -race is
// silent, but the sum is no less wrong. Mutex.Load followed by Mutex.Store, each
// of which locks for itself, would lose as much.
func lostUpdates() int64 {
	var n atomic.Int64
	var everybodyRead, wg sync.WaitGroup
	everybodyRead.Add(10)
	for range 10 {
		wg.Go(func() {
			seen := n.Load()
			everybodyRead.Done()
			everybodyRead.Wait()
			n.Store(seen + 1)
		})
	}
	wg.Wait()
	return n.Load()
}

// lockedUpdates reads and writes under one lock, taken once.
func lockedUpdates() int {
	var n own.Mutex[int]
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() { n.MustWith(func(v *int) { *v++ }) })
	}
	wg.Wait()

	g := n.MustLock()
	defer g.Unlock()
	return *g.Value()
}
