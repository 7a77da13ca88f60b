// Package model runs a few logical threads in every order in which their
// operations can take place, and says in which of them something goes wrong. It
// is what Rust has in loom, for this module: with -tags ownmodel the locks and
// atomics that the library is built on (package prim) announce each operation
// here before they do it, so what is explored is the library's own code.
//
// # How it works
//
// A thread is a coroutine. It runs until its next operation on something that is
// shared, announces it, and waits to be chosen. So an execution is a sequence of
// choices: which thread goes next. [Explore] runs a world again and again, each
// time with other choices, depth first, until there are none left.
//
// Two operations that touch different objects, or that both only read, come to
// the same in either order. Sleep sets leave out executions that differ in nothing
// else, and a state that has been explored is not explored again: state.go says
// what a state is. What is left is complete: the Go memory model gives sync/atomic
// one order that all agree on, and everything else too if there are no data races,
// which are looked for with vector clocks ([Cell]). So whatever can happen to a
// program with these threads and operations happens in one of the executions.
//
// A bound on preemptions makes worlds feasible that are too large for that; most
// bugs need two or three. It then explores what can happen within the bound,
// without sleep sets, since the two do not go together.
//
// # What it finds
//
// A deadlock, which a lost wake-up is as well: nobody can go on and not all are
// done. A data race on a [Cell]. A thread that panics, a lock released by somebody
// who does not hold it, an execution without an end. And whatever the check of a
// world finds when all threads are done.
//
// A failure has a schedule, one character a choice, with which [Replay] runs
// exactly that execution again.
package model
