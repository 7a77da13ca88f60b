package model

import (
	"fmt"
	"strings"
)

// A World is made anew for each execution.
type World struct {
	threads []func()
	check   func() error
	content func(lock *Object) uint64

	forgetful bool
	sum       func(uint64) uint64
}

// Thread adds a thread. It must not panic, must not wait for another thread but
// through this package's operations, and must do the same whenever it sees the
// same: no clock, no chance, no iteration over a map.
func (w *World) Thread(body func()) { w.threads = append(w.threads, body) }

// Check sets what is asked when all threads are done.
func (w *World) Check(check func() error) { w.check = check }

// Content has states known by what is in memory, and not by how it came about: many
// more are equal then. content(nil) returns a hash of all that the threads share, the
// fields of the library's own types included, and content(lock) one of what that lock
// protects, which is all that a thread learns by taking it. What cannot make a
// difference any more should not be in it: a counter of which only the difference to
// another matters, say. What can make one must be, or executions are left out that
// differ.
//
// It is called at each operation, by the thread that is about to do it, too, so that
// [Owner] can tell who has made what.
func (w *World) Content(content func(lock *Object) uint64) { w.content = content }

// ForgetInWaits says that what a thread does once it has been woken up depends on where
// in its actions it is ([Forget]), on what it is woken up with, and on nothing that it
// has seen before; and so once it has swapped a number or failed to, where there is one
// such place in an action. Who calls it must be sure, as of Forget.
func (w *World) ForgetInWaits() { w.forgetful = true }

// Sums says what the threads can tell from the sum that an Add of a Uint64 returns:
// whether it is zero, say, if they look at nothing else.
func (w *World) Sums(sum func(v uint64) uint64) { w.sum = sum }

// Options bound an exploration. The zero Options do not.
type Options struct {
	// Preemptions is how often a thread that could go on may be interrupted in one
	// execution, if it is above 0.
	Preemptions int

	// Executions is where to stop, if it is above 0.
	Executions int
}

// A Result says what an exploration has seen.
type Result struct {
	Executions int  // that came to their end
	Pruned     int  // that were given up: what follows had been explored
	States     int  // from which the next operation was chosen
	Steps      int  // operations in all of them
	Complete   bool // whether nothing is left to explore within the bound on preemptions
	Failure    *Failure
}

// A Failure is an execution in which something went wrong.
type Failure struct {
	Err      error
	Schedule string   // for Replay
	Trace    []string // what was done, an operation each
}

// Error implements error.
func (f *Failure) Error() string {
	return fmt.Sprintf("%v\nschedule %q\n%s", f.Err, f.Schedule, strings.Join(f.Trace, "\n"))
}

// Explore runs the worlds that build makes in all orders, until one fails.
func Explore(o Options, build func(*World)) Result {
	var res Result
	var path []*node
	states, touched := map[uint64]visit{}, map[uint64]touch{}
	for {
		r := &run{path: path, bound: o.Preemptions, states: states, touched: touched}
		r.execute(build)
		if path = r.path; r.again && r.failure == nil { // it began with a mistake
			path, states, res = nil, map[uint64]visit{}, Result{}
			continue
		}
		res.Steps += len(r.trace)
		res.States = len(states)
		if r.pruned {
			res.Pruned++
		} else {
			res.Executions++
		}
		if r.failure != nil {
			res.Failure = r.describe()
			return res
		}
		if path = backtrack(path); path == nil {
			res.Complete = true
			return res
		}
		if o.Executions > 0 && res.Executions+res.Pruned >= o.Executions {
			return res
		}
	}
}

// Replay runs the one execution with the given schedule, as far as that goes, and
// the first choices from there on. It returns what went wrong, or nil.
func Replay(schedule string, build func(*World)) *Failure {
	r := &run{}
	for _, c := range schedule {
		switch {
		case '0' <= c && c <= '9':
			r.path = append(r.path, &node{chosen: int(c - '0'), forced: true})
		case 'a' <= c && c <= 'z':
			r.path = append(r.path, &node{free: int(c-'a') + 1, chosen: int(c - 'a'), forced: true})
		default:
			panic(fmt.Sprintf("model: schedule %q: %q is neither a thread nor a choice", schedule, c))
		}
	}
	r.execute(build)
	if r.failure == nil {
		return nil
	}
	return r.describe()
}

// A node is a choice on the path of an execution: between threads, or, if free is
// above 0, between that many outcomes of one operation.
type node struct {
	free    int
	chosen  int
	forced  bool   // by Replay: there is nothing else to try
	enabled uint32 // threads that could have gone on, as bits
	sleep   uint32 // threads whose next operation has been explored from an equal state
	done    uint32 // threads that have been tried here
	next    []Op   // what each thread was about to do

	last        int // the thread that ran before, or -1
	preemptions int // until here
}

// backtrack returns the path to the next execution, or nil if there is none. It
// changes the last choice that can be changed.
func backtrack(path []*node) []*node {
	for ; len(path) > 0; path = path[:len(path)-1] {
		n := path[len(path)-1]
		switch {
		case n.forced:
		case n.free > 0:
			if n.chosen++; n.chosen < n.free {
				return path
			}
		default:
			n.done |= 1 << n.chosen
			if t := n.pick(); t >= 0 {
				n.chosen = t
				return path
			}
		}
	}
	return nil
}

// pick returns a thread to be tried at n, or -1. One that ran before goes first:
// an execution with few switches is the easiest to read.
func (n *node) pick() int {
	open := n.enabled &^ (n.sleep | n.done)
	if n.last >= 0 && open&(1<<n.last) != 0 {
		return n.last
	}
	for t := 0; open != 0; t, open = t+1, open>>1 {
		if open&1 != 0 {
			return t
		}
	}
	return -1
}

// sleepAfter returns which threads sleep after the choice at n: those that have
// been explored from here and whose operation does not care about the chosen one.
func (n *node) sleepAfter() uint32 {
	var sleep uint32
	for t, op := range n.next {
		if bit := uint32(1) << t; (n.sleep|n.done)&bit != 0 && !op.conflicts(n.next[n.chosen]) {
			sleep |= bit
		}
	}
	return sleep
}
